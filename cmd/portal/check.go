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

	"congdvc/i18n"
	"congdvc/migrations"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/filestore"
	"congdvc/services/inspection"
	"congdvc/services/postgres"
	"congdvc/services/signature"
	"congdvc/services/vault"

	"github.com/redis/go-redis/v9"
)

type checkCommand struct{}

// Run checks one thing after the other and says how each stands. After a failure only the checks that depend
// on it are left out.
func (checkCommand) Run(ctx context.Context) error {
	k := &checkup{out: os.Stdout, now: time.Now()}
	c, err := readConfig()
	if err == nil {
		_, err = logger(c.LogLevel)
	}
	if err != nil {
		for line := range strings.Lines(strings.TrimPrefix(err.Error(), "configuration:\n")) {
			k.print(inspection.Plain(inspection.Fail, "configuration", strings.TrimSpace(line),
				"correct it; the table of variables is in README.md"))
		}
		return k.verdict()
	}
	k.print(inspection.Plain(inspection.OK, "configuration", "every variable is as it must be", ""))
	if len(c.SecurityContact) == 0 {
		k.print(inspection.Plain(inspection.Warn, "security.txt",
			"there is none: it would say whom to tell of a security hole", "set SECURITY_CONTACT"))
	}
	k.look(ctx, &parts{config: c, site: address.Site{Base: c.PublicURL}})
	return k.verdict()
}

// A checkup writes one line for everything that was looked at.
type checkup struct {
	out         io.Writer
	now         time.Time
	all, failed int
	err         error // of writing
}

func (k *checkup) print(f inspection.Finding) {
	k.all++
	if f.State == inspection.Fail {
		k.failed++
	}
	_, err := fmt.Fprintln(k.out, f.Line(i18n.En))
	k.err = errors.Join(k.err, err)
}

func (k *checkup) verdict() error {
	if k.failed > 0 {
		return errors.Join(fmt.Errorf("%d of %d checks failed", k.failed, k.all), k.err)
	}
	return k.err
}

// probeTime bounds one look at an outside party.
const probeTime = 15 * time.Second

// A probe looks at one outside party. Prove returns what is worth knowing when it is well.
type probe struct {
	what, advice string
	prove        func(ctx context.Context) (string, error)
}

func (k *checkup) passes(ctx context.Context, p probe) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	note, err := p.prove(ctx)
	var known caution
	if errors.As(err, &known) {
		k.print(inspection.Plain(inspection.Warn, p.what, err.Error(), p.advice))
		return true
	}
	if err != nil {
		k.print(inspection.Plain(inspection.Fail, p.what, told(err).Error(), p.advice))
		return false
	}
	k.print(inspection.Plain(inspection.OK, p.what, note, ""))
	return true
}

func (k *checkup) look(ctx context.Context, p *parts) {
	const (
		makeKeys = "portal keys create makes the keys the first time; " +
			"later, restore the two files from their copies"
		giveRoom = "mount the folder of this database's files at FILES_DIR, let this account write there, " +
			"and give it space; where the folder was moved or restored see  portal files"
		rightKeys = "portal migrate binds a new database; otherwise restore the two key files that belong " +
			"to it, or correct DATABASE_URL"
		endWindow = "portal verify bindings names all rows that were not written by this portal; " +
			"portal keys bind ends the time of the upgrade, when no program of before runs any more"
		ownRole = "make two roles as README says (Two roles): one that migrates, with RUNTIME_ROLE, and " +
			"one for everything else, which owns nothing"
		setLimit = "let this program start itself with limits (prlimit) on this machine"
		startDB  = "start PostgreSQL or correct DATABASE_URL; " +
			"portal migrate brings it to this program's schema"
	)
	hasKeys := k.passes(ctx, probe{"vault", makeKeys, p.proveVault})
	k.passes(ctx, probe{"signatures", setLimit, p.proveSignatures})
	if k.passes(ctx, probe{"database", startDB, p.proveDatabase}) {
		k.passes(ctx, probe{"role", ownRole, p.proveRole})
		k.passes(ctx, probe{"bounds of statements", p.boundsAdvice(), p.proveBounds})
		if hasKeys && k.passes(ctx, probe{"keys", rightKeys, p.proveKeys}) {
			k.passes(ctx, probe{"files", giveRoom, p.proveFiles})
			k.passes(ctx, probe{"marks", endWindow, p.proveMarks})
		}
		k.inspect(ctx, p.pool, p.vault)
		p.close()
	}
	k.passes(ctx, probe{"redis",
		"start Redis or correct REDIS_ADDRS, REDIS_PRIMARY, REDIS_PASSWORD; until then nobody can log in",
		p.proveRedis})
	k.identity(ctx, p)
	k.payments(ctx, p)
	for _, row := range p.channelRows() {
		k.passes(ctx, probe{row.what, row.advice, row.prove})
	}
}

// identity looks at the provider, and then at the ways on which it leads people.
func (k *checkup) identity(ctx context.Context, p *parts) {
	const (
		reach = "correct OIDC_ISSUER, or let this machine reach it"
		enter = "have the provider register the return address PUBLIC_URL/dang-nhap/ve for OIDC_CLIENT_ID, " +
			"and put right what stops people on the way"
		leave = "have the provider register the address PUBLIC_URL/ to return to after a logout, " +
			"and put right what stops people on the way"
	)
	if k.passes(ctx, probe{"identity provider", reach, p.proveIdentity}) {
		k.passes(ctx, probe{"way to the login", enter, p.proveLoginWay})
		k.passes(ctx, probe{"way of the logout", leave, p.proveLogoutWay})
	}
}

// payments looks at the provider, and then at the way to its page.
func (k *checkup) payments(ctx context.Context, p *parts) {
	const (
		reach = "correct STRIPE_SECRET_KEY, or let this machine reach it"
		pay   = "put right what stops people on the way"
	)
	if k.passes(ctx, probe{"payment provider", reach, p.provePayments}) && p.config.StripeKey != "" {
		k.passes(ctx, probe{"way to the payment", pay, p.provePaymentWay})
	}
}

// inspect prints how the catalogue, the agencies and the calendars stand.
func (k *checkup) inspect(ctx context.Context, db postgres.DB, v *vault.Vault) {
	findings, err := inspection.Look(ctx, db, v, k.now)
	for _, f := range findings {
		k.print(f)
	}
	if err != nil {
		k.print(inspection.Unable(err))
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

func (p *parts) installation() desk.Installation {
	return desk.Installation{Pool: p.pool, Vault: p.vault, Files: p.files, Now: time.Now}
}

// proveKeys has the keys open what they sealed when the database was new.
func (p *parts) proveKeys(ctx context.Context) (string, error) {
	p.files = filestore.At(p.config.Files, p.vault)
	return "keyset " + p.vault.ID() + " is that of the database", p.installation().CheckKeys(ctx)
}

func (p *parts) proveFiles(ctx context.Context) (note string, err error) {
	if err := p.installation().Check(ctx); err != nil {
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
	return fmt.Sprintf("written, read and deleted in %s, which is store %s", p.config.Files,
		p.files.ID()), err
}

// proveSignatures has a PDF looked at in a process with limits, as every result is. A process that dies says
// "malformed".
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
	if err == nil {
		err = postgres.ProveWriting(ctx, pool)
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
	return "Stripe takes the key", p.paymentProvider().Check(ctx)
}
