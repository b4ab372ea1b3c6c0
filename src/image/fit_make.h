/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIT images for tests, written with libfdt's sequential writer. */
#pragma once
#include <libfdt.h>
#include <string.h>

#include "base/put.h"
#include "base/sha256.h"
#include "image/crc32.h"
#include "image/fit.h"

struct fit_make {
	_Alignas(8) uint8_t bytes[4096];
};

static inline void fit_make_text(void *f, const char *name, const char *text)
{
	fdt_property(f, name, text, (int)strlen(text) + 1);
}

static inline void fit_make_crc(void *f, const char *data)
{
	fdt_begin_node(f, "hash-1");
	fdt_property_string(f, "algo", "crc32");
	fdt_property_u32(f, "value", crc32_of(0, span_of(data, strlen(data))));
	fdt_end_node(f);
}

static inline void fit_make_sha256(void *f, const char *data)
{
	struct sha256 sum;
	uint8_t digest[SHA256_SIZE];

	sha256_init(&sum, sha256_blocks_generic);
	sha256_update(&sum, data, strlen(data));
	sha256_final(&sum, digest);
	fdt_begin_node(f, "hash@2");
	fdt_property_string(f, "algo", "sha256");
	fdt_property(f, "value", digest, sizeof(digest));
	fdt_end_node(f);
}

static inline void fit_make_image(void *f, const char *name, const char *type, const char *data)
{
	fdt_begin_node(f, name);
	fit_make_text(f, "type", type);
	fdt_property_string(f, "arch", "arm64");
	fdt_property_string(f, "compression", "none");
	fdt_property(f, "data", data, (int)strlen(data));
	if (!strcmp(type, "kernel")) {
		fdt_property_u64(f, "load", 0x140080000);
		fdt_property_u32(f, "entry", 0x40080000);
		fit_make_sha256(f, data);
	}
	fit_make_crc(f, data);
	fdt_begin_node(f, "hash-3");
	fdt_property_string(f, "algo", "crc16-ccitt");
	fdt_property(f, "value", "12", 2);
	fdt_end_node(f);
	fdt_end_node(f);
}

static inline void fit_make_config(void *f, const char *name, const char *kernel, const char *disk)
{
	fdt_begin_node(f, name);
	fdt_property_string(f, "description", "test");
	fit_make_text(f, "kernel", kernel);
	if (disk)
		fit_make_text(f, "ramdisk", disk);
	fdt_property_string(f, "fdt", "fdt-1");
	fdt_end_node(f);
}

/* A kernel whose data lies outside: @where is data-offset or data-position. */
static inline void fit_make_external(void *f, const char *where, uint32_t at, uint32_t size)
{
	fdt_begin_node(f, "kernel-2");
	fdt_property_string(f, "type", "kernel");
	fdt_property_string(f, "compression", "gzip");
	fdt_property_u32(f, where, at);
	fdt_property_u32(f, "data-size", size);
	fdt_end_node(f);
}

/*
 * Two configurations: "plain" has all, "far" the kernel that lies outside. @where: NULL = without
 * it. Returns the tree's size; what lies behind it is zero.
 */
static inline size_t fit_make(struct fit_make *m, const char *where, uint32_t at, uint32_t size)
{
	void *f = m->bytes;

	memset(m, 0, sizeof(*m));
	fdt_create(f, sizeof(m->bytes));
	fdt_finish_reservemap(f);
	fdt_begin_node(f, "");
	fdt_begin_node(f, "images");
	fit_make_image(f, "kernel-1", "kernel", "the kernel");
	fit_make_image(f, "disk-1", "ramdisk", "the initrd");
	fit_make_image(f, "fdt-1", "flat_dt", "the tree");
	if (where)
		fit_make_external(f, where, at, size);
	fdt_end_node(f);
	fdt_begin_node(f, "configurations");
	fdt_property_string(f, "default", "plain");
	fit_make_config(f, "plain", "kernel-1", "disk-1");
	fit_make_config(f, "far", "kernel-2", NULL);
	fdt_end_node(f);
	fdt_end_node(f);
	fdt_finish(f);
	return fdt_totalsize(f);
}
