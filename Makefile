# SPDX-License-Identifier: BSD-2-Clause
# One Makefile, no recursion. `make help` lists the targets.

# --- what is built ------------------------------------------------------------------------------

CC      ?= gcc
CLANG   ?= clang
BUILD   := build
PREFIX  ?= /usr/local
DESTDIR ?=

STD     := -std=gnu17 -D_GNU_SOURCE
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef \
           -Wformat=2 -Wno-format-nonliteral -Wno-missing-field-initializers -Wpointer-arith -Wwrite-strings -Wvla
CFLAGS  ?= -O2 -g
INCLUDE := -Ilibspc/include -I$(BUILD)/gen

PKGS    := libbpf libelf zlib libpcap libproc2 libseccomp libselinux libcap json-c
LIBS    := -lbpf -lelf -lz -lpcap -lproc2 -lseccomp -lselinux -lcap -ljson-c -lm
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

.PHONY: all static image test check bench demo install fuzz clean help deps unit format
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

all: $(BUILD)/spc ## build the executable, linked with the system's libraries

static: $(BUILD)/static/spc ## build the one static executable that needs nothing at run time

# --- compiling ----------------------------------------------------------------------------------
# A variant is a set of flags with an object tree of its own: release, asan, clang.

define variant
$(BUILD)/$(1)/%.o: %.c $(GENERATED)
	@mkdir -p $$(@D)
	$(2) $(STD) $(WARN) $(3) $(INCLUDE) -MMD -MP -c $$< -o $$@

$(BUILD)/$(1)/unit/%: tests/unit/%.c $(patsubst %.c,$(BUILD)/$(1)/%.o,$(filter-out spc/main.c $(STUB_SRC),$(ALL_SRC)))
	@mkdir -p $$(@D)
	$(2) $(STD) $(WARN) $(3) $(INCLUDE) -I. -MMD -MP -o $$@ $$^ -lcmocka $(LIBS)

-include $(wildcard $(BUILD)/$(1)/*/*.d $(BUILD)/$(1)/*/*/*.d $(BUILD)/$(1)/*/*/*/*.d)
endef

SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

$(eval $(call variant,obj,$(CC),$(CFLAGS)))
$(eval $(call variant,asan,$(CC),$(SANITIZE)))
$(eval $(call variant,gcc-werror,gcc,-O2 -Werror))
$(eval $(call variant,clang-werror,$(CLANG),-O2 -Werror))

MAIN_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out $(STUB_SRC),$(ALL_SRC)))

$(BUILD)/spc: $(MAIN_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/static/spc: $(MAIN_OBJ) $(STUB_SRC:%.c=$(BUILD)/obj/%.o)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $^ $(LIBS_STATIC)

$(BUILD)/asan/spc: $(patsubst %.c,$(BUILD)/asan/%.o,$(filter-out $(STUB_SRC),$(ALL_SRC)))
	$(CC) $(SANITIZE) -o $@ $^ $(LIBS)

# --- testing ------------------------------------------------------------------------------------

unit: $(UNIT:%=$(BUILD)/obj/unit/%) ## build and run the unit tests only
	tests/run $^

# --- the rest -----------------------------------------------------------------------------------

deps: ## install what is missing through apt or dnf
	packaging/deps

format: ## rewrite the sources with clang-format
	clang-format -i $(ALL_SRC) $(ALL_HDR) $(UNIT_SRC)

clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
