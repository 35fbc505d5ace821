package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// ports gives each part an address and remembers it: an identity provider's address is part of who somebody
// is, and the portal's is printed in QR codes, so both shall be the same after a restart when they can.
type ports struct {
	path  string
	known map[string]string // name to host:port
	held  []net.Listener
}

func openPorts(path string) (*ports, error) {
	p := &ports{path: path, known: map[string]string{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &p.known); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// portal returns the portal's address as browsers and as the listener name it. The one asked for comes first,
// then the one of the last time, then 8080 and its neighbours, then any.
func (p *ports) portal(asked string) (public, listen string, err error) {
	var wanted []string
	host := "127.0.0.1"
	if asked != "" {
		if host, _, err = net.SplitHostPort(asked); err != nil {
			return "", "", fmt.Errorf("DEMO_ADDR: %w", err)
		}
		wanted = append(wanted, asked)
	}
	if known, ok := p.known["portal"]; ok && asked == "" {
		wanted = append(wanted, known)
	}
	for port := 8080; port < 8100; port++ {
		wanted = append(wanted, net.JoinHostPort(host, strconv.Itoa(port)))
	}
	if listen, err = p.take("portal", append(wanted, net.JoinHostPort(host, "0"))); err != nil {
		return "", "", err
	}
	seen, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", "", err
	}
	if ip := net.ParseIP(seen); seen == "" || ip != nil && ip.IsUnspecified() {
		seen = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(seen, port), listen, nil
}

// loopback returns that part's address on this machine: the one of the last time when it is free.
func (p *ports) loopback(name string) (string, error) {
	var wanted []string
	if known, ok := p.known[name]; ok {
		wanted = append(wanted, known)
	}
	return p.take(name, append(wanted, "127.0.0.1:0"))
}

// take returns the first address that is free, and remembers it.
func (p *ports) take(name string, wanted []string) (string, error) {
	var last error
	for _, address := range wanted {
		free, err := p.reserve(address)
		if err != nil {
			last = err
			continue
		}
		p.known[name] = free
		text, err := json.MarshalIndent(p.known, "", "  ")
		if err != nil {
			return "", err
		}
		return free, os.WriteFile(p.path, append(text, '\n'), 0o600)
	}
	return "", fmt.Errorf("no free address: %w", last)
}

// reserve tries the address, and keeps other copies of the demo from it by a name in the kernel that lasts as
// long as this process, since the part that will listen there has yet to start.
func (p *ports) reserve(address string) (string, error) {
	try, err := net.Listen("tcp", address)
	if err != nil {
		return "", err
	}
	defer try.Close()
	bound, ok := try.Addr().(*net.TCPAddr)
	if !ok {
		return "", fmt.Errorf("%s is no TCP address", address)
	}
	hold, err := net.Listen("unix", fmt.Sprintf("@congdvc-demo-%d", bound.Port))
	if err != nil {
		return "", err
	}
	p.held = append(p.held, hold)
	host, _, err := net.SplitHostPort(address)
	return net.JoinHostPort(host, strconv.Itoa(bound.Port)), err
}

func (p *ports) release() error {
	var faults []error
	for _, hold := range p.held {
		faults = append(faults, hold.Close())
	}
	p.held = nil
	return errors.Join(faults...)
}
