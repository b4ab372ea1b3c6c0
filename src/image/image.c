/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image.h"

#include <string.h>

#include "image/android.h"
#include "image/arm_image.h"
#include "image/bzimage.h"
#include "image/fit.h"
#include "image/linux_image.h"
#include "image/multiboot.h"
#include "image/pe.h"
#include "image/pe_image.h"
#include "image/ppc_zimage.h"
#include "image/s390_image.h"
#include "image/uimage.h"
#include "image/uki.h"
#include "image/vmlinux.h"
#include "image/zboot.h"
#include "image/zimage.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/*
 * Where the order matters: a UKI and a boot wrapper may hold their kernel plainly, so that what a
 * kernel is known by (a banner, an ELF header) is found in them too; a multiboot kernel is an ELF
 * file; a plain PE file is what no other parser took. All others are told apart by their magic.
 */
static int (*const parsers[])(struct span file, struct image *out, struct err *err) = {
	uki_parse,     zboot_parse,      bzimage_parse,  linux_image_parse, zimage_parse,
	uimage_parse,  fit_parse,        android_parse,  ppc_zimage_parse,  multiboot_parse,
	vmlinux_parse, s390_image_parse, pe_image_parse, arm_image_parse, /* the last: it has no
									     magic */
};

/* What to say of a file that nobody took. */
static const char *what_it_is(struct span file)
{
	struct pe pe;

	if (!file.len)
		return "the file is empty";
	if (file.len >= 4 && !memcmp(file.ptr,
				     "\x7f"
				     "ELF",
				     4))
		return "is an ELF file, but no Linux kernel (no \"Linux version\" in it)";
	if (!pe_read(file, &pe))
		return "is an EFI program, but neither a Linux kernel nor a unified kernel image "
		       "(no section .linux in it)";
	return "is no kernel; wanted is a bzImage, such as /boot/vmlinuz-*";
}

int image_parse(struct span file, struct image *out, struct err *err)
{
	for (size_t i = 0; i < COUNT(parsers); i++) {
		int r = parsers[i](file, out, err);

		if (r != -ENOEXEC)
			return r;
	}
	return fail_at(err, ENOEXEC, 0, "%s", what_it_is(file));
}

/* The kinds of file have nothing in common that they are known by. */
int image_parse_as(struct span file, const struct image_choice *choice, struct image *out,
		   struct err *err)
{
	const struct image_choice none = {0}, *c = choice ? choice : &none;
	int r = -ENOEXEC;

	if (c->config)
		r = fit_parse_as(file, c->config, out, err);
	if (r == -ENOEXEC && c->has_profile)
		r = uki_parse_as(file, c->profile, out, err);
	if (r == -ENOEXEC && c->vendor_boot.len)
		r = android_parse_with(file, c->vendor_boot, out, err);
	if (r != -ENOEXEC)
		return r;
	r = image_parse(file, out, err);
	if (!r && c->config)
		r = fail(err, EINVAL, "'--config' chooses in a FIT image; this is of format %s",
			 image_format_name(out->format));
	else if (!r && c->has_profile)
		r = fail(err, EINVAL,
			 "'--profile' chooses in a unified kernel image; this is of format %s",
			 image_format_name(out->format));
	else if (!r && c->vendor_boot.len)
		r = fail(err, EINVAL,
			 "'--vendor-boot' goes with an Android boot image; this is of format %s",
			 image_format_name(out->format));
	return r;
}

const char *image_format_name(enum image_format f)
{
	static const char *const names[] = {
		[IMAGE_BZIMAGE] = "bzImage",
		[IMAGE_LINUX_IMAGE] = "Image",
		[IMAGE_ZIMAGE] = "zImage",
		[IMAGE_VMLINUX] = "vmlinux",
		[IMAGE_S390_IMAGE] = "s390-image",
		[IMAGE_ZBOOT] = "zboot",
		[IMAGE_UKI] = "uki",
		[IMAGE_UIMAGE] = "uImage",
		[IMAGE_FIT] = "fit",
		[IMAGE_PPC_ZIMAGE] = "ppc-zImage",
		[IMAGE_MULTIBOOT] = "multiboot",
		[IMAGE_MULTIBOOT2] = "multiboot2",
		[IMAGE_ANDROID] = "android",
		[IMAGE_PE] = "pe",
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

enum codec image_codec(enum image_compression c)
{
	static const enum codec codecs[] = {
		[COMP_GZIP] = CODEC_GZIP,   [COMP_XZ] = CODEC_XZ,   [COMP_LZMA] = CODEC_LZMA,
		[COMP_ZSTD] = CODEC_ZSTD,   [COMP_LZ4] = CODEC_LZ4, [COMP_LZO] = CODEC_LZO,
		[COMP_BZIP2] = CODEC_BZIP2,
	};

	return (size_t)c < COUNT(codecs) ? codecs[c] : CODEC_UNKNOWN;
}

enum image_compression image_compression_of(struct span payload)
{
	enum codec codec = codec_probe(payload);

	if (payload.len >= 4 && !memcmp(payload.ptr,
					"\x7f"
					"ELF",
					4))
		return COMP_NONE;
	for (enum image_compression c = COMP_GZIP; codec && c <= COMP_BZIP2; c++)
		if (image_codec(c) == codec)
			return c;
	return COMP_UNKNOWN;
}

bool image_is_multiboot(const struct image *m)
{
	return m->format == IMAGE_MULTIBOOT || m->format == IMAGE_MULTIBOOT2;
}
