/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/ppc_zimage.h"

#include <stdio.h>

#include "elf/reader.h"
#include "image/container.h"

/* @out stays empty where there is no such section, or nothing in it. */
static int take_section(struct span file, const struct elf *e, const char *name, struct span *out,
			struct err *err)
{
	struct elf_shdr s;

	if (!elf_find_section(e, file, name, &s) || !s.size || s.type == SHT_NOBITS)
		return 0;
	*out = elf_section(file, &s);
	if (!out->ptr)
		return fail_at(err, EBADMSG, s.offset,
			       "section %s (0x%llx bytes at 0x%llx) is not in the file's 0x%zx; "
			       "was it cut?",
			       name, (unsigned long long)s.size, (unsigned long long)s.offset,
			       file.len);
	return 0;
}

int ppc_zimage_read(struct span file, struct ppc_zimage *out, struct err *err)
{
	struct ppc_zimage z = {0};
	struct elf e;
	struct elf_shdr s;
	int r;

	/* What is wrong with an ELF file is told by the parser of all of them. */
	if (elf_parse(file, &e, NULL) || (e.machine != EM_PPC && e.machine != EM_PPC64) ||
	    !elf_find_section(&e, file, ".kernel:vmlinux.strip", &s))
		return -ENOEXEC;
	z.wrapper32 = e.elf32;
	z.wrapper_big = e.big;
	r = take_section(file, &e, ".kernel:vmlinux.strip", &z.kernel, err);
	if (!r)
		r = take_section(file, &e, ".kernel:initrd", &z.initrd, err);
	if (!r)
		r = take_section(file, &e, ".kernel:dtb", &z.dtb, err);
	if (r)
		return r;
	if (!z.kernel.len)
		return fail_at(err, EBADMSG, s.offset,
			       "section .kernel:vmlinux.strip has no kernel in it");
	z.compression = image_compression_of(z.kernel);
	if (z.compression == COMP_UNKNOWN)
		return fail_at(err, ENOTSUP, s.offset,
			       "kernel at 0x%llx is neither an ELF file nor of a known compression",
			       (unsigned long long)s.offset);
	*out = z;
	return 0;
}

int ppc_zimage_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_PPC_ZIMAGE, .file = file};
	struct ppc_zimage z;
	int r = ppc_zimage_read(file, &z, err);

	if (r)
		return r;
	m.big = z.wrapper_big;
	m.bits = z.wrapper32 ? 32 : 64;
	/* A wrapper of 32 bits may hold a kernel of 64, in either byte order. */
	if (!z.wrapper32)
		m.arch = z.wrapper_big ? "ppc64" : "ppc64le";
	r = container_add(&m, (struct image_part){PART_KERNEL, z.kernel, z.compression, {0}}, err);
	if (!r)
		r = container_add_plain(&m, PART_INITRD, z.initrd, err);
	if (!r)
		r = container_add_plain(&m, PART_DTB, z.dtb, err);
	snprintf(m.about, sizeof(m.about), "boot wrapper of %u bits, %s-endian", m.bits,
		 m.big ? "big" : "little");
	if (!r)
		*out = m;
	return r;
}
