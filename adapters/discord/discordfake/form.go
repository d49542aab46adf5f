package discordfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// problems are the fields of a body that Discord does not take, by path.
type problems map[string]string

// reply is the answer with code 50035 and the tree of fields.
func (p problems) reply() reply {
	root := make(map[string]any)
	for path, message := range p {
		node := root
		for part := range strings.SplitSeq(path, ".") {
			child, isMap := node[part].(map[string]any)
			if !isMap {
				child = make(map[string]any)
				node[part] = child
			}
			node = child
		}
		node["_errors"] = []any{map[string]any{"code": "BASE_TYPE_BAD_LENGTH", "message": message}}
	}
	return reply{status: http.StatusBadRequest, body: map[string]any{"code": 50035, "message": "Invalid Form Body", "errors": root}}
}

// length counts a text the way that is dearest to the sender, blanks at the
// ends trimmed as Discord does.
func length(s string) int {
	n := 0
	for _, r := range strings.TrimSpace(s) {
		n += utf16.RuneLen(r)
	}
	return n
}

func (p problems) check(path, s string, least, most int) {
	if n := length(s); n < least || n > most {
		p[path] = fmt.Sprintf("Must be between %d and %d in length. (is %d)", least, most, n)
	}
}

// form is a message as far as its limits go.
type form struct {
	Content string `json:"content"`
	Nonce   string `json:"nonce"`
	Enforce bool   `json:"enforce_nonce"`
	Flags   int    `json:"flags"`
	Embeds  []struct {
		Title       string                         `json:"title"`
		URL         string                         `json:"url"`
		Description string                         `json:"description"`
		Author      struct{ Name string }          `json:"author"`
		Footer      struct{ Text string }          `json:"footer"`
		Thumbnail   *struct{ URL string }          `json:"thumbnail"`
		Fields      []struct{ Name, Value string } `json:"fields"`
	} `json:"embeds"`
	Components []struct {
		Type       int       `json:"type"`
		Components []control `json:"components"`
	} `json:"components"`
	Mentions *struct {
		Parse []string `json:"parse"`
		Roles []string `json:"roles"`
	} `json:"allowed_mentions"`
	Attachments []struct {
		ID   any    `json:"id"`
		Name string `json:"filename"`
	} `json:"attachments"`
}

// control is a button, a menu, or a field of a form.
type control struct {
	Type        int    `json:"type"`
	Style       int    `json:"style"`
	Label       string `json:"label"`
	CustomID    string `json:"custom_id"`
	URL         string `json:"url"`
	Placeholder string `json:"placeholder"`
	Value       string `json:"value"`
	Required    *bool  `json:"required"`
	MinLength   int    `json:"min_length"`
	MaxLength   int    `json:"max_length"`
	MinValues   *int   `json:"min_values"`
	MaxValues   *int   `json:"max_values"`
	Options     []struct {
		Label   string `json:"label"`
		Value   string `json:"value"`
		Default bool   `json:"default"`
	} `json:"options"`
}

var webAddress = regexp.MustCompile(`^https?://[^\s]+$`)

// readMessage reads the body of a message and checks Discord's limits.
func readMessage(body []byte) (form, *reply) {
	var f form
	if err := json.Unmarshal(body, &f); err != nil {
		r := refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
		return f, &r
	}
	p := make(problems)
	p.check("content", f.Content, 0, 2000)
	p.check("nonce", f.Nonce, 0, 25)
	if f.Mentions != nil {
		for _, kind := range f.Mentions.Parse {
			if kind == "roles" && len(f.Mentions.Roles) > 0 {
				p["allowed_mentions"] = "parse:[\"roles\"] and roles: [ids...] are mutually exclusive."
			}
		}
	}
	if len(f.Embeds) > 10 {
		p["embeds"] = "Must be 10 or fewer in length."
	}
	f.checkEmbeds(p)
	f.checkComponents(p)
	if len(p) > 0 {
		r := p.reply()
		return f, &r
	}
	if length(f.Content) == 0 && len(f.Embeds) == 0 {
		r := refuse(http.StatusBadRequest, 50006, "Cannot send an empty message")
		return f, &r
	}
	return f, nil
}

func (f form) checkEmbeds(p problems) {
	total := 0
	for i, e := range f.Embeds {
		at := fmt.Sprintf("embeds.%d.", i)
		p.check(at+"title", e.Title, 0, 256)
		p.check(at+"description", e.Description, 0, 4096)
		p.check(at+"author.name", e.Author.Name, 0, 256)
		p.check(at+"footer.text", e.Footer.Text, 0, 2048)
		if len(e.Fields) > 25 {
			p[at+"fields"] = "Must be 25 or fewer in length."
		}
		total += length(e.Title) + length(e.Description) + length(e.Author.Name) + length(e.Footer.Text)
		for j, field := range e.Fields {
			p.check(fmt.Sprintf("%sfields.%d.name", at, j), field.Name, 1, 256)
			p.check(fmt.Sprintf("%sfields.%d.value", at, j), field.Value, 1, 1024)
			total += length(field.Name) + length(field.Value)
		}
		for name, u := range map[string]string{"url": e.URL, "thumbnail.url": thumbnail(e.Thumbnail)} {
			if u != "" && (len(u) > 2048 || !webAddress.MatchString(u)) {
				p[at+name] = "Not a well formed URL."
			}
		}
		if length(e.Title)+length(e.Description)+length(e.Author.Name)+length(e.Footer.Text)+len(e.Fields) == 0 && e.Thumbnail == nil {
			p[at+"description"] = "This field is required"
		}
	}
	if total > 6000 {
		p["embeds"] = "Embed size exceeds maximum size of 6000"
	}
}

func thumbnail(t *struct{ URL string }) string {
	if t == nil {
		return ""
	}
	return t.URL
}

func (f form) checkComponents(p problems) {
	if len(f.Components) > 5 {
		p["components"] = "Must be between 0 and 5 in length."
	}
	seen := make(map[string]bool)
	for i, row := range f.Components {
		at := fmt.Sprintf("components.%d.", i)
		if row.Type != 1 {
			p[at+"type"] = "Value of field \"type\" must be one of (1,)."
		}
		if n := len(row.Components); n < 1 || n > 5 || n > 1 && row.Components[0].Type == 3 {
			p[at+"components"] = "Must be between 1 and 5 in length."
		}
		for j, b := range row.Components {
			at := fmt.Sprintf("%scomponents.%d.", at, j)
			switch {
			case b.Type == 3 && j == 0:
				p.checkSelect(at, b)
			case b.Type != 2:
				p[at+"type"] = "Value of field \"type\" must be one of (2,)."
			case b.Style < 1 || b.Style > 5:
				p[at+"style"] = "Value of field \"style\" must be one of (1, 2, 3, 4, 5)."
			case b.Style == 5 && (len(b.URL) > 512 || !webAddress.MatchString(b.URL)):
				p[at+"url"] = "Must be 512 or fewer in length, and well formed."
			case b.Style == 5 && b.CustomID != "", b.Style != 5 && b.URL != "":
				p[at+"custom_id"] = "A custom id and url cannot both be specified"
			}
			if b.Type == 2 {
				p.check(at+"label", b.Label, 1, 80)
			}
			if b.Type == 3 || b.Type == 2 && b.Style != 5 {
				p.check(at+"custom_id", b.CustomID, 1, 100)
				if seen[b.CustomID] {
					p[at+"custom_id"] = "Component custom id cannot be duplicated"
				}
				seen[b.CustomID] = true
			}
		}
	}
}

// checkSelect checks a menu.
func (p problems) checkSelect(at string, c control) {
	p.check(at+"placeholder", c.Placeholder, 0, 150)
	if n := len(c.Options); n < 1 || n > 25 {
		p[at+"options"] = "Must be between 1 and 25 in length."
	}
	least, most := 1, 1
	if c.MinValues != nil {
		least = *c.MinValues
	}
	if c.MaxValues != nil {
		most = *c.MaxValues
	}
	chosen, seen := 0, make(map[string]bool)
	for i, o := range c.Options {
		p.check(fmt.Sprintf("%soptions.%d.label", at, i), o.Label, 1, 100)
		p.check(fmt.Sprintf("%soptions.%d.value", at, i), o.Value, 1, 100)
		if seen[o.Value] {
			p[fmt.Sprintf("%soptions.%d.value", at, i)] = "The specified option value is already used"
		}
		seen[o.Value] = true
		if o.Default {
			chosen++
		}
	}
	if least < 0 || least > 25 || most < 1 || most > len(c.Options) || least > most || chosen > most {
		p[at+"max_values"] = "The number of options, of chosen ones, min_values and max_values do not go together."
	}
}

// checkModal checks a form.
// https://discord.com/developers/docs/components/reference
func checkModal(body []byte) problems {
	var f struct {
		CustomID   string `json:"custom_id"`
		Title      string `json:"title"`
		Components []struct {
			Type        int     `json:"type"`
			Label       string  `json:"label"`
			Description string  `json:"description"`
			Component   control `json:"component"`
		} `json:"components"`
	}
	p := make(problems)
	if json.Unmarshal(body, &f) != nil {
		p["data"] = "This is no form."
		return p
	}
	p.check("data.custom_id", f.CustomID, 1, 100)
	p.check("data.title", f.Title, 1, 45)
	if n := len(f.Components); n < 1 || n > 5 {
		p["data.components"] = "Must be between 1 and 5 in length."
	}
	seen := make(map[string]bool)
	for i, l := range f.Components {
		at := fmt.Sprintf("data.components.%d.", i)
		c := l.Component
		if l.Type != 18 {
			p[at+"type"] = "Value of field \"type\" must be one of (18,)."
		}
		p.check(at+"label", l.Label, 1, 45)
		p.check(at+"description", l.Description, 0, 100)
		p.check(at+"component.custom_id", c.CustomID, 1, 100)
		if seen[c.CustomID] {
			p[at+"component.custom_id"] = "Component custom id cannot be duplicated"
		}
		seen[c.CustomID] = true
		switch c.Type {
		case 3:
			p.checkSelect(at+"component.", c)
			if c.MinValues != nil && *c.MinValues == 0 && (c.Required == nil || *c.Required) {
				p[at+"component.required"] = "A required select takes one value at least."
			}
		case 4:
			p.check(at+"component.value", c.Value, 0, 4000)
			if c.Style != 1 && c.Style != 2 || c.MaxLength > 4000 || c.MaxLength > 0 && length(c.Value) > c.MaxLength {
				p[at+"component.style"] = "The style is unknown, or the value longer than max_length."
			}
		case 19:
			if c.MaxValues != nil && (*c.MaxValues < 1 || *c.MaxValues > 10) {
				p[at+"component.max_values"] = "Must be between 1 and 10."
			}
		default:
			p[at+"component.type"] = "Value of field \"type\" must be one of (3, 4, 19)."
		}
	}
	return p
}

// checkChoices checks suggestions.
func checkChoices(body []byte) problems {
	var f struct {
		Choices []struct{ Name, Value string }
	}
	p := make(problems)
	if json.Unmarshal(body, &f) != nil || len(f.Choices) > 25 {
		p["data.choices"] = "Must be 25 or fewer in length."
	}
	for i, c := range f.Choices {
		p.check(fmt.Sprintf("data.choices.%d.name", i), c.Name, 1, 100)
		p.check(fmt.Sprintf("data.choices.%d.value", i), c.Value, 1, 100)
	}
	return p
}

var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}]{1,32}$`)

// checkCommands checks commands for registration.
func checkCommands(list []map[string]any) problems {
	p := make(problems)
	for i, c := range list {
		at := fmt.Sprintf("%d.", i)
		name, _ := c["name"].(string)
		kind, _ := c["type"].(float64)
		description, _ := c["description"].(string)
		if kind == 3 || kind == 2 {
			p.check(at+"name", name, 1, 32)
			p.localized(at+"name_localizations", c["name_localizations"], 32, 0)
			p.check(at+"description", description, 0, 0)
			continue
		}
		if total := p.options(at, c); total > 8000 {
			p[at+"name"] = "Command exceeds maximum size (8000)"
		}
	}
	return p
}

// options checks a command, a subcommand or an option with all below it, and
// returns its characters.
func (p problems) options(at string, c map[string]any) int {
	name, _ := c["name"].(string)
	description, _ := c["description"].(string)
	if !commandName.MatchString(name) || strings.ToLower(name) != name {
		p[at+"name"] = "String value did not match validation regex."
	}
	p.check(at+"description", description, 1, 100)
	total := length(name) + p.localized(at+"description_localizations", c["description_localizations"], 100, length(description))
	children, _ := c["options"].([]any)
	if len(children) > 25 {
		p[at+"options"] = "Must be 25 or fewer in length."
	}
	optional := false
	for i, child := range children {
		o, _ := child.(map[string]any)
		required, _ := o["required"].(bool)
		if required && optional {
			p[fmt.Sprintf("%soptions.%d.required", at, i)] = "Required options must be placed before non-required options"
		}
		optional = optional || !required
		total += p.options(fmt.Sprintf("%soptions.%d.", at, i), o)
	}
	choices, _ := c["choices"].([]any)
	if completed, _ := c["autocomplete"].(bool); completed && len(choices) > 0 {
		p[at+"autocomplete"] = "Autocomplete and choices cannot both be set"
	}
	if len(choices) > 25 {
		p[at+"choices"] = "Must be 25 or fewer in length."
	}
	for _, choice := range choices {
		o, _ := choice.(map[string]any)
		total += length(fmt.Sprint(o["name"])) + length(fmt.Sprint(o["value"]))
	}
	return total
}

// locales are Discord's, as far as anybody used them here.
var locales = []string{"de", "fr", "es-ES", "es-419", "ja", "en-US", "en-GB", "it", "pt-BR"}

// localized checks a text in other languages, and returns the characters of the
// longest, or most where that is more.
func (p problems) localized(at string, v any, limit, most int) int {
	texts, _ := v.(map[string]any)
	for locale, text := range texts {
		s, _ := text.(string)
		if !slices.Contains(locales, locale) {
			p[at] = "Unknown locale " + locale
		}
		p.check(at+"."+locale, s, 1, limit)
		most = max(most, length(s))
	}
	return most
}

// Problem returns what Discord would not take in the body of a message, or "".
func Problem(body []byte) string {
	_, bad := readMessage(body)
	if bad == nil {
		return ""
	}
	text, err := json.Marshal(bad.body)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
