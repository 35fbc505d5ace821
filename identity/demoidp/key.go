package demoidp

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	jose "github.com/go-jose/go-jose/v4"
)

// signingKey is the RSA key that signs id_tokens (RS256, which every client must know). As an op.SigningKey
// it gives the private part, as the op.Key of publicKey the public one.
type signingKey struct {
	id  string
	key *rsa.PrivateKey
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) Key() any                                    { return k.key }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

// publicKey is what the JWKS shows of a signing key.
type publicKey struct{ signingKey }

func (k publicKey) Key() any                           { return &k.key.PublicKey }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }

// newKey makes a key; its id is the thumbprint of RFC 7638, so the same key keeps its id.
func newKey() (signingKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return signingKey{}, fmt.Errorf("demoidp: make signing key: %w", err)
	}
	return withID(key)
}

func withID(key *rsa.PrivateKey) (signingKey, error) {
	sum, err := (&jose.JSONWebKey{Key: &key.PublicKey}).Thumbprint(crypto.SHA256)
	if err != nil {
		return signingKey{}, fmt.Errorf("demoidp: thumbprint of signing key: %w", err)
	}
	return signingKey{id: base64.RawURLEncoding.EncodeToString(sum), key: key}, nil
}

// loadKey reads the key from a PEM file, and makes the file when it is missing. Without a name it makes a key
// that lives as long as the process.
func loadKey(name string) (signingKey, error) {
	if name == "" {
		return newKey()
	}
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKeyFile(name)
	}
	if err != nil {
		return signingKey{}, fmt.Errorf("demoidp: read key file: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return signingKey{}, fmt.Errorf("demoidp: %s holds no PEM block", name)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return signingKey{}, fmt.Errorf("demoidp: key file %s: %w", name, err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return signingKey{}, fmt.Errorf("demoidp: key file %s holds no RSA key", name)
	}
	return withID(key)
}

func makeKeyFile(name string) (signingKey, error) {
	key, err := newKey()
	if err != nil {
		return signingKey{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key.key)
	if err != nil {
		return signingKey{}, fmt.Errorf("demoidp: encode signing key: %w", err)
	}
	raw := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		return signingKey{}, fmt.Errorf("demoidp: write key file: %w", err)
	}
	return key, nil
}

// sign makes a compact JWS.
func sign(payload []byte, key signingKey) (string, error) {
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", key.id)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key.key}, options)
	if err != nil {
		return "", fmt.Errorf("demoidp: signer: %w", err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("demoidp: sign: %w", err)
	}
	return jws.CompactSerialize()
}

// unsigned makes the JWS that RFC 8725 warns of: algorithm none and an empty signature.
func unsigned(payload []byte) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + "."
}
