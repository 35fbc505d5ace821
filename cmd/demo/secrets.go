package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
)

// secrets is the folder of the demo's passwords and keys, each made once and readable by nobody else.
type secrets string

// get returns the secret of that name, 32 random bytes in base64url, made when it is missing.
func (s secrets) get(name string) (string, error) {
	path := s.path(name)
	text, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return string(text), err
	}
	if err := os.MkdirAll(string(s), 0o700); err != nil {
		return "", err
	}
	random := make([]byte, 32)
	rand.Read(random) // never fails
	secret := base64.RawURLEncoding.EncodeToString(random)
	// Written beside and renamed, so that a start that is cut short leaves no half secret.
	if err := os.WriteFile(path+".new", []byte(secret), 0o600); err != nil {
		return "", err
	}
	return secret, os.Rename(path+".new", path)
}

// path is where a secret lies that a part makes or reads by itself.
func (s secrets) path(name string) string { return filepath.Join(string(s), name) }
