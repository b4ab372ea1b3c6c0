/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "base/put.h"
#include "fdt/edit.h"
#include "machine/dt.h"
#include "machine/dt_ppc64.h"

static void put(struct edit *e, const char *path, struct span value)
{
	assert_int_equal(edit_put(e, path, value, NULL), 0);
}

static void put_u64(struct edit *e, const char *path, uint64_t v)
{
	uint8_t raw[8];

	put_be(raw, v, 8);
	put(e, path, span_of(raw, 8));
}

static void put_u32(struct edit *e, const char *path, uint32_t v)
{
	uint8_t raw[4];

	put_be(raw, v, 4);
	put(e, path, span_of(raw, 4));
}

/* Two blocks of 256 MiB at 0: what stands in memory@0. */
static void begin(struct edit *e)
{
	uint8_t reg[16] = {0};

	assert_int_equal(edit_new(e, NULL), 0);
	put_u32(e, "/#address-cells", 2);
	put_u32(e, "/#size-cells", 2);
	put(e, "/memory@0/device_type", span_of("memory", 7));
	put_be(reg + 8, 0x20000000, 8);
	put(e, "/memory@0/reg", span_of(reg, sizeof(reg)));
	put_u64(e, "/ibm,dynamic-reconfiguration-memory/ibm,lmb-size", 0x10000000);
}

static int parse(struct edit *e, struct dt_ppc64 *d, struct err *err)
{
	struct buf blob = BUF_INIT;
	struct tree t;

	*d = (struct dt_ppc64){0};
	assert_int_equal(edit_write(e, 0, &blob, NULL), 0);
	assert_int_equal(tree_open(buf_span(&blob), &t, NULL), 0);
	int r = dt_ppc64_parse(&t, d, err);

	buf_done(&blob);
	return r;
}

static void list_is(const struct range_list *l, const struct range *want, size_t n)
{
	assert_int_equal(l->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(l->v[i].start, want[i].start);
		assert_int_equal(l->v[i].end, want[i].end);
	}
}

static void put_block(uint8_t *at, uint64_t base, uint32_t flags)
{
	memset(at, 0xff, 24);
	put_be(at, base, 8);
	put_be(at + 20, flags, 4);
}

/* Assigned; assigned but reserved; not assigned; assigned and apart. */
static void blocks_version_1(void **state)
{
	(void)state;
	static const struct range want[] = {{0x20000000, 0x30000000}, {0x100000000, 0x110000000}};
	uint8_t list[4 + 4 * 24];
	struct edit e;
	struct dt_ppc64 d;

	put_be(list, 4, 4);
	put_block(list + 4, 0x20000000, 0x8);
	put_block(list + 28, 0x30000000, 0x88);
	put_block(list + 52, 0x40000000, 0);
	put_block(list + 76, 0x100000000, 0x8);
	begin(&e);
	put(&e, "/ibm,dynamic-reconfiguration-memory/ibm,dynamic-memory",
	    span_of(list, sizeof(list)));
	assert_int_equal(parse(&e, &d, NULL), 0);
	list_is(&d.memory, want, 2);
	assert_int_equal(d.facts.rma_end, 0x20000000);
	dt_ppc64_done(&d);
	edit_done(&e);
}

static void put_run(uint8_t *at, uint32_t n, uint64_t base, uint32_t flags)
{
	memset(at, 0, 24);
	put_be(at, n, 4);
	put_be(at + 4, base, 8);
	put_be(at + 20, flags, 4);
}

static void runs_version_2(void **state)
{
	(void)state;
	static const struct range want[] = {{0x20000000, 0x60000000}};
	uint8_t list[4 + 2 * 24];
	struct edit e;
	struct dt_ppc64 d;
	struct err err = ERR_INIT;

	put_be(list, 2, 4);
	put_run(list + 4, 4, 0x20000000, 0x8);
	put_run(list + 28, 9, 0x60000000, 0);
	begin(&e);
	put(&e, "/ibm,dynamic-reconfiguration-memory/ibm,dynamic-memory-v2",
	    span_of(list, sizeof(list)));
	assert_int_equal(parse(&e, &d, NULL), 0);
	list_is(&d.memory, want, 1);
	dt_ppc64_done(&d);

	put(&e, "/ibm,dynamic-reconfiguration-memory/ibm,dynamic-memory-v2",
	    span_of(list, sizeof(list) - 1));
	assert_int_equal(parse(&e, &d, &err), -EBADMSG);
	assert_string_equal(err.text, "dynamic memory ends in block 1 of 2");
	dt_ppc64_done(&d);

	put_run(list + 4, UINT32_MAX, UINT64_MAX - 5, 0x8);
	put(&e, "/ibm,dynamic-reconfiguration-memory/ibm,dynamic-memory-v2",
	    span_of(list, sizeof(list)));
	assert_int_equal(parse(&e, &d, &err), -EBADMSG);
	dt_ppc64_done(&d);
	edit_done(&e);
}

/* Everything that firmware and the kernel keep, and what that leaves of RAM. */
static void kept_memory(void **state)
{
	(void)state;
	static const struct range ram[] = {
		{0x2880000, 0x4000000}, {0x4010000, 0x5000000}, {0x5400000, 0x6000000},
		{0x6080000, 0x7000000}, {0x7100000, 0x10000000}};
	uint8_t pairs[16];
	struct edit e;
	struct buf blob = BUF_INIT;
	struct machine m = {.page_size = 65536, .arch = "ppc64"};

	begin(&e);
	put_be(pairs, 0x10000000, 8);
	put_be(pairs + 8, 0x10000000, 8);
	put(&e, "/reserved-ranges", span_of(pairs, 16));
	put_u32(&e, "/rtas/linux,rtas-base", 0x4000000);
	put_u32(&e, "/rtas/rtas-size", 0x10000);
	put_u64(&e, "/pci@800000020000000/linux,tce-base", 0x5000000);
	put_u32(&e, "/pci@800000020000000/linux,tce-size", 0x400000);
	put_u64(&e, "/chosen/linux,htab-base", 0x6000000);
	put_u64(&e, "/chosen/linux,htab-size", 0x80000);
	put_u64(&e, "/chosen/linux,kernel-end", 0x2880000);
	put_u64(&e, "/chosen/linux,crashkernel-base", 0x8000000);
	put_u64(&e, "/chosen/linux,crashkernel-size", 0x4000000);
	put_u64(&e, "/ibm,opal/opal-base-address", 0x7000000);
	put_u64(&e, "/ibm,opal/opal-runtime-size", 0x100000);
	put_u64(&e, "/ibm,opal/opal-entry-address", 0x7000100);
	assert_int_equal(edit_write(&e, 0, &blob, NULL), 0);
	m.stext_va = 0xc000000000000000;
	assert_int_equal(dt_facts(buf_span(&blob), &m, NULL), 0);
	list_is(&m.ram, ram, 5);
	list_is(&m.system_ram, &(const struct range){0, 0x20000000}, 1);
	list_is(&m.crash, &(const struct range){0x8000000, 0xc000000}, 1);
	list_is(&m.ppc64.tce, &(const struct range){0x5000000, 0x5400000}, 1);
	assert_true(m.ppc64.powernv && m.ppc64.opal_entry == 0x7000100);
	assert_int_equal(m.ppc64.htab.end, 0x6080000);
	assert_int_equal(m.kernel.start, 0);
	assert_int_equal(m.kernel.end, 0x2880000);
	buf_done(&blob);
	machine_done(&m);
	edit_done(&e);
}

/* mem= and a capture kernel's part: the tree tells of more than the kernel took. */
static void iomem_bounds_it(void **state)
{
	(void)state;
	struct edit e;
	struct buf blob = BUF_INIT;
	struct machine m = {.page_size = 65536, .arch = "ppc64le"};

	begin(&e);
	assert_int_equal(edit_write(&e, 0, &blob, NULL), 0);
	assert_int_equal(ranges_add(&m.system_ram, (struct range){0, 0x18000000}), 0);
	assert_int_equal(dt_facts(buf_span(&blob), &m, NULL), 0);
	list_is(&m.system_ram, &(const struct range){0, 0x18000000}, 1);
	buf_done(&blob);
	machine_done(&m);
	edit_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_version_1),
		cmocka_unit_test(runs_version_2),
		cmocka_unit_test(kept_memory),
		cmocka_unit_test(iomem_bounds_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
