/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/crash.h"
#include "elf/reader.h"

#define NO_VA   UINT64_MAX
#define NO_VA32 0xffffffffull
#define GIB     (1ull << 30)

/* One PT_LOAD; a table ends at size 0. */
struct load {
	uint64_t va, pa, size;
};

/* A running machine and the crash header that it must get. */
struct shape {
	const char *name, *arch;
	struct range ram[4], crash[3]; /* end at an empty one */
	struct range kernel;
	uint64_t stext, lowmem_end;
	const char *info;
	struct range rtas;
	bool elf32;
	const char *warning; /* NULL: there is none */
	struct load want[6];
};

static const struct shape shapes[] = {
	{"arm, lowmem and highmem", "arm",
	 {{0x40000000, 0x80000000}}, {{0x60000000, 0x68000000}},
	 {0x40208000, 0x41607588}, 0xc0300000, 0x70000000, "", {0}, true, NULL,
	 {{0xc0000000, 0x40000000, 0x20000000},
	  {0xe8000000, 0x68000000, 0x8000000},
	  {NO_VA32, 0x70000000, 0x10000000}}},
	{"arm, LPAE: what ELF32 cannot say is left out", "arm",
	 {{0x80000000, 5 * GIB}, {0x880000000, 0x900000000}}, {{0x90000000, 0x98000000}},
	 {0x80208000, 0x81607588}, 0xc0300000, 0xb0000000, "", {0}, true,
	 "NOT BE COMPLETE: 3072 MiB",
	 {{0xc0000000, 0x80000000, 0x10000000},
	  {0xd8000000, 0x98000000, 0x18000000},
	  {NO_VA32, 0xb0000000, 0x50000000}}},
	{"arm, all RAM behind a boot alias", "arm",
	 {{0x800000000, 0x820000000}}, {{0x808000000, 0x810000000}},
	 {0x800208000, 0x801607588}, 0xc0300000, 0x830000000, "", {0}, false,
	 "64-bit one",
	 {{0xc0000000, 0x800000000, 0x8000000}, {0xd0000000, 0x810000000, 0x10000000}}},
	{"i386, PAE: ELF64 above 4 GiB", "i386",
	 {{0x1000, 0x9f000}, {0x100000, 0xc0000000}, {0x100000000, 0x180000000}},
	 {{0x10000000, 0x18000000}}, {0x1000000, 0x1ee6000}, 0xc1000000, 0x36bfe000, "", {0},
	 false, NULL,
	 {{0xc0001000, 0x1000, 0x9e000},
	  {0xc0100000, 0x100000, 0xff00000},
	  {0xd8000000, 0x18000000, 0x1ebfe000},
	  {NO_VA, 0x36bfe000, 0x89402000},
	  {NO_VA, 0x100000000, 0x80000000}}},
	{"i386, all below 4 GiB", "i386", {{0x100000, 0x20000000}}, {{0}},
	 {0x1000000, 0x1ee6000}, 0xc1000000, 0, "", {0}, true, NULL,
	 {{0xc0100000, 0x100000, 0x1ff00000}}},
	/* Debian 12's kernel has no _text: kexec-tools made a header of 18 EiB of it. */
	{"arm64, the image apart", "arm64",
	 {{0x40000000, 0x80000000}}, {{0x6ec00000, 0x7ac00000}},
	 {0x40210000, 0x41ca0000}, 0xffffd4c78b810000, 0,
	 "NUMBER(VA_BITS)=48\nNUMBER(kimage_voffset)=0xffffd4c74b600000\n"
	 "NUMBER(PHYS_OFFSET)=0xffff92f5c0000000\n", {0}, false, NULL,
	 {{0xffffd4c78b810000, 0x40210000, 0x1a90000},
	  {0xffff6d0a80000000, 0x40000000, 0x2ec00000},
	  {0xffff6d0abac00000, 0x7ac00000, 0x5400000}}},
	{"arm64, two crash regions", "arm64",
	 {{0x40000000, 0x80000000}, {0x880000000, 0x8c0000000}},
	 {{0x60000000, 0x68000000}, {0x890000000, 0x8a0000000}},
	 {0x40210000, 0x41ca0000}, 0, 0, "", {0}, false, NULL,
	 {{NO_VA, 0x40000000, 0x20000000},
	  {NO_VA, 0x68000000, 0x18000000},
	  {NO_VA, 0x880000000, 0x10000000},
	  {NO_VA, 0x8a0000000, 0x20000000}}},
	/* RTAS lies in the crash region of QEMU's pseries and belongs to the old machine. */
	{"ppc64le, firmware in the crash region", "ppc64le",
	 {{0, 0x80000000}}, {{0x20000000, 0x30000000}}, {0, 0x2880000}, 0xc000000000000000, 0,
	 "", {0x2fff0000, 0x2fff082c}, false, NULL,
	 {{0xc000000000000000, 0, 0x10000},
	  {0xc000000000010000, 0x10000, 0x1fff0000},
	  {0xc00000002fff0000, 0x2fff0000, 0x50010000}}},
};

static void add_ranges(struct range_list *out, const struct range *v, size_t n)
{
	for (size_t i = 0; i < n && !range_empty(v[i]); i++)
		assert_int_equal(ranges_add(out, v[i]), 0);
}

static void make_machine(const struct shape *s, struct machine *m)
{
	*m = (struct machine){.page_size = strncmp(s->arch, "ppc", 3) ? 4096 : 65536};
	snprintf(m->arch, sizeof(m->arch), "%s", s->arch);
	add_ranges(&m->system_ram, s->ram, 4);
	add_ranges(&m->crash, s->crash, 3);
	m->kernel = s->kernel;
	m->stext_va = s->stext;
	m->lowmem_end = s->lowmem_end;
	m->ppc64.rtas = s->rtas;
	assert_int_equal(buf_puts(&m->vmcoreinfo_text, s->info), 0);
}

static void compare(const struct shape *s, const struct buf *header)
{
	struct elf e;
	uint32_t i;

	assert_int_equal(elf_parse(buf_span(header), &e, NULL), 0);
	assert_int_equal(e.elf32, s->elf32);
	assert_int_equal(e.machine, arch_by_name(s->arch)->crash.elf_machine);
	assert_int_equal(e.flags, arch_by_name(s->arch)->crash.elf_flags);
	for (i = 0; i < e.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&e, buf_span(header), i);

		print_message("  va %llx pa %llx size %llx\n", (unsigned long long)p.vaddr,
			      (unsigned long long)p.paddr, (unsigned long long)p.memsz);
		assert_int_equal(p.type, PT_LOAD);
		assert_true(p.vaddr == s->want[i].va && p.paddr == s->want[i].pa &&
			    p.memsz == s->want[i].size);
	}
	assert_int_equal(s->want[i].size, 0);
}

static void check(const struct shape *s)
{
	const struct load_request req = {.arch = arch_by_name(s->arch)};
	struct machine m;
	struct plan plan = {0};
	struct boot b = {.m = &m, .req = &req, .plan = &plan};
	struct buf header = BUF_INIT;
	struct err err = ERR_INIT;
	uint64_t size;

	make_machine(s, &m);
	if (boot_elfcorehdr_size(&b, &size, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(boot_elfcorehdr_build(&b, &header, &err), 0);
	assert_int_equal(header.len, size);
	compare(s, &header);
	assert_int_equal(plan.warnings.n, s->warning ? 1 : 0);
	if (s->warning)
		assert_non_null(strstr(plan.warnings.v[0], s->warning));
	texts_done(&plan.warnings);
	buf_done(&header);
	machine_done(&m);
}

static void every_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		print_message("%s\n", shapes[i].name);
		check(&shapes[i]);
	}
}

/* The copy of the first 64 KiB stands at its own place in the header. */
static void the_backup(void **state)
{
	(void)state;
	const struct load_request req = {.arch = arch_by_name("ppc64le")};
	struct machine m = {.page_size = 65536, .arch = "ppc64"};
	struct boot b = {.m = &m, .req = &req};
	struct buf header = BUF_INIT;
	struct elf e;

	assert_int_equal(ranges_add(&m.system_ram, (struct range){0, 0x80000000}), 0);
	assert_true(boot_backup_range(&b).end == 0x10000);
	boot_add(&b, SEG_BACKUP, "backup")->place.at = 0x12340000;
	assert_int_equal(boot_elfcorehdr_build(&b, &header, NULL), 0);
	assert_int_equal(elf_parse(buf_span(&header), &e, NULL), 0);
	struct elf_phdr p = elf_phdr_at(&e, buf_span(&header), 0);
	assert_true(p.paddr == 0 && p.memsz == 0x10000 && p.offset == 0x12340000);
	buf_done(&header);
	machine_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape),
		cmocka_unit_test(the_backup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
