/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/dtb_user.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "base/put.h"

/* Where ppc64 has most of its memory (arch/powerpc/mm/drmem.c). */
#define DRMEM "ibm,dynamic-reconfiguration-memory"

enum { TOLD_MAX = 8 };

/* One adoption: what is taken from @run, and told. */
struct adoption {
	struct boot *b;
	struct edit *e;
	const struct edit *run;
	bool say;
	unsigned told; /* warnings; behind TOLD_MAX they are only counted */
	int r;         /* of the first warning that could not be kept */
};

static void warn(struct adoption *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void warn(struct adoption *a, const char *fmt, ...)
{
	char text[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (a->say && a->told++ < TOLD_MAX && !a->r)
		a->r = plan_warn(a->b->plan, "dtb '%s': %s", a->b->req->dtb_path, text);
}

static bool is_memory(const struct edit_node *n)
{
	return dtb_is_memory(n) || !strcmp(n->name, DRMEM);
}

/* The ranges of @list, in the root's cells; what passes 2^64 is left out. */
static int ranges_in(const struct edit *e, struct span list, struct range_list *out,
		     struct err *err)
{
	struct tree_cells c;
	int r = edit_cells(e, &c, err);
	size_t addr = r ? 0 : 4ul * c.addr, each = r ? 0 : addr + 4ul * c.size;

	for (size_t at = 0; !r && list.len - at >= each; at += each) {
		struct range v = {.start = get_be(list.ptr + at, (unsigned)addr)};
		uint64_t size = get_be(list.ptr + at + addr, (unsigned)(each - addr));

		if (!ckd_add(&v.end, v.start, size) && !range_empty(v) && ranges_add(out, v) < 0)
			r = fail(err, ENOMEM, "no memory for the ranges of a device tree");
	}
	return r;
}

/* @to's reg = that of @from, a node of @run. */
static int copy_reg(struct adoption *a, struct edit_node *to, const struct edit_node *from,
		    struct err *err)
{
	struct range_list list = {0};
	int r = ranges_in(a->run, edit_get(from, "reg"), &list, err);

	if (!r)
		r = edit_set_ranges(a->e, to, "reg", list.v, list.n, err);
	ranges_done(&list);
	return wrap(err, r, "reg of '%s'", from->name);
}

/* All but what only means something in the other tree, and reg where it is one of the root's. */
static int copy_props(struct adoption *a, struct edit_node *to, const struct edit_node *from,
		      struct err *err)
{
	static const char *const skipped[] = {"phandle", "linux,phandle", "reg",
					      "linux,usable-memory"};
	int r = 0;

	for (const struct edit_prop *p = from->props; !r && p; p = p->next) {
		bool skip = false;

		for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++)
			skip |= !strcmp(p->name, skipped[i]);
		if (!skip)
			r = edit_set(a->e, to, p->name, p->value, err);
	}
	return r || !edit_get(from, "reg").ptr ? r : copy_reg(a, to, from, err);
}

static int memory_of(const struct edit *e, struct range_list *out, struct err *err)
{
	int r = 0;

	for (const struct edit_node *n = e->root->child; !r && n; n = n->next)
		if (is_memory(n))
			r = ranges_in(e, edit_get(n, "reg"), out, err);
	ranges_normalise(out);
	return r;
}

static bool same_ranges(const struct range_list *x, const struct range_list *y)
{
	return x->n == y->n && (!x->n || !memcmp(x->v, y->v, x->n * sizeof(*x->v)));
}

/* No tree tells: what /proc/iomem says. */
static int memory_from_iomem(struct adoption *a, struct err *err)
{
	const struct range_list *ram = &a->b->m->system_ram;
	struct edit_node *n;
	char name[32];
	int r;

	if (!ram->n)
		return fail(err, ENOTSUP, "this machine does not tell its memory");
	snprintf(name, sizeof(name), "memory@%llx", (unsigned long long)ram->v[0].start);
	r = edit_add(a->e, a->e->root, name, &n, err);
	if (!r)
		r = edit_set_text(a->e, n, "device_type", "memory", err);
	return r ? r : edit_set_ranges(a->e, n, "reg", ram->v, ram->n, err);
}

static int put_memory(struct adoption *a, struct err *err)
{
	bool any = false;
	int r = 0;

	for (struct edit_node *n = a->e->root->child, *next; n; n = next) {
		next = n->next;
		if (is_memory(n))
			edit_remove(n);
	}
	for (const struct edit_node *n = a->run ? a->run->root->child : NULL; !r && n;
	     n = n->next) {
		struct edit_node *to;

		if (!is_memory(n))
			continue;
		any = true;
		r = edit_add(a->e, a->e->root, n->name, &to, err);
		if (!r)
			r = copy_props(a, to, n, err);
	}
	return r || any ? r : memory_from_iomem(a, err);
}

static int adopt_memory(struct adoption *a, struct err *err)
{
	struct range_list theirs = {0}, ours = {0};
	int r = memory_of(a->e, &theirs, err);

	if (!r)
		r = put_memory(a, err);
	if (!r)
		r = memory_of(a->e, &ours, err);
	if (!r && !theirs.n)
		warn(a, "has no memory; this machine's is put in");
	else if (!r && !same_ranges(&theirs, &ours))
		warn(a, "its memory is not this machine's, which is put in instead");
	ranges_done(&theirs);
	ranges_done(&ours);
	return wrap(err, r, "memory");
}

/* With these Linux takes its memory from the firmware, and throws away what a tree says of it
 * (drivers/firmware/efi/efi-init.c, reserve_regions()). */
static int adopt_uefi(struct adoption *a, const struct edit_node *from, struct err *err)
{
	struct edit_node *chosen;
	int r = edit_make(a->e, "/chosen", &chosen, err);

	for (const struct edit_prop *p = from->props; !r && p; p = p->next)
		if (!strncmp(p->name, "linux,uefi-", 11))
			r = edit_set(a->e, chosen, p->name, p->value, err);
	return r;
}

/* As far as they have a place: those with only a size are placed by each kernel anew. */
static int adopt_children(struct adoption *a, const struct edit_node *from, struct err *err)
{
	struct edit_node *parent = NULL, *n;
	int r = 0;

	for (const struct edit_node *c = from->child; !r && c; c = c->next) {
		if (!edit_get(c, "reg").ptr)
			continue;
		if (!parent)
			r = dtb_reserved_memory(a->e, &parent, err);
		if (r || edit_child(parent, c->name))
			continue;
		r = edit_add(a->e, parent, c->name, &n, err);
		if (!r)
			r = copy_reg(a, n, c, err);
		if (!r && edit_get(c, "no-map").ptr)
			r = edit_set(a->e, n, "no-map", span_of("", 0), err);
	}
	return r;
}

static int adopt_reservations(struct adoption *a, struct err *err)
{
	static const char *const ppc64[] = {"reserved-ranges", "reserved-names"};
	const struct edit_node *from = edit_find(a->run, "/reserved-memory");
	int r = edit_reserve_all(a->e, a->run->reserved.v, a->run->reserved.n, err);

	for (size_t i = 0; !r && i < 2; i++) {
		struct span v = edit_get(a->run->root, ppc64[i]);

		if (v.ptr)
			r = edit_set(a->e, a->e->root, ppc64[i], v, err);
	}
	return r || !from ? r : adopt_children(a, from, err);
}

static bool is_zero(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i])
			return false;
	return true;
}

/* Boot loaders write the addresses of a board's network ports into its tree. */
static void miss_addresses(struct adoption *a)
{
	static const char *const names[] = {"local-mac-address", "mac-address"};
	char path[256];

	for (const struct edit_node *n = a->run->root; n; n = edit_next(n))
		for (size_t i = 0; i < 2; i++) {
			struct span has = edit_get(n, names[i]);

			if (is_zero(has) || edit_path(n, path, sizeof(path)))
				continue;
			const struct edit_node *same = edit_find(a->e, path);

			if (same && is_zero(edit_get(same, names[i])))
				warn(a, "%s has no %s, which this machine's own tree has", path,
				     names[i]);
		}
}

static bool is_listed(struct span list, struct span word)
{
	for (size_t at = 0; at < list.len;) {
		struct span rest = span_from(list, at);
		size_t len = strnlen((const char *)rest.ptr, rest.len);

		if (len == word.len && !memcmp(rest.ptr, word.ptr, len))
			return true;
		at += len + 1;
	}
	return false;
}

/* The board's own name stands first. */
static void miss_board(struct adoption *a)
{
	struct span run = edit_get_text(a->run->root, "compatible");

	if (run.len && !is_listed(edit_get(a->e->root, "compatible"), run))
		warn(a, "is not for this machine, a '%.*s'", (int)(run.len < 80 ? run.len : 80),
		     (const char *)run.ptr);
}

static bool has_console(const struct edit *e)
{
	const struct edit_node *n = edit_find(e, "/chosen");

	return n && (edit_get(n, "stdout-path").ptr || edit_get(n, "linux,stdout-path").ptr);
}

static void miss_fixups(struct adoption *a)
{
	static const char serial[] = "serial-number";

	miss_board(a);
	if (edit_get(a->run->root, serial).ptr && !edit_get(a->e->root, serial).ptr)
		warn(a, "has no %s, which this machine's own tree has", serial);
	if (has_console(a->run) && !has_console(a->e))
		warn(a, "/chosen has no stdout-path, which this machine's own tree has");
	miss_addresses(a);
	if (a->told > TOLD_MAX) {
		unsigned more = a->told - TOLD_MAX;

		a->told = 0;
		warn(a, "%u more such differences", more);
	}
}

static int take_all(struct adoption *a, struct err *err)
{
	const struct edit_node *chosen = a->run ? edit_find(a->run, "/chosen") : NULL;
	bool uefi = chosen && edit_get(chosen, "linux,uefi-system-table").ptr;
	int r = uefi ? adopt_uefi(a, chosen, err) : adopt_memory(a, err);

	if (r || !a->run)
		return r;
	a->e->boot_cpu = a->run->boot_cpu;
	r = adopt_reservations(a, err);
	if (!r)
		miss_fixups(a);
	return r;
}

int dtb_adopt(struct boot *b, struct edit *e, const struct edit *run, bool say, struct err *err)
{
	struct adoption a = {.b = b, .e = e, .run = run, .say = say};
	int r = take_all(&a, err);

	if (!r && a.r)
		r = fail(err, ENOMEM, "no memory for the warnings");
	return wrap_file(err, r, "dtb", b->req->dtb_path);
}
