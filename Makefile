# Bare `make` lists what there is. Needed: Go, git, make; the outside tools of `make conformance` install themselves.

# The same build everywhere: no C compiler is asked for, and no version control is read while building.
export CGO_ENABLED := 0
export GOFLAGS := -buildvcs=false $(filter-out -buildvcs=%,$(GOFLAGS))

LINT_VERSION := v2.15.0
LINT := bin/golangci-lint-$(LINT_VERSION)

# Published vectors, schemas and samples that are not part of this repository.
WATTDUE_CONFORMANCE ?= ../shared

FUZZTIME ?= 60s
BENCHFLAGS ?=
DEMOFLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test conformance lint fuzz bench golden check

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## fetch the modules, build everything once, and the linter into bin/
	go mod download
	go build ./...
	@$(MAKE) --no-print-directory $(LINT)

demo: ## bill a simulated month end to end into ./demo-out (DEMOFLAGS="--customers 50 --serve")
	@go run ./cmd/wattdue demo $(DEMOFLAGS)

test: ## every test that needs nothing but Go, git and make
	go test ./...

conformance: ## hold the product to published vectors, schemas and outside tools (WATTDUE_CONFORMANCE=folder)
	@.ci/tools
	@WATTDUE_CONFORMANCE="$(abspath $(WATTDUE_CONFORMANCE))" .ci/conformance

lint: $(LINT) ## golangci-lint, pinned and built into bin/
	$(LINT) run ./...

# GOFLAGS of the project are not those of another program; `go install` leaves go.mod alone when it is given a version.
$(LINT):
	@echo "building golangci-lint $(LINT_VERSION) into bin/, some minutes, once"
	@mkdir -p bin
	GOFLAGS= GOBIN="$(CURDIR)/bin" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv bin/golangci-lint $@

fuzz: ## run every fuzz target for FUZZTIME each (60s)
	@.ci/fuzz $(FUZZTIME)

bench: ## records per second of the intake and of its parts, and the limits they stand on (BENCHFLAGS="--records 100000")
	go run ./cmd/wattdue bench $(BENCHFLAGS)
	go test ./meter ./rating ./conformance -run='^$$' -bench=.

golden: ## write the golden files anew; review the difference like code
	@.ci/golden

check: ## what must hold before a commit: vet, format, lint, test
	go vet ./...
	@test -z "$$(gofmt -l .)" || { echo "not formatted, run gofmt -w on:"; gofmt -l .; exit 1; }
	@$(MAKE) --no-print-directory lint test
