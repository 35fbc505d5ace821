package main

import (
	"context"
	"fmt"
	"strings"

	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// boundsAdvice says how a server gets the bounds that a pooler does not pass on.
func (p *parts) boundsAdvice() string {
	role := pgx.Identifier{p.pool.Config().ConnConfig.User}.Sanitize()
	return fmt.Sprintf("a pooler keeps the program from setting them, so set them for its role: "+
		"alter role %s set statement_timeout = '30s'; "+
		"alter role %s set idle_in_transaction_session_timeout = '60s'; "+
		"then let the pooler connect anew (pgbouncer: RECONNECT)", role, role)
}

// proveBounds asks the server itself, since what the program wants may not have reached it.
func (p *parts) proveBounds(ctx context.Context) (string, error) {
	missing, err := postgres.Unbounded(ctx, p.pool)
	if err != nil {
		return "", err
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("statements hold rows for ever: no %s", strings.Join(missing, ", no "))
	}
	if postgres.Pooled(p.pool) {
		return "the role has them; a pooler stands before the server, so background work asks every second " +
			"and portal migrate needs a DATABASE_URL of the server itself", nil
	}
	return "set", nil
}
