# streamutils - the only makefile.  Everything is built out of tree, in build/MODE.
#
#   make [MODE=release|debug|asan]     the commands, in build/MODE/bin
#   make install PREFIX=/usr/local DESTDIR=…
#   make help                          all targets

MODE    ?= release
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := $(shell sed -n 's/^## //p' NEWS.md | head -n 1)

B := build/$(MODE)

ifeq ($(origin CC),default)
CC := cc
endif

# The user's CFLAGS win: they come last.
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wundef
HARDEN   := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fcf-protection
LDHARDEN := -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack
ifeq ($(shell uname -m),aarch64)
HARDEN   := $(filter-out -fcf-protection,$(HARDEN)) -mbranch-protection=standard
endif

FLAGS_release := -O2 $(HARDEN)
LD_release    := $(LDHARDEN)
FLAGS_debug   := -O0 -g -DSTREAM_DEBUG
FLAGS_asan    := -O1 -g -DSTREAM_DEBUG -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LD_asan       := -fsanitize=address,undefined

# libFuzzer; with CC=clang.
FLAGS_fuzz    := $(FLAGS_asan) -fsanitize=fuzzer-no-link
LD_fuzz       := $(LD_asan) -fsanitize=fuzzer

# The commands and the modules are linked from the same objects.
STD     := -std=gnu11 -fPIC -fvisibility=hidden -D_GNU_SOURCE -Ilibcommon -DSTREAM_VERSION='"$(VERSION)"'
ALL_C   := $(STD) $(WARN) $(FLAGS_$(MODE)) $(WERROR) -MMD -MP $(CPPFLAGS) $(CFLAGS)
ALL_LD  := $(LD_$(MODE)) -Wl,--as-needed $(LDFLAGS)
LIBS    := -ljansson -lbsd -lz -lzstd -ljq

# What is loaded only when a URL asks for it, or the state outgrows the memory: a room of its own, and the library it needs.
# KAFKA=no, ROCKSDB=no leave one out.
KAFKA   ?= yes
ROCKSDB ?= yes
MODULES := $(if $(filter yes,$(KAFKA)),kafka) $(if $(filter yes,$(ROCKSDB)),rocksdb)
LIBS_kafka   := -lrdkafka
LIBS_rocksdb := -lrocksdb

LIB_SRC := $(filter-out libcommon/kafka/% libcommon/rocksdb/%,$(wildcard libcommon/*/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
CMD_SRC := $(wildcard cmd/*.c)
CMDS    := $(CMD_SRC:cmd/%.c=%)
BIN     := $(CMDS:%=$(B)/bin/%)
UNIT    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
ifneq ($(KAFKA),yes)
UNIT    := $(filter-out $(B)/unit/test_kafka_%,$(UNIT))
endif
ifneq ($(ROCKSDB),yes)
UNIT    := $(filter-out $(B)/unit/test_rocksdb_%,$(UNIT))
endif
MOD     := $(MODULES:%=$(B)/lib/streamutils/stream-%.so)
MOD_OBJ := $(foreach m,$(MODULES),$(patsubst %.c,$(B)/%.o,$(wildcard libcommon/$(m)/*.c)))
HARNESS := $(patsubst %.c,$(B)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))

all: $(BIN) $(MOD)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_C) -c -o $@ $<

$(B)/libstream.a: $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/bin/%: $(B)/cmd/%.o $(B)/libstream.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LD) -o $@ $^ $(LIBS)

$(B)/lib/streamutils/stream-%.so: $(MOD_OBJ) $(B)/libstream.a
	@mkdir -p $(@D)
	$(CC) $(filter-out -pie,$(ALL_LD)) -shared -o $@ $(filter $(B)/libcommon/$*/%,$^) $(B)/libstream.a $(LIBS_$*) $(LIBS)

# What several unit tests share.
$(B)/libharness.a: $(HARNESS)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libharness.a $(B)/libstream.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LD) -o $@ $^ $(LIBS) -lcmocka -lm

# Parts of a module.
$(B)/unit/test_kafka_%: $(B)/tests/unit/test_kafka_%.o $(B)/libharness.a $(filter $(B)/libcommon/kafka/%,$(MOD_OBJ)) $(B)/libstream.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LD) -o $@ $^ $(LIBS_kafka) $(LIBS) -lcmocka -lm

$(B)/unit/test_rocksdb_%: $(B)/tests/unit/test_rocksdb_%.o $(B)/libharness.a $(B)/libcommon/rocksdb/engine.o $(B)/libstream.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LD) -o $@ $^ $(LIBS_rocksdb) $(LIBS) -lcmocka -lm

units: $(UNIT)

clean:
	rm -rf build

.PHONY: all units clean
.SECONDARY:

-include $(LIB_OBJ:.o=.d) $(MOD_OBJ:.o=.d) $(CMD_SRC:%.c=$(B)/%.d) $(UNIT:$(B)/unit/%=$(B)/tests/unit/%.d) $(HARNESS:.o=.d)

# --- completions: made from the table of options, kept in the tree ---------------------------------

$(B)/tools/completions: $(B)/tools/completions.o $(B)/libstream.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LD) -o $@ $^ $(LIBS)

completions: $(B)/tools/completions
	$(B)/tools/completions completions

.PHONY: completions

-include $(B)/tools/completions.d

# --- install, dist ---------------------------------------------------------------------------------

BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
DATADIR ?= $(PREFIX)/share
MANDIR  ?= $(DATADIR)/man
INSTALL ?= install

# FROM:TO of all that is installed, commands aside.
INSTALLED := \
	$(foreach p,$(wildcard man/*.1),$(p):$(MANDIR)/man1/$(notdir $(p))) \
	$(foreach p,$(wildcard man/*.5),$(p):$(MANDIR)/man5/$(notdir $(p))) \
	$(foreach p,$(wildcard man/*.7),$(p):$(MANDIR)/man7/$(notdir $(p))) \
	$(foreach p,$(wildcard completions/bash/*),$(p):$(DATADIR)/bash-completion/completions/$(notdir $(p))) \
	$(foreach p,$(wildcard completions/zsh/*),$(p):$(DATADIR)/zsh/site-functions/$(notdir $(p))) \
	$(foreach p,$(wildcard completions/fish/*),$(p):$(DATADIR)/fish/vendor_completions.d/$(notdir $(p)))

from = $(firstword $(subst :, ,$(1)))
to   = $(DESTDIR)$(lastword $(subst :, ,$(1)))

install: all
	$(INSTALL) -d "$(DESTDIR)$(BINDIR)"
	$(INSTALL) -m 755 $(BIN) "$(DESTDIR)$(BINDIR)"
	@set -e; $(foreach m,$(MOD),$(INSTALL) -D -m 644 $(m) "$(DESTDIR)$(LIBDIR)/streamutils/$(notdir $(m))";)
	@set -e; $(foreach f,$(INSTALLED),$(INSTALL) -D -m 644 "$(call from,$(f))" "$(call to,$(f))";)

uninstall:
	@rm -f $(CMDS:%="$(DESTDIR)$(BINDIR)/%") $(MOD:$(B)/lib/%="$(DESTDIR)$(LIBDIR)/%") $(foreach f,$(INSTALLED),"$(call to,$(f))")

# What is committed, as one file to hand on.
dist:
	@mkdir -p build
	git archive --prefix=streamutils-$(VERSION)/ HEAD | gzip -9n > build/streamutils-$(VERSION).tar.gz
	@echo build/streamutils-$(VERSION).tar.gz

help:
	@echo 'make [MODE=release|debug|asan]   the commands, in build/MODE/bin'
	@echo 'make install uninstall           PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)'
	@echo 'make demo                        a pipeline on real data, with a killer at work'
	@echo 'make check check-long lint       the tests'
	@echo 'make model fuzz bench            the models of the protocol; FUZZ=scan; the figures'
	@echo 'make bench-guard                 has a command become dearer? instructions, counted'
	@echo 'make bench-peers bench-report    Flink, Spark, Kafka Streams, DuckDB, … beside us; bench/README.md anew'
	@echo 'make completions dist clean'

# The protocol, exhaustively; needs spin.
model:
	tests/model/check.sh

.PHONY: install uninstall dist help model

# --- bench, demo ---------------------------------------------------------------------------------

BENCH := $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/*.c))

$(BENCH): $(B)/bench/%: $(B)/bench/%.o $(B)/libstream.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LD) -o $@ $^ $(LIBS) -lm

bench-tools: $(BENCH)

bench:
	tools/deps build bench
	$(MAKE) MODE=release all bench-tools
	bench/run

# Instructions of the hot paths against bench/guard.txt.
bench-guard:
	tools/deps build guard
	$(MAKE) MODE=release all bench-tools
	bench/guard

# Beside other systems, which it fetches; takes a quarter of an hour.
bench-peers:
	tools/deps build peers
	$(MAKE) MODE=release all bench-tools
	bench/peers/run

# bench/README.md and its chart, of what bench and bench-peers found last.
bench-report:
	bench/report

demo:
	tools/deps build demo
	$(MAKE) MODE=release all
	tools/demo

.PHONY: bench-tools bench bench-guard bench-peers bench-report demo

-include $(BENCH:$(B)/%=$(B)/%.d)

# --- check, lint, fuzz -----------------------------------------------------------------------------

CRASH   := $(patsubst %.c,$(B)/%.o,$(wildcard tests/crash/*.c) tests/jobs.c)
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

$(B)/crash: $(CRASH) $(B)/libstream.a
	$(CC) $(ALL_LD) -o $@ $^ $(LIBS)

crash: $(B)/crash

# The library that makes calls fail is loaded before all others; the rest is what goes through them.
INJECT := $(wildcard tests/faults/inject.c tests/faults/oplog.c)
FAULTS := $(patsubst %.c,$(B)/%.o,$(filter-out $(INJECT),$(wildcard tests/faults/*.c)) tests/jobs.c)

$(B)/inject.so: $(INJECT) $(wildcard tests/faults/*.h) Makefile
	@mkdir -p $(@D)
	$(CC) $(STD) -fvisibility=default $(WARN) -g -O1 -shared $(WERROR) $(CPPFLAGS) $(CFLAGS) -o $@ $(INJECT)

$(B)/faults: $(FAULTS) $(B)/libstream.a
	$(CC) $(ALL_LD) -o $@ $^ $(LIBS)

faults: $(B)/faults $(B)/inject.so

# Without libFuzzer they replay the files they are given.
$(FUZZERS): $(B)/fuzz/%: $(B)/tests/fuzz/%.o $(if $(filter fuzz,$(MODE)),,$(B)/tests/fuzz/replay.o) $(B)/libstream.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LD) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) -lm

# What of a module needs no library of its own.
$(B)/fuzz/fuzz_url: $(B)/libcommon/kafka/url.o

fuzzers: $(FUZZERS)

# Everything, in under ten minutes; ends with "N passed, N failed".
check:
	@WERROR='$(WERROR)' tools/check

# Hundreds of crash rounds, minutes of fuzzing, the models of the protocol.
check-long:
	@WERROR='$(WERROR)' tools/check --long

lint:
	tools/lint

# One fuzzer for as long as you like: make fuzz FUZZ=scan
FUZZ ?= scan
fuzz:
	$(MAKE) MODE=fuzz CC=clang fuzzers
	mkdir -p build/found-$(FUZZ)
	build/fuzz/fuzz/fuzz_$(FUZZ) -artifact_prefix=build/ build/found-$(FUZZ) tests/fuzz/corpus/$(FUZZ)

.PHONY: crash faults fuzzers check check-long lint fuzz

-include $(CRASH:.o=.d) $(FAULTS:.o=.d) $(FUZZERS:$(B)/fuzz/%=$(B)/tests/fuzz/%.d)

# --- a real broker in the tests --------------------------------------------------------------------

$(B)/kafka-admin: $(B)/tests/kafka/admin.o
	$(CC) $(ALL_LD) -o $@ $^ -lrdkafka

kafka-admin: $(B)/kafka-admin

.PHONY: kafka-admin

-include $(B)/tests/kafka/admin.d
