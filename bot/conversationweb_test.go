package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"nutgraf/adapters/web"
	"nutgraf/bot/command"
)

// webRoom is the web page: everybody may look, and who has the token may manage.
type webRoom struct {
	k      *talk
	open   *web.Server
	locked *web.Server

	mu    sync.Mutex
	pages map[string][]seen  // what each person was answered
	form  map[string]webForm // the form that is on a person's page
	last  func() error
	sent  int
}

// webForm is a form of a page.
type webForm struct {
	class  string
	hidden url.Values
	fields url.Values // with what stands in them
	files  []string
	label  string // of the button
	menu   string // label of the menu
	value  string // name of the menu
	items  [][2]string
}

func newWebRoom(k *talk) room {
	k.t.Helper()
	k.editors = "editors"
	k.open()
	r := &webRoom{k: k, pages: make(map[string][]seen), form: make(map[string]webForm)}
	serve := func(token string) *web.Server {
		s, err := web.New(web.Options{Archive: k.app.store, Handler: k.slow, Specs: command.Specs(), Now: k.clock.Now, Log: k.app.log,
			Token: token, Open: token == "", Language: "en", Zone: "UTC"})
		if err != nil {
			k.t.Fatal(err)
		}
		return s
	}
	r.open, r.locked = serve(""), serve("key")
	return r
}

// ask sends a request of a person.
func (r *webRoom) ask(who string, req *http.Request) *httptest.ResponseRecorder {
	s := r.open
	r.mu.Lock()
	r.sent++ // each from an address of its own: their limit is tested elsewhere
	req.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", r.sent>>16&255, r.sent>>8&255, r.sent&255)
	r.mu.Unlock()
	if who != "ana" {
		s = r.locked
		req.Header.Set("Authorization", "Bearer key")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return w
}

// send sends a form and keeps the answer.
func (r *webRoom) send(who, place string, values url.Values, files map[string]*attached) error {
	again := func() error {
		values.Set("channel", place)
		var body bytes.Buffer
		kind := "application/x-www-form-urlencoded"
		if files == nil {
			body.WriteString(values.Encode())
		} else {
			m := multipart.NewWriter(&body)
			for name, list := range values {
				for _, v := range list {
					_ = m.WriteField(name, v)
				}
			}
			for name, f := range files {
				part, err := m.CreateFormFile(name, f.name)
				if err != nil {
					return err
				}
				_, _ = part.Write(f.data)
			}
			_ = m.Close()
			kind = m.FormDataContentType()
		}
		req := httptest.NewRequest(http.MethodPost, "/command", &body)
		req.Header.Set("Content-Type", kind)
		page := r.ask(who, req)
		m, form := r.read(page.Body.String(), place)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.pages[who], r.form[who] = append(r.pages[who], m...), form
		return nil
	}
	r.mu.Lock()
	r.last = again
	r.mu.Unlock()
	return again()
}

func (r *webRoom) say(who, place, line string, file *attached) error {
	if err := r.send(who, place, url.Values{"line": {line}}, nil); err != nil || file == nil {
		return err
	}
	r.mu.Lock()
	f := r.form[who]
	r.mu.Unlock()
	if len(f.files) == 0 {
		return errors.New("the page asks for no file")
	}
	return r.send(who, place, f.with(nil), map[string]*attached{f.files[0]: file})
}

func (r *webRoom) press(who, place string, c control) error {
	return r.send(who, place, c.under.(webForm).with(nil), nil)
}

func (r *webRoom) choose(who string, c control, value string) error {
	f := c.under.(webForm)
	return r.send(who, c.place, f.with(map[string]string{f.value: value}), nil)
}

func (r *webRoom) fill(who string, values map[string]string) error {
	r.mu.Lock()
	f := r.form[who]
	r.mu.Unlock()
	if f.class != "options" {
		return fmt.Errorf("%s has no form open", who)
	}
	named := make(map[string]string)
	for name, v := range values {
		if _, ok := f.fields["option-"+name]; !ok {
			return fmt.Errorf("the form has no %s: %v", name, f.fields)
		}
		named["option-"+name] = v
	}
	return r.send(who, f.hidden.Get("channel"), f.with(named), nil)
}

// with returns what the form sends with some fields filled in.
func (f webForm) with(values map[string]string) url.Values {
	out := url.Values{}
	for _, from := range []url.Values{f.hidden, f.fields} {
		for name, list := range from {
			out[name] = append([]string{}, list...)
		}
	}
	for name, v := range values {
		out[name] = strings.Split(v, ",")
	}
	return out
}

func (r *webRoom) shortcut(who, name, text string) error {
	line := map[string]string{"Summarise this link": "summarize", "Save to next digest": "save", "Already covered?": "covered"}[name]
	i := strings.Index(text, "http")
	if i < 0 {
		return errors.New("the page has no shortcut without a link")
	}
	return r.send(who, "news", url.Values{"line": {line + " " + strings.Fields(text[i:])[0]}}, nil)
}

func (r *webRoom) repeat() error {
	r.mu.Lock()
	last := r.last
	r.mu.Unlock()
	return last()
}

func (r *webRoom) expire() error { return errors.New("forms have no trigger on the page") }
func (r *webRoom) remove() error { return errors.New("channels of the page are never deleted") }

// offers opens the form of a command, whose fields bring what they offer.
func (r *webRoom) offers(who, name, _, _ string) ([]string, error) {
	req := httptest.NewRequest(http.MethodPost, "/command", strings.NewReader(url.Values{"line": {name}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	root, err := html.Parse(r.ask(who, req).Body)
	if err != nil {
		return nil, err
	}
	var out []string
	for n := range root.Descendants() {
		if n.Data == "option" && n.Parent.Data == "datalist" && attr(n.Parent, "id") != "commands" {
			out = append(out, attr(n, "value"))
		}
	}
	return out, nil
}

func (r *webRoom) acknowledged() bool { return true }
func (r *webRoom) oracle()            {}

func (r *webRoom) seen(who string) []seen {
	var out []seen
	for _, place := range []string{"news", "editors"} {
		if place == "editors" && who != "tom" || who == "eve" {
			continue
		}
		page := r.ask(who, httptest.NewRequest(http.MethodGet, "/channel/"+place, nil))
		m, _ := r.read(page.Body.String(), place)
		out = append(out, m...)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(out, r.pages[who]...)
}

// read returns what stands on a page: each message of its own, or the whole of
// one without messages, and the form on it.
func (r *webRoom) read(page, place string) ([]seen, webForm) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		r.k.t.Error(err)
	}
	var main *html.Node
	var messages []*html.Node
	var open webForm
	for n := range root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "main":
			main = n
		case main == nil || n.Parent == nil:
		case n.Data == "article" || n.Data == "header" || n.Data == "section" && class(n) != "posting" && class(n) != "sources":
			messages = append(messages, n)
		case n.Data == "form" && class(n) == "options":
			open = formOf(n)
		}
	}
	if main == nil {
		return []seen{{text: plainly(page)}}, open
	}
	if class(main.Parent) == "page-channel" && len(messages) == 0 {
		return nil, open
	}
	if class(main.Parent) != "page-channel" && len(messages) < 2 {
		messages = []*html.Node{main}
	}
	var out []seen
	for _, m := range messages {
		out = append(out, seenOnPage(m, place))
	}
	return out, open
}

func class(n *html.Node) string { return attr(n, "class") }

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// words returns the text below an element.
func words(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode && (d.Parent.Data == "option" || d.Parent.Data == "style" || inControl(d)):
		case d.Type == html.TextNode:
			out.WriteString(d.Data)
		case d.Data == "input" && attr(d, "type") != "hidden" && attr(d, "type") != "checkbox":
			out.WriteString(" " + attr(d, "value") + " ")
		case d.Data == "p" || d.Data == "li" || d.Data == "div" || d.Data == "dt" || d.Data == "dd" || d.Data == "form" || d.Data[0] == 'h':
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// inControl reports whether a text belongs to a button or menu.
func inControl(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "form" && class(p) != "options" || p.Data == "a" && strings.Contains(class(p), "button") {
			return true
		}
	}
	return false
}

// textOf returns all text below an element.
func textOf(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return plainly(out.String())
}

// seenOnPage returns what an element of a page shows.
func seenOnPage(n *html.Node, place string) seen {
	text := words(n)
	var out seen
	for d := range n.Descendants() {
		switch {
		case d.Type != html.ElementNode:
		case d.Data == "form" && class(d) != "options":
			f := formOf(d)
			c := control{label: f.label, place: place, under: f}
			if f.value != "" {
				c.label, c.menu, c.options = f.menu, true, f.items
			}
			out.controls = append(out.controls, c)
		case d.Data == "a" && attr(d, "download") != "":
			data, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(attr(d, "href"), "data:application/octet-stream;base64,"))
			text += " file " + attr(d, "download") + " " + string(data)
		case d.Data == "a" && strings.Contains(class(d), "button"):
			f := webForm{hidden: url.Values{"line": {"story " + strings.TrimPrefix(attr(d, "href"), "/story/")}}}
			out.controls = append(out.controls, control{label: textOf(d), place: place, under: f})
		}
	}
	for _, c := range out.controls {
		text += " [" + c.label + "]"
	}
	out.text = plainly(text)
	return out
}

// formOf reads a form.
func formOf(n *html.Node) webForm {
	f := webForm{class: class(n), hidden: url.Values{}, fields: url.Values{}}
	for d := range n.Descendants() {
		name := attr(d, "name")
		switch d.Data {
		case "label":
			f.menu = textOf(d)
		case "button":
			f.label = textOf(d)
		case "select":
			f.fields[name] = nil
			f.value = name
			for o := range d.Descendants() {
				if o.Data != "option" {
					continue
				}
				label := ""
				if o.FirstChild != nil {
					label = o.FirstChild.Data
				}
				f.items = append(f.items, [2]string{attr(o, "value"), label})
				for _, a := range o.Attr {
					if a.Key == "selected" {
						f.fields[name] = []string{attr(o, "value")}
					}
				}
			}
		case "input":
			switch attr(d, "type") {
			case "hidden":
				f.hidden.Add(name, attr(d, "value"))
			case "file":
				f.files = append(f.files, name)
			case "checkbox":
				f.fields[name] = append([]string{}, f.fields[name]...)
				for _, a := range d.Attr {
					if a.Key == "checked" {
						f.fields.Add(name, attr(d, "value"))
					}
				}
			default:
				f.fields.Add(name, attr(d, "value"))
			}
		}
	}
	return f
}
