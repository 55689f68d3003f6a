package meter

import "sync"

// maxKeys bounds the cache to some 100 MB: the table a used key carries takes 3 KiB. A network has fewer meters, and keys
// that travel with records are not trusted to be few.
const maxKeys = 1 << 15

// Keys remembers parsed public keys, because checking that a point lies on its curve costs as much as a good part
// of a verification and a meter signs thousands of records with one key. It is safe for concurrent use and holds
// nothing that parsing again would not give.
type Keys struct {
	mu     sync.RWMutex
	parsed map[keyID]parsedKey
}

// keyID is what a parse result depends on.
type keyID struct {
	carried string
	curve   string
	der     bool
}

type parsedKey struct {
	key *Key
	err error
}

// NewKeys returns an empty cache.
func NewKeys() *Keys { return &Keys{parsed: make(map[keyID]parsedKey)} }

// parse is readKey with memory. A nil cache parses every time.
func (c *Keys) parse(text, curveName string) (*Key, error) {
	return c.lookup(keyID{text, curveName, false})
}

// parseDER is readKeyBytes with memory.
func (c *Keys) parseDER(der []byte, curveName string) (*Key, error) {
	return c.lookup(keyID{string(der), curveName, true})
}

func (c *Keys) lookup(id keyID) (*Key, error) {
	if c == nil {
		return id.parse()
	}
	c.mu.RLock()
	p, ok := c.parsed[id]
	c.mu.RUnlock()
	if ok {
		return p.key, p.err
	}
	p.key, p.err = id.parse()
	if len(id.carried) <= maxKeyText {
		c.store(id, p)
	}
	return p.key, p.err
}

// store adds a result. A full cache starts over, which costs some parsing and no bookkeeping.
func (c *Keys) store(id keyID, p parsedKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.parsed) >= maxKeys {
		clear(c.parsed)
	}
	c.parsed[id] = p
}

func (id keyID) parse() (*Key, error) {
	if id.der {
		return readKeyBytes([]byte(id.carried), id.curve, "")
	}
	return readKey(id.carried, id.curve)
}
