/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libfdt.h>

#include "core/fuzz.h"
#include "fdt/edit.h"

/* The next token that says something, from *@next on, which is then behind it. */
static uint32_t token(const void *fdt, int *at, int *next, bool *behind_child)
{
	for (;;) {
		uint32_t tag = fdt_next_tag(fdt, *at = *next, next);

		if (tag == FDT_BEGIN_NODE)
			*behind_child = false;
		if (tag == FDT_END_NODE)
			*behind_child = true;
		if (tag != FDT_NOP && !(tag == FDT_PROP && *behind_child))
			return tag;
	}
}

static void same_property(const void *a, int at, const void *b, int bt)
{
	const char *an = NULL, *bn = NULL;
	int al = 0, bl = 0;
	const void *av = fdt_getprop_by_offset(a, at, &an, &al);
	const void *bv = fdt_getprop_by_offset(b, bt, &bn, &bl);

	assert(av && bv && !strcmp(an, bn) && al == bl && !memcmp(av, bv, (size_t)al));
}

/* Both trees say the same, in the same order. */
static void same(const void *a, const void *b)
{
	int at = 0, anext = 0, bt = 0, bnext = 0;
	bool abehind = false, bbehind = false;
	uint32_t tag;

	do {
		tag = token(a, &at, &anext, &abehind);
		assert(token(b, &bt, &bnext, &bbehind) == tag);
		if (tag == FDT_BEGIN_NODE)
			assert(!strcmp(fdt_get_name(a, at, NULL), fdt_get_name(b, bt, NULL)));
		if (tag == FDT_PROP)
			same_property(a, at, b, bt);
	} while (tag != FDT_END);
	assert(fdt_num_mem_rsv(a) == fdt_num_mem_rsv(b));
	assert(fdt_boot_cpuid_phys(a) == fdt_boot_cpuid_phys(b));
}

static int edits(struct edit *e)
{
	static const struct range v[] = {{0x1000, 0x2000}, {0x40000000, 0x50000000}};
	struct edit_node *chosen, *memory, *old = edit_find(e, "/memory");
	int r = edit_make(e, "/chosen", &chosen, NULL);

	if (old)
		edit_remove(old);
	if (!r)
		r = edit_set_text(e, chosen, "bootargs", "quiet", NULL);
	if (!r)
		r = edit_put(e, "/a/b/c", span_of("d", 1), NULL);
	if (!r)
		r = edit_add(e, e->root, "memory@1000", &memory, NULL);
	if (!r)
		r = edit_set_ranges(e, memory, "reg", v, 2, NULL);
	if (!r)
		r = edit_reserve(e, v[0], NULL);
	edit_unset(e->root, "compatible");
	return r;
}

static void changed(struct edit *e)
{
	struct buf b = BUF_INIT;
	struct tree t;

	if (edits(e) || edit_write(e, 64, &b, NULL))
		return;
	assert(!tree_open(buf_span(&b), &t, NULL));
	int chosen = fdt_path_offset(b.ptr, "/chosen"), len = 0;
	const char *line = chosen < 0 ? NULL : fdt_getprop(b.ptr, chosen, "bootargs", &len);

	assert(line && len == 6 && !strcmp(line, "quiet"));
	assert(!fdt_getprop(b.ptr, 0, "compatible", NULL));
	buf_done(&b);
}

static void written(const struct tree *t, struct edit *e)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct tree again;
	struct edit f;

	if (!edit_write(e, 0, &once, NULL)) {
		assert(!tree_open(buf_span(&once), &again, NULL));
		same(t->blob.ptr, once.ptr);
		assert(!edit_open(&again, &f, NULL));
		assert(!edit_write(&f, 0, &twice, NULL));
		assert(once.len == twice.len && !memcmp(once.ptr, twice.ptr, once.len));
		edit_done(&f);
	}
	buf_done(&once);
	buf_done(&twice);
}

/* Every tree comes out as it came in, and what is set is what a reader finds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree t;
	struct edit e;
	struct err err = ERR_INIT;
	uint8_t *copy = aligned_alloc(8, (size + 15) / 8 * 8); /* the harness may hand out any */

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (!tree_open(span_of(copy, size), &t, &err)) {
		int r = edit_open(&t, &e, &err);

		assert(r == 0 || ((r == -EBADMSG || r == -ENOTSUP) && err.text[0]));
		if (!r) {
			written(&t, &e);
			changed(&e);
			edit_done(&e);
		}
	}
	free(copy);
	return 0;
}
