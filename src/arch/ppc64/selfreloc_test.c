/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The failure of 2009: a ppc64 kernel with CONFIG_MODVERSIONS and CONFIG_RELOCATABLE, loaded by
 * kexec away from its linked address, refuses every module. Small kernels are "booted" here by the
 * relocation loops of Linux, written down from arch/powerpc/kernel/reloc_64.S.
 */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "arch/ppc64/selfreloc.h"
#include "base/cursor.h"
#include "base/put.h"
#include "elf/crc_fixture.h"
#include "elf/reader.h"
#include "image/vmlinux.h"

#define LOADED_AT 0x2000000ull /* 32 MiB, where crashkernel=…@32M puts it */

/* A kernel's memory while it runs. */
struct machine {
	bool big;
	struct buf memory;
	uint64_t shift;
};

static uint64_t peek(const struct machine *m, uint64_t off)
{
	struct cursor c = cursor_at(buf_span(&m->memory), off, m->big);
	uint64_t v = cursor_u64(&c);

	assert_false(c.bad);
	return v;
}

static void poke(struct machine *m, uint64_t off, uint64_t v)
{
	assert_true(off + 8 <= m->memory.len);
	(m->big ? put_be : put_le)(m->memory.ptr + off, v, 8);
}

/* An entry of .dynamic; 0: none. */
static uint64_t dynamic(const struct machine *m, uint64_t tag)
{
	for (uint64_t at = CRC_AT_DYNAMIC; peek(m, at); at += 16)
		if (peek(m, at) == tag)
			return peek(m, at + 8);
	return 0;
}

static void store(struct machine *m, uint64_t entry, uint64_t symbol)
{
	poke(m, peek(m, entry) - CRC_BASE64, peek(m, entry + 16) + symbol + m->shift);
}

/* Until 5.17: DT_RELACOUNT entries, and the first that is not RELATIVE ends it. */
static void loop_until_5_17(struct machine *m)
{
	uint64_t at = dynamic(m, DT_RELA) - CRC_BASE64;

	for (uint64_t n = dynamic(m, DT_RELACOUNT); n; n--, at += 24) {
		if (peek(m, at + 8) != R_PPC64_RELATIVE)
			return;
		store(m, at, 0);
	}
}

/* From 5.18 on: DT_RELASZ / DT_RELAENT entries, RELATIVE and UADDR64; others are passed over. */
static void loop_from_5_18(struct machine *m)
{
	uint64_t at = dynamic(m, DT_RELA) - CRC_BASE64, size = dynamic(m, DT_RELAENT);

	for (uint64_t n = size ? dynamic(m, DT_RELASZ) / size : 0; n; n--, at += size) {
		uint64_t info = peek(m, at + 8);

		if (info == R_PPC64_RELATIVE)
			store(m, at, 0);
		else if ((uint32_t)info == R_PPC64_UADDR64)
			store(m, at, peek(m, CRC_AT_DYNSYM + (info >> 32) * 24 + 8));
	}
}

typedef void (*loop_fn)(struct machine *m);
static const loop_fn loops[] = {loop_until_5_17, loop_from_5_18};

enum { TOC_WORD = CRC_AT_DATA + 7 * 8, UADDR_WORD = CRC_AT_DATA + 5 * 8 + 4 };

static void add(struct crc_kernel *k, uint64_t at, uint32_t type, uint64_t addend)
{
	k->relas[k->nrelas++] = (struct crc_rela){at, 0, type, addend};
	k->relacount += type == R_PPC64_RELATIVE;
}

/* As the linker made it: CRCs among the pointers, then one that only the newer loop takes, and one
 * that neither does. */
static struct crc_kernel old_kernel(bool big, const char *release)
{
	struct crc_kernel k = crc_kernel();

	k.big = big;
	k.machine = EM_PPC64;
	k.field = k.slot = 8;
	k.fields = 2;
	k.distances = false;
	k.absolute = true;
	k.release = release;
	for (unsigned i = 0; i < 4; i++) {
		add(&k, CRC_AT_DATA + i * 8, R_PPC64_RELATIVE, CRC_BASE64 + 0x100 + i);
		add(&k, crc_kernel_slot(&k, i), R_PPC64_RELATIVE, k.exports[i].crc);
	}
	add(&k, UADDR_WORD, R_PPC64_UADDR64, CRC_BASE64 + 0x105);
	add(&k, CRC_AT_DATA + 4 * 8, R_PPC64_ADDR64, 0);
	return k;
}

struct booted {
	struct buf file;
	struct image image;
	struct machine m;
	int spared;
	enum selfreloc kind;
};

static void boot(const struct crc_kernel *k, bool with_us, loop_fn loop, struct booted *b)
{
	struct err err = ERR_INIT;

	memset(b, 0, sizeof(*b));
	crc_kernel_write(k, &b->file);
	/* The file need not hold what the entry will store. */
	for (unsigned i = 0; k->nrelas && i < CRC_FX_SYMBOLS; i++)
		memset(b->file.ptr + CRC_FILE_OFF + crc_kernel_slot(k, i), 0, k->slot);
	if (vmlinux_parse(buf_span(&b->file), &b->image, &err))
		fail_msg("%s", err.text);
	assert_int_equal(vmlinux_memory(&b->image, &b->m.memory), 0);
	assert_int_equal(ppc64_selfreloc(&b->image, &b->kind, &err), 0);
	if (with_us)
		b->spared = ppc64_spare_crcs(&b->image, &b->m.memory, &err);
	if (b->spared < 0)
		fail_msg("%s", err.text);
	b->m.big = k->big;
	b->m.shift = LOADED_AT;
	loop(&b->m);
}

static void done(struct booted *b)
{
	buf_done(&b->file);
	buf_done(&b->m.memory);
}

/* check_version() of kernel/module.c; @reloc_start is 0 where the kernel does not know it. */
static unsigned modules_let_in(const struct crc_kernel *k, const struct machine *m,
			       uint64_t reloc_start)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CRC_FX_SYMBOLS; i++)
		n += peek(m, crc_kernel_slot(k, i)) - reloc_start == k->exports[i].crc;
	return n;
}

static void pointers_moved(const struct machine *m, loop_fn loop)
{
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(peek(m, CRC_AT_DATA + i * 8), CRC_BASE64 + LOADED_AT + 0x100 + i);
	if (loop == loop_from_5_18)
		assert_int_equal(peek(m, UADDR_WORD), CRC_BASE64 + LOADED_AT + 0x105);
}

static void crcs_survive(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct crc_kernel k = old_kernel(i & 1, "2.6.32-5-powerpc64");
		loop_fn loop = loops[i / 2];
		struct booted without, with;

		boot(&k, false, loop, &without);
		boot(&k, true, loop, &with);
		assert_int_equal(without.kind, SELFRELOC_CORRUPTS);
		assert_int_equal(modules_let_in(&k, &without.m, 0), 0);
		assert_int_equal(with.spared, CRC_FX_SYMBOLS);
		assert_int_equal(modules_let_in(&k, &with.m, 0), CRC_FX_SYMBOLS);
		pointers_moved(&without.m, loop);
		pointers_moved(&with.m, loop);
		done(&without);
		done(&with);
	}
}

/* No RELATIVE entry but those of CRCs: nothing to repeat, so the list gets shorter. */
static void list_closes_up(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct crc_kernel k = old_kernel(i & 1, "2.6.32");
		loop_fn loop = loops[i / 2];
		struct booted b;

		for (unsigned n = 0; n < 4; n++)
			k.relas[n] = k.relas[2 * n + 1];
		k.relas[4] = k.relas[8];
		k.nrelas = 5;
		k.relacount = 4;
		boot(&k, true, loop, &b);
		assert_int_equal(b.spared, CRC_FX_SYMBOLS);
		assert_int_equal(modules_let_in(&k, &b.m, 0), CRC_FX_SYMBOLS);
		assert_int_equal(dynamic(&b.m, DT_RELACOUNT), 0);
		assert_int_equal(dynamic(&b.m, DT_RELASZ), 24);
		if (loop == loop_from_5_18)
			assert_int_equal(peek(&b.m, UADDR_WORD), CRC_BASE64 + LOADED_AT + 0x105);
		done(&b);
	}
}

/* One that subtracts the shift itself: taking it out before would corrupt what was sound. */
static void undone(const struct crc_kernel *k, enum selfreloc kind)
{
	struct booted without, with;
	struct err err = ERR_INIT;

	boot(k, false, loop_until_5_17, &without);
	boot(k, true, loop_until_5_17, &with);
	assert_int_equal(with.kind, kind);
	assert_int_equal(with.spared, 0);
	assert_int_equal(with.m.memory.len, without.m.memory.len);
	assert_memory_equal(with.m.memory.ptr, without.m.memory.ptr, with.m.memory.len);
	assert_int_equal(modules_let_in(k, &with.m, LOADED_AT), CRC_FX_SYMBOLS);
	/* The address of reloc_start moves only with the kernel's own loop; a physical address is
	 * what it is, so this kind cannot be linked elsewhere. */
	assert_int_equal(ppc64_may_move(&with.image, &err),
			 kind == SELFRELOC_UNDONE_BY_PLACE ? -ENOTSUP : 0);
	done(&without);
	done(&with);
}

static void left_alone(void **state)
{
	static const char *const releases[] = {"2.6.33",   "2.6.39.4", "3.2.0-4-powerpc64",
					       "3.10.108", "3.16.0",   "4.9.0-13-powerpc64le"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned n = 0; n < sizeof(releases) / sizeof(*releases); n++) {
			struct crc_kernel k = old_kernel(i, releases[n]);

			undone(&k, SELFRELOC_UNDONE_BY_PLACE);
			if (n > 2)
				continue;
			k.extra = "reloc_start";
			undone(&k, SELFRELOC_UNDONE);
		}
		/* A distribution's 2.6.32 with the repair: it has the symbol, */
		struct crc_kernel named = old_kernel(i, "2.6.32-754.el6.ppc64");
		struct crc_kernel stripped = old_kernel(i, "2.6.32-754.el6.ppc64");

		named.extra = "reloc_start";
		undone(&named, SELFRELOC_UNDONE);
		/* or, stripped, the word that holds its address. */
		stripped.symtab = false;
		add(&stripped, TOC_WORD, R_PPC64_RELATIVE, 0);
		undone(&stripped, SELFRELOC_UNDONE);
	}
}

/* From 4.10 on CRCs are no words: nothing points at them, nothing is touched. */
static void newer_kernels(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct crc_kernel k = old_kernel(i & 1, i & 2 ? "4.19.0" : "6.1.0");
		struct booted without, with;

		k.slot = 4;
		k.fields = 3;
		k.relative = i & 2;
		k.absolute = false;
		for (unsigned n = 0; n < 4; n++)
			k.relas[n] = k.relas[2 * n];
		k.nrelas = k.relacount = 4;
		boot(&k, false, loops[i / 2], &without);
		boot(&k, true, loops[i / 2], &with);
		assert_int_equal(with.kind, SELFRELOC_HARMLESS);
		assert_int_equal(ppc64_may_move(&with.image, NULL), 0);
		assert_int_equal(with.spared, 0);
		assert_memory_equal(with.m.memory.ptr, without.m.memory.ptr, with.m.memory.len);
		done(&without);
		done(&with);
	}
}

/* sh_size of .rela.dyn, 32 bytes into its header. */
static uint8_t *size_of_list(struct buf *file)
{
	struct elf e;

	assert_int_equal(elf_parse(buf_span(file), &e, NULL), 0);
	for (uint32_t i = 0; i < e.shnum; i++)
		if (elf_shdr_at(&e, buf_span(file), i).type == SHT_RELA)
			return file->ptr + e.shoff + i * ELF64_SHDR_SIZE + 32;
	fail_msg("no .rela.dyn");
	return NULL;
}

static void damaged(void **state)
{
	struct crc_kernel k = old_kernel(true, "2.6.32");
	struct booted b;
	struct err err = ERR_INIT;
	enum selfreloc kind;

	(void)state;
	boot(&k, false, loop_until_5_17, &b);
	size_of_list(&b.file)[7]--;
	assert_int_equal(ppc64_selfreloc(&b.image, &kind, &err), -EBADMSG);
	assert_int_equal(ppc64_spare_crcs(&b.image, &b.m.memory, &err), -EBADMSG);
	assert_int_equal(ppc64_may_move(&b.image, &err), -EBADMSG);
	done(&b);
}

/* `ppc64_selfreloc_test DIR` writes the seeds of the fuzz target. */
static int write_seeds(const char *dir)
{
	static const char *const releases[] = {"2.6.32", "4.9.0"};

	for (unsigned i = 0; i < 4; i++) {
		struct crc_kernel k = old_kernel(i & 1, releases[i / 2]);
		char name[32];

		k.symtab = false;
		snprintf(name, sizeof(name), "%s%s", i & 1 ? "be-" : "le-", releases[i / 2]);
		if (crc_kernel_save(&k, dir, name) < 0)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return write_seeds(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crcs_survive), cmocka_unit_test(list_closes_up),
		cmocka_unit_test(left_alone),   cmocka_unit_test(newer_kernels),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
