/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/dtb.h"

#include <stdio.h>
#include <string.h>

#include "arch/dtb_user.h"
#include "base/align.h"
#include "base/ckd.h"
#include "base/put.h"
#include "base/sha256.h"

#define AVOID    "baton-avoid"
#define MACHINES "the running machine's device tree"

static int open_blob(struct span blob, struct edit *e, struct err *err)
{
	static const char source[] = "/dts-v1/";
	struct tree t;
	int r = tree_open(blob, &t, err);

	if (r == -ENOEXEC && blob.len >= 8 && !memcmp(blob.ptr, source, 8))
		return fail_at(err, EBADMSG, 0,
			       "is the source of a device tree; dtc makes a blob of it");
	if (r == -ENOEXEC)
		return fail_at(err, EBADMSG, 0,
			       "is no device tree: it does not start with d0 0d fe ed");
	return r ? r : edit_open(&t, e, err);
}

static int open_machine(const struct boot *b, struct edit *e, struct err *err)
{
	return wrap(err, open_blob(buf_span(&b->m->fdt), e, err), MACHINES);
}

int boot_dtb_base(const struct boot *b, struct edit *e, struct err *err)
{
	const struct load_request *req = b->req;

	if (req->dtb.len)
		return wrap_file(err, open_blob(req->dtb, e, err), "dtb", req->dtb_path);
	if (!b->m->fdt.len)
		return fail(err, ENOTSUP,
			    "this machine has no device tree (/sys/firmware/fdt); '--dtb' gives "
			    "one");
	return open_machine(b, e, err);
}

/* The range of a property in the root's cells; empty if there is none, or none that makes sense. */
static struct range one_range(const struct edit *e, const struct edit_node *n, const char *name)
{
	struct span s = edit_get(n, name);
	struct tree_cells c;
	struct range r = {0};
	uint64_t size = 0;

	if (edit_cells(e, &c, NULL) || s.len < 4ul * (c.addr + c.size))
		return r;
	r.start = get_be(s.ptr, 4 * c.addr);
	size = get_be(s.ptr + 4ul * c.addr, 4 * c.size);
	return ckd_add(&r.end, r.start, size) ? (struct range){0} : r;
}

/* Exactly this range, or rounded up to pages: firmware does the one, Linux the other. */
static void unreserve(const struct boot *b, struct edit *e, struct range r)
{
	struct range pages = {r.start, r.start + align_up(range_size(r), b->m->page_size)};

	if (range_empty(r))
		return;
	(void)edit_unreserve(e, r);
	(void)edit_unreserve(e, pages);
}

/* What ppc64 leaves to a capture kernel of its memory. */
static void drop_usable(struct edit *e)
{
	for (struct edit_node *n = e->root->child; n; n = n->next) {
		(void)edit_unset(n, "linux,usable-memory");
		(void)edit_unset(n, "linux,drconf-usable-memory");
	}
}

static void drop_avoided(struct edit *e)
{
	struct edit_node *parent = edit_find(e, "/reserved-memory");
	struct edit_node *n = parent ? edit_child(parent, AVOID) : NULL;

	for (; n; n = edit_child(parent, AVOID))
		edit_remove(n);
}

/* What the last boot left in the tree. */
static void drop_stale(const struct boot *b, struct edit *e, struct edit_node *chosen)
{
	static const char *const stale[] = {
		"bootargs",         "linux,initrd-start",
		"linux,initrd-end", "linux,elfcorehdr",
		"kaslr-seed",       "linux,usable-memory-range",
		"rng-seed",         "linux,ima-kexec-buffer",
		"linux,kho-fdt",    "linux,kho-scratch",
	};
	struct range initrd = {0};

	if (edit_get_number(chosen, "linux,initrd-start", &initrd.start) &&
	    edit_get_number(chosen, "linux,initrd-end", &initrd.end))
		unreserve(b, e, initrd);
	unreserve(b, e, one_range(e, chosen, "linux,elfcorehdr"));
	unreserve(b, e, one_range(e, chosen, "linux,ima-kexec-buffer"));
	drop_avoided(e);
	drop_usable(e);
	for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++)
		(void)edit_unset(chosen, stale[i]);
}

static int set_line(struct boot *b, struct edit *e, struct edit_node *chosen, struct err *err)
{
	const struct buf *line = &b->plan->cmdline;

	/* A buffer's content is followed by a NUL. */
	return line->len ? edit_set(e, chosen, "bootargs", span_of(line->ptr, line->len + 1), err)
			 : 0;
}

/* kaslr-seed must not tell rng-seed, which is the hash of more than it. */
static int set_seeds(struct boot *b, struct edit *e, struct edit_node *chosen, struct err *err)
{
	const struct load_request *req = b->req;
	uint8_t seed[SHA256_SIZE];
	struct sha256 s;

	if (!req->has_rng_seed)
		return 0;
	sha256_init(&s, sha256_blocks_generic);
	sha256_update(&s, req->rng_seed, sizeof(req->rng_seed));
	sha256_final(&s, seed);
	int r = edit_set(e, chosen, "kaslr-seed", span_of(req->rng_seed, 8), err);

	return r ? r : edit_set(e, chosen, "rng-seed", span_of(seed, sizeof(seed)), err);
}

static int set_initrd(struct boot *b, struct edit *e, struct edit_node *chosen, struct err *err)
{
	const struct boot_piece *p = boot_find(b, SEG_INITRD);
	struct range at;

	if (!p || !b->initrd.len)
		return 0;
	at = (struct range){p->place.at, p->place.at + b->initrd.len};
	int r = edit_set_u64(e, chosen, "linux,initrd-start", at.start, err);

	if (!r)
		r = edit_set_u64(e, chosen, "linux,initrd-end", at.end, err);
	return r ? r : edit_reserve(e, at, err);
}

/* Linux takes the first as its memory and adds the second, for DMA (drivers/of/fdt.c,
 * early_init_dt_check_for_usable_mem_range()). */
static int set_usable(struct boot *b, struct edit *e, struct edit_node *chosen, struct err *err)
{
	const struct range_list *crash = &b->m->crash;
	struct range v[2];
	size_t n = crash->n < 2 ? crash->n : 2;

	if (!n)
		return 0;
	v[0] = crash->v[crash->n - 1];
	v[1] = crash->v[0];
	return wrap(err, edit_set_ranges(e, chosen, "linux,usable-memory-range", v, n, err),
		    "linux,usable-memory-range");
}

static int set_crash(struct boot *b, const struct dtb_rules *rules, struct edit *e,
		     struct edit_node *chosen, struct err *err)
{
	const struct boot_piece *p = boot_find(b, SEG_ELFCOREHDR);
	struct range at;
	int r = 0;

	if (!b->crash)
		return 0;
	if (p) {
		at = (struct range){p->place.at, p->place.at + p->place.size};
		if (rules->elfcorehdr)
			r = wrap(err, edit_set_ranges(e, chosen, "linux,elfcorehdr", &at, 1, err),
				 "linux,elfcorehdr");
		if (!r)
			r = edit_reserve(e, at, err);
	}
	if (!r && rules->usable_range)
		r = set_usable(b, e, chosen, err);
	return r;
}

/* /reserved-memory as Linux takes it: with the root's cells (drivers/of/fdt.c,
 * __reserved_mem_check_root()). */
static int set_cells(struct edit *e, struct edit_node *n, const char *name, unsigned cells,
		     struct err *err)
{
	uint64_t had = cells;

	if (edit_get(n, name).ptr && (!edit_get_number(n, name, &had) || had != cells))
		return fail(err, ENOTSUP, "%s is not the root's, which Linux does not take", name);
	return edit_set_u32(e, n, name, cells, err);
}

int dtb_reserved_memory(struct edit *e, struct edit_node **out, struct err *err)
{
	struct tree_cells c;
	int r = edit_cells(e, &c, err);

	if (!r)
		r = edit_make(e, "/reserved-memory", out, err);
	if (!r)
		r = set_cells(e, *out, "#address-cells", c.addr, err);
	if (!r)
		r = set_cells(e, *out, "#size-cells", c.size, err);
	if (!r && !edit_get(*out, "ranges").ptr)
		r = edit_set(e, *out, "ranges", span_of("", 0), err);
	return wrap(err, r, "/reserved-memory");
}

static int avoid_one(struct edit *e, struct edit_node *parent, struct range at, struct err *err)
{
	struct edit_node *n;
	char name[48];

	snprintf(name, sizeof(name), AVOID "@%llx", (unsigned long long)at.start);
	int r = edit_add(e, parent, name, &n, err);

	if (!r)
		r = edit_set_ranges(e, n, "reg", &at, 1, err);
	return r ? r : edit_set(e, n, "no-map", span_of("", 0), err);
}

static int add_avoided(struct boot *b, struct edit *e, struct err *err)
{
	struct range_list pages = {0};
	struct edit_node *parent;
	int r = boot_avoided_pages(b, &pages) < 0 ? fail(err, ENOMEM, "no memory for --avoid") : 0;

	if (!r && pages.n)
		r = dtb_reserved_memory(e, &parent, err);
	for (size_t i = 0; !r && i < pages.n; i++)
		r = avoid_one(e, parent, pages.v[i], err);
	ranges_done(&pages);
	return r;
}

/* The tree as it will be but for its own reservation. */
static int change(struct boot *b, const struct dtb_rules *rules, struct edit *e, bool placed,
		  struct err *err)
{
	struct edit_node *chosen;
	int r = edit_make(e, "/chosen", &chosen, err);

	if (r)
		return r;
	drop_stale(b, e, chosen);
	r = set_line(b, e, chosen, err);
	if (!r)
		r = set_initrd(b, e, chosen, err);
	if (!r)
		r = set_crash(b, rules, e, chosen, err);
	if (!r)
		r = set_seeds(b, e, chosen, err);
	if (!r)
		r = edit_set(e, chosen, "linux,booted-from-kexec", span_of("", 0), err);
	if (!r)
		r = add_avoided(b, e, err);
	return r || !rules->more ? r : rules->more(b, e, placed, err);
}

static int adopt(struct boot *b, struct edit *e, bool say, struct err *err)
{
	struct edit run;
	bool have = b->m->fdt.len;
	int r = have ? open_machine(b, &run, err) : 0;
	struct edit_node *chosen = r || !have ? NULL : edit_find(&run, "/chosen");

	if (r)
		return r;
	if (chosen)
		drop_stale(b, &run, chosen);
	r = dtb_adopt(b, e, have ? &run : NULL, say, err);
	if (have)
		edit_done(&run);
	return r;
}

/* Its own entry says how long the blob is, which that does not change. */
static int write_reserved(struct boot *b, struct edit *e, size_t slack, struct buf *out,
			  struct err *err)
{
	const struct boot_piece *p = boot_find(b, SEG_DTB);
	struct range at = {p ? p->place.at : 0, 0};
	struct buf draft = BUF_INIT;
	int r = edit_write(e, 16 + slack, &draft, err); /* 16: that entry */

	at.end = at.start + draft.len;
	buf_done(&draft);
	if (!r)
		r = edit_reserve(e, at, err);
	return r ? r : edit_write(e, slack, out, err);
}

static int build(struct boot *b, const struct dtb_rules *rules, bool placed, struct buf *out,
		 struct err *err)
{
	struct edit e;
	int r = boot_dtb_base(b, &e, err);

	if (r)
		return r;
	if (b->req->dtb.len)
		r = adopt(b, &e, !placed, err);
	if (!r) {
		r = change(b, rules, &e, placed, err);
		size_t slack = !r && rules->slack ? rules->slack(b, &e) : 0;

		if (!r)
			r = rules->reserve_blob ? write_reserved(b, &e, slack, out, err)
						: edit_write(&e, slack, out, err);
		r = b->req->dtb.len ? wrap_file(err, r, "dtb", b->req->dtb_path)
				    : wrap(err, r, MACHINES);
	}
	edit_done(&e);
	return r;
}

int boot_dtb_size(struct boot *b, const struct dtb_rules *rules, uint64_t *size, struct err *err)
{
	struct buf out = BUF_INIT;
	int r = build(b, rules, false, &out, err);

	if (!r)
		*size = out.len + DTB_SLACK;
	buf_done(&out);
	return r;
}

int boot_dtb_fill(struct boot *b, const struct dtb_rules *rules, struct err *err)
{
	struct boot_piece *p = boot_find(b, SEG_DTB);
	struct buf out = BUF_INIT;
	int r = build(b, rules, true, &out, err);

	if (!r && out.len > p->place.size)
		r = fail(err, ENOSPC, "the device tree has 0x%zx bytes, there is room for 0x%llx",
			 out.len, (unsigned long long)p->place.size);
	if (!r) {
		p->data = buf_take(&out);
		p->hashed = p->place.size;
	}
	buf_done(&out);
	return r;
}

static bool text_of_is(const struct edit_node *n, const char *name, const char *what)
{
	struct span s = n ? edit_get_text(n, name) : (struct span){0};

	return s.len == strlen(what) && !memcmp(s.ptr, what, s.len);
}

bool dtb_is_memory(const struct edit_node *n)
{
	return text_of_is(n, "device_type", "memory");
}

bool dtb_is_cpu(const struct edit_node *n)
{
	return text_of_is(n, "device_type", "cpu");
}

enum psci dtb_psci(const struct edit *e)
{
	const struct edit_node *psci = edit_find(e, "/psci");

	if (!psci)
		psci = edit_find(e, "/firmware/psci");
	if (text_of_is(psci, "method", "hvc"))
		return PSCI_HVC;
	if (text_of_is(psci, "method", "smc"))
		return PSCI_SMC;
	return edit_find(e, "/cpus") ? PSCI_NONE : PSCI_UNKNOWN;
}

enum psci boot_dtb_psci(const struct boot *b, const struct edit *e)
{
	enum psci how = PSCI_UNKNOWN;
	struct edit run;

	if (b->req->dtb.len && b->m->fdt.len && !open_machine(b, &run, NULL)) {
		how = dtb_psci(&run);
		edit_done(&run);
	}
	return how != PSCI_UNKNOWN ? how : dtb_psci(e);
}
