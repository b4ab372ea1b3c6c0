/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/arm_image.h"

#include <endian.h>
#include <string.h>

#include "base/put.h"
#include "image/inside.h"

enum {
	LEAST = 0x4008,
	HEAD = 16 << 10, /* the start-up code lies in here */
	BSS_MOST = 64 << 20,
	OFFSET_LEAST = 0x8000, /* below it lie page tables and ATAGs */
	OFFSET_MOST = 0x1000000,
	ALIGN_MOST = 4096, /* between the end of the file and bss */
};

/* The operand of ADD and SUB (immediate): 8 bits, rotated right by an even number. A5.2.4 */
static uint32_t immediate(uint64_t insn)
{
	unsigned turn = (unsigned)(insn >> 8 & 15) * 2;
	uint32_t v = insn & 0xff;

	return turn ? v >> turn | v << (32 - turn) : v;
}

/*
 * head.S puts the page tables below the kernel: "add rD, rN, #TEXT_OFFSET; sub rD, rD,
 * #PG_DIR_SIZE" (macro pgtbl, Linux 2.6.12 to 6.1; PG_DIR_SIZE is 0x4000, with LPAE 0x5000).
 */
static uint32_t text_offset(struct span file)
{
	for (size_t at = 0; at + 8 <= HEAD; at += 4) {
		uint64_t add = get_le(file.ptr + at, 4), sub = get_le(file.ptr + at + 4, 4);
		uint64_t rd = add >> 12 & 15;

		if ((add & 0xfff00000) != 0xe2800000 || (sub & 0xfff00000) != 0xe2400000 ||
		    (sub >> 12 & 15) != rd || (sub >> 16 & 15) != rd)
			continue;
		if (immediate(sub) == 0x4000 || immediate(sub) == 0x5000)
			return immediate(add);
	}
	return 0;
}

/* All words of a kernel are looked at: ten times as fast as get_le. */
static uint32_t word_at(struct span file, size_t at)
{
	uint32_t word;

	memcpy(&word, file.ptr + at, sizeof(word));
	return le32toh(word);
}

/*
 * __mmap_switched_data of head-common.S holds the virtual __bss_start and __bss_stop side by side.
 * The image ends where bss begins, and PAGE_OFFSET is a multiple of 256 MiB.
 */
static uint64_t bss_size(struct span file, uint32_t offset)
{
	uint32_t begin = (uint32_t)(offset + file.len);

	for (size_t at = 0; at + 8 <= file.len; at += 4) {
		uint32_t start = word_at(file, at), behind = (start - begin) & 0x0fffffff;

		if (behind > ALIGN_MOST || start < 0x40000000)
			continue;
		uint32_t stop = word_at(file, at + 4);

		if (stop > start && stop - start <= BSS_MOST)
			return stop - start + behind;
	}
	return 0;
}

int arm_image_parse(struct span file, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_LINUX_IMAGE, .arch = "arm", .bits = 32, .file = file};

	if (file.len < LEAST || file.len > UINT32_MAX / 4)
		return -ENOEXEC;
	uint32_t offset = text_offset(file);

	if (offset < OFFSET_LEAST || offset > OFFSET_MOST || offset & 0xfff)
		return -ENOEXEC;
	image_read_banner(&m, file);
	if (!m.version[0])
		return -ENOEXEC;
	uint64_t bss = bss_size(file, offset);

	if (!bss)
		return fail_at(
			err, EBADMSG, file.len,
			"looks like a 32-bit ARM Image (text_offset 0x%x), but its bss was not "
			"found: is it cut?",
			offset);
	m.li.text_offset = offset;
	m.li.image_size = file.len + bss;
	m.li.page_size = 4096;
	m.li.anywhere = true;
	m.compression = COMP_NONE;
	m.footprint_running = m.footprint_unpacking = m.li.image_size;
	m.align = 4096;
	m.limit_max = UINT32_MAX;
	m.relocatable = true;
	m.how = HOW_SELF;
	*out = m;
	return 0;
}
