package oidc_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"congdvc/identity"
	"congdvc/identity/demoidp"
	"congdvc/identity/oidc"
	"congdvc/services/fault"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	idp := startProvider(t)
	c := newClient(idp)
	company := identity.OrganisationClaims{TaxCode: "0609999902", Name: "Công ty TNHH Gạo Tám Xoan Hải Hậu"}
	for _, want := range []identity.Claims{
		{
			Subject: "lan", Account: identity.Person, Number: "037191004821", Name: "Nguyễn Thị Lan",
			Assurance: 2, Profile: identity.Profile{Born: "1991-05-17", Gender: identity.Female,
				Phone: "0912345678", Email: "lan.nguyen@example.vn",
				Address: "Số 12 đường Vân Giang, phường Hoa Lư, tỉnh Ninh Bình"},
		},
		{
			Subject: "ha", Account: identity.Organisation, Number: "035179002468", Name: "Phạm Thu Hà",
			Assurance: 2, Profile: identity.Profile{Born: "1979-08-23", Gender: identity.Female,
				Phone: "0903456789", Email: "ha.pham@gaotamxoan.example.vn",
				Address: "Số 5 đường Trần Hưng Đạo, phường Nam Định, tỉnh Ninh Bình"},
			Organisation: &company,
		},
	} {
		p, back := login(t, c, want.Subject)
		got, hint, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code"))
		if err != nil {
			t.Fatalf("%s: %v", want.Subject, err)
		}
		want.Issuer = idp.URL()
		if (got.Organisation == nil) != (want.Organisation == nil) || got.Organisation != nil &&
			*got.Organisation != *want.Organisation {
			t.Errorf("%s: organisation %v, want %v", want.Subject, got.Organisation, want.Organisation)
		}
		got.Organisation = want.Organisation
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if hint == "" {
			t.Error("no id_token to hint at in the logout")
		}
	}
}

func TestEveryDemonstrationPersonIsUnderstood(t *testing.T) {
	t.Parallel()
	idp := startProvider(t)
	c := newClient(idp)
	if len(idp.People()) != 5 {
		t.Fatalf("%d people", len(idp.People()))
	}
	for _, person := range idp.People() {
		p, back := login(t, c, person.Subject)
		got, _, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code"))
		if err != nil {
			t.Errorf("%s: %v", person.Subject, err)
			continue
		}
		if got.Profile.Born == "" || got.Profile.Gender == "" || got.Profile.Phone == "" ||
			got.Profile.Email == "" || got.Profile.Address == "" {
			t.Errorf("%s: something was lost: %+v", person.Subject, got.Profile)
		}
	}
}

func TestPersonCancels(t *testing.T) {
	t.Parallel()
	c := newClient(startProvider(t))
	p, to, err := c.Begin(t.Context(), "vi", "")
	if err != nil {
		t.Fatal(err)
	}
	back := choose(t, to, "cancel", "1")
	if back.Get("code") != "" || back.Get("error") != "access_denied" {
		t.Fatalf("came back with %s", describe(back))
	}
	wantErr(t, c.Refusal(p, back.Get("state"), back.Get("error"), ""), oidc.ErrDenied)
	wantErr(t, c.Refusal(p, "tampered", back.Get("error"), ""), oidc.ErrState)
}

func TestTamperedReturns(t *testing.T) {
	t.Parallel()
	idp := startProvider(t)
	c := newClient(idp)
	for name, tc := range map[string]struct {
		change func(p *oidc.Pending, state, code *string)
		want   error
	}{
		"state of another": {func(_ *oidc.Pending, state, _ *string) { *state += "x" }, oidc.ErrState},
		"no state":         {func(_ *oidc.Pending, state, _ *string) { *state = "" }, oidc.ErrState},
		"nothing was begun": {func(p *oidc.Pending, state, _ *string) {
			*p = oidc.Pending{}
			*state = ""
		}, oidc.ErrState},
		"no code": {func(_ *oidc.Pending, _, code *string) { *code = "" }, oidc.ErrToken},
		"invented code": {func(_ *oidc.Pending, _, code *string) {
			*code = "invented"
		}, oidc.ErrToken},
		"verifier of another":  {func(p *oidc.Pending, _, _ *string) { p.Verifier += "x" }, oidc.ErrToken},
		"nonce of another":     {func(p *oidc.Pending, _, _ *string) { p.Nonce += "x" }, oidc.ErrToken},
		"nonce was not stored": {func(p *oidc.Pending, _, _ *string) { p.Nonce = "" }, oidc.ErrToken},
	} {
		p, back := login(t, c, "lan")
		state, code := back.Get("state"), back.Get("code")
		tc.change(&p, &state, &code)
		claims, hint, err := c.Finish(t.Context(), p, state, code)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
		if claims.Subject != "" || hint != "" {
			t.Errorf("%s: refused, and yet somebody was named", name)
		}
	}
}

func TestCodeServesOnce(t *testing.T) {
	t.Parallel()
	c := newClient(startProvider(t))
	p, back := login(t, c, "lan")
	if _, _, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code")); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code"))
	wantErr(t, err, oidc.ErrToken)
}

func TestMisbehavingProviderIsRefused(t *testing.T) {
	t.Parallel()
	idp := startProvider(t)
	c := newClient(idp)
	for injected, want := range map[demoidp.Fault]error{
		demoidp.WrongNonce:    oidc.ErrToken,
		demoidp.ExpiredToken:  oidc.ErrToken,
		demoidp.WrongAudience: oidc.ErrToken,
		demoidp.WrongIssuer:   oidc.ErrToken,
		demoidp.ForeignKey:    oidc.ErrToken,
		demoidp.NoSignature:   oidc.ErrToken,
		demoidp.WrongSubject:  oidc.ErrToken,
		demoidp.NoUserinfo:    oidc.ErrAway,
		demoidp.Overloaded:    oidc.ErrAway,
	} {
		p, back := login(t, c, "minh")
		idp.Inject(injected)
		_, _, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code"))
		idp.Inject(demoidp.NoFault)
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", injected, err, want)
		}
	}
	// The same dance without a fault succeeds: it was the fault that was refused.
	p, back := login(t, c, "minh")
	if _, _, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code")); err != nil {
		t.Error(err)
	}
}

func TestWrongSecretIsNotThePersonsFault(t *testing.T) {
	t.Parallel()
	cfg := clientConfig(startProvider(t).URL())
	cfg.ClientSecret = "wrong"
	c := oidc.New(cfg)
	p, back := login(t, c, "lan")
	_, _, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code"))
	wantErr(t, err, oidc.ErrRequest)
}

func TestAssuranceTooLow(t *testing.T) {
	t.Parallel()
	cfg := clientConfig(startProvider(t).URL())
	cfg.MinAssurance = 2
	c := oidc.New(cfg)
	p, back := login(t, c, tungLevel1)
	_, _, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code"))
	var f *fault.Fault
	if !errors.As(err, &f) || !errors.Is(err, oidc.ErrAssuranceTooLow) || f.Args["Level"] != 1 ||
		f.Args["Needed"] != 2 {
		t.Errorf("got %v", err)
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	idp := startProvider(t)
	c := newClient(idp)
	p, back := login(t, c, "lan")
	_, hint, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	for _, hint := range []string{hint, ""} {
		answer, err := browser().Get(c.LogoutURL(hint, logoutURL, "vi"))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if to, _ := answer.Location(); to == nil || to.String() != logoutURL+"?state=vi" {
			t.Errorf("hint %t: status %d, sent to %v", hint != "", answer.StatusCode, to)
		}
	}
	answer, err := browser().Get(c.LogoutURL(hint, "http://evil.test/", "vi"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("returned to an address that is not registered: status %d", answer.StatusCode)
	}
}

func TestBegin(t *testing.T) {
	t.Parallel()
	idp := startProvider(t)
	c := newClient(idp)
	if err := c.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
	first, to, err := c.Begin(t.Context(), "en", "")
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := c.Begin(t.Context(), "en", "")
	if err != nil {
		t.Fatal(err)
	}
	if first.State == second.State || first.Nonce == second.Nonce || first.Verifier == second.Verifier {
		t.Error("two logins share a secret")
	}
	at, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	q := at.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("nonce") != first.Nonce ||
		q.Get("state") != first.State ||
		q.Get("ui_locales") != "en" || q.Get("redirect_uri") != returnURL ||
		strings.Contains(to, first.Verifier) {
		t.Errorf("asked with %s", describe(q))
	}
	marked, _, err := c.Begin(t.Context(), "en", "K7M2")
	if err != nil || !strings.HasSuffix(marked.State, "K7M2") || len(marked.State) != len(first.State)+4 {
		t.Errorf("state %q, %v", marked.State, err)
	}
}
