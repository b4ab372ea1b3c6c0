/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tag list that kernels without device trees are handed. Made anew from the facts; revision and
 * serial number of the board (ATAG_REVISION, ATAG_SERIAL) are not known here.
 * Source: arch/arm/include/uapi/asm/setup.h, Linux 6.1.
 */
#include "arch/arm/arm.h"
#include "base/put.h"

enum {
	ATAG_NONE = 0,
	ATAG_CORE = 0x54410001,
	ATAG_MEM = 0x54410002,
	ATAG_INITRD2 = 0x54420005,
	ATAG_CMDLINE = 0x54410009,
};

static int add_word(struct buf *out, uint64_t v)
{
	uint8_t at[4];

	put_le(at, v & UINT32_MAX, 4);
	return buf_add(out, at, 4);
}

static int add_tag(struct buf *out, uint32_t id, const uint64_t *words, size_t n)
{
	int r = add_word(out, n + 2);

	if (!r)
		r = add_word(out, id);
	for (size_t i = 0; !r && i < n; i++)
		r = add_word(out, words[i]);
	return r;
}

/* ATAG_MEM has 32 bits: what lies above 4 GiB cannot be told. */
static int add_memory(struct buf *out, const struct range_list *ram)
{
	int r = 0;

	for (size_t i = 0; !r && i < ram->n; i++) {
		struct range low = range_meet(ram->v[i], (struct range){0, 1ull << 32});
		const uint64_t words[] = {range_size(low), low.start};

		if (!range_empty(low))
			r = add_tag(out, ATAG_MEM, words, 2);
	}
	return r;
}

static int add_line(struct buf *out, const struct buf *line)
{
	size_t words = (line->len + 4) / 4; /* with its NUL */
	int r = add_word(out, words + 2);

	if (!r)
		r = add_word(out, ATAG_CMDLINE);
	if (!r)
		r = buf_add(out, line->ptr, line->len);
	return r ? r : buf_zero(out, 4 * words - line->len);
}

static int add_tags(const struct boot *b, const struct range_list *ram, struct buf *out)
{
	static const uint64_t core[3]; /* flags, page size, root device: none of these counts */
	const struct boot_piece *initrd = boot_find(b, SEG_INITRD);
	int r = add_tag(out, ATAG_CORE, core, 3);

	if (!r)
		r = add_memory(out, ram);
	if (!r && initrd) {
		const uint64_t words[] = {initrd->place.at, b->initrd.len};

		r = add_tag(out, ATAG_INITRD2, words, 2);
	}
	if (!r)
		r = add_line(out, &b->plan->cmdline);
	/* The end is a tag of no words. */
	if (!r)
		r = add_word(out, 0);
	return r ? r : add_word(out, ATAG_NONE);
}

/*
 * There is no tag for memory to leave alone: what is avoided is not told of, in whole pages, as the
 * kernel rounds what it is told (arm_add_memory(), arch/arm/kernel/setup.c).
 */
static int leave_out(const struct boot *b, struct range_list *ram)
{
	struct range_list pages = {0}, left = {0};
	int r = boot_avoided_pages(b, &pages);

	if (!r)
		r = ranges_subtract(&left, ram, &pages);
	ranges_done(&pages);
	if (r) {
		ranges_done(&left);
		return r;
	}
	ranges_done(ram);
	*ram = left;
	return 0;
}

int arm_atags_build(const struct boot *b, struct buf *out, struct err *err)
{
	struct range_list ram = {0};
	int r = b->crash ? arm_capture_memory(b, &ram) : machine_boot_ram(b->m, &ram);

	if (!r)
		r = leave_out(b, &ram);
	if (!r)
		r = add_tags(b, &ram, out);
	ranges_done(&ram);
	return r < 0 ? fail(err, ENOMEM, "no memory for the ATAGs") : 0;
}

uint64_t arm_atags_size(const struct boot *b)
{
	return 256 + 16 * (b->m->ram.n + b->m->crash.n + b->m->alias.ram.n + b->avoid.n) +
	       b->plan->cmdline.len + DTB_SLACK;
}
