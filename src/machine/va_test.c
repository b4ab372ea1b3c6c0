/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "machine/va.h"

#define NO_VALUE 1 /* no address map is moved by one byte */

/*
 * A running kernel: what /proc/iomem, the note, the symbols and /proc/kcore say, and the addresses
 * that follow. Where both a note and kcore are given, each alone must give the same.
 */
struct layout {
	const char *name, *arch;
	struct range kernel;
	uint64_t stext, text;
	const char *info;
	struct kernel_map kcore[3];
	uint64_t linear, text_va;
};

static const struct layout layouts[] = {
	{"x86_64, 4 levels, KASLR", "x86_64", {0x16e00000, 0x19600000}, 0xffffffff92a00000, 0,
	 "NUMBER(phys_base)=71303168\n",
	 {{0xffffffff92a00000, 0x16e00000, 0x2800000}, {0xffff88eb80000000, 0, 0x80000000}},
	 0xffff88eb80000000, 0xffffffff92a00000},
	/* Debian 12: no _text in kallsyms, _stext 64 KiB behind it, iomem begins with _stext. */
	{"arm64, Debian 6.1, KASLR", "arm64", {0x40210000, 0x41ca0000}, 0xffffd4c78b810000, 0,
	 "NUMBER(VA_BITS)=48\nNUMBER(kimage_voffset)=0xffffd4c74b600000\n"
	 "NUMBER(PHYS_OFFSET)=0xffff92f5c0000000\nNUMBER(TCR_EL1_T1SZ)=0x10\n",
	 {{0xffffd4c78b800000, 0x40200000, 0x1aa0000}, {0xffff6d0a80000000, 0x40000000, 1 << 30}},
	 0xffff6d0a40000000, 0xffffd4c78b810000},
	{"arm64, 39 bits, flipped", "arm64", {0x40010000, 0x41000000}, 0xffffffc008010000, 0,
	 "NUMBER(VA_BITS)=39\nNUMBER(kimage_voffset)=0xffffffbfc8000000\n"
	 "NUMBER(PHYS_OFFSET)=0x40000000\nNUMBER(TCR_EL1_T1SZ)=0x19\n",
	 {{0xffffff8000000000, 0x40000000, 0x80000000}},
	 0xffffff7fc0000000, 0xffffffc008010000},
	/* 4.19: the linear map is the upper half, the image begins with _text in iomem. */
	{"arm64, 48 bits, before the flip", "arm64", {0x40080000, 0x41000000}, 0xffff000008081000,
	 0xffff000008080000,
	 "NUMBER(VA_BITS)=48\nNUMBER(kimage_voffset)=0xfffeffffc8000000\n"
	 "NUMBER(PHYS_OFFSET)=0x40000000\n",
	 {{0xffff800000000000, 0x40000000, 0x40000000}},
	 0xffff7fffc0000000, 0xffff000008080000},
	{"arm64, 52 bits on a CPU that has them", "arm64", {0x40010000, 0x41000000},
	 0xffff800008010000, 0,
	 "NUMBER(VA_BITS)=52\nNUMBER(kimage_voffset)=0xffff7fffc8000000\n"
	 "NUMBER(PHYS_OFFSET)=0x40000000\nNUMBER(TCR_EL1_T1SZ)=0xc\n",
	 {{0xfff0000000000000, 0x40000000, 0x40000000}},
	 0xffefffffc0000000, 0xffff800008010000},
	/* Since 5.10: PHYS_OFFSET is moved by 2^52 - 2^48. */
	{"arm64, 52 bits on a CPU with 48", "arm64", {0x40010000, 0x41000000}, 0xffff800008010000,
	 0,
	 "NUMBER(VA_BITS)=52\nNUMBER(kimage_voffset)=0xffff7fffc8000000\n"
	 "NUMBER(PHYS_OFFSET)=0xfff1000040000000\nNUMBER(TCR_EL1_T1SZ)=0x10\n",
	 {{0xffff000000000000, 0x40000000, 0x40000000}},
	 0xfffeffffc0000000, 0xffff800008010000},
	{"arm64, 52 bits on a CPU with 48, 5.4 to 5.9", "arm64", {0x40080000, 0x41000000},
	 0xffff800010081000, 0xffff800010080000,
	 "NUMBER(VA_BITS)=52\nNUMBER(kimage_voffset)=0xffff7fffd0000000\n"
	 "NUMBER(PHYS_OFFSET)=0x40000000\nNUMBER(TCR_EL1_T1SZ)=0x10\n",
	 {{0xffff000000000000, 0x40000000, 0x40000000}},
	 0xfffeffffc0000000, 0xffff800010080000},
	{"riscv64, Sv39", "riscv64", {0x80202000, 0x81a00000}, 0xffffffff80002000,
	 0xffffffff80002000,
	 "NUMBER(VA_BITS)=39\nNUMBER(PAGE_OFFSET)=0xffffffd800000000\n"
	 "NUMBER(phys_ram_base)=0x80200000\nNUMBER(KERNEL_LINK_ADDR)=0xffffffff80000000\n"
	 "NUMBER(va_kernel_pa_offset)=0xfffffffeffe00000\n",
	 {{0xffffffff80002000, 0x80202000, 0x1800000}, {0xffffffd800000000, 0x80200000, 1 << 30}},
	 0xffffffd77fe00000, 0xffffffff80002000},
	{"riscv64, Sv48", "riscv64", {0x80202000, 0x81a00000}, 0xffffffff80002000, 0,
	 "NUMBER(VA_BITS)=48\nNUMBER(PAGE_OFFSET)=0xffffaf8000000000\n"
	 "NUMBER(phys_ram_base)=0x80000000\n",
	 {{0}},
	 0xffffaf7f80000000, 0xffffffff80002000},
	{"riscv64, Sv57, the image moved", "riscv64", {0x80202000, 0x8206a338},
	 0xffffffff92c02000, 0,
	 "NUMBER(VA_BITS)=57\nNUMBER(PAGE_OFFSET)=0xff60000000000000\n"
	 "NUMBER(phys_ram_base)=0x80000000\nNUMBER(va_kernel_pa_offset)=0xffffffff12a00000\n",
	 {{0xffffffff92c02000, 0x80202000, 0x1e69000}, {0xff60000000000000, 0x80000000, 1 << 30}},
	 0xff5fffff80000000, 0xffffffff92c02000},
	{"s390x, one address space", "s390x", {0x100000, 0x133b000}, 0x100000, 0x100000,
	 "KERNELOFFSET=0\n",
	 {{0x37fffd00000, UINT64_MAX, 0x7f80000000}, {0, 0, 0x40000000}},
	 0, 0x100000},
	{"s390x 6.10, KASLR", "s390x", {0x6d100000, 0x6e33b000}, 0x3ffe0100000, 0,
	 "KERNELOFFSET=3ffe0000000\nIDENTITYBASE=10000000000\nKERNELOFFPHYS=6d000000\n",
	 {{0x3ffe0100000, 0x6d100000, 0x123b000}, {0x10000000000, 0, 0x80000000}},
	 0x10000000000, 0x3ffe0100000},
	{"ppc64le", "ppc64le", {0, 0x2880000}, 0xc000000000000000, 0, "",
	 {{0xc008000000000000, UINT64_MAX, 1ull << 49}, {0xc000000000000000, 0, 1u << 31}},
	 0xc000000000000000, 0xc000000000000000},
	{"ppc64, a capture kernel at 32 MiB", "ppc64", {0x2000000, 0x4880000},
	 0xc000000002000000, 0, "", {{0}},
	 0xc000000000000000, 0xc000000002000000},
	{"i386", "i386", {0x10000000, 0x10ee6000}, 0xd0000000, 0, "",
	 {{0xf73fe000, UINT64_MAX, 0x7800000}, {0xc0000000, 0, 0x36bfe000}},
	 0xc0000000, 0xd0000000},
	/* Debian: no /proc/kcore, no _text; _stext begins the next section of 1 MiB. */
	{"arm, Debian 6.1", "arm", {0x40208000, 0x41607588}, 0xc0300000, 0, "", {{0}},
	 0x80000000, 0xc0208000},
	{"arm, Keystone 2: RAM above 4 GiB", "arm", {0x800208000, 0x801607588}, 0xc0300000, 0, "",
	 {{0}}, 0xfffffff8c0000000, 0xc0208000},
	{"arm, PAGE_OFFSET below RAM", "arm", {0xc0208000, 0xc1607588}, 0x80300000, 0x80208000, "",
	 {{0}}, 0xffffffffc0000000, 0x80208000},
};

static void begin(const struct layout *l, struct machine *m)
{
	*m = (struct machine)MACHINE_INIT;
	snprintf(m->arch, sizeof(m->arch), "%s", l->arch);
	m->kernel = l->kernel;
	m->stext_va = l->stext;
	m->text_va = l->text;
}

static void add_kcore(const struct layout *l, struct machine *m)
{
	for (size_t i = 0; i < 3 && l->kcore[i].size; i++)
		assert_int_equal(vec_push(&m->kcore, l->kcore[i]), 0);
}

static void addresses_are(const struct layout *l, const struct machine *m, const char *from)
{
	uint64_t linear = NO_VALUE, text = NO_VALUE;

	print_message("%s, from %s\n", l->name, from);
	assert_true(machine_linear_offset(m, &linear));
	assert_true(linear == l->linear);
	assert_true(machine_text_va(m, &text));
	assert_true(text == l->text_va);
}

static void every_layout(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct layout *l = &layouts[i];
		struct machine m;

		begin(l, &m);
		assert_int_equal(buf_puts(&m.vmcoreinfo_text, l->info), 0);
		/* x86_64's note does not tell of the linear map. */
		if (strcmp(l->arch, "x86_64"))
			addresses_are(l, &m, "the note");
		add_kcore(l, &m);
		addresses_are(l, &m, "both");
		machine_done(&m);
	}
}

/* Without the note's text (an unprivileged look, a captured folder). */
static void kcore_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct layout *l = &layouts[i];
		struct machine m;

		/* s390x 6.10 cannot be told from an older one without its note. */
		if (!l->kcore[0].size || !strcmp(l->name, "s390x 6.10, KASLR"))
			continue;
		begin(l, &m);
		add_kcore(l, &m);
		if (strcmp(l->arch, "x86_64"))
			addresses_are(l, &m, "kcore");
		machine_done(&m);
	}
}

static void unknown_is_unknown(void **state)
{
	(void)state;
	static const char *const archs[] = {"x86_64", "i386",    "arm",   "arm64",  "ppc64le",
					    "ppc64",  "riscv64", "s390x", "sparc64"};

	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
		struct machine m = MACHINE_INIT;
		uint64_t v = NO_VALUE;

		snprintf(m.arch, sizeof(m.arch), "%s", archs[i]);
		assert_false(machine_linear_offset(&m, &v));
		assert_false(machine_text_va(&m, &v));
		m.kernel = (struct range){0x1000000, 0x2000000};
		assert_false(machine_linear_offset(&m, &v));
		assert_false(machine_text_va(&m, &v));
		machine_done(&m);
	}
}

/* Numbers of the note that no kernel writes must not become addresses. */
static void odd_numbers(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	uint64_t v;

	strcpy(m.arch, "arm64");
	assert_int_equal(buf_puts(&m.vmcoreinfo_text,
				  "NUMBER(VA_BITS)=64\nNUMBER(PHYS_OFFSET)=0x40000000\n"
				  "NUMBER(TCR_EL1_T1SZ)=0x400\n"),
			 0);
	assert_false(machine_linear_offset(&m, &v));
	machine_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout),
		cmocka_unit_test(kcore_alone),
		cmocka_unit_test(unknown_is_unknown),
		cmocka_unit_test(odd_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
