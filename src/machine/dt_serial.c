/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/dt_serial.h"

#include <stdio.h>
#include <string.h>

#include "base/ckd.h"
#include "base/cursor.h"
#include "fdt/edit.h"
#include "machine/text.h"

#define PATH_LEN 256
#define LINES    256 /* no machine has more serial lines */

/* Every text of "compatible" is looked at. */
static bool compatible(const struct edit_node *n, const char *what)
{
	struct span list = edit_get(n, "compatible");

	while (list.len) {
		size_t len = strnlen((const char *)list.ptr, list.len);

		if (text_is(span_sub(list, 0, len), what))
			return true;
		list = span_from(list, len < list.len ? len + 1 : len);
	}
	return false;
}

/* "/soc/serial@10000000", or "serial0" of /aliases; both with ":115200n8" behind. */
static const struct edit_node *find_console(const struct edit *e)
{
	const struct edit_node *chosen = edit_find(e, "/chosen");
	const struct edit_node *aliases = edit_find(e, "/aliases");
	struct span path = chosen ? edit_get_text(chosen, "stdout-path") : (struct span){0};
	char text[PATH_LEN];

	if (chosen && !path.ptr)
		path = edit_get_text(chosen, "linux,stdout-path");
	const uint8_t *colon = path.len ? memchr(path.ptr, ':', path.len) : NULL;
	if (colon)
		path.len = (size_t)(colon - path.ptr);
	if (path.len && path.ptr[0] != '/' && aliases && path.len < sizeof(text)) {
		snprintf(text, sizeof(text), "%.*s", (int)path.len, (const char *)path.ptr);
		path = edit_get_text(aliases, text);
	}
	if (!path.len || path.ptr[0] != '/' || path.len >= sizeof(text))
		return NULL;
	snprintf(text, sizeof(text), "%.*s", (int)path.len, (const char *)path.ptr);
	return edit_find(e, text);
}

/* Could @path mean @node? Its last word, less the unit address, is that of the node's name. */
static bool ends_like(const char *path, const struct edit_node *node)
{
	const char *word = strrchr(path, '/');
	size_t len;

	word = word ? word + 1 : path;
	len = strcspn(word, "@");
	return len == strcspn(node->name, "@") && !memcmp(word, node->name, len);
}

/*
 * The number of the alias serialN that means @node; 0 if none does. Looking for a node takes a walk
 * over the tree: only what may be this one is looked for, and not without an end.
 */
static unsigned line_of(const struct edit *e, const struct edit_node *node)
{
	const struct edit_node *aliases = edit_find(e, "/aliases");
	char text[PATH_LEN];
	unsigned looked = 0;

	for (struct edit_prop *p = aliases ? aliases->props : NULL; p && looked < LINES;
	     p = p->next) {
		struct span path = p->value;
		uint64_t n;

		path.len = path.len ? strnlen((const char *)path.ptr, path.len) : 0;
		if (strncmp(p->name, "serial", 6) || path.len >= sizeof(text) ||
		    !text_u64(span_of(p->name + 6, strlen(p->name + 6)), 10, &n) || n >= LINES)
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)path.len, (const char *)path.ptr);
		if (!ends_like(text, node))
			continue;
		looked++;
		if (edit_find(e, text) == node)
			return (unsigned)n;
	}
	return 0;
}

/* What a node says of its children's addresses: 2 and 1 where it says nothing. */
static struct tree_cells cells_of(const struct edit_node *n)
{
	uint64_t addr = 2, size = 1;

	if (!edit_get_number(n, "#address-cells", &addr) || addr < 1 || addr > 2)
		addr = 2;
	if (!edit_get_number(n, "#size-cells", &size) || size > 2)
		size = 1;
	return (struct tree_cells){(unsigned)addr, (unsigned)size};
}

/* @addr of the bus @node as its parent sees it. False: the bus does not show it. */
static bool through_bus(const struct edit_node *node, uint64_t *addr)
{
	struct span list = edit_get(node, "ranges");
	struct tree_cells own = cells_of(node), up = cells_of(node->parent);
	struct cursor c = cursor_be(list, 0);

	if (!list.ptr)
		return false;
	if (!list.len)
		return true;
	while (c.pos < list.len && !c.bad) {
		uint64_t child = cursor_uint(&c, 4 * own.addr);
		uint64_t parent = cursor_uint(&c, 4 * up.addr), len = cursor_uint(&c, 4 * own.size);

		if (!c.bad && *addr >= child && *addr - child < len)
			return !ckd_add(addr, parent, *addr - child);
	}
	return false;
}

static bool cpu_address(const struct edit_node *node, uint64_t *addr)
{
	struct span reg = edit_get(node, "reg");
	unsigned bytes = 4 * cells_of(node->parent).addr;
	struct cursor c = cursor_be(reg, 0);

	*addr = cursor_uint(&c, bytes);
	if (c.bad)
		return false;
	for (const struct edit_node *bus = node->parent; bus->parent; bus = bus->parent)
		if (!through_bus(bus, addr))
			return false;
	return *addr;
}

static bool describe(const struct edit *e, const struct edit_node *node, struct serial_port *out)
{
	static const char *const kin[] = {"ns16550",  "ns16550a",        "ns16450", "ns8250",
					  "ns16850",  "snps,dw-apb-uart", "ns16750"};
	bool pl011 = compatible(node, "arm,pl011") || compatible(node, "arm,sbsa-uart");
	bool is_8250 = false;
	struct serial_port s = {.stride = 4};
	uint64_t shift = 0, offset = 0;

	for (size_t i = 0; i < sizeof(kin) / sizeof(kin[0]); i++)
		is_8250 |= compatible(node, kin[i]);
	if ((!pl011 && !is_8250) || !node->parent || !cpu_address(node, &s.mmio))
		return false;
	if (!pl011) {
		if (edit_get_number(node, "reg-offset", &offset) &&
		    ckd_add(&s.mmio, s.mmio, offset))
			return false;
		if (!edit_get_number(node, "reg-shift", &shift) || shift > 8)
			shift = 0;
		s.stride = 1u << shift;
	}
	snprintf(s.name, sizeof(s.name), "%s%u", pl011 ? "ttyAMA" : "ttyS", line_of(e, node));
	*out = s;
	return true;
}

int dt_serial_parse(const struct tree *t, struct serial_port *out, struct err *err)
{
	struct edit e;
	int r = edit_open(t, &e, err);

	if (r)
		return r;
	const struct edit_node *node = find_console(&e);
	r = node && describe(&e, node, out);
	edit_done(&e);
	return r;
}
