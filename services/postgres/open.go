package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// defaultConns is enough on two cores; pool_max_conns in the URL says otherwise.
	defaultConns = 8
	openTimeout  = 10 * time.Second // beside what connecting may take
	// connectTimeout is for one address, from the first packet to the end of the login; connect_timeout in
	// the URL says otherwise.
	connectTimeout = 3 * time.Second
	// pingTimeout is for the question to a connection that rested, whether it still lives; pool_ping_timeout
	// in the URL says otherwise.
	pingTimeout = 2 * time.Second
)

// session is what every connection starts with, unless the URL sets it.
var session = map[string]string{"application_name": "congdvc", "timezone": "UTC"}

// bounds are further such settings, which a pooler may refuse: a statement or an abandoned transaction is
// ended before it holds a row's lock for longer than a person would wait.
var bounds = map[string]string{
	"statement_timeout":                   "30s",
	"idle_in_transaction_session_timeout": "60s",
}

// Open connects to url (a libpq URL or key=value string, several hosts allowed) and answers once the server
// does. The pool holds at most 8 connections unless the URL has pool_max_conns. A server that does not answer
// within 3 seconds (connect_timeout) is passed over for the next host, and of several hosts the one is taken
// that can be written to, unless the URL has target_session_attrs. When none is left, that is an error; so is
// a malformed URL. No error tells the URL's password.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	pool, _, err := OpenWatched(ctx, url, slog.New(slog.DiscardHandler))
	return pool, err
}

// OpenWatched is Open for a process that lives for long: while Watch.Run runs, a server that falls silent is
// left within seconds, also by connections that wait for its answer.
func OpenWatched(ctx context.Context, url string, log *slog.Logger) (*pgxpool.Pool, *Watch, error) {
	w := &Watch{log: log, lines: &lines{}, doubt: make(chan struct{}, 1)}
	config, err := w.configure(url)
	if err != nil {
		return nil, nil, fmt.Errorf("postgres: read the database's URL: %w", err)
	}
	pool, changed, err := w.open(ctx, config)
	for range adaptions {
		if changed {
			pool, changed, err = w.open(ctx, config)
		}
	}
	if refusesSetting(err) {
		err = fmt.Errorf("a pooler refuses a setting of the URL; set it on the role instead: %w", err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("postgres: reach the database: %w", err)
	}
	w.pool = pool
	return pool, w, nil
}

// open makes a pool and has it prove that the server answers. It may find that a pooler stands between: then
// it changes the configuration, and wants to be called again.
func (w *Watch) open(ctx context.Context, config *pgxpool.Config) (_ *pgxpool.Pool, changed bool, _ error) {
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, false, err
	}
	hosts := time.Duration(1 + len(config.ConnConfig.Fallbacks))
	ctx, cancel := context.WithTimeout(ctx, openTimeout+hosts*config.ConnConfig.ConnectTimeout)
	defer cancel()
	if changed, err = adapt(ctx, pool, config); err != nil {
		pool.Close()
		return nil, changed, err
	}
	return pool, false, nil
}

// configure is the configuration of the pool of url.
func (w *Watch) configure(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	given, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if _, ok := given.RuntimeParams["pool_max_conns"]; !ok {
		config.MaxConns = defaultConns
	}
	if config.PingTimeout <= 0 {
		config.PingTimeout = pingTimeout
	}
	c := config.ConnConfig
	if c.ConnectTimeout <= 0 {
		c.ConnectTimeout = connectTimeout
	}
	for name, value := range session {
		setUnlessGiven(c.RuntimeParams, name, value)
	}
	for name, value := range bounds {
		setUnlessGiven(c.RuntimeParams, name, value)
	}
	if c.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement {
		forPooler(c)
	}
	if c.ValidateConnect == nil && severalHosts(c) && !strings.Contains(url, "target_session_attrs") {
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	c.DialFunc = dial
	c.OnPgError = w.keeps
	config.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		w.lines.use(c)
		return nil
	}
	return config, nil
}

func setUnlessGiven(params map[string]string, name, value string) {
	if _, given := params[name]; !given {
		params[name] = value
	}
}

func severalHosts(c *pgx.ConnConfig) bool {
	for _, other := range c.Fallbacks {
		if other.Host != c.Host || other.Port != c.Port {
			return true
		}
	}
	return false
}

// Codes of PostgreSQL's errors.
const (
	readOnly          = "25006" // read_only_sql_transaction
	adminShutdown     = "57P01"
	crashShutdown     = "57P02"
	protocolViolation = "08P01" // a pooler's word for a setting that it does not know
)

// keeps says after an error of the server whether its connection stays in the pool. A server that can no
// longer be written to, or that ends, is not asked again; another one may serve in its place.
func (w *Watch) keeps(_ *pgconn.PgConn, e *pgconn.PgError) bool {
	switch e.Code {
	case readOnly, adminShutdown, crashShutdown:
		select {
		case w.doubt <- struct{}{}:
		default:
		}
		return false
	}
	// Severity is in the server's own language.
	return e.SeverityUnlocalized != "FATAL" && !strings.EqualFold(e.Severity, "FATAL")
}

// forPooler has a connection keep nothing in the server's session: the next statement may find itself in
// another one. Each value is sent as the type for which the server describes it, as without a pooler.
func forPooler(c *pgx.ConnConfig) {
	c.DefaultQueryExecMode, c.StatementCacheCapacity = pgx.QueryExecModeCacheDescribe, 0
	if c.DescriptionCacheCapacity == 0 {
		c.DescriptionCacheCapacity = 512
	}
}

// Pooled reports whether the pool's statements may each find themselves in another session, because a pooler
// such as pgbouncer stands before the server, or the URL has a default_query_exec_mode as for one. Then there
// is no LISTEN, and no lock or setting that lasts longer than a transaction.
func Pooled(pool *pgxpool.Pool) bool {
	return pool.Config().ConnConfig.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement
}

// refusesSetting tells a pooler's refusal of a setting with which a connection shall start.
func refusesSetting(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == protocolViolation &&
		strings.Contains(refused.Message, "startup parameter")
}

// adaptions is how often adapt can have something to change.
const adaptions = 2

var errPooler = errors.New("a pooler stands before the server")

// adapt makes a first connection, and changes the configuration when it shows that a pooler stands before the
// server: it refuses the bounds, or the process that it names is not the one that answers. The connections
// made so far are then of no use, and the error says why.
func adapt(ctx context.Context, pool *pgxpool.Pool, config *pgxpool.Config) (changed bool, _ error) {
	c := config.ConnConfig
	conn, err := pool.Acquire(ctx)
	if refusesSetting(err) {
		before := len(c.RuntimeParams)
		maps.DeleteFunc(c.RuntimeParams, func(name, value string) bool { return bounds[name] == value })
		return len(c.RuntimeParams) < before, err
	}
	if err != nil {
		return false, err
	}
	defer conn.Release()
	var process uint32
	const ask = `select pg_backend_pid()`
	if err := conn.QueryRow(ctx, ask, pgx.QueryExecModeSimpleProtocol).Scan(&process); err != nil {
		return false, err
	}
	if process == conn.Conn().PgConn().PID() || Pooled(pool) {
		return false, nil
	}
	forPooler(c)
	return true, errPooler
}

const unbounded = `
select name from pg_settings
where name in ('statement_timeout', 'idle_in_transaction_session_timeout') and setting = '0'
order by name`

// Unbounded names the settings that would end a statement or an abandoned transaction and do not, because
// neither this program nor the role sets them: a pooler refuses them from a program.
func Unbounded(ctx context.Context, db DB) ([]string, error) {
	rows, err := db.Query(ctx, unbounded)
	if err != nil {
		return nil, fmt.Errorf("postgres: ask for the bounds: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("postgres: ask for the bounds: %w", err)
	}
	return names, nil
}
