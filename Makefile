# SPDX-License-Identifier: BSD-2-Clause
# One Makefile, no recursion. `make help` lists the targets.

# --- what is built ------------------------------------------------------------------------------

# Not `?=`: make has a CC of its own, "cc".
ifeq ($(origin CC),default)
CC      := gcc
endif
CLANG   ?= clang
BUILD   := build
PREFIX  ?= /usr/local
DESTDIR ?=

STD     := -std=gnu17 -D_GNU_SOURCE
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef \
           -Wformat=2 -Wno-format-nonliteral -Wno-missing-field-initializers -Wpointer-arith -Wwrite-strings -Wvla
CFLAGS  ?= -O2 -g
INCLUDE = -Ilibspc/include -Iprobes -I$(BUILD)/gen -DSPC_BUSYBOX='"$(BUSYBOX)"' -DSPC_NAMES='"$(GEN)/tools_names.erofs"'

PKGS    := libbpf libelf zlib libpcap libproc2 libseccomp libselinux libcap json-c libarchive libzstd nettle
LIBS    := -lbpf -lelf -lz -lpcap -lproc2 -lseccomp -lselinux -lcap -ljson-c -larchive -lzstd -lnettle -lz -lm
# What the static archives need beyond that.
LIBS_STATIC := $(LIBS) -lpcre2-8 -lsepol

LIB_SRC  := $(sort $(wildcard libspc/*/*.c))
TOOL_SRC := $(sort $(wildcard tools/*/*.c))
SPC_SRC  := $(sort $(wildcard spc/*.c spc/*/*.c))
ALL_SRC  := $(LIB_SRC) $(TOOL_SRC) $(SPC_SRC)
ALL_HDR  := $(sort $(wildcard libspc/include/spc/*.h libspc/*/*.h tools/*/*.h spc/*.h spc/*/*.h))
# Replacements for symbols that only the static archives pull in; never part of the dynamic link.
STUB_SRC := spc/static_stubs.c

UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT     := $(UNIT_SRC:tests/unit/%.c=%)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ     := $(FUZZ_SRC:tests/fuzz/%.c=%)
TEST_HDR := $(sort $(wildcard tests/unit/*.h tests/fuzz/*.h))
MAN      := $(patsubst docs/man/%.in,$(BUILD)/man/%,$(sort $(wildcard docs/man/*.in)))
# Names that the executable answers to beside `spc`, where it has them.
ALIASES  := strace-lite sniff systrace

# BPF programs become headers that hold the object; no BTF of the builder's kernel is needed.
PROBE_SRC := $(sort $(wildcard probes/*.bpf.c))
SKELETON  := $(PROBE_SRC:probes/%.bpf.c=$(BUILD)/gen/%.skel.h)
BPFTOOL   ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
LLVM_STRIP ?= llvm-strip
BPF_ARCH  := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(shell uname -m)))
# v2: what kernels before 5.1 know; newer instruction sets gain nothing here (field/latency.md).
BPF_FLAGS := -target bpf -mcpu=v2 -O2 -g -Wall -Wextra -Werror -D__TARGET_ARCH_$(BPF_ARCH)

# --- generated tables ---------------------------------------------------------------------------
# The tables of strace-lite: system calls and families of constants, as text in the tree.

GEN       := $(BUILD)/gen
STRACE    := tools/strace-lite
STRACE_IN := $(sort $(wildcard $(STRACE)/flags/*.in))
GENERATED := $(GEN)/strace_flags.h $(GEN)/strace_flags_tables.h $(GEN)/strace_syscalls_x86_64.h

$(GEN)/strace_flags.h: $(STRACE)/flags/gen.awk $(STRACE_IN)
	@mkdir -p $(@D)
	awk -v part=declare -f $^ > $@

$(GEN)/strace_flags_tables.h: $(STRACE)/flags/gen.awk $(STRACE_IN)
	@mkdir -p $(@D)
	awk -v part=define -f $^ > $@

$(GEN)/strace_syscalls_%.h: $(STRACE)/syscalls/gen.awk $(STRACE)/syscalls/%.tbl
	@mkdir -p $(@D)
	awk -f $^ > $@

# What the kernel's headers of this machine say, for the test of the table.
GENERATED += $(GEN)/strace_unistd.h
$(GEN)/strace_unistd.h:
	@mkdir -p $(@D)
	echo '#include <asm/unistd.h>' | $(CC) -E -dM - | \
	    awk '$$2 ~ /^__NR_/ && $$3 ~ /^[0-9]+$$/ { printf "{\"%s\", %s},\n", substr($$2, 6), $$3 }' >$@

# The busybox of the built-in tools image (images/README.md): a static one, put in as it is.
BUSYBOX  ?= /usr/bin/busybox
GENERATED += $(GEN)/busybox_applets.h $(GEN)/tools_names.erofs $(SKELETON)

.PHONY: all static image test check bench demo install uninstall fuzz clean help deps unit format \
        werror tidy check-build check-run test-run fuzz-build man progs FORCE
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

all: $(BUILD)/spc ## build the executable, linked with the system's libraries

static: $(BUILD)/static/spc ## build the one static executable that needs nothing at run time

# --- generated sources ------------------------------------------------------------------------

# The names that the embedded busybox answers to, as one C string: "[\0" "acpid\0" ...
$(BUILD)/gen/busybox_applets.h: $(BUSYBOX)
	@mkdir -p $(@D)
	$(BUSYBOX) --list | sed '/[^][a-z0-9_.-]/d; s/.*/"&\\0"/' >$@

# The same names, with those that spc itself has in the image, as a file system (images/mknames.c).
$(GEN)/tools_names.erofs: images/mknames.c spc/applets.c $(BUSYBOX)
	@mkdir -p $(@D)
	$(CC) $(STD) -O1 -o $(GEN)/mknames $<
	{ echo 'spc ../lib/spc'; \
	  sed -n 's|^ *{"\([a-z-]*\)", "\([a-z-]*\)",.*|\1 ../lib/spc\n\2 ../lib/spc|p' spc/applets.c; \
	  $(BUSYBOX) --list | sed '/[^][a-z0-9_.-]/d; s|$$| ../lib/busybox|'; } | $(GEN)/mknames >$@

# --- compiling ----------------------------------------------------------------------------------
# A variant is a set of flags with an object tree of its own. Each has one archive of everything but
# main() and the stubs, from which executables, unit tests and fuzz targets take what they need.

LIB_OBJ  := $(filter-out spc/main.o $(STUB_SRC:.c=.o),$(ALL_SRC:.c=.o))

define variant
$(BUILD)/$(1)/%.o: %.c | $(GENERATED)
	@mkdir -p $$(@D)
	$(2) $(STD) $(WARN) $(3) $(INCLUDE) $$(EXTRA_INCLUDE) -MMD -MP -c $$< -o $$@

# Tests may look at private headers, by their path from the top.
$(BUILD)/$(1)/tests/%.o: EXTRA_INCLUDE := -I.

# Rebuilt from nothing, also when a source was taken away: `ar` never forgets a member by itself.
$(BUILD)/$(1)/objects: FORCE
	@mkdir -p $$(@D)
	@echo '$(LIB_OBJ)' | cmp -s - $$@ || echo '$(LIB_OBJ)' >$$@

$(BUILD)/$(1)/libspc.a: $(LIB_OBJ:%=$(BUILD)/$(1)/%) $(BUILD)/$(1)/objects
	@rm -f $$@
	@$$(AR) qcs $$@ $$(filter %.o,$$^)

$(BUILD)/$(1)/bin/spc: $(BUILD)/$(1)/spc/main.o $(BUILD)/$(1)/libspc.a
	@mkdir -p $$(@D)
	$(2) $(3) $$(LDFLAGS) -o $$@ $$^ $(LIBS)

$(UNIT:%=$(BUILD)/$(1)/unit/%): $(BUILD)/$(1)/unit/%: $(BUILD)/$(1)/tests/unit/%.o $(BUILD)/$(1)/libspc.a
	@mkdir -p $$(@D)
	$(2) $(3) $$(LDFLAGS) -o $$@ $$^ -lcmocka $(LIBS)

-include $(patsubst %.c,$(BUILD)/$(1)/%.d,$(ALL_SRC) $(UNIT_SRC) $(FUZZ_SRC))
endef

$(BUILD)/gen/%.bpf.o: probes/%.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPF_FLAGS) -MMD -MP -Iprobes -c $< -o $@
	$(LLVM_STRIP) -g $@

$(BUILD)/gen/%.skel.h: $(BUILD)/gen/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $*_bpf >$@

.SECONDARY: $(GENERATED) $(SKELETON) $(SKELETON:.skel.h=.bpf.o)

-include $(PROBE_SRC:probes/%.bpf.c=$(BUILD)/gen/%.bpf.d)

SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

$(eval $(call variant,obj,$(CC),$(CFLAGS)))
$(eval $(call variant,asan,$(CC),$(SANITIZE)))
$(eval $(call variant,gcc-werror,gcc,-O2 -Werror))
$(eval $(call variant,clang-werror,$(CLANG),-O2 -Werror))
$(eval $(call variant,fuzz,$(CLANG),$(SANITIZE) -fsanitize=fuzzer-no-link))

$(BUILD)/spc: $(BUILD)/obj/bin/spc
	@ln -f $< $@

$(BUILD)/static/spc: $(BUILD)/obj/spc/main.o $(STUB_SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/libspc.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $^ $(LIBS_STATIC)

$(FUZZ:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: $(BUILD)/fuzz/tests/fuzz/%.o $(BUILD)/fuzz/libspc.a
	$(CLANG) $(SANITIZE) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# --- testing ------------------------------------------------------------------------------------

# Everything that runs is a TAP test, started by tests/run. Fast ones first.
CHECK_TESTS := tests/lib/tap.t $(sort $(wildcard tests/check/*.t tests/golden/*.t))
# Programs that a tracer must show rightly; each says what must be shown of it.
PROGS       := $(patsubst tests/e2e/progs/%.c,$(BUILD)/progs/%,$(sort $(wildcard tests/e2e/progs/*.c)))
VM_TESTS    := $(sort $(wildcard tests/vm/*.t))
ROOT_TESTS  := $(sort $(wildcard tests/e2e/*.t)) $(VM_TESTS)
TEST_LIMIT  ?= 1800 # seconds for all of `make test`
FUZZ_SECONDS ?= 20

export ASAN_OPTIONS := detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1
export UBSAN_OPTIONS := print_stacktrace=1

# make's own -j counts where it is given; else as many jobs as there are processors.
JOBS := $(if $(findstring j,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

# The toolchain may not be there yet when this file is first read, so what needs it is made by a
# make of its own, after packaging/deps.
check: ## everything that needs no root: warnings, sanitizers, linters, house rules, golden tests
	$(MAKE) $(JOBS) --no-print-directory check-build
	$(MAKE) --no-print-directory check-run

test: ## install what is missing, then check and all tests with real containers (root)
	packaging/deps build check test
	$(MAKE) $(JOBS) --no-print-directory check-build $(UNIT:%=$(BUILD)/obj/unit/%) progs
	$(MAKE) --no-print-directory test-run

check-build: werror tidy fuzz-build man static $(BUILD)/asan/bin/spc $(UNIT:%=$(BUILD)/asan/unit/%) \
             $(BUILD)/completions/spc

check-run:
	SPC=$(CURDIR)/$(BUILD)/asan/bin/spc tests/run $(UNIT:%=$(BUILD)/asan/unit/%) $(CHECK_TESTS)

# Unit tests once more without sanitizers: these are the executables that users get.
test-run: check-run
	SPC=$(CURDIR)/$(BUILD)/static/spc timeout --kill-after=30 $(TEST_LIMIT) \
	    tests/run --root $(UNIT:%=$(BUILD)/obj/unit/%) $(ROOT_TESTS)

.PHONY: check-vm
check-vm: static ## boot real kernels under QEMU and test in them (KERNELS="bookworm sid" for some)
	SPC=$(CURDIR)/$(BUILD)/static/spc SPC_VM_KERNELS='$(KERNELS)' tests/run $(VM_TESTS)

werror: $(foreach v,gcc-werror clang-werror,$(patsubst %.c,$(BUILD)/$(v)/%.o,$(ALL_SRC) $(UNIT_SRC) $(FUZZ_SRC)))

# After the object, whose dependencies on headers make knows.
$(BUILD)/tidy/%.ok: %.c $(BUILD)/gcc-werror/%.o .clang-tidy
	@mkdir -p $(@D)
	clang-tidy --quiet --warnings-as-errors='*' $< -- $(STD) $(INCLUDE) 2>/dev/null
	@touch $@

tidy: $(ALL_SRC:%.c=$(BUILD)/tidy/%.ok)

progs: $(PROGS)

$(BUILD)/progs/%: tests/e2e/progs/%.c tests/e2e/progs/expect.h
	@mkdir -p $(@D)
	$(CC) $(STD) -O1 -g -w -o $@ $< -pthread

unit: $(UNIT:%=$(BUILD)/obj/unit/%) ## build and run the unit tests only
	tests/run $^

fuzz-build: $(FUZZ:%=$(BUILD)/fuzz/%)

fuzz: fuzz-build ## run each fuzz target for FUZZ_SECONDS (20) seconds
	tests/fuzz/run $(BUILD)/fuzz $(FUZZ_SECONDS) $(FUZZ)

demo: ## install what is missing, build, and show spc on a sample service in a container (root)
	packaging/deps build test
	$(MAKE) $(JOBS) --no-print-directory static
	tests/demo $(BUILD)/static/spc

image: static ## lay the built-in tools image out as a directory below build/image (root)
	images/build-tools $(BUILD)/static/spc $(BUILD)/image/tools

# Each prints a table of its own, with its peers measured in the same run.
BENCHES ?= $(sort $(filter-out %.c,$(wildcard tests/bench/*)))

bench: ## install what is missing, then measure spc and its peers side by side (root)
	packaging/deps
	$(MAKE) $(JOBS) --no-print-directory static
	failed=; for bench in $(BENCHES); do \
	    echo "== $$bench"; SPC=$(CURDIR)/$(BUILD)/static/spc $$bench || failed="$$failed $$bench"; \
	done; [ -z "$$failed" ] || { echo "not met, or failed:$$failed"; exit 1; }

# --- the rest -----------------------------------------------------------------------------------

deps: ## install what is missing through apt or dnf
	packaging/deps

format: ## rewrite the sources with clang-format
	clang-format -i $(ALL_SRC) $(ALL_HDR) $(UNIT_SRC) $(FUZZ_SRC) $(TEST_HDR)

# --- installing ---------------------------------------------------------------------------------

man: $(MAN)

$(BUILD)/man/%: docs/man/%.in docs/man/fill $(BUILD)/spc
	@mkdir -p $(@D)
	docs/man/fill $(BUILD)/spc $< >$@

$(BUILD)/completions/spc: packaging/completions/spc.bash packaging/completions/fill $(BUILD)/spc
	@mkdir -p $(@D)
	packaging/completions/fill $(BUILD)/spc $< $(ALIASES) >$@

install: static man $(BUILD)/completions/spc ## install below DESTDIR and PREFIX (/usr/local)
	packaging/install $(BUILD) '$(DESTDIR)' '$(PREFIX)' $(ALIASES)

uninstall: ## take away what install put there
	packaging/install --remove $(BUILD) '$(DESTDIR)' '$(PREFIX)' $(ALIASES)

# --- cleaning and help --------------------------------------------------------------------------

clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
