/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/put.h"
#include "core/file.h"
#include "fdt/edit.h"
#include "fdt/tree_fixture.h"
#include "host/facts.h"
#include "host/facts_tree.h"
#include "host/snapshot.h"

#define SEED "\x12\x34\x56\x78\x9a\xbc\xde\xf0"

static void put_json(const struct fake_root *t, const char *arch, unsigned page)
{
	char text[128];

	snprintf(text, sizeof(text), "{\"schema\":1,\"arch\":\"%s\",\"page_size\":%u}", arch, page);
	tree_put(t, "baton.json", text);
}

/* The fixture's tree with a seed in /chosen, and slack. */
static void put_blob(const struct fake_root *t, const char *seed)
{
	static _Alignas(8) uint8_t bytes[61440];
	struct fixture_tree f;

	assert_int_equal(fdt_open_into(fixture_tree(&f).ptr, bytes, sizeof(bytes)), 0);
	int chosen = fdt_path_offset(bytes, "/chosen");
	assert_int_equal(fdt_setprop(bytes, chosen, "kaslr-seed", seed, 8), 0);
	assert_int_equal(fdt_setprop(bytes, chosen, "rng-seed", seed, 8), 0);
	tree_put_bytes(t, "sys/firmware/fdt", span_of(bytes, sizeof(bytes)));
}

static const char arm64_iomem[] = "09000000-09000fff : pl011@9000000\n"
				  "40000000-7fffffff : System RAM\n"
				  "  40210000-40ffffff : Kernel code\n"
				  "  50000000-5fffffff : Crash kernel\n"
				  "  7fd00000-7fdfffff : reserved\n";

static bool holds(const struct buf *b, const char *what, size_t n)
{
	return memmem(b->ptr, b->len, what, n) != NULL;
}

static struct span prop(const struct machine *m, const char *path, const char *name, struct edit *e)
{
	struct tree t;

	assert_int_equal(tree_open(buf_span(&m->fdt), &t, NULL), 0);
	assert_int_equal(edit_open(&t, e, NULL), 0);
	const struct edit_node *node = edit_find(e, path);
	return node ? edit_get(node, name) : span_of(NULL, 0);
}

static void same_tree(const struct fake_root *t, const struct machine *a, const char *file)
{
	struct fake_root out;
	struct machine b;
	struct buf copy = BUF_INIT;
	struct err err = ERR_INIT;
	char path[160];

	tree_init(&out);
	if (host_snapshot(t->dir, out.dir, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(host_facts(out.dir, &b, &err), 0);
	assert_int_equal(a->fdt.len, b.fdt.len);
	assert_memory_equal(a->fdt.ptr, b.fdt.ptr, b.fdt.len);
	assert_int_equal(a->ram.n, b.ram.n);
	assert_int_equal(a->system_ram.n, b.system_ram.n);
	snprintf(path, sizeof(path), "%s/%s", out.dir, file);
	assert_int_equal(file_read(AT_FDCWD, path, 1 << 20, &copy, NULL), 0);
	assert_false(holds(&copy, SEED, 8));
	buf_done(&copy);
	machine_done(&b);
	tree_done(&out);
}

/* What iomem says and what the tree says, together; no seed gets out. */
static void a_blob_joins_iomem(void **state)
{
	(void)state;
	struct fake_root t;
	struct machine m;
	struct edit e;
	struct err err = ERR_INIT;

	tree_init(&t);
	put_json(&t, "arm64", 4096);
	tree_put(&t, "proc/iomem", arm64_iomem);
	put_blob(&t, SEED);
	if (host_facts(t.dir, &m, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(m.system_ram.n, 1);
	assert_true(m.system_ram.v[0].start == 0x40080000 && m.system_ram.v[0].end == 0x80000000);
	assert_int_equal(m.ram.n, 3);
	assert_true(m.ram.v[0].start == 0x40080000 && m.ram.v[0].end == 0x48000000);
	assert_true(m.ram.v[1].start == 0x48010000 && m.ram.v[1].end == 0x7fd00000);
	assert_true(m.ram.v[2].start == 0x7fe00000);
	assert_int_equal(m.crash.n, 1);
	assert_true(m.fdt.len < 4096);
	assert_false(holds(&m.fdt, SEED, 8));
	assert_int_equal(prop(&m, "/chosen", "kaslr-seed", &e).len, 8);
	edit_done(&e);
	same_tree(&t, &m, "sys/firmware/fdt");
	machine_done(&m);
	tree_done(&t);
}

/* What U-Boot says of the blob that it starts Linux with. */
static void the_blobs_own_reservation_goes(void **state)
{
	static _Alignas(8) uint8_t bytes[0x8000];
	struct fixture_tree f;
	struct fake_root t;
	struct machine m;
	struct edit e;

	(void)state;
	assert_int_equal(fdt_open_into(fixture_tree(&f).ptr, bytes, sizeof(bytes)), 0);
	tree_init(&t);
	put_json(&t, "arm64", 4096);
	tree_put(&t, "proc/iomem", arm64_iomem);
	/* Neither the last nor the only one of this length: firmware's, perhaps. */
	const uint64_t at[] = {0x60000000, 0x61000000, 0x62000000}, left[] = {1, 3, 4};

	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(fdt_add_mem_rsv(bytes, at[i], 0x8000), 0);
		tree_put_bytes(&t, "sys/firmware/fdt", span_of(bytes, sizeof(bytes)));
		assert_int_equal(host_facts(t.dir, &m, NULL), 0);
		(void)prop(&m, "/", "", &e);
		assert_int_equal(e.reserved.n, left[i]);
		assert_true(e.reserved.v[0].start == 0x48000000);
		edit_done(&e);
		machine_done(&m);
	}
	tree_done(&t);
}

static void without_memory_iomem_tells(void **state)
{
	(void)state;
	_Alignas(8) uint8_t bytes[512];
	struct fake_root t;
	struct machine m;
	struct err err = ERR_INIT;

	tree_init(&t);
	put_json(&t, "arm64", 4096);
	tree_put(&t, "proc/iomem", arm64_iomem);
	assert_int_equal(fdt_create_empty_tree(bytes, sizeof(bytes)), 0);
	tree_put_bytes(&t, "sys/firmware/fdt", span_of(bytes, sizeof(bytes)));
	assert_int_equal(host_facts(t.dir, &m, &err), 0);
	assert_int_equal(m.system_ram.n, 1);
	assert_true(m.system_ram.v[0].start == 0x40000000);
	machine_done(&m);

	/* No blob: the files. */
	tree_remove(&t, "sys/firmware/fdt");
	tree_put(&t, "proc/device-tree/model", "board");
	assert_int_equal(host_facts(t.dir, &m, &err), 0);
	assert_true(holds(&m.fdt, "board", 5));
	machine_done(&m);

	bytes[7] = 0xff;
	tree_put_bytes(&t, "sys/firmware/fdt", span_of(bytes, 100));
	assert_int_equal(host_facts(t.dir, &m, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "sys/firmware/fdt': device tree ends at 0x64"));
	/* x86 has no use for one. */
	put_json(&t, "x86_64", 4096);
	assert_int_equal(host_facts(t.dir, &m, &err), 0);
	assert_int_equal(m.fdt.len, 0);
	machine_done(&m);
	tree_done(&t);
}

static void put_number(const struct fake_root *t, const char *path, uint64_t v, unsigned bytes)
{
	uint8_t raw[8];

	put_be(raw, v, bytes);
	tree_put_bytes(t, path, span_of(raw, bytes));
}

static void put_files(const struct fake_root *t)
{
	uint8_t reg[16] = {0};

	put_be(reg + 8, 0x80000000, 8);
	put_number(t, "proc/device-tree/#address-cells", 2, 4);
	put_number(t, "proc/device-tree/#size-cells", 2, 4);
	tree_put(t, "proc/device-tree/name", "");
	tree_put_bytes(t, "proc/device-tree/memory@0/device_type", span_of("memory", 7));
	tree_put_bytes(t, "proc/device-tree/memory@0/reg", span_of(reg, 16));
	put_number(t, "proc/device-tree/chosen/linux,crashkernel-base", 0x8000000, 8);
	put_number(t, "proc/device-tree/chosen/linux,crashkernel-size", 0x8000000, 8);
	put_number(t, "proc/device-tree/chosen/linux,kernel-end", 0x2880000, 8);
	tree_put_bytes(t, "proc/device-tree/chosen/rng-seed", span_of(SEED, 8));
	tree_put(t, "proc/device-tree/options/security-password", "sesame");
	tree_put(t, "proc/device-tree/options/name", "options");
	tree_put_bytes(t, "proc/device-tree/empty/name", span_of("empty", 6));
	put_number(t, "proc/device-tree/cpus/#address-cells", 1, 4);
	put_number(t, "proc/device-tree/cpus/#size-cells", 0, 4);
	for (unsigned i = 0; i < 32; i += 8) {
		char path[96];

		snprintf(path, sizeof(path), "proc/device-tree/cpus/PowerPC,POWER9@%x/reg", i);
		put_number(t, path, i, 4);
	}
	tree_put(t, "sys/devices/system/cpu/cpu0/physical_id", "8\n");
}

/* How many nodes have exactly this path. */
static unsigned names_of(const struct edit *e, const char *want)
{
	char path[256];
	unsigned n = 0;

	for (const struct edit_node *at = e->root; at; at = edit_next(at))
		n += !edit_path(at, path, sizeof(path)) && !strcmp(path, want);
	return n;
}

/* Looking at a machine changes nothing in it. */
static void stays_as_it_is(const struct fake_root *t, const char *file, const char *text)
{
	struct buf now = BUF_INIT;
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", t->dir, file);
	assert_int_equal(file_read(AT_FDCWD, path, 4096, &now, NULL), 0);
	assert_int_equal(now.len, strlen(text));
	assert_memory_equal(now.ptr, text, now.len);
	buf_done(&now);
}

/* ppc64: a folder of files. CPUs stand in the order of their numbers. */
static void files_become_a_tree(void **state)
{
	(void)state;
	static const char *const order[] = {"PowerPC,POWER9@0", "PowerPC,POWER9@8",
					    "PowerPC,POWER9@10", "PowerPC,POWER9@18"};
	struct fake_root t;
	struct machine m;
	struct edit e;
	struct tree blob;
	struct err err = ERR_INIT;
	size_t i = 0;

	tree_init(&t);
	put_json(&t, "ppc64le", 65536);
	tree_put(&t, "proc/iomem", "00000000-7fffffff : System RAM\n");
	put_files(&t);
	put_blob(&t, SEED); /* the blob of the boot: not looked at */
	tree_put(&t, "sys/kernel/reboot/cpu", "0\n");
	/* Named as the others less their addresses, and without properties: a node of its own. */
	tree_put(&t, "proc/device-tree/cpus/PowerPC,POWER9/name", "PowerPC,POWER9");
	if (host_facts(t.dir, &m, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(m.crash.n, 1);
	assert_true(m.crash.v[0].start == 0x8000000 && m.crash.v[0].end == 0x10000000);
	assert_true(m.ram.v[0].start == 0x2880000 && m.ram.v[0].end == 0x80000000);
	assert_int_equal(m.ppc64.boot_cpu, 8);
	stays_as_it_is(&t, "sys/kernel/reboot/cpu", "0\n");
	assert_false(m.ppc64.powernv);
	assert_false(holds(&m.fdt, SEED, 8));
	assert_false(holds(&m.fdt, "sesame", 6));

	assert_int_equal(tree_open(buf_span(&m.fdt), &blob, NULL), 0);
	assert_int_equal(edit_open(&blob, &e, NULL), 0);
	for (struct edit_node *n = edit_find(&e, "/cpus")->child; n; n = n->next)
		if (strchr(n->name, '@'))
			assert_string_equal(n->name, order[i++]);
	assert_int_equal(i, 4);
	assert_non_null(edit_find(&e, "/empty"));
	assert_int_equal(names_of(&e, "/cpus/PowerPC,POWER9"), 1);
	assert_null(edit_get(e.root, "name").ptr);
	edit_done(&e);
	same_tree(&t, &m, "proc/device-tree/chosen/rng-seed");
	machine_done(&m);
	tree_done(&t);
}

/* A link out of the folder is not followed, and a folder without an end stops. */
static void odd_folders(void **state)
{
	(void)state;
	struct fake_root t;
	struct machine m;
	struct err err = ERR_INIT;
	char path[1024], link_at[160];

	tree_init(&t);
	put_json(&t, "ppc64", 65536);
	tree_put(&t, "proc/iomem", "00000000-7fffffff : System RAM\n");
	put_files(&t);
	snprintf(link_at, sizeof(link_at), "%s/proc/device-tree/chosen/loop", t.dir);
	assert_int_equal(symlink("..", link_at), 0);
	assert_int_equal(host_facts(t.dir, &m, &err), 0);
	machine_done(&m);

	snprintf(path, sizeof(path), "proc/device-tree");
	for (unsigned i = 0; i < EDIT_DEPTH + 2; i++)
		strcat(path, "/d");
	strcat(path, "/x");
	tree_put(&t, path, "1");
	assert_true(host_facts(t.dir, &m, &err) < 0);
	assert_non_null(strstr(err.text, "proc/device-tree/d/d/d"));
	tree_done(&t);
}

/* Told, and no node is left out in silence. */
static void long_paths(void **state)
{
	(void)state;
	struct fake_root t;
	struct machine m;
	struct err err = ERR_INIT;
	char path[1400] = "proc/device-tree";

	tree_init(&t);
	put_json(&t, "ppc64", 65536);
	tree_put(&t, "proc/iomem", "00000000-7fffffff : System RAM\n");
	put_files(&t);
	for (unsigned i = 0; i < 4; i++)
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%0200u", i);
	strcat(path, "/x");
	tree_put(&t, path, "1");
	assert_int_equal(host_facts(t.dir, &m, &err), 0);
	assert_true(holds(&m.fdt, "000003", 7));
	machine_done(&m);
	snprintf(path + strlen(path) - 1, 206, "%0200u/xy", 4);
	tree_put(&t, path, "1");
	assert_int_equal(host_facts(t.dir, &m, &err), -ENAMETOOLONG);
	assert_non_null(strstr(err.text, "has a longer path in it"));
	tree_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blob_joins_iomem),
		cmocka_unit_test(the_blobs_own_reservation_goes),
		cmocka_unit_test(without_memory_iomem_tells),
		cmocka_unit_test(files_become_a_tree),
		cmocka_unit_test(odd_folders),
		cmocka_unit_test(long_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
