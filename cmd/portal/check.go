package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"congdvc/migrations"
	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/services/filestore"
	"congdvc/services/postgres"
	"congdvc/services/signature"
	"congdvc/services/vault"

	"github.com/redis/go-redis/v9"
)

type checkCommand struct{}

// Run proves one thing after the other and says of each how it stands. What fails keeps only from being proven what
// needs it.
func (checkCommand) Run(ctx context.Context) error {
	i := &inspection{ctx: ctx, out: os.Stdout, now: time.Now()}
	c, err := readConfig()
	if err == nil {
		_, err = logger(c.LogLevel)
	}
	if err != nil {
		for line := range strings.Lines(strings.TrimPrefix(err.Error(), "configuration:\n")) {
			i.fail("configuration", strings.TrimSpace(line), "correct it; the table of variables is in README.md")
		}
		return i.verdict()
	}
	i.ok("configuration", "every variable is as it must be")
	i.inspect(&parts{config: c, site: address.Site{Base: c.PublicURL}})
	return i.verdict()
}

// An inspection writes one line for everything that it looked at.
type inspection struct {
	ctx                 context.Context
	out                 io.Writer
	now                 time.Time
	all, failed, warned int
	err                 error // of writing
}

func (i *inspection) ok(what, note string) { i.line("ok  ", what, note) }

func (i *inspection) fail(what, wrong, advice string) {
	i.failed++
	i.line("FAIL", what, wrong+". What to do: "+advice)
}

// warn tells what will go wrong later, or is good to know. The command does not fail for it.
func (i *inspection) warn(what, wrong, advice string) {
	i.warned++
	i.line("warn", what, wrong+". What to do: "+advice)
}

func (i *inspection) line(verdict, what, text string) {
	i.all++
	_, err := fmt.Fprintf(i.out, "%s  %-20s %s\n", verdict, what, strings.ReplaceAll(text, "\n", "; "))
	i.err = errors.Join(i.err, err)
}

func (i *inspection) verdict() error {
	if i.failed > 0 {
		return errors.Join(fmt.Errorf("%d of %d checks failed", i.failed, i.all), i.err)
	}
	return i.err
}

// probeTime bounds one look at an outside party.
const probeTime = 15 * time.Second

// probe looks at one thing. Look returns what is worth knowing when it is well.
func (i *inspection) probe(what, advice string, look func(ctx context.Context) (string, error)) bool {
	ctx, cancel := context.WithTimeout(i.ctx, probeTime)
	defer cancel()
	note, err := look(ctx)
	if err != nil {
		i.fail(what, told(err).Error(), advice)
		return false
	}
	i.ok(what, note)
	return true
}

func (i *inspection) inspect(p *parts) {
	if i.probe("vault", "portal keys create makes the keys the first time; later, restore the two files from their copies", p.proveVault) {
		i.probe("files", "let this account write to FILES_DIR, and give it space", p.proveFiles)
	}
	i.probe("signatures", "let this program start itself with limits (prlimit) on this machine", p.proveSignatures)
	if i.probe("database", "start PostgreSQL or correct DATABASE_URL; portal migrate brings it to this program's schema", p.proveDatabase) {
		i.rules(p.pool)
		p.close()
	}
	i.probe("redis", "start Redis or correct REDIS_ADDRS, REDIS_PRIMARY, REDIS_PASSWORD; until then nobody can log in", p.proveRedis)
	i.probe("identity provider", "correct OIDC_ISSUER, or let this machine reach it", p.proveIdentity)
	i.probe("payment provider", "correct STRIPE_SECRET_KEY, or let this machine reach it", p.provePayments)
	for _, row := range p.channelRows() {
		i.probe(row.what, row.advice, row.prove)
	}
}

// sample is sealed, stored and read back.
var sample = []byte("Cộng hòa xã hội chủ nghĩa Việt Nam")

func (p *parts) proveVault(context.Context) (string, error) {
	v, err := vault.Open(p.config.Keyset, p.config.KEK)
	if err != nil {
		return "", err
	}
	const bind = "portal check"
	sealed, err := v.Seal(sample, []byte(bind))
	if err != nil {
		return "", err
	}
	opened, err := v.Open(sealed, []byte(bind))
	if err == nil && !bytes.Equal(opened, sample) {
		err = errors.New("what was sealed opens as something else")
	}
	p.vault = v
	return "sealed and opened", err
}

func (p *parts) proveFiles(ctx context.Context) (note string, err error) {
	if p.files, err = filestore.New(p.config.Files, p.vault); err != nil {
		return "", err
	}
	id := postgres.NewID()
	if _, err := p.files.Put(ctx, id, bytes.NewReader(sample), int64(len(sample))); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, p.files.Delete(ctx, id)) }()
	file, err := p.files.Open(ctx, id)
	if err != nil {
		return "", err
	}
	defer file.Close()
	read, err := io.ReadAll(file)
	if err == nil && !bytes.Equal(read, sample) {
		err = errors.New("what was written reads as something else")
	}
	return "written, read and deleted in " + p.config.Files, err
}

// proveSignatures has a PDF looked at in a process with limits, as every result is. A process that dies says "malformed".
func (p *parts) proveSignatures(ctx context.Context) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	verify := signature.InChild(self, "verify", "pdf", "--roots", p.config.ResultRoots)
	report, err := verify(ctx, strings.NewReader("%PDF-1.7\n%%EOF\n"))
	if err == nil && report.Problem != signature.NoSignature {
		err = fmt.Errorf("a PDF without signature was found to be %q", report.Problem)
	}
	if p.config.Roots == nil {
		return "checked in a process of their own; nobody is trusted, since RESULT_ROOTS_FILE is empty", err
	}
	return "checked in a process of their own", err
}

func (p *parts) proveDatabase(ctx context.Context) (string, error) {
	pool, err := postgres.Open(ctx, p.config.Database)
	if err != nil {
		return "", err
	}
	p.pool = pool
	has, newest, err := migrations.Version(ctx, pool)
	if err == nil && has < newest {
		err = fmt.Errorf("%w (it has %d, the program %d)", errBehind, has, newest)
	}
	if err != nil {
		p.close()
	}
	return fmt.Sprintf("schema %d", has), err
}

func (p *parts) proveRedis(ctx context.Context) (string, error) {
	rdb := p.redis()
	defer rdb.Close()
	return "written and read", writable(ctx, rdb)
}

// writable proves more than a ping: a replica that only reads answers that too.
func writable(ctx context.Context, rdb redis.UniversalClient) error {
	key := "portal:check:" + postgres.NewID()
	if err := rdb.Set(ctx, key, "1", time.Second*10).Err(); err != nil {
		return err
	}
	return rdb.Del(ctx, key).Err()
}

func (p *parts) proveIdentity(ctx context.Context) (string, error) {
	client, err := p.oidc()
	if err != nil {
		return "", err
	}
	return p.config.Issuer + " (its secret is proven by the first login)", client.Check(ctx)
}

func (p *parts) provePayments(ctx context.Context) (string, error) {
	if p.config.StripeKey == "" {
		return "none: fees are paid at the counter, since STRIPE_SECRET_KEY is empty", nil
	}
	provider := checkout.New(checkout.Config{SecretKey: p.config.StripeKey, WebhookSecret: p.config.StripeWebhook, APIBase: p.config.StripeAPI})
	return "Stripe takes the key", provider.Check(ctx)
}
