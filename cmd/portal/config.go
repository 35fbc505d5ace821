package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config is everything that the program reads from its environment; nothing is
// read elsewhere. A variable NAME that holds a secret may instead be given as
// NAME_FILE, the path of a file that holds it.
type Config struct {
	PublicURL   string `env:"PUBLIC_URL,required,notEmpty" doc:"where people reach the portal, such as https://dichvucong.example.vn"`
	Listen      string `env:"LISTEN" envDefault:"127.0.0.1:8080" doc:"address of pages and /api/v1"`
	Inside      string `env:"INSIDE_LISTEN" envDefault:"127.0.0.1:9090" doc:"address of /healthz, /readyz and /metrics; never reachable from outside"`
	ProxyHeader string `env:"PROXY_HEADER" doc:"header in which the proxy before the portal gives the visitor's address, such as X-Forwarded-For or Forwarded; empty without a proxy"`
	ProxyHops   int    `env:"PROXY_HOPS" envDefault:"1" doc:"how many proxies of yours add to that header, one behind the other; the address counts that the outermost of them added"`
	Work        bool   `env:"WORK" envDefault:"true" doc:"serve also does the background work"`

	Drain time.Duration `env:"DRAIN" envDefault:"5s" doc:"how long serve, told to end, says draining at /readyz and still answers, so that proxies send people elsewhere; a second signal cuts it short"`

	Connections    int   `env:"CONNECTIONS" envDefault:"0" doc:"how many connections may be open at once; 0: what goes with the memory, 512 to 20000"`
	PerAddress     int   `env:"CONNECTIONS_PER_ADDRESS" envDefault:"1000" doc:"how many of one address where PROXY_HEADER is empty; 0: as many as CONNECTIONS"`
	BodiesInFlight int64 `env:"BODIES_MIB" envDefault:"0" doc:"how many MiB of what is being sent may lie in memory at once; 0: a sixteenth of the memory limit, 16 to 256"`

	Database      string   `env:"DATABASE_URL,required,notEmpty" secret:"true" doc:"PostgreSQL, such as postgres://portal@db1,db2/portal?target_session_attrs=read-write"`
	RuntimeRole   string   `env:"RUNTIME_ROLE" doc:"for migrate: the PostgreSQL role as which serve and work log in; it gets the rights that they need, and none to change records"`
	Redis         []string `env:"REDIS_ADDRS,required,notEmpty" doc:"Redis: one address, the nodes of a cluster, or the sentinels"`
	RedisPrimary  string   `env:"REDIS_PRIMARY" doc:"name of the primary when REDIS_ADDRS are sentinels"`
	RedisPassword string   `env:"REDIS_PASSWORD" secret:"true" doc:"password of Redis"`

	Files  string `env:"FILES_DIR,required,notEmpty" doc:"folder of the sealed files"`
	Keyset string `env:"VAULT_KEYSET_FILE,required,notEmpty" doc:"sealed keys, made by: portal keys create"`
	KEK    string `env:"VAULT_KEK_FILE,required,notEmpty" doc:"key-encryption key that opens them"`

	Issuer       string `env:"OIDC_ISSUER,required,notEmpty" doc:"issuer of the identity provider"`
	ClientID     string `env:"OIDC_CLIENT_ID,required,notEmpty" doc:"the portal's client id there"`
	ClientSecret string `env:"OIDC_CLIENT_SECRET" secret:"true" doc:"the portal's client secret there"`
	Claims       string `env:"OIDC_CLAIMS" envDefault:"vneid" doc:"claim map: vneid, plain, or the path of a JSON file"`
	MinAssurance int    `env:"OIDC_MIN_ASSURANCE" envDefault:"2" doc:"lowest identity assurance level (IAL) that may log in"`

	StripeKey      string `env:"STRIPE_SECRET_KEY" secret:"true" doc:"Stripe's secret key; empty: fees are paid at the counter"`
	StripeWebhook  string `env:"STRIPE_WEBHOOK_SECRET" secret:"true" doc:"signing secret of the webhook /webhook/stripe"`
	StripeAPI      string `env:"STRIPE_API_BASE" doc:"another server that speaks Stripe's interface; empty for Stripe"`
	SmallestOnline int64  `env:"PAYMENT_SMALLEST" envDefault:"13000" doc:"smallest amount in đồng that the payment channel takes; smaller fees are paid at the counter"`

	SMTP         string `env:"SMTP_ADDR" doc:"mail server host:port, wherever pages are served or work is done; empty: notices stay in the portal"`
	SMTPUser     string `env:"SMTP_USER" doc:"user name at the mail server"`
	SMTPPassword string `env:"SMTP_PASSWORD" secret:"true" doc:"password at the mail server"`
	SMTPTLS      string `env:"SMTP_TLS" envDefault:"starttls" doc:"starttls, tls or none"`
	MailFrom     string `env:"MAIL_FROM" envDefault:"khong-tra-loi@localhost" doc:"sender of mails"`

	ResultRoots string `env:"RESULT_ROOTS_FILE" doc:"PEM file of the certificate authorities whose signatures on results are trusted"`

	ProvinceVi      string        `env:"PROVINCE_VI" envDefault:"Tỉnh Ninh Bình" doc:"name in the masthead"`
	ProvinceEn      string        `env:"PROVINCE_EN" envDefault:"Ninh Binh Province" doc:"name in the masthead, English"`
	Hotline         string        `env:"HOTLINE" doc:"telephone number in the footer"`
	SecurityContact []string      `env:"SECURITY_CONTACT" doc:"where to report security holes, for /.well-known/security.txt: mailto:, https: or tel: addresses, separated by commas; empty: no such file"`
	SoftLogout      time.Duration `env:"SESSION_IDLE" envDefault:"30m" doc:"a session that rests this long shows nothing more until the next login"`
	HardLogout      time.Duration `env:"SESSION_LIFE" envDefault:"12h" doc:"a session's longest life"`
	DraftDays       int           `env:"DRAFT_DAYS" envDefault:"90" doc:"for how many days a draft is kept after its last change"`
	DraftNotice     time.Duration `env:"DRAFT_NOTICE" envDefault:"168h" doc:"how long before that its person is warned"`
	LogLevel        string        `env:"LOG_LEVEL" envDefault:"info" doc:"debug, info, warn or error"`

	// Roots is read from ResultRoots; nil trusts nobody.
	Roots *x509.CertPool `env:"-"`
}

// readConfig reads the environment and lists every fault at once.
func readConfig() (*Config, error) {
	var c Config
	faults := secretsFromFiles()
	if err := env.Parse(&c); err != nil {
		var all env.AggregateError
		if !errors.As(err, &all) {
			all.Errors = []error{err}
		}
		for _, fault := range all.Errors {
			faults = append(faults, inWords(fault))
		}
	}
	faults = append(faults, c.check()...)
	faults = append(faults, gone()...)
	if len(faults) > 0 {
		return nil, fmt.Errorf("configuration:\n%w", errors.Join(faults...))
	}
	return &c, nil
}

// gone names a variable whose meaning went elsewhere, where its value still asks for something.
func gone() []error {
	if on, err := strconv.ParseBool(os.Getenv("PUSH_ALLOW_PRIVATE")); err == nil && !on ||
		os.Getenv("PUSH_ALLOW_PRIVATE") == "" {
		return nil
	}
	return []error{errors.New("PUSH_ALLOW_PRIVATE is read no more: take it out, and name the networks of " +
		"each receiver that is not public by  portal onestop allow CODE NETWORK")}
}

// inWords says which variable has a value of the wrong kind, and which kind is right.
func inWords(err error) error {
	var wrong env.ParseError
	if !errors.As(err, &wrong) {
		return err
	}
	kinds := map[string]string{"bool": "true or false", "int": "a whole number", "int64": "a whole number",
		"time.Duration": "a time such as 30m or 12h"}
	f, ok := reflect.TypeFor[Config]().FieldByName(wrong.Name)
	kind := kinds[wrong.Type.String()]
	if !ok || kind == "" {
		return err
	}
	name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
	return fmt.Errorf("%s must be %s, not %q", name, kind, os.Getenv(name))
}

func (c *Config) check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, address := range [][2]string{{"PUBLIC_URL", c.PublicURL}, {"OIDC_ISSUER", c.Issuer}} {
		name, value := address[0], address[1]
		if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "" ||
			(u.Scheme != "http" && u.Scheme != "https")) {
			bad("%s must be an http or https address, not %q", name, value)
		}
	}
	for _, contact := range c.SecurityContact {
		if u, err := url.Parse(contact); err != nil || u.Opaque+u.Host == "" ||
			!slices.Contains([]string{"mailto", "https", "tel"}, u.Scheme) {
			bad("SECURITY_CONTACT must begin with mailto:, https: or tel:, unlike %q", contact)
		}
	}
	if c.Drain < 0 {
		bad("DRAIN must not be negative")
	}
	if c.ProxyHops < 1 {
		bad("PROXY_HOPS must be at least 1")
	}
	if c.Connections < 0 || c.PerAddress < 0 || c.BodiesInFlight < 0 {
		bad("CONNECTIONS, CONNECTIONS_PER_ADDRESS and BODIES_MIB must not be negative")
	}
	if (c.StripeKey == "") != (c.StripeWebhook == "") {
		bad("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET go together")
	}
	switch c.SMTPTLS {
	case "starttls", "tls", "none":
	default:
		bad("SMTP_TLS must be starttls, tls or none, not %q", c.SMTPTLS)
	}
	if notice := c.DraftNotice; c.DraftDays < 1 || notice < time.Hour ||
		notice > time.Duration(c.DraftDays)*24*time.Hour {
		bad("DRAFT_DAYS must be at least 1, and DRAFT_NOTICE between 1h and that")
	}
	if c.SoftLogout <= 0 || c.HardLogout < c.SoftLogout {
		bad("SESSION_IDLE must be positive and not above SESSION_LIFE")
	}
	if c.ResultRoots != "" {
		roots, err := readRoots(c.ResultRoots)
		if err != nil {
			bad("RESULT_ROOTS_FILE: %w", err)
		}
		c.Roots = roots
	}
	return faults
}

// secretsFromFiles puts the content of NAME_FILE into NAME for every secret.
func secretsFromFiles() (faults []error) {
	for _, v := range variables() {
		if !v.Secret {
			continue
		}
		path := os.Getenv(v.Name + "_FILE")
		if path == "" {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s_FILE: %w", v.Name, err))
			continue
		}
		if err := os.Setenv(v.Name, strings.TrimSpace(string(b))); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}
