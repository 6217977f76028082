# zmqrs: builds the libraries, runs the demonstration, the tests and the benchmark, installs. `make help` lists it all.
#
# Cargo builds the static library; the two shared ones are linked from it (scripts/link-shared). What they need and the
# machine lacks is installed by scripts/setup, where that is possible.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
CARGO ?= cargo

BUILD = build
LIB = $(BUILD)/lib
TARGET = $(or $(CARGO_TARGET_DIR),target)
SHARED = $(LIB)/libzmqrs.so.0 $(LIB)/libzmq.so.5
INSTALL = scripts/install --lib $(LIB) --prefix $(PREFIX) --libdir $(LIBDIR) --destdir "$(DESTDIR)"

.DEFAULT_GOAL := all
.PHONY: all help demo test test-rust test-loom test-suites test-c test-counts test-examples test-memory fuzz-smoke \
	update-counts bench bench-quick install install-dropin uninstall header fmt lint clean FORCE

all: $(SHARED) ## builds the libraries, in build/lib

# Cargo knows whether there is anything to do. The copy is renewed only if it differs, so that nothing is linked anew.
$(LIB)/libzmqrs.a: FORCE
	$(CARGO) rustc --quiet --release --lib --crate-type staticlib
	@mkdir -p $(LIB)
	@cmp -s $(TARGET)/release/libzmqrs.a $@ || cp $(TARGET)/release/libzmqrs.a $@

$(LIB)/libzmqrs.so.0: $(LIB)/libzmqrs.a scripts/link-shared packaging/exports.map
	scripts/link-shared $< $(LIB)

$(LIB)/libzmq.so.5: $(LIB)/libzmqrs.so.0 ;

demo: ## shows the library at work, on examples of two generations
	@scripts/setup demo
	@$(MAKE) --no-print-directory all
	c-examples/demo --lib $(LIB) --build $(BUILD)/examples

test: ## runs every test
	@scripts/setup test
	@$(MAKE) --no-print-directory test-rust test-loom test-c test-counts test-examples fuzz-smoke

test-rust: ## runs the tests of the Rust code, of the header and of the libraries' ABI
	$(CARGO) test

test-loom: ## checks the queue and the hand-over of turns in all interleavings
	RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=$(TARGET)/loom $(CARGO) test --quiet --lib loom_tests

test-suites: all ## runs the suites of pyzmq and libczmq on the real libzmq and on zmqrs
	@scripts/setup suites
	tests/suites/pyzmq --ours $(LIB)
	tests/suites/czmq --ours $(LIB)

test-c: all ## runs the C tests on the real libzmq and on zmqrs, and both against each other
	capi-tests/run --ours $(LIB)
	capi-tests/run --ours $(LIB) --preload message patterns polling

test-counts: all ## compares instructions and system calls a message with those that are committed
	benches/counts $(LIB) --check

update-counts: all ## writes those counts anew, to be committed with the change that explains them
	benches/counts $(LIB) --update

test-examples: all ## compiles and runs the examples, and compares what they print
	c-examples/check --lib $(LIB) --build $(BUILD)/examples

test-memory: ## runs the C tests under valgrind, AddressSanitizer and ThreadSanitizer
	@scripts/setup memory
	@$(MAKE) --no-print-directory all
	capi-tests/run --valgrind --ours $(LIB)
	scripts/test-sanitized address
	scripts/test-sanitized thread

fuzz-smoke: ## lets each fuzz target run for a few seconds
	@scripts/setup fuzz
	scripts/fuzz-smoke

bench: ## measures zmqrs and the real libzmq in turn: take half an hour and an idle machine
	@scripts/setup bench
	@$(MAKE) --no-print-directory all
	benches/run --ours $(LIB)

bench-quick: ## measures the main figures, in three minutes
	@scripts/setup bench
	@$(MAKE) --no-print-directory all
	benches/run --ours $(LIB) --quick

install: all ## installs libzmqrs and zmq.h below PREFIX (and DESTDIR)
	$(INSTALL)

install-dropin: all ## installs, and takes the place of libzmq too
	$(INSTALL) --dropin

uninstall: ## removes what install and install-dropin installed
	$(INSTALL) --uninstall

header: ## writes include/zmq.h and the list in docs/compat.md anew, from the source
	ZMQRS_UPDATE=1 $(CARGO) test --test header --test compat

fmt: ## formats the Rust code
	$(CARGO) fmt

lint: ## checks format and style of the Rust code
	@scripts/setup lint
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings

clean: ## removes what was built
	rm -rf $(BUILD)
	$(CARGO) clean

help: ## lists these targets
	@echo 'PREFIX=$(PREFIX) LIBDIR=$(LIBDIR) DESTDIR=$(DESTDIR)'
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r target text; do \
		printf '  make %-16s %s\n' "$$target" "$$text"; done
