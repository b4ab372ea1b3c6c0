/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pl011_at_the_root),
		cmocka_unit_test(behind_a_bus),
		cmocka_unit_test(other_kinds_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
