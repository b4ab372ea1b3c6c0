/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FIT, the "flattened image tree" of U-Boot (image.ub, *.itb): a device tree whose nodes are whole
 * files with their hashes, and configurations that say which belong together.
 * Format: docs/formats/fit.md; Flattened Image Tree specification 1.0.
 */
#pragma once
#include "image/image.h"

#define FIT_MAX (1u << 30) /* bytes of the tree, with the files that lie in it */

struct fit_image {
	struct span name; /* of its node */
	struct span data; /* NULL ptr: the configuration has none */
	enum image_compression compression;
	unsigned checked; /* hashes that were right */
	unsigned unknown; /* hashes of kinds that are not known here, which nobody looked at */
};

#define FIT_TREES_MAX 16

/* All borrow the file. */
struct fit {
	struct span config; /* the node's name of the chosen configuration */
	unsigned configs;
	const char *arch;     /* of the kernel; NULL = not one that is known here */
	uint64_t load, entry; /* of the kernel; 0 = not told */
	struct fit_image kernel, ramdisk;
	struct fit_image trees[FIT_TREES_MAX]; /* a device tree, then what is laid over it */
	unsigned ntrees;
};

/*
 * The files of configuration @config (its node's name), or for NULL of the default one. Signatures
 * are not looked at: U-Boot checks them, with a key that is its own.
 * 0 | -ENOEXEC: no FIT: no device tree, or one without /images (@err untouched) | -EBADMSG: one,
 * but damaged, cut, or with a wrong hash | -ENOTSUP: sound, but of a compression that is not known,
 * with more than FIT_TREES_MAX trees, or above FIT_MAX | -EINVAL: no such configuration, or none is
 * the default; or
 * @file is not aligned to 8.
 */
int fit_read(struct span file, const char *config, struct fit *out, struct err *err);

/* The same of the default configuration, as parts of @out. */
int fit_parse(struct span file, struct image *out, struct err *err);
/* Of configuration @config; NULL: the default. */
int fit_parse_as(struct span file, const char *config, struct image *out, struct err *err);
