package transfer

import (
	"context"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unsent is how many bytes may wait in the system for a connection to take them, beyond those that are on the
// wire. The system's own bound is several megabytes, which a slow telephone takes minutes to fetch: nothing
// would seem to move meanwhile.
const unsent = 128 << 10

func makeShallow(raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsent)
	})
	if err != nil {
		return err
	}
	return failed
}

// shallow bounds what waits in the system for one connection. Where that cannot be done the transfer works
// all the same: its progress is only seen in larger steps.
func shallow(conn net.Conn) {
	if s, ok := conn.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			_ = makeShallow(raw)
		}
	}
}

// Listen opens an address for a front door. Its connections inherit that little waits for them in the system.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		_ = makeShallow(raw)
		return nil
	}}
	return config.Listen(ctx, "tcp", address)
}
