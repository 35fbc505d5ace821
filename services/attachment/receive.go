package attachment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"congdvc/services/filestore"
	"congdvc/services/postgres"
)

// Incoming is a file on its way in, as a stream.
type Incoming struct {
	Name   string // as the browser says; anything
	Reader io.Reader
	Accept []string // media types; empty is all that the portal takes
	Max    int64    // bytes
}

// Received is a file that was checked and lies in the store, not yet bound to a draft.
type Received struct {
	File      string
	Name      string
	MediaType string
	Size      int64
	SHA256    string // hex
}

// Receive reads a file to its end into the store. Its type is what its content is, not what its name or
// sender says. Nothing is left when it is refused. Errors: ErrEmpty, ErrTooLarge, ErrType, ErrBroken,
// ErrPixels; those of the reader.
func Receive(ctx context.Context, store *filestore.Store, in Incoming) (Received, error) {
	accept := in.Accept
	if len(accept) == 0 {
		accept = mediaTypes
	}
	head, err := readHead(in.Reader)
	if err != nil {
		return Received{}, fmt.Errorf("attachment: read: %w", err)
	}
	if len(head.bytes) == 0 {
		return Received{}, ErrEmpty
	}
	mediaType, err := head.mediaType()
	if err != nil {
		return Received{}, err
	}
	if !slices.Contains(accept, mediaType) {
		return Received{}, ErrType.With("Accept", shortNames(accept))
	}
	end := &tail{}
	id := postgres.NewID()
	kept, err := store.Put(ctx, id, io.TeeReader(head.rest(in.Reader), end), in.Max)
	switch {
	case errors.Is(err, filestore.ErrTooLarge):
		return Received{}, ErrTooLarge.With("Max", megabytes(in.Max)).From(err)
	case errors.Is(err, filestore.ErrEmpty):
		return Received{}, ErrEmpty
	case err != nil:
		return Received{}, fmt.Errorf("attachment: keep: %w", err)
	}
	r := Received{
		File: id, Name: cleanName(in.Name, mediaType), MediaType: mediaType, Size: kept.Size,
		SHA256: kept.SHA256,
	}
	if !ends(mediaType, end.bytes) {
		return Received{}, errors.Join(ErrBroken, Drop(ctx, store, r))
	}
	return r, nil
}

// Drop deletes a received file that was not bound to a draft.
func Drop(ctx context.Context, store *filestore.Store, r Received) error {
	// The bytes must go even when the person who sent them has left.
	if err := store.Delete(context.WithoutCancel(ctx), r.File); err != nil {
		return fmt.Errorf("attachment: drop %s: %w", r.File, err)
	}
	return nil
}

// megabytes writes a limit as both languages do.
func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// shortNames lists media types as people know them.
func shortNames(types []string) string {
	var names []string
	for _, t := range types {
		if e, ok := extensions[t]; ok {
			names = append(names, strings.ToUpper(e[0][1:]))
		}
	}
	return strings.Join(names, ", ")
}
