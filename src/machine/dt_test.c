/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

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
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
