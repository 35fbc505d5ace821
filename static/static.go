// Package static holds the portal's style sheet, script and images. They are
// embedded, and served under a name that carries a hash of their content, so a
// browser may keep them for ever and never shows an old one beside a new page.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"path"
	"strings"
)

//go:embed files
var files embed.FS

// Prefix is the public path under which the assets are served.
const Prefix = "/static/"

// Asset is one embedded file.
type Asset struct {
	// Path is the public path with the content hash: /static/app.1f2e3d4c5b6a.css
	Path string
	// Type is the media type with its charset where it is text.
	Type string
	Body []byte
	// SHA256 is that of Body, in hexadecimal.
	SHA256 string
}

var byName, byPath = load()

// URL gives the public path of the asset with this file name ("app.css"). It
// panics on an unknown name: that is a mistake in a template, found by the
// first test that renders it.
func URL(name string) string {
	a, ok := byName[name]
	if !ok {
		panic("static: no asset named " + name)
	}
	return a.Path
}

// Find gives the asset that is served at a public path, and whether there is one.
func Find(path string) (Asset, bool) {
	a, ok := byPath[path]
	return a, ok
}

func load() (byName, byPath map[string]Asset) {
	byName, byPath = map[string]Asset{}, map[string]Asset{}
	entries, err := files.ReadDir("files")
	if err != nil {
		panic(fmt.Errorf("static: %w", err))
	}
	for _, e := range entries {
		body, err := files.ReadFile("files/" + e.Name())
		if err != nil {
			panic(fmt.Errorf("static: %w", err))
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(e.Name())
		stem := strings.TrimSuffix(e.Name(), ext)
		a := Asset{
			SHA256: hex.EncodeToString(sum[:]),
			Path:   Prefix + stem + "." + hex.EncodeToString(sum[:6]) + ext,
			Type:   mediaType(ext),
			Body:   body,
		}
		byName[e.Name()], byPath[a.Path] = a, a
	}
	return byName, byPath
}

func mediaType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".ico":
		return "image/x-icon"
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}
