/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a container holds beside, or instead of, one kernel: docs/formats/README.md names the parts
 * of each. Found by the container's parser, which copies nothing.
 */
#pragma once
#include "base/span.h"
#include "core/err.h"

enum image_compression {
	COMP_UNKNOWN,
	COMP_NONE,
	COMP_GZIP,
	COMP_XZ,
	COMP_LZMA,
	COMP_ZSTD,
	COMP_LZ4,
	COMP_LZO,
	COMP_BZIP2
};

/* Names: part_name(). */
enum image_part_kind {
	PART_KERNEL, /* an image by itself, maybe compressed: opened by load/unwrap.c */
	PART_INITRD,
	PART_DTB,
	PART_DTBO, /* an overlay, to be laid over the device tree; in their order */
	PART_CMDLINE,
	PART_CONFIG, /* the kernel's configuration, as text once it is unpacked */
	PART_UNAME,
	PART_OSREL,
	PART_UCODE,      /* an initrd that must stand before all others */
	PART_BOOTCONFIG, /* text for the kernel, behind all initrds; without its trailer */
	PART_KINDS
};

struct image_part {
	enum image_part_kind kind;
	struct span data; /* borrowed, as it is stored */
	/* Of @data, as the container says, or by its first bytes; COMP_NONE: give it as it is */
	enum image_compression compression;
	struct span name; /* borrowed, without NUL; empty = it has none */
};

#define PARTS_MAX 24

/* In the order of the file, which is the order in which parts of one kind are joined. */
struct image_parts {
	unsigned n;
	struct image_part v[PARTS_MAX];
};

/* 0 | -EBADMSG: more than PARTS_MAX */
int parts_add(struct image_parts *p, struct image_part part, struct err *err);
/* The first of @kind, or NULL. */
const struct image_part *parts_find(const struct image_parts *p, enum image_part_kind kind);
const char *part_name(enum image_part_kind kind); /* "initrd"; as in the JSON of inspect */
