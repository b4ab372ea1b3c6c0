/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/fit.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "base/align.h"
#include "base/put.h"
#include "fdt/tree.h"
#include "image/container.h"
#include "image/fit_hash.h"

enum {
	SHOWN = 64,     /* bytes of a name, in messages */
	HASHES_MAX = 8, /* of an image; mkimage knows six kinds */
	WORK_MAX = 8,   /* times the file, over all hashes: images may share bytes */
};

/* The tree and the file that it is at the front of. */
struct store {
	struct span file;
	const void *fdt;
	uint64_t *hashed; /* bytes, so far */
};

static struct span prop(const struct store *s, int node, const char *name)
{
	int len = 0;
	const void *p = fdt_getprop(s->fdt, node, name, &len);

	return p && len >= 0 ? span_of(p, (size_t)len) : span_of(NULL, 0);
}

static struct span text(const struct store *s, int node, const char *name)
{
	struct span t = prop(s, node, name);

	if (t.ptr)
		t.len = strnlen((const char *)t.ptr, t.len);
	return t;
}

static struct span name_of(const struct store *s, int node)
{
	int len = 0;
	const char *p = fdt_get_name(s->fdt, node, &len);

	return p && len >= 0 ? span_of(p, (size_t)len) : span_of("", 0);
}

static bool is(struct span s, const char *word)
{
	return s.ptr && s.len == strlen(word) && !memcmp(s.ptr, word, s.len);
}

/* For a message: "%.*s". */
#define SHOW(s) (int)((s).len < SHOWN ? (s).len : SHOWN), (s).ptr ? (const char *)(s).ptr : ""

/* A number of one or two cells. False: there is none. */
static bool number(const struct store *s, int node, const char *name, uint64_t *out)
{
	struct span p = prop(s, node, name);

	if (p.len != 4 && p.len != 8)
		return false;
	*out = get_be(p.ptr, (unsigned)p.len);
	return true;
}

/*
 * In the tree, or behind it: at an offset from its end (to 4 bytes), or at a position in the file.
 * That is U-Boot's order.
 */
static int read_data(const struct store *s, int node, struct fit_image *m, struct err *err)
{
	uint64_t at = 0, size = 0, offset;
	bool outside = true;

	if (number(s, node, "data-position", &at))
		;
	else if (number(s, node, "data-offset", &offset))
		at = align_up(fdt_totalsize(s->fdt), 4) + offset;
	else
		outside = false;
	if (!outside) {
		m->data = prop(s, node, "data");
	} else {
		if (!number(s, node, "data-size", &size))
			return fail(err, EBADMSG, "has no data-size");
		/* The sum may have wrapped; then it is in front of the file's end all the same. */
		m->data = at >= fdt_totalsize(s->fdt) ? span_sub(s->file, at, size)
						      : (struct span){0};
		if (!m->data.ptr)
			return fail_at(err, EBADMSG, s->file.len,
				       "0x%llx bytes at 0x%llx are not in the file's 0x%zx, or "
				       "over its tree; was it cut?",
				       (unsigned long long)size, (unsigned long long)at,
				       s->file.len);
	}
	return m->data.len ? 0 : fail(err, EBADMSG, "has no data");
}

/* Nodes are hashes by their names: "hash", "hash-1", "hash@1". */
static int check_hashes(const struct store *s, int node, struct fit_image *m, struct err *err)
{
	int sub, r = 0;

	for (sub = fdt_first_subnode(s->fdt, node); r >= 0 && sub >= 0;
	     sub = fdt_next_subnode(s->fdt, sub)) {
		struct span name = name_of(s, sub), algo = text(s, sub, "algo"),
			    value = prop(s, sub, "value");

		if (name.len < 4 || memcmp(name.ptr, "hash", 4) != 0)
			continue;
		if (m->checked + m->unknown == HASHES_MAX)
			return fail(err, EBADMSG, "has more than %d hashes", HASHES_MAX);
		if (!algo.ptr || !value.ptr)
			return fail(err, EBADMSG, "node %.*s is no hash: it has no algo or value",
				    SHOW(name));
		*s->hashed += m->data.len;
		if (*s->hashed / WORK_MAX > s->file.len)
			return fail(err, EBADMSG,
				    "has hashes over more than %d times its 0x%zx bytes", WORK_MAX,
				    s->file.len);
		r = fit_hash_check(algo, value, m->data, err);
		m->checked += r > 0;
		m->unknown += !r;
	}
	return r < 0 ? r : 0;
}

static int read_compression(const struct store *s, int node, struct fit_image *m, struct err *err)
{
	struct span name = text(s, node, "compression");

	m->compression = name.ptr ? COMP_UNKNOWN : COMP_NONE;
	for (enum image_compression c = COMP_NONE; c <= COMP_BZIP2; c++)
		if (is(name, image_compression_name(c)))
			m->compression = c;
	if (m->compression == COMP_UNKNOWN)
		return fail(err, ENOTSUP, "compression %.*s is not known", SHOW(name));
	return 0;
}

/* The one that property @kind of a configuration calls @name; no ptr: none, @node is -1. */
static int read_image(const struct store *s, struct span name, const char *kind,
		      struct fit_image *m, int *node, struct err *err)
{
	int images = fdt_path_offset(s->fdt, "/images"), r;

	*node = -1;
	if (!name.ptr)
		return 0;
	*node = fdt_subnode_offset_namelen(s->fdt, images, (const char *)name.ptr, (int)name.len);
	if (*node < 0)
		return fail(err, EBADMSG, "names %.*s as its %s, which is not in /images",
			    SHOW(name), kind);
	m->name = name_of(s, *node);
	r = read_data(s, *node, m, err);
	if (!r)
		r = check_hashes(s, *node, m, err);
	if (!r)
		r = read_compression(s, *node, m, err);
	return wrap(err, r, "%s %.*s", kind, SHOW(name));
}

static const char *arch_of(struct span name)
{
	static const char *const names[][2] = {
		{"arm", "arm"},       {"arm64", "arm64"},   {"x86", "i386"},
		{"x86_64", "x86_64"}, {"riscv", "riscv64"}, {"s390", "s390x"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is(name, names[i][0]))
			return names[i][1];
	return NULL;
}

static int read_kernel(const struct store *s, int config, struct fit *f, struct err *err)
{
	int node, r = read_image(s, text(s, config, "kernel"), "kernel", &f->kernel, &node, err);
	struct span type;

	if (r)
		return r;
	if (node < 0)
		return fail(err, EBADMSG, "names no kernel");
	type = text(s, node, "type");
	if (!is(type, "kernel") && !is(type, "kernel_noload"))
		return fail(err, EBADMSG, "kernel %.*s is of type %.*s", SHOW(f->kernel.name),
			    SHOW(type));
	f->arch = arch_of(text(s, node, "arch"));
	(void)number(s, node, "load", &f->load);
	(void)number(s, node, "entry", &f->entry);
	return 0;
}

/* Names one behind the other, each with its NUL. */
static int read_trees(const struct store *s, int config, struct fit *f, struct err *err)
{
	struct span rest = prop(s, config, "fdt"), name;
	int node, r = 0;

	for (; !r && rest.len; rest = span_from(rest, name.len + (name.len < rest.len))) {
		if (f->ntrees == FIT_TREES_MAX)
			return fail(err, ENOTSUP, "names more than %d device trees", FIT_TREES_MAX);
		name = span_of(rest.ptr, strnlen((const char *)rest.ptr, rest.len));
		r = read_image(s, name, "fdt", &f->trees[f->ntrees++], &node, err);
	}
	return r;
}

static int read_config(const struct store *s, int config, struct fit *f, struct err *err)
{
	int node, r;

	f->config = name_of(s, config);
	r = read_kernel(s, config, f, err);
	if (!r)
		r = read_image(s, text(s, config, "ramdisk"), "ramdisk", &f->ramdisk, &node, err);
	/* An initrd is unpacked by the kernel, whatever is said of it (U-Boot does the same). */
	f->ramdisk.compression = COMP_NONE;
	return r ? r : read_trees(s, config, f, err);
}

/* The node of the wanted configuration. @f counts them all. */
static int find_config(const struct store *s, const char *wanted, struct fit *f, int *out,
		       struct err *err)
{
	int parent = fdt_path_offset(s->fdt, "/configurations"), node, only = -1;
	struct span name = wanted ? span_of(wanted, strlen(wanted))
				  : text(s, parent < 0 ? 0 : parent, "default");

	for (node = parent < 0 ? -1 : fdt_first_subnode(s->fdt, parent); node >= 0;
	     node = fdt_next_subnode(s->fdt, node), f->configs++)
		only = node;
	if (!f->configs)
		return fail(err, EBADMSG, "has no configurations");
	*out = only;
	if (name.ptr && parent >= 0)
		*out = fdt_subnode_offset_namelen(s->fdt, parent, (const char *)name.ptr,
						  (int)name.len);
	else if (f->configs > 1)
		return fail(err, EINVAL, "has %u configurations and no default", f->configs);
	if (*out < 0)
		return fail(err, EINVAL, "has no configuration %.*s among its %u", SHOW(name),
			    f->configs);
	return 0;
}

int fit_read(struct span file, const char *config, struct fit *out, struct err *err)
{
	struct fit f = {0};
	struct tree t;
	int node = -1, r = tree_open_max(file, FIT_MAX, &t, err);

	if (r)
		return r;
	uint64_t hashed = 0;
	struct store s = {file, t.blob.ptr, &hashed};

	if (fdt_path_offset(s.fdt, "/images") < 0)
		return -ENOEXEC;
	r = find_config(&s, config, &f, &node, err);
	if (r)
		return r;
	r = read_config(&s, node, &f, err);
	if (r)
		return wrap(err, r, "configuration %.*s", SHOW(name_of(&s, node)));
	*out = f;
	return 0;
}

static int add_image(struct image *m, enum image_part_kind kind, const struct fit_image *i,
		     struct err *err)
{
	return container_add(m, (struct image_part){kind, i->data, i->compression, i->name}, err);
}

int fit_parse(struct span file, struct image *out, struct err *err)
{
	return fit_parse_as(file, NULL, out, err);
}

int fit_parse_as(struct span file, const char *config, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_FIT, .file = file, .bits = 64};
	struct fit f;
	int r = fit_read(file, config, &f, err);

	if (r)
		return r;
	m.arch = f.arch;
	if (f.arch && (!strcmp(f.arch, "arm") || !strcmp(f.arch, "i386")))
		m.bits = 32;
	m.preferred = f.load;
	*(m.bits == 32 ? &m.entry32 : &m.entry64) = f.entry;
	r = add_image(&m, PART_KERNEL, &f.kernel, err);
	if (!r)
		r = add_image(&m, PART_INITRD, &f.ramdisk, err);
	for (unsigned i = 0; !r && i < f.ntrees; i++)
		r = add_image(&m, i ? PART_DTBO : PART_DTB, &f.trees[i], err);
	snprintf(m.about, sizeof(m.about),
		 "configuration %.*s of %u; the kernel has hashes: %u right, %u of a kind not "
		 "checked",
		 SHOW(f.config), f.configs, f.kernel.checked, f.kernel.unknown);
	if (!r)
		*out = m;
	return r;
}
