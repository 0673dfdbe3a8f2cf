GO ?= go
STATICCHECK := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
# A number of runs: with a time, go test sometimes fails at its end (golang.org/issue/75804).
FUZZTIME ?= 50000x
# Modules with dependencies that the main one must not have are nested in it.
MODULES := $(sort $(dir $(shell find . -name go.mod -not -path '*/testdata/*')))
# each runs its argument in the directory of every module.
each = @for m in $(MODULES); do echo "$$m: $(strip $(1))"; (cd $$m && $(1)) || exit 1; done

help: ## show this help
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

test: ## run all tests, also under the race detector, with a burst of fuzzing
	$(call each,$(GO) test ./...)
	$(call each,$(GO) test -race -short ./...)
	$(MAKE) fuzz

lint: ## look for formatting, mistakes and a go.mod that is not tidy
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt: $$out"; exit 1; fi
	$(call each,$(GO) vet ./...)
	$(call each,$(STATICCHECK) ./...)
	$(call each,$(GO) mod tidy -diff)

check: lint test ## all that must pass before a commit

fuzz: ## run each fuzz target for FUZZTIME
	@for f in $$($(GO) test -list '^Fuzz' ./fuzz | grep ^Fuzz); do \
		$(GO) test ./fuzz -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x || exit 1; done

bench: ## run the benchmarks of docs/benchmarks.md
	$(call each,$(GO) test -run '^$$' -bench . -benchmem ./...)

soak: ## search a hundred times as long as a test does, with random seeds
	$(call each,RAVEL_SOAK=1 RAVEL_SEED=random RAVEL_RUNS=100000 $(GO) test -count=1 -timeout 2h ./...)
	RAVEL_SEED=random RAVEL_RUNS=1000000 $(GO) test -count=1 -timeout 2h ./engine -run '^TestRandomPipelines$$'
	$(MAKE) fuzz FUZZTIME=5000000x
	$(GO) test ./check/cmd/ravel -run '^$$' -fuzz . -fuzztime 200000x

sctbench: ## how soon each strategy finds the bugs of a public benchmark
	RAVEL_SCTBENCH=1 $(GO) test ./check -count=1 -run '^TestSctbenchTable$$' -v | grep -v '^[=-]'

goker: ## look for the bugs of Go's own collection of kernels with ravel test
	$(GO) run ./check/internal/goker

suites: ## search the tests of well-known modules with ravel test
	$(GO) run ./check/internal/suites

cost: ## what ravel test costs a build
	$(GO) run ./check/internal/cost

demo: ## run the example: a pipeline, and what a search finds in it
	$(GO) run ./examples/wordcount

.PHONY: help test lint check fuzz bench soak sctbench goker suites cost demo
