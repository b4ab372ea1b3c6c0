/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "fdt/tree_fixture.h"
#include "machine/dt.h"

static void list_is(const struct range_list *l, const struct range *want, size_t n)
{
	assert_int_equal(l->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(l->v[i].start, want[i].start);
		assert_int_equal(l->v[i].end, want[i].end);
	}
}

static void facts(void **state)
{
	(void)state;
	static const struct range ram[] = {
		{0x40080000, 0x48000000}, {0x48010000, 0x80000000}, {0x800000000, 0x900001000}};
	static const struct range system_ram[] = {{0x40080000, 0x80000000},
						  {0x800000000, 0x900001000}};
	struct fixture_tree f;
	struct machine m = MACHINE_INIT;

	assert_int_equal(dt_facts(fixture_tree(&f), &m, NULL), 0);
	list_is(&m.ram, ram, 3);
	list_is(&m.system_ram, system_ram, 2);
	assert_int_equal(m.crash.n, 0);
	assert_int_equal(m.cpus, 1);
	assert_string_equal(buf_str(&m.cmdline), "console=ttyAMA0 quiet");
	assert_int_equal(m.firmware.n, 5);
	assert_int_equal(m.firmware.v[0].kind, MEM_RESERVED);
	assert_int_equal(m.firmware.v[0].at.end, 0x40080000);
	assert_int_equal(m.firmware.v[1].kind, MEM_RAM);
	machine_done(&m);
}

/* What is known better stays; a second reading leaks nothing and changes nothing. */
static void keeps_what_is_known(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct machine m = MACHINE_INIT;

	m.cpus = 7;
	assert_int_equal(buf_puts(&m.cmdline, "root=/dev/vda"), 0);
	assert_int_equal(dt_facts(fixture_tree(&f), &m, NULL), 0);
	assert_int_equal(dt_facts(fixture_tree(&f), &m, NULL), 0);
	assert_int_equal(m.cpus, 7);
	assert_int_equal(m.ram.n, 3);
	assert_string_equal(buf_str(&m.cmdline), "root=/dev/vda");
	machine_done(&m);
}

static void crash_region_of_ppc64(void **state)
{
	(void)state;
	struct fixture_tree f;
	struct machine m = MACHINE_INIT;
	_Alignas(8) uint8_t bytes[8192];

	assert_int_equal(fdt_open_into(fixture_tree(&f).ptr, bytes, sizeof(bytes)), 0);
	int chosen = fdt_path_offset(bytes, "/chosen");
	assert_true(chosen >= 0);
	assert_int_equal(fdt_setprop_u64(bytes, chosen, "linux,crashkernel-base", 0x50000000), 0);
	assert_int_equal(fdt_setprop_u64(bytes, chosen, "linux,crashkernel-size", 0x10000000), 0);
	assert_int_equal(dt_facts(span_of(bytes, sizeof(bytes)), &m, NULL), 0);
	list_is(&m.crash, &(const struct range){0x50000000, 0x60000000}, 1);
	machine_done(&m);
}

static void put_reserved(uint8_t *bytes, size_t size, const char *name, uint64_t at, uint64_t len)
{
	uint8_t reg[16];
	char full[64];

	int parent = fdt_path_offset(bytes, "/reserved-memory");
	snprintf(full, sizeof(full), "%s@%llx", name, (unsigned long long)at);
	int node = fdt_add_subnode(bytes, parent, full);
	put_be(reg, at, 8);
	put_be(reg + 8, len, 8);
	assert_true(node >= 0 && size);
	assert_int_equal(fdt_setprop(bytes, node, "reg", reg, sizeof(reg)), 0);
}

/*
 * OpenSBI at the beginning of memory, in two parts and without no-map: reading it faults. Another
 * reservation is only no place for segments.
 */
static void firmware_of_riscv64(void **state)
{
	(void)state;
	static const struct range ram[] = {{0x80080000, 0x88200000}, {0x88300000, 0xc0000000}};
	static _Alignas(8) uint8_t bytes[8192];
	struct machine m = MACHINE_INIT;
	struct fixture_tree f;

	assert_int_equal(fdt_open_into(fixture_tree(&f).ptr, bytes, sizeof(bytes)), 0);
	put_reserved(bytes, sizeof(bytes), "mmode_resv0", 0x80000000, 0x40000);
	put_reserved(bytes, sizeof(bytes), "mmode_resv1", 0x80040000, 0x40000);
	put_reserved(bytes, sizeof(bytes), "buffer", 0x88200000, 0x100000);
	strcpy(m.arch, "riscv64");
	assert_int_equal(ranges_add(&m.ram, (struct range){0x80000000, 0xc0000000}), 0);
	assert_int_equal(ranges_copy(&m.system_ram, &m.ram), 0);
	assert_int_equal(dt_facts(span_of(bytes, sizeof(bytes)), &m, NULL), 0);
	list_is(&m.system_ram, &(const struct range){0x80080000, 0xc0000000}, 1);
	list_is(&m.ram, ram, 2);
	machine_done(&m);

	/* On other CPUs it is memory like any other. */
	strcpy(m.arch, "arm64");
	assert_int_equal(ranges_add(&m.system_ram, (struct range){0x80000000, 0xc0000000}), 0);
	assert_int_equal(dt_facts(span_of(bytes, sizeof(bytes)), &m, NULL), 0);
	list_is(&m.system_ram, &(const struct range){0x80000000, 0xc0000000}, 1);
	machine_done(&m);
}

/* A boot loader's own reservation of the initrd that it loaded: it was freed long ago. */
static void the_old_initrd(void **state)
{
	(void)state;
	static const struct range ram[] = {{0x40080000, 0x80000000}, {0x800000000, 0x900001000}};
	static _Alignas(8) uint8_t bytes[8192];
	struct machine m = MACHINE_INIT;
	struct fixture_tree f;

	assert_int_equal(fdt_open_into(fixture_tree(&f).ptr, bytes, sizeof(bytes)), 0);
	assert_int_equal(fdt_del_mem_rsv(bytes, 0), 0);
	assert_int_equal(fdt_add_mem_rsv(bytes, 0x48000000, 0xd57000), 0);
	assert_int_equal(dt_facts(span_of(bytes, sizeof(bytes)), &m, NULL), 0);
	list_is(&m.ram, ram, 2);
	machine_done(&m);
}

static void refusals(void **state)
{
	(void)state;
	_Alignas(8) uint8_t bytes[512];
	struct fixture_tree f;
	struct machine m = MACHINE_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(fdt_create_empty_tree(bytes, sizeof(bytes)), 0);
	assert_int_equal(dt_facts(span_of(bytes, sizeof(bytes)), &m, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "EFI"));
	assert_int_equal(dt_facts(span_of("none", 4), &m, &err), -ENOEXEC);
	fixture_tree(&f);
	assert_int_equal(dt_facts(span_of(f.bytes, 100), &m, &err), -EBADMSG);
	assert_int_equal(m.ram.n + m.system_ram.n + m.firmware.n, 0);
	machine_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts),
		cmocka_unit_test(keeps_what_is_known),
		cmocka_unit_test(crash_region_of_ppc64),
		cmocka_unit_test(firmware_of_riscv64),
		cmocka_unit_test(the_old_initrd),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
