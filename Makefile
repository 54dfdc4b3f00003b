# Two commands do everything on a fresh Debian 12, as root or with sudo: `make demo` and `make test`.
# Each target gets what it needs with tools/bootstrap, which does nothing where nothing is missing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)

# One compiler cache serves every clone of the repository, wherever it lies.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := true

.PHONY: help build test test-build feast fuzz-api demo bench lint lint-changed format clean

help:  ## this list
	@sed -nE 's/^([a-z-]+):.*##  (.*)/\1 \2/p' $(MAKEFILE_LIST) | while read -r name text; do printf '%-14s%s\n' "$$name" "$$text"; done

build:  ## what users get: build/bin/provender, and the library with its headers
	@tools/bootstrap build
	@cmake --preset release $(if $(CI),-D CMAKE_COMPILE_WARNING_AS_ERROR=ON) >/dev/null
	@cmake --build --preset release -j $(JOBS)
	@cmake --install build/release --prefix build >/dev/null

# One suite of two trees: all tests under the address and undefined-behaviour sanitizers, those with threads under
# the thread sanitizer too. The end-to-end tests run what users get. Those with servers wait more than they compute.
test: test-build  ## all tests
	@mkdir -p build/test
	@echo 'subdirs(../asan ../tsan)' >build/test/CTestTestfile.cmake
	@ctest --test-dir build/test -j $$(($(JOBS) + 2)) --output-on-failure --no-tests=error --timeout 120

test-build:
	@tools/bootstrap build test movielens
	@$(MAKE) --no-print-directory build
	@cmake --preset asan -D PROVENDER_BIN=$(CURDIR)/build/bin/provender \
	  -D PROVENDER_PACKAGE_TREE=$(CURDIR)/build/release >/dev/null
	@cmake --build --preset asan -j $(JOBS)
	@cmake --preset tsan >/dev/null
	@cmake --build --preset tsan -j $(JOBS)

feast: build  ##  Feast's own client reads from our server (a Python of 600 MB)
	@[ -x build/deps/feast-python/bin/python ] || python3 -m venv build/deps/feast-python
	@build/deps/feast-python/bin/python -m pip --disable-pip-version-check --quiet install feast==0.67.0
	@build/deps/feast-python/bin/python tests/feast/feast_client.py build/bin/provender

fuzz-api: build  ##  requests made from /openapi.json: no 5xx, and replies as it says
	@tools/bootstrap api
	@build/deps/schema-python/bin/python tests/http/fuzz_api.py build/bin/provender $(EXAMPLES)

demo: build  ## the whole running example on 100,000 real ratings
	@tools/bootstrap movielens
	@examples/demo

bench: build  ## the figures of the README, measured here; FULL=1: joins of 10 M rows and more, an hour
	@tools/bootstrap test bench movielens
	@bench/run $(if $(FULL),--full)

lint:  ## clang-format-19 and clang-tidy-19 over everything
	@tools/bootstrap build test lint
	@tools/lint

lint-changed:  ## the same, but clang-tidy only over what changed since BASE=COMMIT
	@tools/bootstrap build test lint
	@tools/lint --changed $(BASE)

format:  ## put all C++ files into the right format
	@tools/bootstrap lint
	@tools/lint --fix

clean:  ## remove what was built; downloads in build/deps stay
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} +
