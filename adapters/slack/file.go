package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// sharedFile is a file that was put into a form.
type sharedFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int    `json:"size"`
	URL  string `json:"url_private"`
}

// attached downloads the file of a form; nil where it has none.
func (p *Platform) attached(ctx context.Context, team string, f *form) ([]byte, error) {
	if len(f.files) == 0 {
		return nil, nil
	}
	file := f.files[0]
	if file.Size > chat.MaxFile {
		return nil, digest.Errorf(digest.TooLarge, "The file is larger than %d KB; send a smaller one.", chat.MaxFile>>10)
	}
	w, err := p.in(ctx, team)
	if err != nil {
		return nil, err
	}
	if file.URL == "" {
		var got struct {
			File sharedFile `json:"file"`
		}
		if failed := w.call(ctx, "files.info", url.Values{"file": {file.ID}}, &got); failed != nil {
			return nil, unreadable(failed)
		}
		file = got.File
	}
	data, err := w.download(ctx, file.URL)
	if err != nil {
		return nil, unreadable(err)
	}
	return data, nil
}

// unreadable is the error for people of a file that did not come.
func unreadable(err error) error {
	if digest.KindOf(err) == digest.TooLarge {
		return err
	}
	return digest.Caused(err, digest.Unavailable, "The file could not be read from Slack; try again, or ask whoever runs the app whether it has the scope files:read.")
}

// download reads a file from one of Slack's hosts.
func (w *workspace) download(ctx context.Context, raw string) ([]byte, error) {
	u, err := url.Parse(raw)
	if err != nil || !w.p.trusted(u) {
		return nil, digest.Errorf(digest.Forbidden, "the file is on %s, which is not Slack's; it is not read", clip(digest.Host(raw), 80))
	}
	client, err := w.p.hook(u)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, raw, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+w.token.Reveal())
	resp, err := client.Do(req)
	if err != nil {
		return nil, plain(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, chat.MaxFile+1))
	switch {
	case err != nil:
		return nil, plain(err)
	case resp.StatusCode != http.StatusOK:
		return nil, digest.Errorf(digest.Unavailable, "Slack answers the status %d for the file", resp.StatusCode)
	case strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") && bytes.Contains(bytes.ToLower(data[:min(len(data), 1000)]), []byte("<html")):
		return nil, digest.Errorf(digest.Forbidden, "Slack shows a page instead of the file; the app lacks the scope files:read")
	case len(data) > chat.MaxFile:
		return nil, digest.Errorf(digest.TooLarge, "The file is larger than %d KB; send a smaller one.", chat.MaxFile>>10)
	}
	return data, nil
}

// handOver sends the file of a reply to the person, in their direct messages.
// Where that does not work, its text is part of the answer.
func (p *Platform) handOver(ctx context.Context, r request, reply chat.Reply, loc chat.Locale) chat.Reply {
	err := p.upload(ctx, r, reply.File)
	switch {
	case err == nil:
		reply.Messages = append(reply.Messages, chat.Note(loc.T("The file %s is in your direct messages with this app.", reply.File.Name)))
		return reply
	case !utf8.Valid(reply.File.Data):
		reply.Messages = append(reply.Messages, chat.Note(loc.T("The file %s could not be sent on Slack.", reply.File.Name)))
	default:
		lines := strings.Split(strings.TrimSuffix(string(reply.File.Data), "\n"), "\n")
		reply.Messages = append(reply.Messages, chat.Message{Kind: chat.Answer, Blocks: []chat.Block{chat.Lines(chat.Heading, reply.File.Name), chat.Lines(chat.Code, lines...)}})
	}
	p.log.Warn("a file was not uploaded to Slack", "file", reply.File.Name, "error", err)
	return reply
}

// upload puts a file into the direct messages with a person.
func (p *Platform) upload(ctx context.Context, r request, file chat.Attachment) error {
	w, err := p.in(ctx, r.team)
	if err != nil {
		return err
	}
	var where struct {
		URL string `json:"upload_url"`
		ID  string `json:"file_id"`
	}
	if failed := w.call(ctx, "files.getUploadURLExternal", url.Values{"filename": {file.Name}, "length": {strconv.Itoa(len(file.Data))}}, &where); failed != nil {
		return failed
	}
	if err := p.hand(ctx, where.URL, "application/octet-stream", file.Data); err != nil {
		return err
	}
	channel, err := w.direct(ctx, r.user)
	if err != nil {
		return err
	}
	list, err := json.Marshal([]map[string]string{{"id": where.ID, "title": file.Name}})
	if err != nil {
		return err
	}
	if failed := w.call(ctx, "files.completeUploadExternal", url.Values{"files": {string(list)}, "channel_id": {channel}}, nil); failed != nil {
		return failed
	}
	return nil
}

// direct opens the direct messages with a person.
func (w *workspace) direct(ctx context.Context, user string) (string, error) {
	var got struct {
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
	}
	if failed := w.call(ctx, "conversations.open", url.Values{"users": {user}}, &got); failed != nil {
		return "", failed
	}
	return got.Channel.ID, nil
}

// Direct returns the direct messages with a user of the workspace of an address.
func (p *Platform) Direct(ctx context.Context, near digest.Address, user string) (digest.Address, error) {
	w, err := p.in(ctx, near.Workspace)
	if err != nil {
		return digest.Address{}, err
	}
	channel, err := w.direct(ctx, user)
	if err != nil || channel == "" {
		return digest.Address{}, digest.Caused(err, digest.Unavailable, "Slack opens no direct messages with you; ask whoever runs the app whether it has the scope im:write.")
	}
	return digest.Address{Platform: "slack", Workspace: near.Workspace, Channel: channel}, nil
}
