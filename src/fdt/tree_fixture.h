/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device trees for tests, written with libfdt's sequential writer. */
#pragma once
#include <assert.h>
#include <libfdt.h>
#include <string.h>

#include "base/put.h"
#include "base/span.h"

struct fixture_tree {
	_Alignas(8) uint8_t bytes[4096];
};

static inline void fixture_cells(void *f, const char *name, const uint32_t *v, size_t n)
{
	uint8_t raw[64];

	assert(4 * n <= sizeof(raw));
	for (size_t i = 0; i < n; i++)
		put_be(raw + 4 * i, v[i], 4);
	assert(!fdt_property(f, name, raw, (int)(4 * n)));
}

#define FIXTURE_CELLS(f, name, ...)                                                                \
	fixture_cells(f, name, (const uint32_t[]){__VA_ARGS__},                                    \
		      sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static inline void fixture_memory(void *f)
{
	fdt_begin_node(f, "memory@40000000");
	fdt_property_string(f, "device_type", "memory");
	FIXTURE_CELLS(f, "reg", 0, 0x40000000, 0, 0x40000000, 8, 0, 1, 0);
	fdt_end_node(f);
	fdt_begin_node(f, "memory@ff");
	fdt_property_string(f, "device_type", "memory");
	fdt_property_string(f, "status", "disabled");
	FIXTURE_CELLS(f, "reg", 0, 0xff, 0, 1);
	fdt_end_node(f);
	fdt_begin_node(f, "memory@9");
	fdt_property_string(f, "device_type", "memory");
	FIXTURE_CELLS(f, "reg", 9, 0, 0, 0x1000, 0, 0, 0, 0);
	fdt_end_node(f);
	fdt_begin_node(f, "reserved-memory");
	fdt_property_u32(f, "#address-cells", 2);
	fdt_property_u32(f, "#size-cells", 2);
	fdt_property(f, "ranges", NULL, 0);
	fdt_begin_node(f, "firmware@40000000");
	FIXTURE_CELLS(f, "reg", 0, 0x40000000, 0, 0x80000);
	fdt_property(f, "no-map", NULL, 0);
	fdt_end_node(f);
	fdt_begin_node(f, "pool");
	FIXTURE_CELLS(f, "size", 0, 0x100000);
	fdt_end_node(f);
	fdt_end_node(f);
}

/* A 64-bit machine: memory in two nodes (a third is disabled), a secured range, two CPUs. */
static inline struct span fixture_tree(struct fixture_tree *t)
{
	void *f = t->bytes;

	memset(t, 0, sizeof(*t));
	fdt_create(f, sizeof(t->bytes));
	fdt_add_reservemap_entry(f, 0x48000000, 0x10000);
	fdt_finish_reservemap(f);
	fdt_begin_node(f, "");
	fdt_property_u32(f, "#address-cells", 2);
	fdt_property_u32(f, "#size-cells", 2);
	fixture_memory(f);
	fdt_begin_node(f, "chosen");
	fdt_property_string(f, "bootargs", "console=ttyAMA0 quiet");
	fdt_property_string(f, "stdout-path", "/pl011@9000000");
	fdt_property_u64(f, "linux,initrd-start", 0x48000000);
	fdt_property_u32(f, "linux,initrd-end", 0x48d56000);
	FIXTURE_CELLS(f, "linux,usable-memory-range", 0, 0x6ec00000, 0, 0xc000000);
	fdt_property_u64(f, "kaslr-seed", 0x1234567890);
	fdt_end_node(f);
	fdt_begin_node(f, "cpus");
	fdt_property_u32(f, "#address-cells", 1);
	fdt_property_u32(f, "#size-cells", 0);
	fdt_begin_node(f, "cpu-map");
	fdt_end_node(f);
	for (uint32_t i = 0; i < 2; i++) {
		fdt_begin_node(f, i ? "cpu@101" : "cpu@0");
		fdt_property_string(f, "device_type", "cpu");
		fdt_property_u32(f, "reg", i ? 0x101 : 0);
		if (i)
			fdt_property_string(f, "status", "fail");
		fdt_end_node(f);
	}
	fdt_end_node(f);
	fdt_end_node(f);
	int r = fdt_finish(f);

	assert(!r);
	return span_of(f, fdt_totalsize(f));
}
