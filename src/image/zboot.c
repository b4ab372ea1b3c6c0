/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/zboot.h"

#include <string.h>

#include "base/cursor.h"
#include "image/linux_image.h"
#include "image/pe.h"

enum { SIZE_WORD = 4 };

/* The names of Makefile.zboot; later kernels say "xz" and "zstd" too. */
static const struct {
	const char *name;
	enum image_compression comp;
} types[] = {
	{"gzip", COMP_GZIP}, {"lz4", COMP_LZ4}, {"lzma", COMP_LZMA},   {"lzo", COMP_LZO},
	{"xzkern", COMP_XZ}, {"xz", COMP_XZ},   {"zstd22", COMP_ZSTD}, {"zstd", COMP_ZSTD},
};

static int read_type(struct image *m, struct err *err)
{
	struct span name = span_sub(m->file, ZBOOT_TYPE, ZBOOT_TYPE_MAX);

	if (!name.ptr || !memchr(name.ptr, 0, name.len))
		return fail_at(err, EBADMSG, ZBOOT_TYPE, "compression at 0x18 has no end");
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp((const char *)name.ptr, types[i].name))
			m->compression = types[i].comp;
	if (m->compression == COMP_UNKNOWN)
		return fail_at(err, ENOTSUP, ZBOOT_TYPE,
			       "compression at 0x18 is none that zboot images have");
	return 0;
}

/* gzip ends with the unpacked size (modulo 2^32); behind all others it follows. */
static int read_payload(struct image *m, struct err *err)
{
	struct cursor c = cursor_le(m->file, ZBOOT_PAYLOAD_OFF);
	uint64_t size;

	m->payload_off = cursor_u32(&c);
	size = cursor_u32(&c);
	m->payload_size = size + (m->compression == COMP_GZIP ? 0 : SIZE_WORD);
	if (size <= SIZE_WORD || m->payload_off < ZBOOT_TYPE + ZBOOT_TYPE_MAX ||
	    !span_sub(m->file, m->payload_off, m->payload_size).ptr)
		return fail_at(err, EBADMSG, ZBOOT_PAYLOAD_OFF,
			       "payload of 0x%llx bytes at 0x%llx is not in the file's 0x%zx",
			       (unsigned long long)size, (unsigned long long)m->payload_off,
			       m->file.len);
	c = cursor_le(m->file, m->payload_off + m->payload_size - SIZE_WORD);
	m->unpacked_size = cursor_u32(&c);
	return 0;
}

static int read_cpu(struct image *m, struct err *err)
{
	struct pe pe;

	if (pe_read(m->file, &pe) < 0)
		return fail_at(err, EBADMSG, LI_PE_OFF, "no PE header where 0x3c points");
	if (pe.end > m->file.len)
		return fail_at(err, EBADMSG, m->file.len,
			       "file ends at 0x%zx, its sections at 0x%llx", m->file.len,
			       (unsigned long long)pe.end);
	switch (pe.machine) {
	case PE_MACHINE_ARM64:
		m->arch = "arm64";
		return 0;
	case PE_MACHINE_RISCV64:
		m->arch = "riscv64";
		return 0;
	default:
		return fail(err, ENOTSUP,
			    "is a zboot image for a CPU not known here (PE machine 0x%x)",
			    pe.machine);
	}
}

int zboot_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_ZBOOT,
			  .file = file,
			  .bits = 64,
			  .align = LI_BASE_ALIGN,
			  .relocatable = true,
			  .how = HOW_BOOT_LOADER};
	struct span magic = span_sub(file, 0, 8);
	int r;

	if (!magic.ptr || memcmp(magic.ptr, "MZ", 2) || memcmp(magic.ptr + ZBOOT_MAGIC, "zimg", 4))
		return -ENOEXEC;
	r = read_type(&m, err);
	if (!r)
		r = read_payload(&m, err);
	if (!r)
		r = read_cpu(&m, err);
	if (!r)
		*out = m;
	return r;
}
