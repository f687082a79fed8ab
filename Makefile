# What can be done with this tree. `make run` and `make test` are the two to know.

GO       ?= go
LINTER   := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.13.1
BIN      := bin/lilo
GORELEASER := $(GO) run github.com/goreleaser/goreleaser/v2@v2.13.3
KO       := $(GO) run github.com/google/ko@v0.19.1
PREFIX   ?= /usr/local
INTO      = $(DESTDIR)$(PREFIX)
LAYOUT   ?= dist/image
# When the commit was made, which is the date in what is packed: the same each time.
COMMITTED = $(shell git log -1 --format=%ct)
# What runs on AWS, which the program carries.
ARCHIVE  := internal/aws/archive/functions.zip
FUZZTIME ?= 10s
# The packages that have tests behind the tag e2e; those of a deployment are make e2e's.
CLIENTS   = $(shell grep -rl --include='*_test.go' '^//go:build e2e' internal test | xargs -n1 dirname | grep -v '^test/deployment' | sort -u | sed 's|^|./|')

# One static binary: no C, no paths of the machine that built it, no symbols for debuggers.
export CGO_ENABLED := 0

.PHONY: run build pages install snapshot release release-test image push-image site functions test unit clients e2e soak deploy-test race lint fmt fuzz mutate bench clip docs clean

run: build ## play the bundled clip (or ARGS) to rtp://127.0.0.1:5000
	@./$(BIN) run $(ARGS)

build: functions ## build bin/lilo
	@$(GO) build -trimpath -buildvcs=auto -ldflags "-s -w" -o $(BIN) ./cmd/lilo

pages: ## make the manual pages, the completions and the configuration that packages install
	@SOURCE_DATE_EPOCH=$(COMMITTED) $(GO) run ./cmd/lilo-pages bin/pages
	@sed 's|/usr/local/bin/|/usr/bin/|' packaging/lilo.service > bin/pages/lilo.service

install: ## install what make build and make pages made below PREFIX (/usr/local), in DESTDIR if given
	@test -x $(BIN) -a -d bin/pages || { echo "build first: make build pages" >&2; exit 1; }
	@mkdir -p $(INTO)/bin $(INTO)/share/man/man1 $(INTO)/share/bash-completion/completions $(INTO)/share/zsh/site-functions \
		$(INTO)/share/fish/vendor_completions.d $(INTO)/lib/systemd/system
	@install -m 755 $(BIN) $(INTO)/bin/
	@install -m 644 bin/pages/man/man1/*.1 $(INTO)/share/man/man1/
	@install -m 644 bin/pages/completions/lilo.bash $(INTO)/share/bash-completion/completions/lilo
	@install -m 644 bin/pages/completions/_lilo $(INTO)/share/zsh/site-functions/
	@install -m 644 bin/pages/completions/lilo.fish $(INTO)/share/fish/vendor_completions.d/
	@sed 's|/usr/local/bin/|$(PREFIX)/bin/|' packaging/lilo.service > $(INTO)/lib/systemd/system/lilo.service

snapshot: ## make everything that a release has in dist, and publish nothing
	@$(GORELEASER) release --snapshot --clean --skip=sign

release: ## publish a release of the tag that is checked out; the workflow does it
	@$(GORELEASER) release --clean

push-image: ## push the container image to IMAGE with TAGS, and print its name with its digest
	@KO_DOCKER_REPO=$(IMAGE) $(KO) build --bare --sbom=spdx --tags=$(TAGS) ./cmd/lilo

image: ## make the container image as an OCI layout in dist/image, without a daemon
	@mkdir -p $(LAYOUT)
	@KO_DOCKER_REPO=ghcr.io/lilo-live SOURCE_DATE_EPOCH=$(COMMITTED) $(KO) build --push=false --oci-layout-path=$(LAYOUT) --sbom=none ./cmd/lilo

release-test: ## test the container image; builds ko and the program for each architecture, which takes minutes
	@$(GO) test -tags release -count=1 -timeout 30m ./test/release

site: ## make the site of docs in dist/site; needs Python
	@./scripts/site.sh build

functions: ## build the functions of a deployment, which the program carries
	@cd deploy/aws && $(GO) run ./cmd/lilo-archive ../../$(ARCHIVE)

test: unit clients ## everything that proves the program on this machine

unit: ## the tests that need nothing but Go
	@$(GO) vet ./...
	@$(GO) vet -tags bench ./test/bench
	@$(GO) test ./...

clients: ## the tests that run the binary against real clients; installs those when it may
	@./scripts/test-tools.sh
	@$(GO) test -tags e2e -short -count=1 -parallel 6 -timeout 10m $(CLIENTS)

e2e: ## all clients' tests, those that take long too, and deployments without an AWS account; installs what they need when it may
	@./scripts/test-tools.sh
	@./scripts/e2e-tools.sh
	@$(GO) test -tags e2e -count=1 -parallel 6 -timeout 30m $(CLIENTS)
	@cd deploy/aws && $(GO) vet -tags e2e ./... && $(GO) test -tags e2e -timeout 20m ./...
	@$(GO) test -tags e2e -count=1 -timeout 20m ./test/deployment/...

soak: ## a day of a server in virtual time, and LILO_SOAK=1h as long on this machine: trends as plots in bin, and a verdict
	@$(GO) test -tags soak -count=1 -timeout 0 -v ./internal/simulation -run Soak

deploy-test: ## the CDK app and its functions; needs Node, but nothing of AWS or PyPI
	@cd deploy/aws && $(GO) vet ./... && $(GO) test -timeout 20m ./...

race: ## the unit tests under the race detector (needs a C compiler)
	@CGO_ENABLED=1 $(GO) test -race ./...

lint: ## the linters of .golangci.yml, and the format
	@$(LINTER) run ./...
	@cd deploy/aws && $(LINTER) run ./...

fmt: ## format the tree as lint wants it
	@$(LINTER) fmt ./...

fuzz: ## every fuzz target for FUZZTIME
	@./scripts/fuzz.sh $(FUZZTIME)

mutate: ## change the core packages (PACKAGES) place by place; their tests must notice nine in ten changes
	@./scripts/mutate.sh $(PACKAGES)

bench: build ## measure LILO beside its peers; writes docs/benchmarks.md
	@$(GO) test -tags bench -count=1 -timeout 0 -v ./test/bench -args $(ARGS)

clip: ## make the bundled clip again (needs ffmpeg with libx264)
	@$(GO) test -tags e2e -count=1 -timeout 0 ./internal/clip -run Drawing -update

docs: build ## make docs/reference/cli.md, docs/reference/settings.md and docs/schema again
	@$(GO) test ./internal/cli ./internal/channel ./internal/server -run 'Reference$$|^TestSchema$$|^TestInit$$' -update
	@$(GO) test ./internal/server/api -run '^TestCoverage$$' -update

clean: ## remove what was built
	@rm -rf bin dist $(ARCHIVE)
