package filestore

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// chunk is how many bytes are sealed together: few enough to hold in memory for each reader, and so many that
// the 33 bytes of sealing do not matter.
const chunk = 1 << 20

// A file begins with magic, and then 4 bytes, big-endian: how many bytes longer a sealed chunk is than a
// plain one. The header needs no seal: if the number were changed, the chunks would be cut at other places
// and would not open.
const (
	magic      = "CDVFILE1"
	headerSize = int64(len(magic) + 4)
)

// bind names the place of a chunk.
func bind(id string, index int64, last bool) []byte {
	return fmt.Appendf(nil, "%s/%d/%t", id, index, last)
}

// write seals what r gives into a new file and returns how many bytes there were.
func (s *Store) write(ctx context.Context, file io.Writer, id string, r io.Reader,
	limit int64) (int64, error) {
	// One byte beyond the limit is enough to know that there is more.
	in := bufio.NewReaderSize(io.LimitReader(r, limit+1), 64<<10)
	plain := make([]byte, chunk)
	var size int64
	var overhead int
	for index := int64(0); ; index++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := io.ReadFull(in, plain)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return 0, fmt.Errorf("read: %w", err)
		}
		size += int64(n)
		if size > limit {
			return 0, ErrTooLarge.With("Bytes", limit)
		}
		if size == 0 {
			return 0, ErrEmpty
		}
		_, err = in.Peek(1)
		if err != nil && err != io.EOF {
			return 0, fmt.Errorf("read: %w", err)
		}
		last := err == io.EOF
		sealed, err := s.sealer.Seal(plain[:n], bind(id, index, last))
		if err != nil {
			return 0, err
		}
		if index == 0 {
			overhead = len(sealed) - n
			if _, err := file.Write(binary.BigEndian.AppendUint32([]byte(magic), uint32(overhead))); err !=
				nil {
				return 0, err
			}
		}
		if len(sealed)-n != overhead {
			return 0, fmt.Errorf("sealing added %d bytes, not %d as before", len(sealed)-n, overhead)
		}
		if _, err := file.Write(sealed); err != nil {
			return 0, err
		}
		if last {
			return size, nil
		}
	}
}

// A Reader reads one file from anywhere in it. It belongs to one goroutine.
type Reader struct {
	store  *Store
	file   *os.File
	id     string
	record int64 // bytes of a full sealed chunk
	chunks int64 // how many there are
	size   int64 // bytes of the whole, before sealing
	offset int64 // of the next byte to read
	held   int64 // number of the chunk in plain, -1 for none
	plain  []byte
}

// Open begins to read a file. Its last chunk is opened at once, so that a file which lost its end is noticed
// before a byte of it is used. Errors: ErrNotFound, ErrDamaged, ErrAway.
func (s *Store) Open(ctx context.Context, id string) (*Reader, error) {
	r, err := s.begin(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := r.hold(r.chunks - 1); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Size returns how many bytes a file has before sealing, as its length on the disk says; no chunk is opened.
// Errors: as Open.
func (s *Store) Size(ctx context.Context, id string) (int64, error) {
	r, err := s.begin(ctx, id)
	if err != nil {
		return 0, err
	}
	if err := r.Close(); err != nil {
		return 0, fmt.Errorf("filestore: measure %s: %w", id, err)
	}
	return r.size, nil
}

// Peek is Size of whatever lies in the directory, whether it is the store or not: 0 where there is no such
// file or it is none of a store.
func (s *Store) Peek(ctx context.Context, id string) (int64, error) {
	name, err := place(id)
	if err != nil {
		return 0, err
	}
	for _, name := range []string{name, filepath.Join(aside, id)} {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("filestore: peek at %s: %w", id, err)
		}
		file, err := os.Open(filepath.Join(s.dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("filestore: peek at %s: %w", id, err)
		}
		r := &Reader{store: s, file: file, id: id}
		err = r.measure()
		if err := errors.Join(err, file.Close()); err != nil && !errors.Is(err, ErrDamaged) {
			return 0, err
		} else if err == nil {
			return r.size, nil
		}
	}
	return 0, nil
}

func (s *Store) begin(ctx context.Context, id string) (*Reader, error) {
	name, err := place(id)
	if err != nil {
		return nil, ErrNotFound
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("filestore: open %s: %w", id, err)
	}
	return within(s, func() (*Reader, error) { return s.found(name, id) }, closed[*Reader])
}

func (s *Store) found(name, id string) (*Reader, error) {
	file, err := os.Open(filepath.Join(s.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		file, err = s.recall(name)
	}
	if err != nil {
		return nil, orAway(fmt.Errorf("filestore: open %s: %w", id, err))
	}
	r := &Reader{store: s, file: file, id: id, held: -1}
	if err := r.measure(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

// measure reads the header and computes the size.
func (r *Reader) measure() error {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(r.file, header); err != nil || string(header[:len(magic)]) != magic {
		return r.damaged("no header")
	}
	info, err := r.file.Stat()
	if err != nil {
		return orAway(fmt.Errorf("filestore: measure %s: %w", r.id, err))
	}
	overhead := int64(binary.BigEndian.Uint32(header[len(magic):]))
	sealed := info.Size() - headerSize
	r.record = chunk + overhead
	r.chunks = (sealed + r.record - 1) / r.record
	r.size = sealed - r.chunks*overhead
	if overhead > chunk || r.chunks == 0 || r.size <= (r.chunks-1)*chunk {
		return r.damaged("impossible length")
	}
	return nil
}

func (r *Reader) damaged(why string) error {
	return fmt.Errorf("%w: %s: %s", ErrDamaged, r.id, why)
}

// hold brings a chunk into memory.
func (r *Reader) hold(index int64) error {
	if r.held == index {
		return nil
	}
	last := index == r.chunks-1
	plainSize := int64(chunk)
	if last {
		plainSize = r.size - index*chunk
	}
	sealed := make([]byte, r.record-chunk+plainSize)
	err := r.store.do(func() error {
		_, err := r.file.ReadAt(sealed, headerSize+index*r.record)
		return err
	})
	if err != nil {
		return orAway(fmt.Errorf("filestore: read %s: %w", r.id, err))
	}
	plain, err := r.store.sealer.Open(sealed, bind(r.id, index, last))
	if err != nil {
		return fmt.Errorf("%w: %s: chunk %d: %w", ErrDamaged, r.id, index, err)
	}
	if int64(len(plain)) != plainSize {
		return r.damaged("chunk of a wrong length")
	}
	r.held, r.plain = index, plain
	return nil
}

// Read implements io.Reader. Error: ErrDamaged.
func (r *Reader) Read(p []byte) (int, error) {
	if r.offset >= r.size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	index := r.offset / chunk
	if err := r.hold(index); err != nil {
		return 0, err
	}
	n := copy(p, r.plain[r.offset-index*chunk:])
	r.offset += int64(n)
	return n, nil
}

// Seek implements io.Seeker. It reads nothing.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.offset
	case io.SeekEnd:
		offset += r.size
	case io.SeekStart:
	default:
		return 0, errors.New("filestore: seek from nowhere")
	}
	if offset < 0 {
		return 0, errors.New("filestore: seek before the start")
	}
	r.offset = offset
	return offset, nil
}

// Close ends the reading.
func (r *Reader) Close() error {
	r.plain, r.held = nil, -1
	return r.file.Close()
}
