package slackfake

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

// BadBlocks says why Slack would refuse blocks.
type BadBlocks struct {
	Code    string
	Remarks []string
}

// CheckBlocks checks blocks as chat.postMessage does: their form, their limits
// and their sum. It returns nil for none and for good ones.
// https://docs.slack.dev/reference/block-kit/blocks
func CheckBlocks(raw []byte) *BadBlocks {
	if len(raw) == 0 {
		return nil
	}
	var blocks []map[string]any
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return &BadBlocks{Code: "invalid_blocks_format"}
	}
	c := checker{}
	c.limit("/blocks", "items", len(blocks), 1, maxBlocks)
	ids := make(map[string]bool)
	for i, b := range blocks {
		at := fmt.Sprintf("/blocks/%d", i)
		if id, _ := b["block_id"].(string); id != "" {
			c.limit(at+"/block_id", "characters", units(id), 1, 255)
			c.must(!ids[id], at+"/block_id", "must be unique")
			ids[id] = true
		}
		c.block(at, b)
	}
	switch {
	case len(c.remarks) > 0:
		return &BadBlocks{Code: "invalid_blocks", Remarks: c.remarks}
	case c.total > maxTotal:
		return &BadBlocks{Code: "msg_blocks_too_long"}
	}
	return nil
}

// checker gathers what is wrong, and how much the blocks say.
type checker struct {
	remarks []string
	total   int
	view    bool // the blocks are of a view
}

func (c *checker) must(ok bool, at, what string) {
	if !ok && len(c.remarks) < 10 {
		c.remarks = append(c.remarks, fmt.Sprintf("[ERROR] %s [json-pointer:%s]", what, at))
	}
}

func (c *checker) limit(at, what string, n, least, most int) {
	c.must(n >= least, at, fmt.Sprintf("must have at least %d %s", least, what))
	c.must(n <= most, at, fmt.Sprintf("must have at most %d %s, has %d", most, what, n))
}

func (c *checker) block(at string, b map[string]any) {
	switch b["type"] {
	case "header":
		c.text(at+"/text", b["text"], 150, "plain_text")
	case "section":
		fields, _ := b["fields"].([]any)
		c.must(b["text"] != nil || len(fields) > 0, at, "needs text or fields")
		if b["text"] != nil {
			c.text(at+"/text", b["text"], 3000, "plain_text", "mrkdwn")
		}
		c.limit(at+"/fields", "items", len(fields), 0, 10)
		for i, f := range fields {
			c.text(fmt.Sprintf("%s/fields/%d", at, i), f, 2000, "plain_text", "mrkdwn")
		}
	case "context":
		list := c.list(at, b, 10)
		for i, e := range list {
			c.text(fmt.Sprintf("%s/elements/%d", at, i), e, 2000, "plain_text", "mrkdwn")
		}
	case "actions":
		ids := make(map[string]bool)
		for i, e := range c.list(at, b, 25) {
			c.action(fmt.Sprintf("%s/elements/%d", at, i), e, ids)
		}
	case "input":
		c.input(at, b)
	case "divider":
	case "image":
		c.string(at+"/image_url", b["image_url"], 1, 3000)
		c.string(at+"/alt_text", b["alt_text"], 1, 2000)
	case "rich_text":
		for i, e := range c.list(at, b, 10_000) {
			c.rich(fmt.Sprintf("%s/elements/%d", at, i), e)
		}
	default:
		c.must(false, at+"/type", fmt.Sprintf("unsupported block type %v", b["type"]))
	}
}

func (c *checker) list(at string, b map[string]any, most int) []any {
	list, ok := b["elements"].([]any)
	c.must(ok, at+"/elements", "must be a list")
	c.limit(at+"/elements", "items", len(list), 1, most)
	return list
}

func (c *checker) string(at string, v any, least, most int) string {
	s, ok := v.(string)
	c.must(ok, at, "must be a string")
	c.limit(at, "characters", units(s), least, most)
	c.total += units(s)
	return s
}

func (c *checker) text(at string, v any, most int, kinds ...string) {
	o, ok := v.(map[string]any)
	c.must(ok, at, "must be an object")
	kind, _ := o["type"].(string)
	c.must(strings.Contains(strings.Join(kinds, " "), kind) && kind != "", at+"/type", "must be one of "+strings.Join(kinds, ", "))
	c.string(at+"/text", o["text"], 1, most)
	c.must(kind != "mrkdwn" || o["emoji"] == nil, at+"/emoji", "belongs to plain_text only")
	c.must(kind != "plain_text" || o["verbatim"] == nil, at+"/verbatim", "belongs to mrkdwn only")
}

// action checks a button or a menu.
func (c *checker) action(at string, v any, ids map[string]bool) {
	b, ok := v.(map[string]any)
	kind, _ := b["type"].(string)
	c.must(ok && (kind == "button" || kind == "static_select"), at+"/type", "must be a button or a menu")
	if kind == "static_select" {
		c.menu(at, b, kind)
	} else {
		c.text(at+"/text", b["text"], 75, "plain_text")
		c.must(b["style"] == nil || b["style"] == "primary" || b["style"] == "danger", at+"/style", "must be primary or danger")
	}
	id := c.string(at+"/action_id", b["action_id"], 1, 255)
	c.must(!ids[id], at+"/action_id", "must be unique in its block")
	ids[id] = true
	for key, most := range map[string]int{"value": 2000, "url": 3000} {
		if b[key] != nil {
			c.string(at+"/"+key, b[key], 1, most)
		}
	}
	if url, ok := b["url"].(string); ok {
		c.must(strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://"), at+"/url", "must be a URL")
	}
}

// rich checks an element of rich text, and what is in it.
func (c *checker) rich(at string, v any) {
	e, ok := v.(map[string]any)
	c.must(ok, at, "must be an object")
	kind, _ := e["type"].(string)
	switch kind {
	case "rich_text_section", "rich_text_quote", "rich_text_preformatted":
		for i, in := range c.list(at, e, 10_000) {
			c.inline(fmt.Sprintf("%s/elements/%d", at, i), in, kind)
		}
	case "rich_text_list":
		c.must(e["style"] == "bullet" || e["style"] == "ordered", at+"/style", "must be bullet or ordered")
		for i, in := range c.list(at, e, 10_000) {
			part, _ := in.(map[string]any)
			c.must(part["type"] == "rich_text_section", fmt.Sprintf("%s/elements/%d/type", at, i), "must be rich_text_section")
			c.rich(fmt.Sprintf("%s/elements/%d", at, i), in)
		}
	default:
		c.must(false, at+"/type", "unsupported element "+kind)
	}
}

func (c *checker) inline(at string, v any, inside string) {
	e, ok := v.(map[string]any)
	c.must(ok, at, "must be an object")
	switch e["type"] {
	case "text":
		c.string(at+"/text", e["text"], 1, 1<<30)
	case "link":
		url := c.string(at+"/url", e["url"], 1, 3000)
		c.must(strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://"), at+"/url", "must be a URL")
		if e["text"] != nil {
			c.string(at+"/text", e["text"], 1, 1<<30)
		}
	case "channel":
		c.string(at+"/channel_id", e["channel_id"], 1, 100)
	case "usergroup":
		c.string(at+"/usergroup_id", e["usergroup_id"], 1, 100)
	case "broadcast":
		c.must(e["range"] == "here" || e["range"] == "channel" || e["range"] == "everyone", at+"/range", "must be here, channel or everyone")
	case "date":
		_, ok := e["timestamp"].(float64)
		c.must(ok && inside != "rich_text_preformatted", at+"/timestamp", "must be a number")
		c.string(at+"/format", e["format"], 1, 1000)
		if e["fallback"] != nil {
			c.string(at+"/fallback", e["fallback"], 1, 1<<30)
		}
	default:
		c.must(false, at+"/type", fmt.Sprintf("unsupported element %v", e["type"]))
	}
}

// units counts a text as Slack's limits do.
func units(s string) int { return len(utf16.Encode([]rune(s))) }
