/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "machine/iomem.h"
#include "machine/memmap.h"

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

static void assert_ranges(const struct range_list *l, const struct range *want, size_t n)
{
	assert_int_equal(l->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(l->v[i].start, want[i].start);
		assert_int_equal(l->v[i].end, want[i].end);
	}
}

#define assert_list(l, ...)                                                                        \
	assert_ranges(l, (const struct range[]){__VA_ARGS__},                                      \
		      sizeof((const struct range[]){__VA_ARGS__}) / sizeof(struct range))

static void entries_and_their_depth(void **state)
{
	(void)state;
	struct iomem it = iomem_open(text("b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]\n"
					  "  b0000000-bfffffff : Reserved\n"
					  "    b0000000-b0000fff : pnp 00:05 : x\n"
					  "0-ffffffffffffffff : all"));
	struct iomem_entry e;
	struct err err = ERR_INIT;

	assert_int_equal(iomem_next(&it, &e, &err), 1);
	assert_int_equal(e.depth, 0);
	assert_int_equal(e.at.end, 0xc0000000);
	assert_true(text_is(e.name, "PCI MMCONFIG 0000 [bus 00-ff]"));
	assert_int_equal(iomem_next(&it, &e, &err), 1);
	assert_int_equal(e.depth, 1);
	assert_int_equal(iomem_next(&it, &e, &err), 1);
	assert_int_equal(e.depth, 2);
	assert_true(text_is(e.name, "pnp 00:05 : x"));
	assert_int_equal(iomem_next(&it, &e, &err), 1);
	assert_true(e.at.end == UINT64_MAX);
	assert_int_equal(iomem_next(&it, &e, &err), 0);
}

static void a_line_has_any_length(void **state)
{
	(void)state;
	char line[1000];
	struct iomem_entry e;

	memset(line, 'x', sizeof(line));
	memcpy(line, "0-f : ", 6);
	struct iomem it = iomem_open(span_of(line, sizeof(line)));

	assert_int_equal(iomem_next(&it, &e, NULL), 1);
	assert_int_equal(e.name.len, sizeof(line) - 6);
}

static void damaged_lines_are_named(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\n",
		"x",
		"1000-1fff",
		"1000-1fff :",
		"1000-1fff: System RAM",
		"-1fff : a",
		"1000 - 1fff : a",
		"2000-1fff : a",
		"11111111111111111-2 : a",
		" 1000-1fff : a",
		"0x1000-0x1fff : a",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct machine m = MACHINE_INIT;
		struct err err = ERR_INIT;
		char s[80] = "00001000-0009fbff : System RAM\n";

		strcat(s, bad[i]);
		assert_int_equal(iomem_facts(text(s), &m, NULL, &err), -EBADMSG);
		assert_string_equal(err.text, "line 2 at 0x1f is not START-END : NAME");
		assert_true(err.has_offset && err.offset == 0x1f);
		machine_done(&m);
	}
}

static void reserved_children_are_not_ram(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct err err = ERR_INIT;
	struct span s = text("00001000-0009fbff : System RAM\n"
			     "000a0000-000fffff : Reserved\n"
			     "  000f0000-000fffff : System ROM\n"
			     "00100000-3ffdefff : System RAM\n"
			     "  00200000-002fffff : reserved\n"
			     "  16e00000-17c01ef1 : Kernel code\n"
			     "  17e00000-18622fff : Kernel rodata\n"
			     "  190ac000-195fffff : Kernel bss\n"
			     "  20000000-200fffff : Reserved\n"
			     "    20010000-2001ffff : inner\n"
			     "  33000000-3effffff : Crash kernel\n"
			     "  3f000000-3f000fff : 0000:00:02.0\n"
			     "3ffdf000-3fffffff : Reserved\n"
			     "100000000-1ffffffff : System RAM\n"
			     "  1f0000000-1ffffffff : Crash kernel\n");

	assert_int_equal(iomem_facts(s, &m, NULL, &err), 0);
	assert_list(&m.ram, {0x1000, 0x9fc00}, {0x100000, 0x200000}, {0x300000, 0x20000000},
		    {0x20100000, 0x3f000000}, {0x3f001000, 0x3ffdf000}, {0x100000000, 0x200000000});
	assert_list(&m.system_ram, {0x1000, 0x9fc00}, {0x100000, 0x3ffdf000},
		    {0x100000000, 0x200000000});
	assert_list(&m.crash, {0x33000000, 0x3f000000}, {0x1f0000000, 0x200000000});
	assert_int_equal(m.kernel.start, 0x16e00000);
	assert_int_equal(m.kernel.end, 0x19600000);
	assert_false(m.addresses_hidden);
	machine_done(&m);
}

static void any_number_of_ranges(void **state)
{
	(void)state;
	enum { N = 3000 };
	struct machine m = MACHINE_INIT;
	struct buf all = BUF_INIT;

	for (unsigned i = 1; i <= N; i++)
		assert_true(buf_printf(&all, "%08x-%08x : System RAM\n  %08x-%08x : Crash kernel\n",
				       i << 20, (i << 20) + 0xfff, i << 20, (i << 20) + 0xff) >= 0);
	assert_int_equal(iomem_facts(buf_span(&all), &m, NULL, NULL), 0);
	assert_int_equal(m.ram.n, N);
	assert_int_equal(m.system_ram.n, N);
	assert_true(m.ram.v[N - 1].start == (uint64_t)N << 20);
	assert_int_equal(m.crash.n, N);
	machine_done(&m);
	buf_done(&all);
}

/* riscv64 nests the kernel's parts in "Kernel image"; EFI memory comes in touching pieces. */
static void deep_kernels_and_touching_ranges(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct err err = ERR_INIT;
	struct span s = text("80000000-8fffffff : System RAM\n"
			     "  80000000-8007ffff : Reserved\n"
			     "  80202000-8206a337 : Kernel image\n"
			     "    80202000-80c76977 : Kernel code\n"
			     "    81fb9000-8206a337 : Kernel bss\n"
			     "90000000-90000017 : System RAM\n"
			     "90000018-9fffffff : System RAM\n");

	assert_int_equal(iomem_facts(s, &m, NULL, &err), 0);
	assert_list(&m.ram, {0x80080000, 0xa0000000});
	assert_int_equal(m.kernel.start, 0x80202000);
	assert_int_equal(m.kernel.end, 0x8206a338);
	machine_done(&m);
}

static void aliases_and_driver_memory(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct err err = ERR_INIT;
	struct range_list boot = {0};
	struct span s = text("80000000-dfffffff : System RAM (boot alias)\n"
			     "  90000000-93ffffff : Crash kernel (boot alias)\n"
			     "800000000-85fffffff : System RAM\n"
			     "  810000000-813ffffff : Crash kernel\n"
			     "900000000-9ffffffff : Persistent Memory\n"
			     "  900000000-9ffffffff : dax0.0\n"
			     "    900000000-9ffffffff : System RAM (kmem)\n");

	assert_int_equal(iomem_facts(s, &m, NULL, &err), 0);
	assert_list(&m.ram, {0x800000000, 0x860000000});
	assert_list(&m.system_ram, {0x800000000, 0x860000000}, {0x900000000, 0xa00000000});
	assert_list(&m.crash, {0x810000000, 0x814000000});
	assert_list(&m.alias.ram, {0x80000000, 0xe0000000});
	assert_list(&m.alias.crash, {0x90000000, 0x94000000});
	assert_true(m.alias.offset == 0x780000000);
	assert_int_equal(machine_boot_ram(&m, &boot), 0);
	assert_list(&boot, {0x80000000, 0xe0000000});
	ranges_done(&boot);
	assert_int_equal(machine_boot_crash(&m, &boot), 0);
	assert_list(&boot, {0x90000000, 0x94000000});
	ranges_done(&boot);
	machine_done(&m);
}

/* More RAM than the window shows, and a part of it reserved: what the window shows of that. */
static void a_small_window(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct range_list boot = {0};
	struct span s = text("80000000-ffffffff : System RAM (boot alias)\n"
			     "800000000-8ffffffff : System RAM\n"
			     "  801000000-801ffffff : reserved\n"
			     "  8a0000000-8afffffff : Crash kernel\n");

	assert_int_equal(iomem_facts(s, &m, NULL, NULL), 0);
	assert_true(m.alias.offset == 0x780000000);
	assert_int_equal(machine_boot_ram(&m, &boot), 0);
	assert_list(&boot, {0x80000000, 0x81000000}, {0x82000000, 0x100000000});
	ranges_done(&boot);
	/* No segment can be told to lie there. */
	assert_int_equal(machine_boot_crash(&m, &boot), 0);
	assert_int_equal(boot.n, 0);
	machine_done(&m);
}

static void hidden_addresses_are_seen(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(iomem_facts(text("00000000-00000000 : Reserved\n"
					  "00000000-00000000 : System RAM\n"
					  "  00000000-00000000 : Kernel code\n"),
				     &m, NULL, &err),
			 0);
	assert_true(m.addresses_hidden);
	assert_int_equal(m.ram.n, 0);
	assert_true(range_empty(m.kernel));
	machine_done(&m);
	assert_int_equal(iomem_facts(text(""), &m, NULL, &err), -EBADMSG);
	assert_string_equal(err.text, "is empty");
	machine_done(&m);
	/* One such line among others hides nothing. */
	assert_int_equal(iomem_facts(text("00000000-00000000 : Reserved\n"
					  "00001000-0009fbff : System RAM\n"),
				     &m, NULL, &err),
			 0);
	assert_false(m.addresses_hidden);
	assert_list(&m.ram, {0x1000, 0x9fc00});
	machine_done(&m);
}

static void a_map_without_memmap(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct mem_map map = {0};
	struct err err = ERR_INIT;
	struct span s = text("00000000-00000fff : Reserved\n"
			     "00001000-0009fbff : System RAM\n"
			     "000a0000-000bffff : PCI Bus 0000:00\n"
			     "00100000-3ffdefff : System RAM\n"
			     "  00200000-002fffff : reserved\n"
			     "  16e00000-17c01ef1 : Kernel code\n"
			     "3ffdf000-3fffffff : ACPI Tables\n"
			     "b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]\n"
			     "  b0000000-bfffffff : Reserved\n");
	static const struct mem_range want[] = {
		{{0, 0x1000}, MEM_RESERVED},
		{{0x1000, 0x9fc00}, MEM_RAM},
		{{0x100000, 0x200000}, MEM_RAM},
		{{0x200000, 0x300000}, MEM_RESERVED},
		{{0x300000, 0x3ffdf000}, MEM_RAM},
		{{0x3ffdf000, 0x40000000}, MEM_ACPI},
		{{0xb0000000, 0xc0000000}, MEM_RESERVED},
	};

	assert_int_equal(iomem_facts(s, &m, &map, &err), 0);
	assert_int_equal(map.n, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < map.n; i++) {
		assert_int_equal(map.v[i].at.start, want[i].at.start);
		assert_int_equal(map.v[i].at.end, want[i].at.end);
		assert_int_equal(map.v[i].kind, want[i].kind);
	}
	machine_done(&m);
	vec_done(&map);
}

static void cma_ranges(void **state)
{
	(void)state;
	struct range_list l = {0};
	struct err err = ERR_INIT;

	assert_int_equal(iomem_cma_ranges(text(""), &l, &err), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(iomem_cma_ranges(text("30000000-3fffffff\n00100000-001fffff\n"), &l, &err),
			 0);
	assert_list(&l, {0x100000, 0x200000}, {0x30000000, 0x40000000});
	ranges_done(&l);
	assert_int_equal(iomem_cma_ranges(text("0-1\n30000000-3fffffff x\n"), &l, &err), -EBADMSG);
	assert_string_equal(err.text, "line 2 is not START-END");
	assert_int_equal(l.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_and_their_depth),
		cmocka_unit_test(a_line_has_any_length),
		cmocka_unit_test(damaged_lines_are_named),
		cmocka_unit_test(reserved_children_are_not_ram),
		cmocka_unit_test(any_number_of_ranges),
		cmocka_unit_test(deep_kernels_and_touching_ranges),
		cmocka_unit_test(aliases_and_driver_memory),
		cmocka_unit_test(a_small_window),
		cmocka_unit_test(hidden_addresses_are_seen),
		cmocka_unit_test(a_map_without_memmap),
		cmocka_unit_test(cma_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
