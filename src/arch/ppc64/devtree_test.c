/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole trees are in tests/golden/ppc64.py; here what the running kernel does to one afterwards. */
#include "arch/dtb_fixture.h"

#include <stdio.h>

#include "arch/ppc64/ppc64.h"

#define MIB (1ull << 20)

enum { THREADS = 4, PRESENT = 2 * THREADS };

/* Each of the fixture's CPUs has four threads, and as many properties as real ones. */
static int give_threads(struct edit *e)
{
	static const uint8_t numbers[4 * THREADS], features[72];
	int r = 0;

	for (struct edit_node *n = edit_find(e, "/cpus")->child; !r && n; n = n->next) {
		if (!dtb_is_cpu(n))
			continue;
		r = edit_set(e, n, "ibm,ppc-interrupt-server#s", span_of(numbers, sizeof(numbers)),
			     NULL);
		if (!r)
			r = edit_set(e, n, "ibm,pa-features", span_of(features, 67), NULL);
	}
	return r;
}

/* @blob is the caller's. False: no room. */
static bool add_cpu(void *blob, const char *name)
{
	static const uint8_t zero[72];
	int cpus = fdt_path_offset(blob, "/cpus"), n = fdt_add_subnode(blob, cpus, name);

	return n >= 0 && !fdt_setprop_string(blob, n, "name", "PowerPC,POWER10") &&
	       !fdt_setprop_string(blob, n, "device_type", "cpu") &&
	       !fdt_setprop_u32(blob, n, "reg", 0) &&
	       !fdt_setprop_string(blob, n, "status", "fail") &&
	       !fdt_setprop(blob, n, "ibm,ppc-interrupt-server#s", zero, 4 * THREADS) &&
	       !fdt_setprop(blob, n, "ibm,pa-features", zero, 67);
}

/* As update_cpus_node() of Linux 6.11: all CPUs go and come anew. How many there is room for. */
static unsigned replace_cpus(struct span tree)
{
	int cpus = fdt_path_offset(tree.ptr, "/cpus"), n;
	void *blob = (void *)(uintptr_t)tree.ptr;
	unsigned added = 0;
	char name[16];

	while ((n = fdt_subnode_offset(blob, cpus, "cpu")) >= 0)
		assert_int_equal(fdt_del_node(blob, n), 0);
	for (;; added++) {
		snprintf(name, sizeof(name), "cpu@%x", added * 8);
		if (!add_cpu(blob, name))
			return added;
	}
}

static void crash_load(struct load *l, uint64_t hotplug, unsigned possible)
{
	l->req.arch = &arch_ppc64le;
	l->b.crash = true;
	l->m.crash_hotplug_size = hotplug;
	l->m.cpus = PRESENT;
	l->m.cpus_possible = possible;
	assert_int_equal(ranges_add(&l->m.crash, (struct range){512 * MIB, 768 * MIB}), 0);
	assert_int_equal(ranges_add(&l->m.system_ram, (struct range){0, 1024 * MIB}), 0);
	change(&l->m.fdt, give_threads);
	filled(l, &ppc64_dtb_rules);
}

static void there_is_room_for_all_cpus(void **state)
{
	struct load *l = *state;

	crash_load(l, 65536, 10 * PRESENT);
	/* Its reservation covers the free bytes too. */
	assert_true(reserves(l, 0x47000000, 0x47000000 + l->out.len));
	unsigned n = replace_cpus(l->out);

	assert_true(n >= 10 * PRESENT / THREADS && n < 15 * PRESENT / THREADS);
}

static void without_hotplug_there_is_none(void **state)
{
	struct load *l = *state;

	crash_load(l, 0, 10 * PRESENT);
	assert_true(replace_cpus(l->out) <= PRESENT / THREADS);
}

/* One block of 256 MiB above 4 GiB, and a root whose numbers have one cell. */
static int add_high_block(struct edit *e)
{
	static const uint8_t list[28] = {[3] = 1, [7] = 1, [8] = 0x10};
	static const char at[] = "/ibm,dynamic-reconfiguration-memory/ibm,";
	char path[96];
	int r = edit_set_u32(e, e->root, "#address-cells", 1, NULL);

	if (!r)
		r = edit_set_u32(e, e->root, "#size-cells", 1, NULL);
	for (struct edit_node *n = e->root->child; n; n = n->next)
		(void)edit_unset(n, "reg"); /* they have two */
	snprintf(path, sizeof(path), "%slmb-size", at);
	if (!r)
		r = edit_put(e, path, span_of("\0\0\0\0\x10\0\0", 8), NULL);
	snprintf(path, sizeof(path), "%sdynamic-memory", at);
	return r ? r : edit_put(e, path, span_of(list, sizeof(list)), NULL);
}

static void addresses_are_not_cut(void **state)
{
	struct load *l = *state;
	struct err err = ERR_INIT;
	const uint64_t block = 0x110000000;

	change(&l->m.fdt, add_high_block);
	l->req.arch = &arch_ppc64le;
	l->b.crash = true;
	assert_int_equal(ranges_add(&l->m.crash, (struct range){512 * MIB, 768 * MIB}), 0);
	assert_int_equal(sized(l, &ppc64_dtb_rules, &err), 0); /* none of it is usable */
	l->m.crash.v[0].end = block + 1;
	assert_int_equal(sized(l, &ppc64_dtb_rules, &err), -EOVERFLOW);
	assert_non_null(strstr(err.text, "needs more cells than the root has"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOAD_TEST(there_is_room_for_all_cpus),
		LOAD_TEST(without_hotplug_there_is_none),
		LOAD_TEST(addresses_are_not_cut),
	};

	return cmocka_run_group_tests_name("ppc64 device tree", tests, NULL, NULL);
}
