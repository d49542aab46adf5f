package discordfake

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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
	if address != "" {
		ping := []byte(`{"id":"1","application_id":"` + Application + `","type":1,"token":"x","version":1}`)
		status, _, body, err := s.send(address, s.Sign(s.options.Now(), ping), ping)
		var pong struct{ Type int }
		if err != nil || status != http.StatusOK || json.Unmarshal(body, &pong) != nil || pong.Type != 1 {
			return fmt.Errorf("discordfake: the endpoint does not answer a ping: HTTP %d, %.100s, %v", status, body, err)
		}
		wrong := s.Sign(s.options.Now(), append(ping, ' '))
		if status, _, _, err = s.send(address, wrong, ping); err != nil || status != http.StatusUnauthorized {
			return fmt.Errorf("discordfake: the endpoint takes a wrong signature: HTTP %d, %v", status, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoint = address
	return nil
}

// send sends a request to the endpoint.
func (s *Server) send(address string, h http.Header, body []byte) (int, http.Header, []byte, error) {
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = h
	client, err := egress.Operator(address, egress.Options{Timeout: ackDeadline})
	if err != nil {
		return 0, nil, nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, resp.Header, answer, err
}

// deliver sends an interaction to the endpoint, whose answer is the first one.
func (s *Server) deliver(i *Interaction, payload map[string]any) {
	body, err := json.Marshal(payload)
	if err != nil {
		return
	}
	status, header, answer, err := s.send(s.where(), s.Sign(s.options.Now(), body), body)
	s.mu.Lock()
	defer s.mu.Unlock()
	i.Status = status
	switch {
	case err != nil || status != http.StatusOK || header.Get("Content-Type") != "application/json":
		i.Refused = append(i.Refused, 10062) // what people see: the application did not respond
	case s.options.Now().Sub(i.Sent) > ackDeadline:
		i.Refused = append(i.Refused, 10062)
	default:
		s.acknowledge(i, Request{Body: answer})
	}
}

func (s *Server) where() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endpoint
}
