/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>

#include "arch/dtb_fixture.h"

/* The machine's tree as a boot loader made it, and the user's, which is that of its sources. */
static int board(struct edit *e)
{
	int r = edit_put(e, "/compatible", span_of("acme,board\0acme,soc", 20), NULL);

	if (!r)
		r = edit_put(e, "/serial-number", span_of("4711", 5), NULL);
	if (!r)
		r = edit_put(e, "/soc/ethernet@1/local-mac-address", span_of("\2\0\0\0\0\1", 6),
			     NULL);
	if (!r)
		r = edit_put(e, "/soc/ethernet@2/local-mac-address", span_of("\2\0\0\0\0\2", 6),
			     NULL);
	e->boot_cpu = 8;
	return r ? r : edit_put(e, "/memory@9/numa-node-id", span_of("\0\0\0\1", 4), NULL);
}

static int plain(struct edit *e)
{
	static const uint8_t two[] = {0, 0, 0, 2};
	int r = edit_put(e, "/#address-cells", span_of(two, 4), NULL);

	if (!r)
		r = edit_put(e, "/#size-cells", span_of(two, 4), NULL);
	if (!r)
		r = edit_put(e, "/compatible", span_of("acme,board\0acme,soc", 20), NULL);
	if (!r)
		r = edit_put(e, "/soc/ethernet@1/reg", span_of("\0\0\0\1", 4), NULL);
	return r ? r
		 : edit_put(e, "/soc/ethernet@2/local-mac-address", span_of("\0\0\0\0\0\0", 6),
			    NULL);
}

/* req.dtb = a tree out of nothing but what @how puts there. */
static void user_tree(struct load *l, int (*how)(struct edit *e))
{
	struct edit e;

	assert_int_equal(edit_new(&e, NULL), 0);
	assert_int_equal(how(&e), 0);
	l->user.len = 0;
	buf_done(&l->user);
	assert_int_equal(edit_write(&e, 0, &l->user, NULL), 0);
	edit_done(&e);
}

static void memory_is(struct load *l, size_t n)
{
	struct tree t = {l->out};
	struct tree_ranges list = {0};

	assert_int_equal(tree_memory(&t, &list, NULL), 0);
	assert_int_equal(list.n, n);
	assert_int_equal(list.v[0].at.start, 0x40000000);
	assert_int_equal(list.v[0].at.end, 0x80000000);
	vec_done(&list);
}

/* kexec-tools: a tree given by --dtb keeps its own memory, or none (linuxboot/book#172), and loses
 * the machine's reservations and boot CPU: hang or panic (ppc64, 2025). */
static void machine_is_put_in(void **state)
{
	struct load *l = *state;

	change(&l->m.fdt, board);
	user_tree(l, plain);
	filled(l, &arm64_like);
	memory_is(l, 3);
	assert_int_equal(edit_get(node(l, "/memory@9"), "numa-node-id").len, 4);
	assert_int_equal(edit_get_text(node(l, "/memory@ff"), "status").len, 8);
	assert_int_equal(l->e.boot_cpu, 8);
	assert_non_null(edit_get(node(l, "/reserved-memory/firmware@40000000"), "no-map").ptr);
	assert_null(edit_find(&l->e, "/reserved-memory/pool"));
	assert_true(reserves(l, 0x48000000, 0x48010000));
	assert_int_equal(chosen(l).bootargs.len, 14);
}

static void missing_fixups_are_told(void **state)
{
	struct load *l = *state;

	change(&l->m.fdt, board);
	user_tree(l, plain);
	filled(l, &arm64_like);
	assert_true(warns(l, "dtb 'my.dtb': has no memory; this machine's is put in"));
	assert_true(warns(l, "has no serial-number"));
	assert_true(warns(l, "/chosen has no stdout-path"));
	assert_true(warns(l, "/soc/ethernet@1 has no local-mac-address"));
	assert_true(warns(l, "/soc/ethernet@2 has no local-mac-address"));
	assert_int_equal(l->plan.warnings.n, 5); /* each once */
}

static int other_memory(struct edit *e)
{
	int r = plain(e);

	if (!r)
		r = edit_put(e, "/memory@0/device_type", span_of("memory", 7), NULL);
	if (!r)
		r = edit_put(e, "/memory@0/reg", span_of("\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0", 16),
			     NULL);
	return r ? r : edit_put(e, "/compatible", span_of("other,board", 12), NULL);
}

static void wrong_board_is_told(void **state)
{
	struct load *l = *state;

	change(&l->m.fdt, board);
	user_tree(l, other_memory);
	filled(l, &arm64_like);
	memory_is(l, 3);
	assert_null(edit_find(&l->e, "/memory@0"));
	assert_true(warns(l, "its memory is not this machine's"));
	assert_true(warns(l, "is not for this machine, a 'acme,board'"));
}

/* The machine's own tree, given by hand, is as good as the machine's own tree. */
static void own_tree_gives_no_warning(void **state)
{
	struct load *l = *state;

	change(&l->m.fdt, board);
	set_tree(&l->user, buf_span(&l->m.fdt));
	filled(l, &arm64_like);
	memory_is(l, 3);
	assert_int_equal(l->plan.warnings.n, 0);
}

static int many_ports(struct edit *e)
{
	char path[64];
	int r = 0;

	for (int i = 0; !r && i < 20; i++) {
		snprintf(path, sizeof(path), "/soc/ethernet@%d/local-mac-address", i);
		r = edit_put(e, path, span_of("\2\0\0\0\0\1", 6), NULL);
	}
	return r;
}

static int many_empty_ports(struct edit *e)
{
	char path[64];
	int r = plain(e);

	for (int i = 0; !r && i < 20; i++) {
		snprintf(path, sizeof(path), "/soc/ethernet@%d/local-mac-address", i);
		r = edit_put(e, path, span_of("\0\0\0\0\0\0", 6), NULL);
	}
	return r;
}

static void warnings_have_an_end(void **state)
{
	struct load *l = *state;

	change(&l->m.fdt, many_ports);
	user_tree(l, many_empty_ports);
	filled(l, &arm64_like);
	assert_int_equal(l->plan.warnings.n, 9);
	assert_non_null(strstr(l->plan.warnings.v[8], "14 more such differences"));
}

static int narrow(struct edit *e)
{
	return edit_put(e, "/compatible", span_of("x", 2), NULL);
}

/* A root of 32-bit cells cannot say what lies above 4 GiB. */
static void memory_must_fit_the_cells(void **state)
{
	struct load *l = *state;
	struct err err = ERR_INIT;

	user_tree(l, narrow);
	assert_int_equal(sized(l, &arm64_like, &err), -EOVERFLOW);
	assert_string_equal(err.text, "dtb 'my.dtb': memory: reg of 'memory@40000000': "
				      "0x800000000 does not fit the device tree's 32-bit cells");
}

static int efi_stub(struct edit *e)
{
	int r = edit_put(e, "/chosen/linux,uefi-system-table", span_of("\0\0\0\0\x7f\xfd\0\x18", 8),
			 NULL);

	return r ? r : edit_put(e, "/chosen/linux,uefi-mmap-size", span_of("\0\0\5\xa0", 4), NULL);
}

/* Memory comes from the firmware's map, which is found through /chosen. */
static void efi_machine_is_put_in(void **state)
{
	struct load *l = *state;

	user_tree(l, efi_stub);
	set_tree(&l->m.fdt, buf_span(&l->user));
	user_tree(l, plain);
	filled(l, &arm64_like);
	assert_int_equal(edit_get(node(l, "/chosen"), "linux,uefi-system-table").len, 8);
	assert_int_equal(edit_get(node(l, "/chosen"), "linux,uefi-mmap-size").len, 4);
	assert_null(edit_find(&l->e, "/memory"));
	assert_int_equal(l->plan.warnings.n, 0);
}

static void machine_without_a_tree(void **state)
{
	struct load *l = *state;

	buf_done(&l->m.fdt);
	assert_int_equal(ranges_add(&l->m.system_ram, (struct range){0x40000000, 0x80000000}), 0);
	user_tree(l, plain);
	filled(l, &arm64_like);
	memory_is(l, 1);
	assert_true(warns(l, "has no memory"));
}

static int drmem(struct edit *e)
{
	return edit_put(e, "/ibm,dynamic-reconfiguration-memory/ibm,dynamic-memory",
			span_of("\0\0\0\1", 4), NULL);
}

static void dynamic_memory_is_put_in(void **state)
{
	struct load *l = *state;

	change(&l->m.fdt, drmem);
	user_tree(l, plain);
	filled(l, &arm64_like);
	assert_int_equal(
		edit_get(node(l, "/ibm,dynamic-reconfiguration-memory"), "ibm,dynamic-memory").len,
		4);
}

static int psci_by_smc(struct edit *e)
{
	int r = plain(e);

	return r ? r : edit_put(e, "/psci/method", span_of("smc", 4), NULL);
}

static int psci_by_hvc(struct edit *e)
{
	return edit_put(e, "/firmware/psci/method", span_of("hvc", 4), NULL);
}

static int no_cpus(struct edit *e)
{
	edit_remove(edit_find(e, "/cpus"));
	edit_remove(edit_find(e, "/firmware"));
	return 0;
}

/* The purgatory runs on this machine, whatever tree the next kernel gets. */
static void this_machines_firmware_is_called(void **state)
{
	struct load *l = *state;
	struct edit e;

	user_tree(l, psci_by_smc);
	for (unsigned i = 0; i < 3; i++) {
		static int (*const how[])(struct edit *e) = {NULL, psci_by_hvc, no_cpus};
		static const enum psci want[] = {PSCI_NONE, PSCI_HVC, PSCI_SMC};

		if (how[i])
			change(&l->m.fdt, how[i]);
		l->req.dtb = buf_span(&l->user);
		assert_int_equal(boot_dtb_base(&l->b, &e, NULL), 0);
		assert_int_equal(boot_dtb_psci(&l->b, &e), want[i]);
		edit_done(&e);
	}
}

static void bad_files_are_named(void **state)
{
	struct load *l = *state;
	static const struct {
		const char *bytes, *why;
		size_t len;
	} bad[] = {
		{"/dts-v1/;",
		 "dtb 'my.dtb': is the source of a device tree; dtc makes a blob of it", 9},
		{"MZ\0\0\0\0",
		 "dtb 'my.dtb': is no device tree: it does not start with d0 0d fe ed", 6},
		{"\xd0\x0d\xfe\xed\0\0", "dtb 'my.dtb': device tree ends in its header at 0x6", 6},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;

		set_tree(&l->user, span_of(bad[i].bytes, bad[i].len));
		assert_int_equal(sized(l, &arm64_like, &err), -EBADMSG);
		assert_string_equal(err.text, bad[i].why);
		assert_string_equal(err.file, "my.dtb");
	}
}

static void cut_files_are_named(void **state)
{
	struct load *l = *state;
	struct err err = ERR_INIT;
	struct span blob = buf_span(&l->m.fdt);

	set_tree(&l->user, span_sub(blob, 0, blob.len - 4));
	assert_int_equal(sized(l, &arm64_like, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "dtb 'my.dtb': device tree ends at 0x"));
	assert_non_null(strstr(err.text, "its header says 0x"));
	assert_int_equal(l->plan.warnings.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOAD_TEST(machine_is_put_in),        LOAD_TEST(missing_fixups_are_told),
		LOAD_TEST(wrong_board_is_told),      LOAD_TEST(own_tree_gives_no_warning),
		LOAD_TEST(warnings_have_an_end),     LOAD_TEST(memory_must_fit_the_cells),
		LOAD_TEST(efi_machine_is_put_in),    LOAD_TEST(machine_without_a_tree),
		LOAD_TEST(dynamic_memory_is_put_in), LOAD_TEST(bad_files_are_named),
		LOAD_TEST(cut_files_are_named),      LOAD_TEST(this_machines_firmware_is_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
