# SPDX-License-Identifier: GPL-2.0-or-later
# Thin: Meson and Ninja do the work. The two commands of a newcomer are ./demo and ./check.
PREFIX ?= /usr/local
DESTDIR ?=
PYTHON ?= /usr/bin/python3
STATIC := build-static$(if $(CPU),-$(CPU))

.PHONY: all static demo check check-full bench fuzz coverage install uninstall clean

all: build/build.ninja
	@ninja --quiet -C build
	@for p in baton kexec baton-test; do \
		test -e build/src/cli/$$p && ln -sf src/cli/$$p build/$$p || true; done

build/build.ninja:
	meson setup build --prefix=$(PREFIX)

# One static program without debug information: it runs in any initramfs.
static: $(STATIC)/build.ninja
	@ninja --quiet -C $(STATIC)
	@if test -e $(STATIC)/src/cli/baton; then ln -sf src/cli/baton $(STATIC)/baton; fi
	@ln -sf baton $(STATIC)/kexec

ifdef CPU
# Its options are in the cross file, which says where the libraries of that CPU are. Made anew where
# the list of these libraries is newer.
$(STATIC)/build.ninja: scripts/cross.py scripts/cross_sources.py
	rm -rf $(STATIC)
	scripts/deps.sh cross $(CPU)
	$(PYTHON) scripts/cross.py $(CPU) $(STATIC)/cross.ini
	meson setup $(STATIC) --cross-file $(STATIC)/cross.ini -Dtests=false -Dwerror=false
else
$(STATIC)/build.ninja:
	meson setup $(STATIC) --buildtype=plain \
		-Dtests=false -Dwerror=false -Dprefer_static=true -Db_pie=false -Db_staticpic=false \
		-Dc_link_args='-static -s -Wl,--gc-sections' -Dc_args='-O2 -ffunction-sections -fdata-sections'
endif

# On a guest of another CPU the host's own program plans and looks, too.
demo: static
	$(if $(CPU),$(MAKE) -s static CPU=)
	$(PYTHON) scripts/demo.py $(if $(CPU),CPU=$(CPU))

check:
	$(PYTHON) scripts/check.py

check-full:
	$(PYTHON) scripts/check.py --full

bench: static
	$(PYTHON) bench/run.py

# 60 s per fuzz target; SECONDS=N for more or less.
fuzz:
	$(PYTHON) scripts/check.py --only fuzz --fuzz-seconds $(or $(SECONDS),60)

coverage:
	$(PYTHON) scripts/check.py --only coverage

install: all
	@meson configure build --prefix=$(PREFIX) && ninja --quiet -C build
	DESTDIR=$(DESTDIR) meson install -C build --no-rebuild

uninstall:
	ninja -C build uninstall

clean:
	rm -rf build build-static* build-foreign* build-asan build-clang build-coverage
