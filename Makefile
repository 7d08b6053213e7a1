# What one does here. Everything that these need is set up by themselves; what they make is under target/.

# The tools of the gate and of the tests: each in a folder of its own, and by its name in TOOLS/bin, where tests look.
TOOLS := target/tools
BUF_VERSION := 1.75.0
BUF := $(TOOLS)/bin/buf

.PHONY: help run test long check fmt setup tools

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: setup ## build, and show a made-up contact centre at work
	cargo run --release --locked -- demo $(ARGS)

test: setup tools ## run all tests
	cargo test --locked

HISTORIES := 10000

long: setup ## play 10,000 long random histories, and whole logs (HOMESHORE_REFERENCE=folder): minutes to an hour
	HOMESHORE_HISTORIES=$(HISTORIES) cargo test --release --locked --test all -- --nocapture rules_hold_in_random_histories
	cargo build --release --locked
	loadtests/long-replay.sh

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

# What looks at the systemd unit comes with systemd, which most systems have.
tools: $(TOOLS)/bin/systemd-analyze

$(TOOLS)/bin/systemd-analyze:
	@.ci/need systemd
	@mkdir -p $(@D) && ln -sfn "$$(command -v systemd-analyze)" $@
