/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>

#include "image/fit_make.h"

static void assert_text(struct span s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.ptr, want, s.len);
}

static void reads_the_default(void **state)
{
	(void)state;
	struct fit_make m;
	struct fit f;
	size_t len = fit_make(&m, NULL, 0, 0);

	assert_int_equal(fit_read(span_of(m.bytes, len), NULL, &f, NULL), 0);
	assert_text(f.config, "plain");
	assert_int_equal(f.configs, 2);
	assert_text(f.kernel.data, "the kernel");
	assert_text(f.kernel.name, "kernel-1");
	assert_int_equal(f.kernel.compression, COMP_NONE);
	assert_int_equal(f.kernel.checked, 2); /* CRC-16 is not one that we know */
	assert_int_equal(f.kernel.unknown, 1);
	assert_text(f.ramdisk.data, "the initrd");
	assert_int_equal(f.ntrees, 1);
	assert_text(f.trees[0].data, "the tree");
	assert_string_equal(f.arch, "arm64");
	assert_int_equal(f.load, 0x140080000);
	assert_int_equal(f.entry, 0x40080000);
	/* Chosen by name, it is the same. */
	assert_int_equal(fit_read(span_of(m.bytes, len), "plain", &f, NULL), 0);
	assert_text(f.config, "plain");
}

static int read_err(const struct fit_make *m, size_t len, const char *config, struct err *err)
{
	struct fit f;

	*err = (struct err)ERR_INIT;
	return fit_read(span_of(m->bytes, len), config, &f, err);
}

static void refused(const struct fit_make *m, size_t len, const char *config, int want,
		    const char *why)
{
	struct err err;

	assert_int_equal(read_err(m, len, config, &err), want);
	assert_non_null(strstr(err.text, why));
}

static void a_configuration_that_is_not_there(void **state)
{
	(void)state;
	struct fit_make m;
	size_t len = fit_make(&m, NULL, 0, 0);
	void *f = m.bytes;

	refused(&m, len, "pla", -EINVAL, "no configuration pla among its 2");
	refused(&m, len, "far", -EBADMSG, "names kernel-2 as its kernel, which is not in /images");
	fdt_nop_property(f, fdt_path_offset(f, "/configurations"), "default");
	refused(&m, len, NULL, -EINVAL, "2 configurations and no default");
	/* The only one needs no name. */
	fdt_nop_node(f, fdt_path_offset(f, "/configurations/far"));
	refused(&m, len, NULL, 0, "");
	fdt_nop_node(f, fdt_path_offset(f, "/configurations/plain"));
	refused(&m, len, NULL, -EBADMSG, "no configurations");
	fdt_nop_node(f, fdt_path_offset(f, "/configurations"));
	refused(&m, len, "plain", -EBADMSG, "no configurations");
	fdt_nop_node(f, fdt_path_offset(f, "/images"));
	refused(&m, len, NULL, -ENOEXEC, "");
}

/* Offsets count from the tree's end, to a multiple of 4; positions from the file's start. */
static void data_outside_is_bounded(void **state)
{
	(void)state;
	static const uint32_t bad[][2] = {{0, 9},
					  {1, 8},
					  {8, 1},
					  {UINT32_MAX, 1},
					  {0, UINT32_MAX},
					  {UINT32_MAX, UINT32_MAX},
					  {UINT32_MAX - 7, 0x10}};
	struct fit_make m;
	struct fit f;
	size_t len = (fit_make(&m, "data-offset", 4, 4) + 3) & ~3ul;

	memcpy(m.bytes + len, "0123kern", 8);
	assert_int_equal(fit_read(span_of(m.bytes, len + 8), "far", &f, NULL), 0);
	assert_text(f.kernel.data, "kern");
	assert_int_equal(f.kernel.compression, COMP_GZIP);
	refused(&m, len + 7, "far", -EBADMSG, "kernel kernel-2: 0x4 bytes at 0x");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fit_make(&m, "data-offset", bad[i][0], bad[i][1]);
		refused(&m, len + 8, "far", -EBADMSG, "was it cut?");
	}
	fit_make(&m, "data-offset", 8, 0);
	refused(&m, len + 8, "far", -EBADMSG, "has no data");
	fit_make(&m, "data-position", 0xf00, 8);
	memcpy(m.bytes + 0xf00, "position", 8);
	assert_int_equal(fit_read(span_of(m.bytes, 0xf08), "far", &f, NULL), 0);
	assert_text(f.kernel.data, "position");
	refused(&m, 0xf07, "far", -EBADMSG, "at 0xf00");
	fit_make(&m, "data-position", 0x10, 8); /* over the tree */
	refused(&m, 0xf08, "far", -EBADMSG, "over its tree");
}

/* Every bit of the three files is under a hash. */
static void hashes_are_checked(void **state)
{
	(void)state;
	static const char *const files[] = {"kernel-1", "disk-1", "fdt-1"};
	struct fit_make m;
	size_t len = fit_make(&m, NULL, 0, 0);

	for (size_t i = 0; i < 3; i++) {
		char path[64];
		int size;
		uint8_t *data;

		snprintf(path, sizeof(path), "/images/%s", files[i]);
		data = fdt_getprop_w(m.bytes, fdt_path_offset(m.bytes, path), "data", &size);
		for (int bit = 0; bit < 8 * size; bit++) {
			data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			refused(&m, len, NULL, -EBADMSG, "it is damaged");
			data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void *value_of(struct fit_make *m, const char *path, const char *name)
{
	int len;

	return fdt_getprop_w(m->bytes, fdt_path_offset(m->bytes, path), name, &len);
}

static void fields_at_their_edges(void **state)
{
	(void)state;
	struct fit_make m;
	size_t len = fit_make(&m, NULL, 0, 0);

	memcpy(value_of(&m, "/images/kernel-1/hash@2", "algo"), "crc32\0", 7);
	refused(&m, len, NULL, -EBADMSG, "crc32 has 32 bytes, not 4");
	fit_make(&m, NULL, 0, 0);
	memcpy(value_of(&m, "/images/kernel-1/hash-3", "algo"), "sha1", 5);
	refused(&m, len, NULL, -EBADMSG, "sha1 has 2 bytes, not 20");
	fdt_nop_property(m.bytes, fdt_path_offset(m.bytes, "/images/kernel-1/hash-3"), "value");
	refused(&m, len, NULL, -EBADMSG, "node hash-3 is no hash");
	fit_make(&m, NULL, 0, 0);
	memcpy(value_of(&m, "/images/kernel-1", "compression"), "rar", 4);
	refused(&m, len, NULL, -ENOTSUP, "kernel kernel-1: compression rar is not known");
	fit_make(&m, NULL, 0, 0);
	memcpy(value_of(&m, "/images/kernel-1", "type"), "script", 7);
	refused(&m, len, NULL, -EBADMSG, "is of type script");
	fit_make(&m, NULL, 0, 0);
	memcpy(value_of(&m, "/configurations/plain", "fdt"), "f\0t-1", 6);
	refused(&m, len, NULL, -EBADMSG, "names f as its fdt, which is not in /images");
	fit_make(&m, NULL, 0, 0);
	fdt_nop_property(m.bytes, fdt_path_offset(m.bytes, "/configurations/plain"), "kernel");
	refused(&m, len, NULL, -EBADMSG, "configuration plain: names no kernel");
	refused(&m, len - 1, NULL, -EBADMSG, "device tree ends at");
}

static void every_cut_is_told(void **state)
{
	(void)state;
	struct fit_make m;
	size_t len = fit_make(&m, NULL, 0, 0);

	for (size_t cut = 0; cut < len; cut++) {
		struct fit f;
		void *copy = malloc(cut ? cut : 1);

		memcpy(copy, m.bytes, cut);
		assert_int_equal(fit_read(span_of(copy, cut), NULL, &f, NULL),
				 cut < 4 ? -ENOEXEC : -EBADMSG);
		free(copy);
	}
}

/* As the probe finds it, in the order that parts of one kind are joined in. */
static void gives_its_parts(void **state)
{
	(void)state;
	static const struct {
		enum image_part_kind kind;
		const char *text;
	} want[] = {
		{PART_KERNEL, "the kernel"}, {PART_INITRD, "the initrd"}, {PART_DTB, "the tree"}};
	struct fit_make m;
	struct image im;
	size_t len = fit_make(&m, NULL, 0, 0);

	assert_int_equal(image_parse(span_of(m.bytes, len), &im, NULL), 0);
	assert_int_equal(im.format, IMAGE_FIT);
	assert_string_equal(im.arch, "arm64");
	assert_int_equal(im.parts.n, sizeof(want) / sizeof(*want));
	for (unsigned i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_int_equal(im.parts.v[i].kind, want[i].kind);
		assert_text(im.parts.v[i].data, want[i].text);
	}
	assert_ptr_equal(im.file.ptr + im.payload_off, im.parts.v[0].data.ptr);
	assert_text(im.parts.v[0].name, "kernel-1");
	assert_string_equal(im.about, "configuration plain of 2; the kernel has hashes: 2 right, "
				      "1 of a kind not checked");
}

static void hash_it_again(void *f, const char *image, unsigned n)
{
	char name[16];

	snprintf(name, sizeof(name), "hash-x%u", n);
	int node = fdt_add_subnode(f, fdt_path_offset(f, image), name);

	assert_true(node > 0);
	assert_int_equal(fdt_setprop_string(f, node, "algo", "none"), 0);
	assert_int_equal(fdt_setprop_string(f, node, "value", "1"), 0);
}

/* Each is one walk over the data. */
static void hashes_are_few(void **state)
{
	(void)state;
	_Alignas(8) uint8_t more[2 * sizeof(struct fit_make)];
	struct err err = ERR_INIT;
	struct fit_make m;
	struct fit f;

	(void)fit_make(&m, NULL, 0, 0);
	assert_int_equal(fdt_open_into(m.bytes, more, sizeof(more)), 0);
	for (unsigned i = 3; i < 8; i++)
		hash_it_again(more, "/images/kernel-1", i);
	assert_int_equal(fit_read(span_of(more, sizeof(more)), NULL, &f, &err), 0);
	hash_it_again(more, "/images/kernel-1", 8);
	assert_int_equal(fit_read(span_of(more, sizeof(more)), NULL, &f, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "more than 8 hashes"));
}

/* @image is all that lies behind the tree, with eight hashes. */
static void share(void *f, const char *image, uint32_t size)
{
	int node;

	while ((node = fdt_first_subnode(f, fdt_path_offset(f, image))) >= 0)
		assert_int_equal(fdt_del_node(f, node), 0);
	node = fdt_path_offset(f, image);
	assert_int_equal(fdt_setprop_u32(f, node, "data-offset", 0), 0);
	assert_int_equal(fdt_setprop_u32(f, node, "data-size", size), 0);
	for (unsigned i = 0; i < 8; i++)
		hash_it_again(f, image, i);
}

/* Images that share their bytes do not make a small file long work. */
static void hashes_of_shared_bytes_are_few(void **state)
{
	(void)state;
	enum { TREE = 2 * sizeof(struct fit_make), DATA = 16 * TREE };
	static _Alignas(8) uint8_t file[TREE + DATA];
	struct err err = ERR_INIT;
	struct fit_make m;
	struct fit f;

	(void)fit_make(&m, NULL, 0, 0);
	assert_int_equal(fdt_open_into(m.bytes, file, TREE), 0);
	share(file, "/images/kernel-1", DATA);
	assert_int_equal(fit_read(span_of(file, sizeof(file)), NULL, &f, &err), 0);
	share(file, "/images/disk-1", DATA);
	assert_int_equal(fit_read(span_of(file, sizeof(file)), NULL, &f, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "hashes over more than"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_of_shared_bytes_are_few),
		cmocka_unit_test(reads_the_default),
		cmocka_unit_test(gives_its_parts),
		cmocka_unit_test(a_configuration_that_is_not_there),
		cmocka_unit_test(data_outside_is_bounded),
		cmocka_unit_test(hashes_are_checked),
		cmocka_unit_test(fields_at_their_edges),
		cmocka_unit_test(every_cut_is_told),
		cmocka_unit_test(hashes_are_few),
	};

	return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
