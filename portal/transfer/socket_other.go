//go:build !linux

package transfer

import (
	"context"
	"net"
)

// shallow does nothing: the buffers of other systems are small.
func shallow(net.Conn) {}

// Listen opens an address for a front door.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", address)
}
