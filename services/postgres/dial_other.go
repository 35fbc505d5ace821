//go:build !linux

package postgres

import "syscall"

// control leaves the socket as it is: elsewhere only the probes find out that the other machine is gone.
func control(_, _ string, _ syscall.RawConn) error { return nil }
