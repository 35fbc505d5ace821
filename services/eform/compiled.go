package eform

import "sync"

// mostCompiled is above the number of forms that people fill in at one time.
const mostCompiled = 1024

// compilations are the forms that this process has loaded, by the hash of their definitions.
var compilations struct {
	mu     sync.Mutex
	byHash map[string]func() (*Form, error)
}

// Compiled is Load, once for each definition: the same bytes give the same Form, also when many ask for it at
// once, who then wait for one compilation. A form that was pushed out by many others is compiled anew, so
// nothing may tell forms, steps or fields apart by their addresses.
func Compiled(raw []byte) (*Form, error) {
	return compilation(Hash(raw), raw)()
}

func compilation(hash string, raw []byte) func() (*Form, error) {
	c := &compilations
	c.mu.Lock()
	defer c.mu.Unlock()
	if load, ok := c.byHash[hash]; ok {
		return load
	}
	if c.byHash == nil {
		c.byHash = map[string]func() (*Form, error){}
	}
	for other := range c.byHash {
		if len(c.byHash) < mostCompiled {
			break
		}
		delete(c.byHash, other)
	}
	load := sync.OnceValues(func() (*Form, error) { return Load(raw) })
	c.byHash[hash] = load
	return load
}
