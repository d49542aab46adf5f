package slack

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"nutgraf/digest"
)

// minKey is how long the key of the tokens is at least, in bytes.
const minKey = 16

// Key seals the tokens of workspaces before they are stored. The zero Key is
// none: it seals nothing.
type Key struct{ secret digest.Secret }

// NewKey returns the key that is made of a secret of at least 16 bytes.
func NewKey(secret digest.Secret) (Key, error) {
	if len(secret.Reveal()) < minKey {
		return Key{}, digest.Errorf(digest.Invalid, "the key of Slack's tokens is shorter than %d characters; make one with: openssl rand -base64 32", minKey)
	}
	return Key{secret}, nil
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.secret.IsZero() }

func (k Key) cipher() (cipher.AEAD, error) {
	if k.IsZero() {
		return nil, digest.Errorf(digest.Invalid, "there is no key for Slack's tokens; set token_key_env under [slack]")
	}
	sum := sha256.Sum256([]byte("nutgraf slack tokens\x00" + k.secret.Reveal()))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal encrypts a secret for one purpose: sealed for another it cannot be
// opened.
func (k Key) seal(purpose string, secret digest.Secret) (string, error) {
	c, err := k.cipher()
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(c.Seal(nil, nil, []byte(secret.Reveal()), []byte(purpose))), nil
}

// open decrypts what seal made.
func (k Key) open(purpose, sealed string) (digest.Secret, error) {
	c, err := k.cipher()
	if err != nil {
		return digest.Secret{}, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err == nil {
		raw, err = c.Open(nil, nil, raw, []byte(purpose))
	}
	if err != nil {
		return digest.Secret{}, digest.Errorf(digest.Invalid, "what is stored for %s cannot be decrypted; set the key of token_key_env that it was stored with, or install the app again", clip(purpose, 60))
	}
	return digest.NewSecret(string(raw)), nil
}

// nonce returns a random word that cannot be guessed.
func nonce() string { return rand.Text() + rand.Text() }
