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

# Harnesses in Lua, with the module linked in: of Lua 5.1 where the name ends in 51, else 5.4.
fuzz/lua51/llnet_lua.o: LUA_FLAGS = $(LUA51_CFLAGS)
fuzz/lua54/llnet_lua.o: LUA_FLAGS = $(LUA54_CFLAGS)
fuzz/lua51/llnet_lua.o fuzz/lua54/llnet_lua.o: $(SRCDIR)/swig/llnet_lua.c $(wildcard $(SRCDIR)/swig/lua/*.h) fuzz/built
	@echo "  CLANG    $@"
	@mkdir -p $(@D) && $(FUZZ_CC) $(FLAGS) -fsanitize=fuzzer-no-link $(LUA_FLAGS) $(LUA_CPPFLAGS) -c -o $@ $<

LUA51_HARNESSES = $(filter %51,$(LUA_HARNESSES))
LUA54_HARNESSES = $(filter-out %51,$(LUA_HARNESSES))
$(LUA51_HARNESSES:%=fuzz/%): fuzz/lua51/llnet_lua.o
$(LUA51_HARNESSES:%=fuzz/%): LUA_FLAGS = $(LUA51_CFLAGS)
$(LUA51_HARNESSES:%=fuzz/%): LUA_LIBS = $(LUA51_LIBS)
$(LUA54_HARNESSES:%=fuzz/%): fuzz/lua54/llnet_lua.o
$(LUA54_HARNESSES:%=fuzz/%): LUA_FLAGS = $(LUA54_CFLAGS)
$(LUA54_HARNESSES:%=fuzz/%): LUA_LIBS = $(LUA54_LIBS)
$(LUA_HARNESSES:%=fuzz/%): fuzz/%: $(SRCDIR)/tests/fuzz/fuzz_lua.c fuzz/libllnet.a
	@echo "  CLANG    $@"
	@$(FUZZ_CC) $(FLAGS) -fsanitize=fuzzer $(LUA_FLAGS) $(CPPFLAGS) -DSCRIPT='"$(patsubst %51,%,$*)"' \
	    -DSOURCE='"$(abspath $(SRCDIR))"' -o $@ $< $(filter %.o,$^) fuzz/libllnet.a $(LUA_LIBS)
