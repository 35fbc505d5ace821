# make demo   the whole portal on this machine, with invented people; Ctrl-C ends it
# make test   every test, in a real browser too
# make contract   linters and TypeScript clients against the published contract; wants Node 20
# They install what is missing, as root or by sudo without a password.
.PHONY: demo test build check lint contract
GO ?= go

demo:
	@cmd/demo/scripts/install.sh demo
	@$(GO) build -o bin/ ./cmd/portal ./cmd/demo
	@exec bin/demo

# Few packages and tests at once, since they share one database server. The last line lets it end at once.
test:
	@cmd/demo/scripts/install.sh test
	@$(GO) test -count=1 -timeout 25m -p 2 -parallel 4 ./...; status=$$?; \
	 shared="$${TMPDIR:-/tmp}/congdvc-pgtest-$$(id -u)-v1"; [ ! -d "$$shared" ] || : > "$$shared/done"; \
	 exit $$status

contract:
	@GO=$(GO) .ci/contract/run

build:
	@$(GO) build -o bin/ ./cmd/...

check:
	@wrong=$$(gofmt -l cmd portal services payments identity static i18n migrations arch_test.go); \
	 [ -z "$$wrong" ] || { echo "gofmt would change:" $$wrong; exit 1; }
	@$(GO) test .
	@$(GO) vet ./...

# Go fetches staticcheck at this version into its cache. It is neither in go.mod nor sought in PATH.
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2

lint: check
	@$(GO) run $(STATICCHECK) ./...
