/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/put.h"
#include "fdt/edit.h"
#include "machine/dt_serial.h"

static void put_text(struct edit *e, const char *path, const char *text)
{
	assert_int_equal(edit_put(e, path, span_of(text, strlen(text) + 1), NULL), 0);
}

static void put_cells(struct edit *e, const char *path, const uint32_t *v, size_t n)
{
	uint8_t raw[32];

	assert_true(4 * n <= sizeof(raw));
	for (size_t i = 0; i < n; i++)
		put_be(raw + 4 * i, v[i], 4);
	assert_int_equal(edit_put(e, path, span_of(raw, 4 * n), NULL), 0);
}

#define CELLS(e, path, ...)                                                                        \
	put_cells(e, path, (const uint32_t[]){__VA_ARGS__},                                        \
		  sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static int parse(struct edit *e, struct serial_port *s)
{
	struct buf blob = BUF_INIT;
	struct tree t;

	*s = (struct serial_port){0};
	assert_int_equal(edit_write(e, 0, &blob, NULL), 0);
	assert_int_equal(tree_open(buf_span(&blob), &t, NULL), 0);
	int r = dt_serial_parse(&t, s, NULL);

	buf_done(&blob);
	return r;
}

static void begin(struct edit *e)
{
	assert_int_equal(edit_new(e, NULL), 0);
	CELLS(e, "/#address-cells", 2);
	CELLS(e, "/#size-cells", 2);
}

/* As QEMU's virt machines have it. */
static void pl011_at_the_root(void **state)
{
	(void)state;
	struct serial_port s;
	struct edit e;

	begin(&e);
	put_text(&e, "/chosen/stdout-path", "/pl011@9000000");
	assert_int_equal(parse(&e, &s), 0);
	CELLS(&e, "/pl011@9000000/reg", 0, 0x9000000, 0, 0x1000);
	assert_int_equal(edit_put(&e, "/pl011@9000000/compatible",
				  span_of("arm,pl011\0arm,primecell", 24), NULL),
			 0);
	assert_int_equal(parse(&e, &s), 1);
	assert_string_equal(s.name, "ttyAMA0");
	assert_int_equal(s.mmio, 0x9000000);
	assert_int_equal(s.stride, 4);
	edit_done(&e);
}

/* A bus of 32-bit addresses that the CPUs see above 4 GiB; an alias with options behind. */
static void behind_a_bus(void **state)
{
	(void)state;
	struct serial_port s;
	struct edit e;

	begin(&e);
	CELLS(&e, "/soc/#address-cells", 1);
	CELLS(&e, "/soc/#size-cells", 1);
	CELLS(&e, "/soc/ranges", 0, 0x1, 0, 0x1000, 0x7e000000, 0x10, 0x2000000, 0x1000000);
	put_text(&e, "/soc/serial@7e215040/compatible", "snps,dw-apb-uart");
	CELLS(&e, "/soc/serial@7e215040/reg", 0x7e215040, 0x40);
	CELLS(&e, "/soc/serial@7e215040/reg-shift", 2);
	put_text(&e, "/aliases/serial1", "/soc/serial@7e215040");
	put_text(&e, "/chosen/stdout-path", "serial1:115200n8");
	assert_int_equal(parse(&e, &s), 1);
	assert_string_equal(s.name, "ttyS1");
	assert_true(s.mmio == 0x1002215040);
	assert_int_equal(s.stride, 4);

	CELLS(&e, "/soc/serial@7e215040/reg", 0x9000000, 0x40);
	assert_int_equal(parse(&e, &s), 0);
	edit_done(&e);
}

static void other_kinds_are_left_alone(void **state)
{
	(void)state;
	struct serial_port s;
	struct edit e;

	begin(&e);
	assert_int_equal(parse(&e, &s), 0);
	put_text(&e, "/chosen/stdout-path", "/serial@1");
	CELLS(&e, "/serial@1/reg", 0, 0x2020000, 0, 0x1000);
	put_text(&e, "/serial@1/compatible", "fsl,imx6q-uart");
	assert_int_equal(parse(&e, &s), 0);
	edit_done(&e);
}

/* 30,000 nodes, and as many aliases: each of them stands for another node. */
static void many_aliases_are_fast(void **state)
{
	(void)state;
	enum { MANY = 30000, SIZE = 4 << 20 };
	uint8_t *f = aligned_alloc(8, SIZE);
	struct serial_port s;
	struct tree t;
	char name[32], path[32];

	assert_non_null(f);
	fdt_create(f, SIZE);
	fdt_finish_reservemap(f);
	fdt_begin_node(f, "");
	fdt_begin_node(f, "aliases");
	for (unsigned i = 1; i < MANY; i++) {
		snprintf(name, sizeof(name), "serial%07u", i % 256);
		snprintf(path, sizeof(path), "/u@%x", i);
		fdt_property(f, name, path, (int)strlen(path) + 1);
	}
	fdt_end_node(f);
	fdt_begin_node(f, "chosen");
	fdt_property_string(f, "stdout-path", "/u@0");
	fdt_end_node(f);
	for (unsigned i = MANY; i--;) {
		snprintf(name, sizeof(name), "u@%x", i);
		fdt_begin_node(f, name);
		if (!i) {
			fdt_property_string(f, "compatible", "ns16550");
			fdt_property_u64(f, "reg", 0x1000);
			fdt_property_u32(f, "virtual-reg", 0);
		}
		fdt_end_node(f);
	}
	fdt_end_node(f);
	assert_int_equal(fdt_finish(f), 0);
	assert_int_equal(tree_open(span_of(f, fdt_totalsize(f)), &t, NULL), 0);
	clock_t start = clock();

	assert_int_equal(dt_serial_parse(&t, &s, NULL), 1);
	assert_string_equal(s.name, "ttyS0");
	if (clock() - start > 2 * CLOCKS_PER_SEC)
		fail_msg("%ld s", (long)((clock() - start) / CLOCKS_PER_SEC));
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pl011_at_the_root),
		cmocka_unit_test(behind_a_bus),
		cmocka_unit_test(other_kinds_are_left_alone),
		cmocka_unit_test(many_aliases_are_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
