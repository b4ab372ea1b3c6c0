/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree with a labelled node and overlays for it, as dtc -@ writes them. */
#pragma once
#include "fdt/tree_fixture.h"

static inline void *fixture_begin(struct fixture_tree *t)
{
	memset(t, 0, sizeof(*t));
	fdt_create(t->bytes, sizeof(t->bytes));
	fdt_finish_reservemap(t->bytes);
	fdt_begin_node(t->bytes, "");
	return t->bytes;
}

static inline struct span fixture_end(struct fixture_tree *t)
{
	fdt_end_node(t->bytes);
	assert(!fdt_finish(t->bytes));
	return span_of(t->bytes, fdt_totalsize(t->bytes));
}

/* / { soc { uart: uart {}; }; }; @labels: made with -@. */
static inline struct span fixture_base(struct fixture_tree *t, bool labels)
{
	void *f = fixture_begin(t);

	fdt_begin_node(f, "soc");
	fdt_begin_node(f, "uart");
	fdt_property_string(f, "compatible", "ns16550a");
	fdt_property_u32(f, "phandle", 1);
	fdt_end_node(f);
	fdt_end_node(f);
	if (labels) {
		fdt_begin_node(f, "__symbols__");
		fdt_property_string(f, "uart", "/soc/uart");
		fdt_end_node(f);
	}
	return fixture_end(t);
}

/* &@label { @name = @value; }; */
static inline struct span fixture_overlay(struct fixture_tree *t, const char *label,
					  const char *name, const char *value)
{
	void *f = fixture_begin(t);

	fdt_begin_node(f, "fragment@0");
	fdt_property_u32(f, "target", 0xffffffff);
	fdt_begin_node(f, "__overlay__");
	fdt_property(f, name, value, (int)strlen(value) + 1);
	fdt_end_node(f);
	fdt_end_node(f);
	fdt_begin_node(f, "__fixups__");
	fdt_property_string(f, label, "/fragment@0:target:0");
	fdt_end_node(f);
	return fixture_end(t);
}

/* An overlay with nodes so deep. */
static inline struct span fixture_deep(struct fixture_tree *t, unsigned depth)
{
	void *f = fixture_begin(t);

	for (unsigned i = 0; i < depth; i++)
		fdt_begin_node(f, "n");
	for (unsigned i = 0; i < depth; i++)
		fdt_end_node(f);
	return fixture_end(t);
}
