package portal

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
)

var update = flag.Bool("update", false, "write the goldens anew")

// TestRoutesMean compares what each row of the table amounts to, in each language, with testdata/routes.txt: a change of
// a word or of its meaning is seen there, for every route that it touches.
func TestRoutesMean(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	for _, r := range (&Portal{}).routes() {
		for _, lang := range i18n.Langs {
			told.WriteString(meaning(r, string(lang)))
			if r.oneLanguage {
				break
			}
		}
	}
	const golden = "testdata/routes.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(told.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if told.String() != string(want) {
		t.Errorf("routes are not as in %s; -update shows what changed:\n%s", golden, told.String())
	}
}

func meaning(r route, lang string) string {
	body, timeout := r.maxBody, r.timeout
	if body == 0 {
		body = smallBody
	}
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	page := ""
	if r.form != nil {
		page = " on " + r.form(lang)
	}
	access := map[access]string{public: "public", signedIn: "signed in", maySave: "may save"}[r.access]
	name := runtime.FuncForPC(reflect.ValueOf(r.handle).Pointer()).Name()
	name = strings.TrimSuffix(name[strings.LastIndex(name, ".")+1:], "-fm")
	post, script := r.method == "POST", r.script
	words := []string{access}
	for _, w := range []struct {
		holds bool
		word  string
	}{
		{post && r.multipart, "streamed, token in the stream"},
		{post && !r.external && !r.multipart, "token"},
		{post && !r.external, "same origin"},
		{r.external, "own proof"},
		{script, "json: 401 and failures"},
		{r.kept, "kept for seconds"},
		{r.keeps, "script of drafts"},
		{r.access == maySave && !script && r.resumes, "held without a session"},
		{r.access != public && !script && post, "not saved without a session"},
	} {
		if w.holds {
			words = append(words, w.word)
		}
	}
	return fmt.Sprintf("%s %s %s%s\n    %d bytes, %s; %s\n", r.method, r.path(lang), name, page, body, timeout, strings.Join(words, "; "))
}
