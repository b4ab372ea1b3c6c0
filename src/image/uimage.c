/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/uimage.h"

#include <stdio.h>
#include <string.h>

#include "base/align.h"
#include "base/cursor.h"
#include "image/container.h"
#include "image/crc32.h"

enum { ARCH_ARM = 2, ARCH_I386 = 3, ARCH_MAX = 26, LIST_MAX = 3 };

/* By the codes of the field: IH_COMP_*. */
static const enum image_compression compressions[] = {
	COMP_NONE, COMP_GZIP, COMP_BZIP2, COMP_LZMA, COMP_LZO, COMP_LZ4, COMP_ZSTD,
};

/* IH_ARCH_*. 7 is PowerPC of 32 and of 64 bits, in either byte order. */
const char *uimage_arch(uint8_t arch)
{
	static const char *const names[] = {
		[ARCH_ARM] = "arm", [ARCH_I386] = "i386", [8] = "s390x",
		[22] = "arm64",     [24] = "x86_64",      [ARCH_MAX] = "riscv64",
	};

	return arch <= ARCH_MAX ? names[arch] : NULL;
}

static uint32_t header_crc(struct span header)
{
	static const uint8_t zero[4];
	uint32_t crc = crc32_of(0, span_sub(header, 0, UIMAGE_HEADER_CRC));

	crc = crc32_of(crc, span_of(zero, sizeof(zero)));
	return crc32_of(crc, span_from(header, UIMAGE_HEADER_CRC + 4));
}

/* The header alone. @data: what it speaks of; @crc: its checksum. */
static int read_header(struct span file, struct uimage *u, struct span *data, uint32_t *crc,
		       struct err *err)
{
	struct span header = span_sub(file, 0, UIMAGE_HEADER_SIZE);
	struct cursor c = cursor_be(header, UIMAGE_HEADER_CRC);
	uint32_t said = cursor_u32(&c);

	if (!header.ptr)
		return fail_at(err, EBADMSG, file.len, "file ends in its header at 0x%zx",
			       file.len);
	if (said != header_crc(header))
		return fail_at(err, EBADMSG, UIMAGE_HEADER_CRC,
			       "header has the checksum 0x%08x, and says 0x%08x",
			       header_crc(header), said);
	cursor_skip(&c, 4); /* time */
	uint32_t size = cursor_u32(&c);

	u->load = cursor_u32(&c);
	u->entry = cursor_u32(&c);
	*crc = cursor_u32(&c);
	cursor_skip(&c, 1); /* the system: most say Linux, some do not */
	u->arch = cursor_u8(&c);
	u->type = cursor_u8(&c);
	uint8_t comp = cursor_u8(&c);

	u->name = span_sub(header, UIMAGE_NAME, UIMAGE_NAME_SIZE);
	u->name.len = strnlen((const char *)u->name.ptr, u->name.len);
	*data = span_sub(file, UIMAGE_HEADER_SIZE, size);
	if (!data->ptr || !size)
		return fail_at(err, EBADMSG, UIMAGE_SIZE,
			       "file ends at 0x%zx, its header says 0x%llx", file.len,
			       UIMAGE_HEADER_SIZE + (unsigned long long)size);
	if (comp >= sizeof(compressions) / sizeof(*compressions))
		return fail_at(err, ENOTSUP, UIMAGE_COMP, "compression %u at 0x1f is not known",
			       comp);
	u->compression = compressions[comp];
	return 0;
}

/* Sizes up to a zero, then the files, each padded to 4 bytes but the last. */
static int read_list(struct uimage *u, struct span data, struct err *err)
{
	struct span *const into[LIST_MAX] = {&u->kernel, &u->ramdisk, &u->dtb};
	uint32_t sizes[LIST_MAX] = {0}, size;
	struct cursor c = cursor_be(data, 0);
	unsigned n = 0;

	while ((size = cursor_u32(&c)) && n < LIST_MAX)
		sizes[n++] = size;
	if (c.bad)
		return fail_at(err, EBADMSG, UIMAGE_HEADER_SIZE, "list of files has no end");
	if (size)
		return fail_at(err, ENOTSUP, UIMAGE_HEADER_SIZE,
			       "list has more files than a kernel, a ramdisk and a device tree");
	for (unsigned i = 0; i < n; i++) {
		size_t at = c.pos;

		*into[i] = cursor_take(&c, sizes[i]);
		if (c.bad)
			return fail_at(err, EBADMSG, UIMAGE_HEADER_SIZE + 4 * i,
				       "file %u of the list (0x%x bytes at 0x%zx) is not in the "
				       "image",
				       i, sizes[i], UIMAGE_HEADER_SIZE + at);
		/* Nothing need follow the last. */
		c = cursor_be(data, align_up(c.pos, 4) < data.len ? align_up(c.pos, 4) : data.len);
	}
	return 0;
}

static int read_parts(struct uimage *u, struct span data, struct err *err)
{
	switch (u->type) {
	case UIMAGE_KERNEL:
	case UIMAGE_KERNEL_NOLOAD:
		u->kernel = data;
		return 0;
	case UIMAGE_RAMDISK:
		u->ramdisk = data;
		return 0;
	case UIMAGE_FLATDT:
		u->dtb = data;
		return 0;
	case UIMAGE_MULTI:
		return read_list(u, data, err);
	default:
		return fail_at(err, ENOTSUP, UIMAGE_TYPE,
			       "type %u at 0x1e is no kernel, ramdisk, device tree or list of them",
			       u->type);
	}
}

int uimage_read(struct span file, struct uimage *out, struct err *err)
{
	struct uimage u = {0};
	struct cursor c = cursor_be(file, UIMAGE_MAGIC);
	struct span data = {0};
	uint32_t crc = 0;
	int r;

	if (cursor_u32(&c) != UIMAGE_MAGIC_WORD)
		return -ENOEXEC;
	r = read_header(file, &u, &data, &crc, err);
	if (r)
		return r;
	if (crc32_of(0, data) != crc)
		return fail_at(err, EBADMSG, UIMAGE_DATA_CRC,
			       "data has the checksum 0x%08x, the header says 0x%08x; the file is "
			       "damaged: copy it again",
			       crc32_of(0, data), crc);
	r = read_parts(&u, data, err);
	if (!r)
		*out = u;
	return r;
}

int uimage_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_UIMAGE, .file = file};
	struct uimage u;
	int r = uimage_read(file, &u, err);

	if (r)
		return r;
	m.arch = uimage_arch(u.arch);
	m.bits = u.arch == ARCH_I386 || u.arch == ARCH_ARM ? 32 : 64;
	/* Where U-Boot would put it; a "noload" kernel has no such place. */
	if (u.type != UIMAGE_KERNEL_NOLOAD) {
		m.preferred = u.load;
		*(m.bits == 32 ? &m.entry32 : &m.entry64) = u.entry;
	}
	r = container_add(&m, (struct image_part){PART_KERNEL, u.kernel, u.compression, u.name},
			  err);
	if (!r)
		r = container_add_plain(&m, PART_INITRD, u.ramdisk, err);
	if (!r)
		r = container_add_plain(&m, PART_DTB, u.dtb, err);
	snprintf(m.about, sizeof(m.about),
		 "type %u, load address 0x%x, entry 0x%x, checksums right", u.type, u.load,
		 u.entry);
	if (!r)
		*out = m;
	return r;
}
