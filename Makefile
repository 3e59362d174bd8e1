# SPDX-License-Identifier: LGPL-2.1-or-later
# The project's outer commands. `make check` and `make demo` need a Debian machine and root, and nothing else.

help: ## what there is (this)
	@sed -n 's/^\([a-z]*\):.* ## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

check: ## everything: lint, unit and integration tests, plain and with sanitizers, fuzzers (root)
	tools/check

demo: ## define, start, look at and remove a machine with stock virsh (root)
	tools/demo

test: ## the quick round; T=tests/test_x.py K=expression choose integration tests (root)
	tools/test $(T) $(if $(K),-k '$(K)')

lint: ## formatting, static analysis, house rules (root)
	tools/lint

format: ## format all C (root)
	tools/lint --format

fuzz: ## the fuzz targets; T=name chooses one, S=seconds each (root)
	tools/fuzz -s $(or $(S),30) $(T)

bench: ## speed and memory, beside libvirtd's test driver (root)
	tools/bench

testbed: ## build the test bed's root file system, if it is not in the cache (root)
	tools/testbed build

build: ## compile here, against the VirtualBox of this machine
	test -e build/native/build.ninja || meson setup build/native
	ninja -C build/native

clean: ## remove what was built in the checkout
	rm -rf build

.PHONY: help check demo test lint format fuzz bench testbed build clean
