package portal

import (
	"net/netip"
	"strings"

	"congdvc/services/throttle"

	"github.com/gofiber/fiber/v2"
)

// addressOf is the visitor's address as budgets count it: an IPv4 address, the /64 network of an IPv6 one,
// since its owner can use all of that, or the name that a proxy gives to an address which it hides. Whatever
// needs to know who is asking calls it. known is false when the proxy's header says nothing that can be read.
// Then the address costs nothing, and the log says so once: one count for everybody would shut all of them
// out.
func (p *Portal) addressOf(c *fiber.Ctx) (address string, known bool) {
	if p.ProxyHeader == "" {
		return networkOf(c.Context().RemoteIP().String())
	}
	var lines []string
	for _, line := range c.Request().Header.PeekAll(p.ProxyHeader) {
		lines = append(lines, string(line))
	}
	address, known = forwardedAddress(p.ProxyHeader, lines, p.ProxyHops)
	if !known {
		p.warnOfProxy.Do(func() {
			p.Log.WarnContext(c.UserContext(), "the proxy's header does not say who is asking, so addresses "+
				"are not limited", "header", p.ProxyHeader, "lines", len(lines), "request", requestID(c))
		})
	}
	return address, known
}

// giveBack undoes the count of an attempt that was no wrong one. Where Redis fails just then it stays
// counted.
func (p *Portal) giveBack(v *visit, charges []throttle.Charge) {
	if err := p.Limiter.GiveBack(v.ctx(), charges...); err != nil {
		p.Log.WarnContext(v.ctx(), "an attempt stays counted", "request", requestID(v.Ctx), "error",
			err.Error())
	}
}

// forwardedAddress reads the header of the trusted proxies. Each of them adds the address that it was called
// from at the end, so the entry that counts is hops from there, the first where there are fewer. What stands
// before it is only what a visitor claims. A header of several lines is one list (RFC 9110, 5.3). The header
// called Forwarded has the grammar of RFC 7239, any other is a list of addresses.
func forwardedAddress(header string, lines []string, hops int) (address string, known bool) {
	rest, entry := strings.Join(lines, ","), ""
	for range max(1, hops) {
		var more bool
		if rest, entry, more = cutLast(rest, ','); !more {
			break
		}
	}
	if !strings.EqualFold(header, "Forwarded") {
		return nodeAddress(entry)
	}
	for more := true; more; {
		var pair string
		entry, pair, more = cutLast(entry, ';')
		name, value, ok := strings.Cut(pair, "=")
		if ok && strings.EqualFold(strings.TrimSpace(name), "for") {
			return nodeAddress(value)
		}
	}
	return "", false
}

// cutLast cuts a list at its last separator outside of quotes. It reads from the end, so that a quote that a
// visitor left open at the beginning hides nothing of what a proxy added. Without a separator all of it is
// the last entry.
func cutLast(list string, separator byte) (before, last string, found bool) {
	quoted := false
	for i := len(list) - 1; i >= 0; i-- {
		switch c := list[i]; {
		case c == '"':
			bare := strings.TrimRight(list[:i], `\`)
			quoted = quoted != ((i-len(bare))%2 == 0)
		case c == separator && !quoted:
			return list[:i], list[i+1:], true
		}
	}
	return "", list, false
}

// nodeAddress reads one node: an address with or without a port, quotes and a zone, or a name that begins
// with an underscore (RFC 7239, 6.3).
func nodeAddress(node string) (address string, known bool) {
	node = strings.TrimSpace(node)
	if inside, quoted := strings.CutPrefix(node, `"`); quoted {
		node = strings.TrimSpace(strings.ReplaceAll(strings.TrimSuffix(inside, `"`), `\`, ""))
	}
	if strings.HasPrefix(node, "_") {
		if name, _, _ := strings.Cut(node, ":"); isObfuscated(name) {
			return name, true
		}
		return "", false
	}
	if inside, bracketed := strings.CutPrefix(node, "["); bracketed {
		host, rest, closed := strings.Cut(inside, "]")
		if !closed || rest != "" && rest[0] != ':' {
			return "", false
		}
		return networkOf(host)
	}
	// A colon before a port stands alone; an IPv6 address without brackets has at least two, and no port.
	if host, _, one := strings.Cut(node, ":"); one && strings.Count(node, ":") == 1 {
		return networkOf(host)
	}
	return networkOf(node)
}

// isObfuscated reports whether a name is one that a proxy gives to an address. It bounds its length, since
// it becomes a key.
func isObfuscated(name string) bool {
	return len(name) > 1 && len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '.' && r != '_' &&
			r != '-'
	})
}

func networkOf(host string) (address string, known bool) {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return "", false
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		network, err := ip.Prefix(64)
		return network.String(), err == nil
	}
	return ip.String(), true
}
