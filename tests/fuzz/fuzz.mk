# SPDX-License-Identifier: MIT
# What `make fuzz` builds, with clang, in fuzz/ of the build tree: the library as an archive of
# objects and a program for each harness. For GNU make; the variables in capitals that
# are not set here come from Makefile (fuzz.am).

FLAGS = -std=gnu99 -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
CPPFLAGS = -I. -I$(SRCDIR)/include -I$(SRCDIR)/src -Isrc
LUA_CPPFLAGS = $(CPPFLAGS) -I$(SRCDIR)/swig/lua -Iswig/lua -DSWIG_TYPE_TABLE=llnet
OBJECTS = $(patsubst %.c,fuzz/%.o,$(filter %.c,$(SOURCES)))
C_HARNESSES = $(filter-out $(LUA_HARNESSES),$(HARNESSES))

all: $(HARNESSES:%=fuzz/%)

# Everything again where a flag is another, or a header is newer.
fuzz/built: $(wildcard $(SRCDIR)/include/llnet/*.h $(SRCDIR)/src/*.h $(SRCDIR)/src/*/*.h src/*.h) \
    $(SRCDIR)/tests/fuzz/fuzz.h $(SRCDIR)/tests/fuzz/fuzz.mk config.h
	@mkdir -p fuzz
	@echo >$@

$(OBJECTS): fuzz/%.o: $(SRCDIR)/%.c fuzz/built
	@echo "  CLANG    $<"
	@mkdir -p $(@D) && $(FUZZ_CC) $(FLAGS) -fsanitize=fuzzer-no-link $(CPPFLAGS) -c -o $@ $<

fuzz/libllnet.a: $(OBJECTS)
	@rm -f $@
	@ar cr $@ $(OBJECTS)

# Harnesses that compile a source of the library themselves, to reach into it, come first, and
# the archive's own object is left alone.
$(C_HARNESSES:%=fuzz/%): fuzz/%: $(SRCDIR)/tests/fuzz/fuzz_%.c fuzz/libllnet.a $(wildcard $(SRCDIR)/tools/*.[ch])
	@echo "  CLANG    $@"
	@$(FUZZ_CC) $(FLAGS) -fsanitize=fuzzer $(CPPFLAGS) -o $@ $< fuzz/libllnet.a
