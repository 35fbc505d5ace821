package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Errors of key files. They are wrapped with the path.
var (
	ErrNoKeyset = errors.New("vault: the keyset file does not exist; create it with `portal keys create`, " +
		"or restore it from a backup")
	ErrNoKEK    = errors.New("vault: the file of the key-encryption key does not exist")
	ErrBadKEK   = errors.New("vault: the key-encryption key is not 32 bytes in base64")
	ErrWrongKEK = errors.New("vault: the key-encryption key does not open this keyset, or the keyset is " +
		"damaged")
	ErrExists = errors.New("vault: the keyset file exists already; replacing it would lose everything " +
		"sealed so far")
)

// keysetFile is the JSON of a keyset file: Tink's encrypted keysets.
type keysetFile struct {
	Version int    `json:"version"`
	Sealing []byte `json:"sealing"`
	Index   []byte `json:"index"`
}

// The associated data of the encrypted keysets, so that one cannot stand for the other.
var (
	sealingPlace = []byte("congdvc keyset sealing")
	indexPlace   = []byte("congdvc keyset index")
)

// Create draws the keys and writes them to a new file that only its owner may read. The key-encryption key is
// read from kekFile, or drawn and written there when the file does not exist. Errors: ErrExists; ErrBadKEK.
func Create(keysetFile, kekFile string) error {
	if _, err := os.Lstat(keysetFile); err == nil {
		return fmt.Errorf("%w: %s", ErrExists, keysetFile)
	}
	kek, err := readKEK(kekFile)
	if errors.Is(err, ErrNoKEK) {
		kek, err = createKEK(kekFile)
	}
	if err != nil {
		return err
	}
	k, err := newKeys()
	if err != nil {
		return err
	}
	content, err := k.encrypt(kek)
	if err != nil {
		return err
	}
	return writeNew(keysetFile, content)
}

// Open reads a vault's keys. Errors: ErrNoKeyset, ErrNoKEK, ErrBadKEK, ErrWrongKEK.
func Open(keysetFile, kekFile string) (*Vault, error) {
	k, _, err := read(keysetFile, kekFile)
	if err != nil {
		return nil, err
	}
	return k.vault()
}

// Rotate puts the next sealing key into use and draws another next one; the package's documentation says what
// to do around it. The file is replaced at one stroke, and two rotations at once wait for each other. Errors:
// as Open.
func Rotate(keysetFile, kekFile string) error {
	dir, err := os.Open(filepath.Dir(keysetFile))
	if err != nil {
		return fmt.Errorf("vault: open folder of keyset: %w", err)
	}
	defer dir.Close()
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("vault: lock folder of keyset: %w", err)
	}
	k, kek, err := read(keysetFile, kekFile)
	if err != nil {
		return err
	}
	if k, err = k.rotated(); err != nil {
		return err
	}
	content, err := k.encrypt(kek)
	if err != nil {
		return err
	}
	fresh := keysetFile + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("vault: remove what an interrupted rotation left: %w", err)
	}
	if err := writeNew(fresh, content); err != nil {
		return err
	}
	if err := os.Rename(fresh, keysetFile); err != nil {
		return fmt.Errorf("vault: replace keyset: %w", err)
	}
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("vault: sync folder of keyset: %w", err)
	}
	return nil
}

func read(path, kekFile string) (keys, tink.AEAD, error) {
	kek, err := readKEK(kekFile)
	if err != nil {
		return keys{}, nil, err
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return keys{}, nil, fmt.Errorf("%w: %s", ErrNoKeyset, path)
	} else if err != nil {
		return keys{}, nil, fmt.Errorf("vault: read keyset: %w", err)
	}
	var file keysetFile
	if err := json.Unmarshal(content, &file); err != nil {
		return keys{}, nil, fmt.Errorf("%w: %s: %v", ErrWrongKEK, path, err)
	}
	if file.Version != 1 {
		return keys{}, nil, fmt.Errorf("vault: %s has version %d of the format, this program knows 1", path,
			file.Version)
	}
	var k keys
	if k.sealing, err = decrypt(file.Sealing, kek, sealingPlace); err == nil {
		k.index, err = decrypt(file.Index, kek, indexPlace)
	}
	if err != nil {
		return keys{}, nil, fmt.Errorf("%w: %s", ErrWrongKEK, path)
	}
	return k, kek, nil
}

func decrypt(encrypted []byte, kek tink.AEAD, place []byte) (*keyset.Handle, error) {
	return keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(encrypted)), kek, place)
}

func (k keys) encrypt(kek tink.AEAD) ([]byte, error) {
	var sealing, index bytes.Buffer
	if err := k.sealing.WriteWithAssociatedData(keyset.NewBinaryWriter(&sealing), kek,
		sealingPlace); err != nil {
		return nil, fmt.Errorf("vault: encrypt sealing keys: %w", err)
	}
	if err := k.index.WriteWithAssociatedData(keyset.NewBinaryWriter(&index), kek, indexPlace); err != nil {
		return nil, fmt.Errorf("vault: encrypt index key: %w", err)
	}
	content, err := json.MarshalIndent(keysetFile{1, sealing.Bytes(), index.Bytes()}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("vault: write keyset: %w", err)
	}
	return append(content, '\n'), nil
}

func readKEK(path string) (tink.AEAD, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoKEK, path)
	} else if err != nil {
		return nil, fmt.Errorf("vault: read key-encryption key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(content)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%w: %s", ErrBadKEK, path)
	}
	kek, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, fmt.Errorf("vault: use key-encryption key: %w", err)
	}
	return kek, nil
}

func createKEK(path string) (tink.AEAD, error) {
	key := make([]byte, 32)
	rand.Read(key)
	if err := writeNew(path, []byte(base64.StdEncoding.EncodeToString(key)+"\n")); err != nil {
		return nil, err
	}
	return readKEK(path)
}

// writeNew writes a file that must not exist and makes sure that it and its name are on the disk.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s", ErrExists, path)
	} else if err != nil {
		return fmt.Errorf("vault: create key file: %w", err)
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return fmt.Errorf("vault: write key file: %w", errors.Join(err, os.Remove(path)))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("vault: open folder of key file: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("vault: sync folder of key file: %w", err)
	}
	return nil
}
