package discord

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

// fileHosts are where Discord keeps what people attach.
// https://discord.com/developers/docs/reference#cdn-formatting
var fileHosts = []string{"https://cdn.discordapp.com", "https://media.discordapp.net"}

// uploaded is a file that a person attached.
type uploaded struct {
	Name string `json:"filename"`
	Size int    `json:"size"`
	URL  string `json:"url"`
}

// attached returns the file that was given with a command or in a form.
func (i interaction) attached() (uploaded, bool) {
	for _, f := range i.Data.Resolved.Attachments { // no command takes more than one
		return f, true
	}
	return uploaded{}, false
}

// fileClients returns a client for each host of files, and one for that of the
// API, which stands in for them where another one is configured.
func (c Config) fileClients() (map[string]*http.Client, error) {
	out := make(map[string]*http.Client)
	for _, base := range append([]string{c.APIURL}, fileHosts...) {
		u, err := url.Parse(base)
		if err != nil {
			return nil, err
		}
		if out[u.Scheme+"://"+u.Host], err = egress.Operator(u.Scheme+"://"+u.Host, c.Egress); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// download fetches an attached file, from Discord's own hosts only.
func (p *Platform) download(ctx context.Context, f uploaded) ([]byte, error) {
	if f.Size > chat.MaxFile {
		return nil, digest.Errorf(digest.TooLarge, "The file is larger than %d KB; attach a smaller one.", chat.MaxFile>>10)
	}
	broken := func(err error) error {
		return digest.Caused(err, digest.Unavailable, "The file could not be fetched from Discord; attach it again.")
	}
	u, err := url.Parse(f.URL)
	if err != nil {
		return nil, digest.Errorf(digest.Invalid, "The file is at no address of Discord's; attach it again.")
	}
	client := p.files[u.Scheme+"://"+u.Host]
	if client == nil || u.User != nil {
		return nil, digest.Errorf(digest.Invalid, "The file is at no address of Discord's; attach it again.")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, broken(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, broken(cause(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, broken(digest.Errorf(digest.Unavailable, "HTTP %d", resp.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, chat.MaxFile+1))
	switch {
	case err != nil:
		return nil, broken(cause(err))
	case len(data) > chat.MaxFile:
		return nil, digest.Errorf(digest.TooLarge, "The file is larger than %d KB; attach a smaller one.", chat.MaxFile>>10)
	}
	return data, nil
}

// handOut puts a file into the first message of an answer.
func handOut(b *body, f chat.Attachment) {
	if len(f.Data) == 0 {
		return
	}
	if f.Name = path.Base(strings.ReplaceAll(f.Name, `\`, "/")); f.Name == "." || f.Name == "/" {
		f.Name = "file"
	}
	b.file, b.Attachments = &f, []attachment{{ID: strconv.Itoa(0), Name: f.Name}}
}

// callWith is call with a file that goes along; a nil one does not.
func (p *Platform) callWith(ctx context.Context, method, path string, in any, f *chat.Attachment, out any) error {
	if f == nil {
		return p.call(ctx, method, path, in, out)
	}
	kind, body, err := discordgo.MultipartBodyWithJSON(in, []*discordgo.File{{Name: f.Name, ContentType: f.Type, Reader: bytes.NewReader(f.Data)}})
	if err != nil {
		return &callError{What: method + " " + shown(path), Err: err}
	}
	return p.send(ctx, method, path, kind, body, out)
}
