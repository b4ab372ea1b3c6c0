/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image.h"

#include <string.h>

#include "image/bzimage.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int (*const parsers[])(struct span file, struct image *out, struct err *err) = {
	bzimage_parse,
};

int image_parse(struct span file, struct image *out, struct err *err)
{
	for (size_t i = 0; i < COUNT(parsers); i++) {
		int r = parsers[i](file, out, err);

		if (r != -ENOEXEC)
			return r;
	}
	if (!file.len)
		return fail_at(err, ENOEXEC, 0, "the file is empty");
	if (file.len >= 4 && !memcmp(file.ptr, "\x7f"
						"ELF", 4))
		return fail_at(err, ENOEXEC, 0,
			       "an ELF file (a vmlinux?); wanted is a bzImage, such as "
			       "/boot/vmlinuz-*");
	return fail_at(err, ENOEXEC, 0,
		       "no kernel; wanted is a bzImage, such as /boot/vmlinuz-*");
}

const char *image_format_name(enum image_format f)
{
	static const char *const names[] = {
		[IMAGE_BZIMAGE] = "bzImage",
	};

	return (size_t)f < COUNT(names) ? names[f] : NULL;
}

const char *image_compression_name(enum image_compression c)
{
	static const char *const names[] = {
		[COMP_NONE] = "none", [COMP_GZIP] = "gzip",   [COMP_XZ] = "xz",
		[COMP_LZMA] = "lzma", [COMP_ZSTD] = "zstd",   [COMP_LZ4] = "lz4",
		[COMP_LZO] = "lzo",   [COMP_BZIP2] = "bzip2",
	};

	return (size_t)c < COUNT(names) ? names[c] : NULL;
}

const char *image_how_name(enum image_how h)
{
	static const char *const names[] = {
		[HOW_SELF] = "self",
		[HOW_BOOT_LOADER] = "boot-loader",
		[HOW_KEPT_RELOCATIONS] = "kept-relocations",
		[HOW_FIXED] = "fixed",
	};

	return (size_t)h < COUNT(names) ? names[h] : NULL;
}

/* What the kernel itself goes by: lib/decompress.c, two bytes each. */
enum image_compression image_compression_of(struct span payload)
{
	static const struct {
		uint8_t magic[4];
		uint8_t len;
		uint8_t comp;
	} known[] = {
		{{0x7f, 'E', 'L', 'F'}, 4, COMP_NONE},
		{{0x1f, 0x8b}, 2, COMP_GZIP},
		{{0x1f, 0x9e}, 2, COMP_GZIP},
		{{'B', 'Z'}, 2, COMP_BZIP2},
		{{0x5d, 0x00}, 2, COMP_LZMA},
		{{0xfd, '7'}, 2, COMP_XZ},
		{{0x89, 'L'}, 2, COMP_LZO},
		{{0x02, 0x21}, 2, COMP_LZ4},
		{{0x28, 0xb5}, 2, COMP_ZSTD},
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (payload.len >= known[i].len &&
		    !memcmp(payload.ptr, known[i].magic, known[i].len))
			return known[i].comp;
	return COMP_UNKNOWN;
}
