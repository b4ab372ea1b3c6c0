/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device tree: /sys/firmware/fdt, or the files of /proc/device-tree. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fdt/edit.h"
#include "host/facts_parts.h"
#include "machine/dt.h"

#define FDT_PATH "sys/firmware/fdt"
#define DT_PATH  "proc/device-tree"
#define PATH_LEN 1024

/* Numbers that must stay secret, or be used once. Their room stays, as Linux leaves it. */
static bool is_seed(const char *name)
{
	return !strcmp(name, "kaslr-seed") || !strcmp(name, "rng-seed");
}

static void wipe(struct span value)
{
	if (value.len)
		memset((uint8_t *)value.ptr, 0, value.len);
}

/* Seeds stand in /chosen alone (Documentation of dt-schema, chosen.yaml). */
static void wipe_seeds(struct edit *e)
{
	struct edit_node *chosen = edit_find(e, "/chosen");

	for (struct edit_prop *p = chosen ? chosen->props : NULL; p; p = p->next)
		if (is_seed(p->name))
			wipe(p->value);
}

/*
 * U-Boot adds a reservation of the blob itself, last of all and as long as the blob with its slack
 * (fdt_shrink_to_minimum()). The next kernel gets another blob. A length that others have too may
 * be one of firmware's, and stays.
 */
static void drop_own(struct edit *e, uint64_t len)
{
	size_t alike = 0, n = e->reserved.n;

	for (size_t i = 0; i < n; i++)
		alike += range_size(e->reserved.v[i]) == len;
	if (alike == 1 && range_size(e->reserved.v[n - 1]) == len)
		e->reserved.n--;
}

/* The blob anew without its slack (QEMU's is 1 MiB long), and without seeds. */
static int settle_blob(struct span blob, struct buf *out, struct err *err)
{
	struct tree t;
	struct edit e;
	int r = tree_open(blob, &t, err);

	if (r == -ENOEXEC)
		return fail(err, EBADMSG, "is not a device tree");
	if (!r)
		r = edit_open(&t, &e, err);
	if (r)
		return r;
	wipe_seeds(&e);
	drop_own(&e, t.blob.len);
	r = edit_write(&e, 0, out, err);
	edit_done(&e);
	return r;
}

/* Not root_read(): a snapshot must not get the seeds. */
static int read_blob(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct facts_root quiet = *root;
	struct buf raw = BUF_INIT;

	quiet.sink = NULL;
	int r = root_read(&quiet, FDT_PATH, TREE_MAX, &raw, err);
	if (r > 0) {
		r = settle_blob(buf_span(&raw), &m->fdt, err);
		r = r < 0 ? root_wrap(root, r, FDT_PATH, err)
			  : root_put(root, FDT_PATH, 0, buf_span(&m->fdt), err);
	}
	buf_done(&raw);
	return r < 0 ? r : 0;
}

struct walk {
	const struct facts_root *root;
	struct edit *e;
	size_t left; /* bytes that the tree may still take */
};

/*
 * Nodes of one kind by their unit address, which is hexadecimal without leading zeros: the order of
 * CPUs is that of their numbers.
 */
static int by_unit(const struct dirent **a, const struct dirent **b)
{
	const char *x = (*a)->d_name, *y = (*b)->d_name;
	const char *at_x = strchr(x, '@'), *at_y = strchr(y, '@');
	size_t nx = strlen(x), ny = strlen(y);

	if (at_x && at_y && at_x - x == at_y - y && !memcmp(x, y, (size_t)(at_x - x)) && nx != ny)
		return nx < ny ? -1 : 1;
	return strcmp(x, y);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.' && strncmp(d->d_name, "security-", 9) != 0;
}

/*
 * One property. @path is that of the file. "name" is Linux's own; a snapshot has it, so that no
 * node's folder is without a file.
 */
static int read_prop(struct walk *w, const char *path, struct edit_node *node, const char *name,
		     struct err *err)
{
	struct facts_root quiet = *w->root;
	struct buf value = BUF_INIT;

	quiet.sink = NULL;
	int r = root_read(&quiet, path, w->left, &value, err);
	if (r <= 0)
		return r;
	w->left -= value.len;
	if (is_seed(name))
		wipe(buf_span(&value));
	r = 0;
	if (strcmp(name, "name"))
		r = edit_set(w->e, node, name, buf_span(&value), err);
	r = r < 0 ? root_wrap(w->root, r, path, err)
		  : root_put(w->root, path, 0, buf_span(&value), err);
	buf_done(&value);
	return r;
}

static int read_dir(struct walk *w, const char *path, struct edit_node *node, unsigned depth,
		    struct err *err);

/* The node itself first: one without properties is a node too. */
static int read_node(struct walk *w, const char *path, struct edit_node *parent, unsigned depth,
		     struct err *err)
{
	const size_t cost = 16;
	struct edit_node *node = NULL;
	int r = w->left < cost ? fail(err, EFBIG, "is larger than 4 MiB") : 0;

	if (!r && depth > EDIT_DEPTH)
		r = fail(err, ELOOP, "is too deep");
	if (!r)
		r = edit_add(w->e, parent, strrchr(path, '/') + 1, &node, err);
	if (r < 0)
		return root_wrap(w->root, r, path, err);
	w->left -= cost;
	return read_dir(w, path, node, depth, err);
}

static int read_entry(struct walk *w, const char *dir, const char *name, struct edit_node *node,
		      unsigned depth, struct err *err)
{
	char path[PATH_LEN];
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return root_wrap(w->root, fail(err, ENAMETOOLONG, "has a longer path in it"), dir,
				 err);
	/* No links: a node's folder has none of its own. */
	if (fstatat(w->root->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return read_node(w, path, node, depth + 1, err);
	return S_ISREG(st.st_mode) ? read_prop(w, path, node, name, err) : 0;
}

static int read_dir(struct walk *w, const char *path, struct edit_node *node, unsigned depth,
		    struct err *err)
{
	struct dirent **names = NULL;
	int r = 0, n = scandirat(w->root->fd, path, &names, visible, by_unit);
	if (n < 0 && root_absent(errno))
		return 0;
	if (n < 0)
		return root_wrap(w->root, fail(err, errno, "%s", strerror(errno)), path, err);
	for (int i = 0; i < n; i++) {
		if (r >= 0)
			r = read_entry(w, path, names[i]->d_name, node, depth, err);
		free(names[i]);
	}
	free(names);
	return r < 0 ? r : 0;
}

/*
 * ppc64 keeps its tree alive: what memory and CPUs there are, where the crash region is. The blob
 * that it booted with knows none of that.
 */
static int read_files(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct edit e;
	struct walk w = {root, &e, TREE_MAX};
	uint64_t boot_cpu;
	int r = edit_new(&e, err);

	if (r < 0)
		return r;
	r = read_dir(&w, DT_PATH, e.root, 0, err);
	if (!r && (e.root->props || e.root->child)) {
		r = root_u64(root, "sys/devices/system/cpu/cpu0/physical_id", 10, &boot_cpu, err);
		if (r > 0 && boot_cpu <= UINT32_MAX)
			e.boot_cpu = (uint32_t)boot_cpu;
		if (r >= 0)
			r = edit_write(&e, 0, &m->fdt, err);
	}
	edit_done(&e);
	return r < 0 ? r : 0;
}

static bool has_tree(const char *arch)
{
	static const char *const archs[] = {"arm", "arm64", "riscv64", "ppc64", "ppc64le"};

	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
		if (!strcmp(arch, archs[i]))
			return true;
	return false;
}

int facts_dt(const struct facts_root *root, struct machine *m, struct err *err)
{
	bool files = !strncmp(m->arch, "ppc64", 5);
	int r = 0;

	if (!has_tree(m->arch))
		return 0;
	/* Linux shows no blob that was changed since the boot: then the files. */
	for (unsigned i = 0; i < 2 && !r && !m->fdt.len; i++, files = !files)
		r = files ? read_files(root, m, err) : read_blob(root, m, err);
	if (r < 0 || !m->fdt.len)
		return r;
	r = dt_facts(buf_span(&m->fdt), m, err);
	return r < 0 ? root_wrap(root, r, files ? FDT_PATH : DT_PATH, err) : 0;
}
