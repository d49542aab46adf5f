package discordfake

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nutgraf/adapters/egress"
)

// PublicKey returns the key by which the application knows this Discord.
func (s *Server) PublicKey() string {
	return hex.EncodeToString(s.key.Public().(ed25519.PublicKey))
}

// Sign returns the headers with which a body is sent.
func (s *Server) Sign(at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	h := make(http.Header)
	h.Set("Content-Type", "application/json")
	h.Set("X-Signature-Timestamp", stamp)
	h.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(s.key, append([]byte(stamp), body...))))
	return h
}

// SetEndpoint has interactions sent to an address instead of the gateway. As
// Discord does when the address is saved, it first asks there with a good and a
// bad signature. "" is the gateway again.
func (s *Server) SetEndpoint(address string) error {
	to := callee{address: address}
	if address != "" {
		var err error
		if to.client, err = egress.Operator(address, egress.Options{Timeout: ackDeadline}); err != nil {
			return err
		}
		ping := []byte(`{"id":"1","application_id":"` + Application + `","type":1,"token":"x","version":1}`)
		status, _, body, err := to.send(s.Sign(s.options.Now(), ping), ping)
		var pong struct{ Type int }
		if err != nil || status != http.StatusOK || json.Unmarshal(body, &pong) != nil || pong.Type != 1 {
			return fmt.Errorf("discordfake: the endpoint does not answer a ping: HTTP %d, %.100s, %v", status, body, err)
		}
		wrong := s.Sign(s.options.Now(), append(ping, ' '))
		if status, _, _, err = to.send(wrong, ping); err != nil || status != http.StatusUnauthorized {
			return fmt.Errorf("discordfake: the endpoint takes a wrong signature: HTTP %d, %v", status, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoint = to
	return nil
}

// callee is where interactions are sent over HTTP; none without an address.
type callee struct {
	address string
	client  *http.Client
}

// send sends a request there.
func (c callee) send(h http.Header, body []byte) (int, http.Header, []byte, error) {
	req, err := http.NewRequest(http.MethodPost, c.address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = h
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, resp.Header, answer, err
}

// deliver sends an interaction to the endpoint, whose answer is the first one.
func (s *Server) deliver(to callee, i *Interaction, payload map[string]any) {
	body, err := json.Marshal(payload)
	if err != nil {
		return
	}
	status, header, answer, err := to.send(s.Sign(s.options.Now(), body), body)
	s.mu.Lock()
	defer s.mu.Unlock()
	i.Status = status
	failed := err != nil || status != http.StatusOK || header.Get("Content-Type") != "application/json"
	switch {
	case !i.Acknowledged.IsZero(): // it was sent again, and nobody waits
		if !failed {
			i.Refused = append(i.Refused, 40060)
		}
	case failed, s.options.Now().Sub(i.Sent) > ackDeadline:
		i.Refused = append(i.Refused, 10062) // what people see: the application did not respond
	default:
		req := Request{Method: http.MethodPost, Path: "interactions/" + i.ID + "/" + i.Token + "/callback", Body: answer, At: s.options.Now()}
		req.Status = s.acknowledge(i, req).status
		s.inline = append(s.inline, req)
	}
}

// Inline returns what was answered to interactions in the responses to their
// requests, as if it had been sent to their callbacks.
func (s *Server) Inline() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.inline)
}
