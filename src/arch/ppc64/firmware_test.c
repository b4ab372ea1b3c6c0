/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/ppc64/ppc64.h"
#include "core/unit.h"

#include <string.h>

/* A tree in the making, and the machine that has it. */
struct lab {
	struct edit e;
	struct machine m;
};

static struct edit_node *node(struct lab *l, const char *path)
{
	struct edit_node *n;

	assert_int_equal(edit_make(&l->e, path, &n, NULL), 0);
	return n;
}

static void set(struct lab *l, const char *path, const char *name, const char *text)
{
	assert_int_equal(edit_set_text(&l->e, node(l, path), name, text, NULL), 0);
}

static void number(struct lab *l, const char *path, const char *name, uint32_t v)
{
	assert_int_equal(edit_set_u32(&l->e, node(l, path), name, v, NULL), 0);
}

static void start(struct lab *l)
{
	memset(l, 0, sizeof(*l));
	l->m = (struct machine)MACHINE_INIT;
	assert_int_equal(edit_new(&l->e, NULL), 0);
}

static void finish(struct lab *l)
{
	assert_int_equal(edit_write(&l->e, 0, &l->m.fdt, NULL), 0);
	edit_done(&l->e);
}

static void add_cpu(struct lab *l, const char *path, uint32_t version, uint32_t vmx)
{
	set(l, path, "device_type", "cpu");
	number(l, path, "cpu-version", version);
	number(l, path, "ibm,vmx", vmx);
}

static void vectors_by_every_cpu(void **state)
{
	(void)state;
	static const struct {
		uint32_t version, vmx, other;
		bool has;
	} rows[] = {
		{0x0f000005, 2, 0x0f000005, true},  {0x0f000004, 2, 0x0f000005, true},
		{0x0f000003, 2, 0x0f000003, false}, {0x0f000005, 1, 0x0f000005, false},
		{0x0f000005, 2, 0x0f000003, false}, {0x004e1200, 2, 0x004e1200, true},
		{0x00800200, 2, 0x00800200, true},  {0x003f0201, 2, 0x003f0201, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ppc64_firmware fw;
		struct lab l;

		start(&l);
		add_cpu(&l, "/cpus/PowerPC@0", rows[i].version, rows[i].vmx);
		add_cpu(&l, "/cpus/PowerPC@8", rows[i].other, 2);
		set(&l, "/cpus/l2-cache@1", "device_type", "cache");
		finish(&l);
		assert_int_equal(ppc64_firmware(&l.m, &fw, NULL), 0);
		assert_int_equal(fw.vector, rows[i].has);
		assert_false(fw.rtas || fw.radix);
		machine_done(&l.m);
	}
}

static void rtas_and_the_kind_of_page_tables(void **state)
{
	(void)state;
	uint8_t vec5[27] = {0};
	struct ppc64_firmware fw;

	for (unsigned mmu = 0; mmu < 4; mmu++) {
		struct lab l;

		start(&l);
		vec5[24] = (uint8_t)(mmu << 6);
		assert_int_equal(edit_set(&l.e, node(&l, "/chosen"), "ibm,architecture-vec-5",
					  span_of(vec5, sizeof(vec5)), NULL),
				 0);
		number(&l, "/rtas", "linux,rtas-base", 0x2fff0000);
		number(&l, "/rtas", "linux,rtas-entry", 0x2fff0010);
		if (mmu)
			number(&l, "/rtas", "system-reboot", 0x2004);
		finish(&l);
		assert_int_equal(ppc64_firmware(&l.m, &fw, NULL), 0);
		assert_int_equal(fw.radix, mmu == 1);
		assert_true(fw.rtas);
		assert_int_equal(fw.rtas_base, 0x2fff0000);
		assert_int_equal(fw.rtas_entry, 0x2fff0010);
		assert_int_equal(fw.reboot, mmu ? 0x2004 : 0);
		machine_done(&l.m);
	}
}

static void without_a_tree_nothing_is_known(void **state)
{
	(void)state;
	struct machine m = MACHINE_INIT;
	struct ppc64_firmware fw;

	assert_int_equal(ppc64_firmware(&m, &fw, NULL), 0);
	assert_false(fw.rtas || fw.radix || fw.vector);
	machine_done(&m);
}

static uint64_t terminal(struct lab *l, const char *name, uint32_t kind)
{
	const struct boot b = {.m = &l->m};
	struct handoff h = {.console = HANDOFF_CONSOLE_NONE};

	if (!ppc64_console(&b, span_of(name, strlen(name)), &h)) {
		assert_int_equal(h.console, HANDOFF_CONSOLE_NONE);
		return UINT64_MAX;
	}
	assert_int_equal(h.console, kind);
	return h.console_addr;
}

static void add_vty(struct lab *l, const char *path, uint32_t reg, const char *kind)
{
	number(l, path, "reg", reg);
	set(l, path, "compatible", kind);
}

/* The one of stdout is hvc0, the others follow in the tree's order; one that talks in packets is
 * none. */
static void terminals_of_a_hypervisor(void **state)
{
	(void)state;
	struct lab l;

	start(&l);
	add_vty(&l, "/vdevice/vty@30000000", 0x30000000, "hvterm1");
	add_vty(&l, "/vdevice/vty@30000001", 0x30000001, "hvterm-protocol");
	add_vty(&l, "/vdevice/vty@30000002", 0x30000002, "hvterm1");
	set(&l, "/chosen", "linux,stdout-path", "/vdevice/vty@30000002");
	finish(&l);
	assert_int_equal(terminal(&l, "hvc0", HANDOFF_CONSOLE_PAPR), 0x30000002);
	assert_int_equal(terminal(&l, "hvc", HANDOFF_CONSOLE_PAPR), 0x30000002);
	assert_int_equal(terminal(&l, "", HANDOFF_CONSOLE_PAPR), 0x30000002);
	assert_int_equal(terminal(&l, "hvc1", HANDOFF_CONSOLE_PAPR), 0x30000000);
	assert_int_equal(terminal(&l, "hvc2", 0), UINT64_MAX);
	assert_int_equal(terminal(&l, "hvcx", 0), UINT64_MAX);
	assert_int_equal(terminal(&l, "hvsi0", 0), UINT64_MAX);
	assert_int_equal(terminal(&l, "ttyS0", 0), UINT64_MAX);
	machine_done(&l.m);
}

static void terminals_of_opal(void **state)
{
	(void)state;
	struct lab l;

	start(&l);
	add_vty(&l, "/ibm,opal/consoles/serial@3", 3, "ibm,opal-console-raw");
	finish(&l);
	l.m.ppc64.powernv = true;
	assert_int_equal(terminal(&l, "hvc0", HANDOFF_CONSOLE_OPAL), 3);
	assert_int_equal(terminal(&l, "hvc1", 0), UINT64_MAX);
	machine_done(&l.m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_by_every_cpu),
		cmocka_unit_test(rtas_and_the_kind_of_page_tables),
		cmocka_unit_test(without_a_tree_nothing_is_known),
		cmocka_unit_test(terminals_of_a_hypervisor),
		cmocka_unit_test(terminals_of_opal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
