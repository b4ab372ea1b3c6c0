/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "base/put.h"
#include "elf/format.h"
#include "image/render.h"
#include "image/vmlinux.h"

#define HEAD 0x400 /* where the first segment's bytes begin */
#define SIZE 0x1000

/* A writer of small ELF64 kernels; fields are written one by one in the byte order that is asked
 * for. */
struct made {
	uint8_t file[SIZE];
	bool big;
	unsigned phdrs;
};

static void put(struct made *k, size_t at, uint64_t v, unsigned bytes)
{
	(k->big ? put_be : put_le)(k->file + at, v, bytes);
}

static size_t phdr_at(unsigned i)
{
	return 64 + 56 * (size_t)i;
}

static void add_phdr(struct made *k, struct elf_phdr p)
{
	size_t at = phdr_at(k->phdrs++);

	put(k, at, p.type, 4);
	put(k, at + 8, p.offset, 8);
	put(k, at + 16, p.vaddr, 8);
	put(k, at + 24, p.paddr, 8);
	put(k, at + 32, p.filesz, 8);
	put(k, at + 40, p.memsz, 8);
	put(k, at + 48, 0x10000, 8);
	put(k, 0x38, k->phdrs, 2);
}

static void start(struct made *k, uint16_t machine, bool big, uint64_t entry)
{
	memset(k, 0, sizeof(*k));
	k->big = big;
	memcpy(k->file, ELFMAG, SELFMAG);
	k->file[EI_CLASS] = ELFCLASS64;
	k->file[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
	k->file[EI_VERSION] = 1;
	put(k, 0x10, ET_EXEC, 2);
	put(k, 0x12, machine, 2);
	put(k, 0x14, 1, 4);
	put(k, 0x18, entry, 8);
	put(k, 0x20, 64, 8);
	put(k, 0x36, 56, 2);
	strcpy((char *)k->file + HEAD + 0x100, "Linux version %s (%s)");
	strcpy((char *)k->file + HEAD + 0x140, "Linux version 6.1.0-50-powerpc64le (a@b) #1");
}

/* As Debian's ppc64el vmlinux: one segment, linked for physical 0. */
static void make_ppc64(struct made *k, bool big)
{
	start(k, EM_PPC64, big, 0xc000000000000000);
	put(k, 0x30, 2, 4);
	put(k, HEAD + VMLINUX_PPC64_RUN_AT_LOAD, 0x72756e30, 4);
	add_phdr(k, (struct elf_phdr){PT_LOAD, 0, HEAD, 0xc000000000000000, 0, 0x800, 0x2000, 0});
	add_phdr(k, (struct elf_phdr){PT_NOTE, 0, HEAD + 0x200, 0, 0, 32, 32, 0});
	put(k, HEAD + 0x200, 4, 4);
	put(k, HEAD + 0x204, 16, 4);
	put(k, HEAD + 0x208, 3, 4);
	memcpy(k->file + HEAD + 0x20c,
	       "GNU\0"
	       "0123456789abcdef",
	       20);
}

static int parse(const struct made *k, struct image *m, struct err *err)
{
	return vmlinux_parse(span_of(k->file, SIZE), m, err);
}

static void reads_ppc64_in_both_byte_orders(void **state)
{
	(void)state;
	struct made k;
	struct image m;

	for (int big = 0; big < 2; big++) {
		make_ppc64(&k, big);
		assert_int_equal(image_parse(span_of(k.file, SIZE), &m, NULL), 0);
		assert_int_equal(m.format, IMAGE_VMLINUX);
		assert_string_equal(m.arch, big ? "ppc64" : "ppc64le");
		assert_string_equal(m.version, "6.1.0-50-powerpc64le");
		assert_int_equal(m.big, big);
		assert_int_equal(m.bits, 64);
		assert_int_equal(m.align, 0x10000);
		assert_int_equal(m.footprint_running, 0x2000);
		assert_int_equal(m.vm.phys, 0);
		assert_int_equal(m.vm.virt, 0xc000000000000000);
		assert_int_equal(m.vm.entry, 0);
		assert_int_equal(m.vm.file_end, 0x800);
		assert_true(m.vm.run_at_load && m.relocatable);
		assert_int_equal(m.how, HOW_SELF);
		assert_int_equal(m.build_id_len, 16);
		assert_memory_equal(m.build_id, "0123456789abcdef", 16);
	}
}

static void without_the_word_it_stays_where_it_was_linked(void **state)
{
	(void)state;
	struct made k;
	struct image m;

	make_ppc64(&k, false);
	put(&k, HEAD + VMLINUX_PPC64_RUN_AT_LOAD, 0x60000000, 4);
	assert_int_equal(parse(&k, &m, NULL), 0);
	assert_false(m.vm.run_at_load || m.relocatable);
	assert_int_equal(m.how, HOW_FIXED);
}

/* As x86_64: the entry is physical; the per-CPU segment is linked for virtual 0; a gap. */
static void make_x86(struct made *k)
{
	start(k, EM_X86_64, false, 0x1000010);
	add_phdr(k, (struct elf_phdr){PT_LOAD, 0, HEAD, 0xffffffff81000000, 0x1000000, 0x400, 0x400,
				      0});
	add_phdr(k, (struct elf_phdr){PT_LOAD, 0, HEAD + 0x400, 0, 0x1000800, 0x100, 0x100, 0});
	add_phdr(k, (struct elf_phdr){PT_LOAD, 0, HEAD + 0x500, 0xffffffff81000a00, 0x1000a00,
				      0x100, 0x900, 0});
	memset(k->file + HEAD + 0x400, 'p', 0x100);
	memset(k->file + HEAD + 0x500, 'd', 0x100);
}

static void lays_out_several_segments(void **state)
{
	(void)state;
	struct made k;
	struct image m;
	struct buf memory = BUF_INIT;

	make_x86(&k);
	assert_int_equal(parse(&k, &m, NULL), 0);
	assert_string_equal(m.arch, "x86_64");
	assert_int_equal(m.vm.loads, 3);
	assert_int_equal(m.preferred, 0x1000000);
	assert_int_equal(m.entry64, 0x1000010);
	assert_int_equal(m.footprint_running, 0x1300);
	assert_true(m.relocatable);
	assert_int_equal(vmlinux_memory(&m, &memory), 0);
	assert_int_equal(memory.len, 0xb00);
	assert_memory_equal(memory.ptr, k.file + HEAD, 0x400);
	assert_int_equal(memory.ptr[0x7ff], 0);
	assert_int_equal(memory.ptr[0x800], 'p');
	assert_int_equal(memory.ptr[0x8ff], 'p');
	assert_int_equal(memory.ptr[0x900], 0);
	assert_int_equal(memory.ptr[0xa00], 'd');
	assert_int_equal(memory.ptr[0xaff], 'd');
	buf_done(&memory);
}

static void what_is_no_kernel_is_refused_in_silence(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct made k;
	struct image m;

	make_ppc64(&k, false);
	put(&k, 0x10, ET_CORE, 2);
	assert_int_equal(parse(&k, &m, &err), -ENOEXEC);
	make_ppc64(&k, false);
	put(&k, 0x12, EM_SPARC, 2);
	assert_int_equal(parse(&k, &m, &err), -ENOEXEC);
	make_ppc64(&k, false);
	add_phdr(&k, (struct elf_phdr){PT_INTERP, 0, HEAD, 0, 0, 1, 1, 0});
	assert_int_equal(parse(&k, &m, &err), -ENOEXEC);
	make_ppc64(&k, false);
	k.file[HEAD + 0x140] = 'l';
	assert_int_equal(parse(&k, &m, &err), -ENOEXEC);
	assert_string_equal(err.text, "");
	assert_int_equal(image_parse(span_of(k.file, SIZE), &m, &err), -ENOEXEC);
	assert_non_null(strstr(err.text, "no Linux kernel"));
}

static void bad_segments_are_refused(void **state)
{
	(void)state;
	static const struct {
		unsigned phdr, field, bytes;
		uint64_t value;
		const char *says;
	} cases[] = {
		{0, 8, 8, 0xc01, "runs off the file"},
		{0, 8, 8, UINT64_MAX - 7, "runs off the file"},
		{0, 40, 8, 0x3ff, "in the file and"},
		{0, 24, 8, UINT64_MAX - 0x10, "passes the end of memory"},
		{0, 16, 8, UINT64_MAX - 0x10, "passes the end of memory"},
		{0, 48, 8, 0x3000, "alignment 0x3000"},
		{1, 40, 8, 0, "in the file and"},
		{1, 24, 8, 0x10003ff, "segments 0 and 1 both claim 0x10003ff"},
		{2, 24, 8, 0x1000001000000, "spans 0x"},
	};
	struct made k;
	struct image m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = ERR_INIT;

		make_x86(&k);
		put(&k, phdr_at(cases[i].phdr) + cases[i].field, cases[i].value, cases[i].bytes);
		assert_int_equal(parse(&k, &m, &err), -EBADMSG);
		assert_non_null(strstr(err.text, cases[i].says));
		assert_true(err.has_offset && err.offset <= SIZE);
	}
}

static void an_entry_outside_is_refused(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct made k;
	struct image m;

	make_ppc64(&k, false);
	put(&k, 0x18, 0xc000000000000800, 8);
	assert_int_equal(parse(&k, &m, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "is in no segment"));
	make_ppc64(&k, false);
	put(&k, 0x38, 0, 2);
	assert_int_equal(parse(&k, &m, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "no segment to load"));
	make_ppc64(&k, false);
	put(&k, 0x38, 65, 2);
	assert_int_equal(parse(&k, &m, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "65 program headers"));
}

/* @n sections of notes, or else segments: all of the same @len bytes at 0x400. */
static void pile_notes(struct made *k, bool sections, unsigned n, uint64_t len)
{
	start(k, EM_X86_64, false, 0x1000000);
	add_phdr(k, (struct elf_phdr){PT_LOAD, 0, 0, 0x1000000, 0x1000000, SIZE, SIZE, 0});
	put(k, 0x28, sections ? 0x200 : 0, 8);
	put(k, 0x3a, 64, 2);
	put(k, 0x3c, n, 2);
	put(k, HEAD, 2, 4);
	put(k, HEAD + 4, len - 16, 4);
	memcpy(k->file + HEAD + 12, "A", 2);
	for (unsigned i = 0; i < n; i++) {
		if (!sections)
			add_phdr(k, (struct elf_phdr){PT_NOTE, 0, HEAD, 0, 0, len, len, 0});
		put(k, 0x200 + 64 * i + 4, SHT_NOTE, 4);
		put(k, 0x200 + 64 * i + 24, HEAD, 8);
		put(k, 0x200 + 64 * i + 32, len, 8);
	}
}

/* Else a file of 4,096 sections costs as many walks over all of it. */
static void notes_are_walked_over_once(void **state)
{
	(void)state;
	struct made k;
	struct image m;

	for (unsigned sections = 0; sections < 2; sections++) {
		pile_notes(&k, sections, 3, SIZE / 4);
		assert_int_equal(parse(&k, &m, NULL), 0);
		assert_int_equal(m.nnotes, 3);
		pile_notes(&k, sections, 3, SIZE / 4 * 3);
		assert_int_equal(parse(&k, &m, NULL), 0);
		assert_int_equal(m.nnotes, 1);
	}
}

/* Two pages, a GiB apart in memory: somebody would have to write that GiB. */
static void gaps_are_bounded(void **state)
{
	(void)state;
	const uint64_t most = VMLINUX_GAPS_MAX(SIZE);
	struct err err = ERR_INIT;
	struct made k;
	struct image m;

	for (unsigned more = 0; more < 2; more++) {
		start(&k, EM_X86_64, false, 0x1000000);
		add_phdr(&k, (struct elf_phdr){PT_LOAD, 0, HEAD, 0x1000000, 0x1000000, 0x800, 0x800,
					       0});
		add_phdr(&k, (struct elf_phdr){PT_LOAD, 0, HEAD, 0x1000000 + most,
					       0x1000000 + most - 16 + more, 16, 16, 0});
		assert_int_equal(parse(&k, &m, &err), more ? -EBADMSG : 0);
	}
	assert_non_null(strstr(err.text, "spreads 0x1000 bytes over"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_ppc64_in_both_byte_orders),
		cmocka_unit_test(without_the_word_it_stays_where_it_was_linked),
		cmocka_unit_test(lays_out_several_segments),
		cmocka_unit_test(what_is_no_kernel_is_refused_in_silence),
		cmocka_unit_test(bad_segments_are_refused),
		cmocka_unit_test(an_entry_outside_is_refused),
		cmocka_unit_test(notes_are_walked_over_once),
		cmocka_unit_test(gaps_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
