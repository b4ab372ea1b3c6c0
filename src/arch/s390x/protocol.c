/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot protocol: the image lies at its own address 0, of which the bytes from 0x10000 on are
 * needed; all it is told stands in its parameter area (Linux 6.1 arch/s390/include/asm/setup.h,
 * arch/s390/boot/{head.S,startup.c,ipl_parm.c}).
 *
 * A crash kernel is put together for address 0 too, but at the start of the crash region: its
 * purgatory makes the region and low memory change places (Linux does the same in
 * arch/s390/purgatory/head.S). What describes the old memory the kernel makes itself, out of the
 * old one's os_info (arch/s390/kernel/crash_dump.c, since Linux 3.11): no elfcorehdr=, no backup.
 */
#include <string.h>

#include "arch/s390x/handoff.h"
#include "arch/s390x/s390.h"
#include "base/align.h"
#include "base/put.h"
#include "image/s390_image.h"

#define MIB  (1ull << 20)
#define GIB2 (1ull << 31)

/* Between the old kernel's lowcore, whose place is taken first, and the image. */
static const struct range purgatory_room = {0x2000, S390_ENTRY};

/* The crash region: the kernel's crashk_res. */
static struct range crash_region(const struct boot *b)
{
	return b->m->crash.v[b->m->crash.n - 1];
}

/* Where the next kernel's address 0 lies while it is loaded. */
static uint64_t origin(const struct boot *b)
{
	return b->crash ? crash_region(b).start : 0;
}

/* What the pieces may take. The region's last page is where the end of the swap runs. */
static struct range limits(const struct boot *b)
{
	struct range all = {0, UINT64_MAX}, r;

	if (!b->crash)
		return all;
	r = crash_region(b);
	r.end -= b->m->page_size;
	return r;
}

static int check_line(const struct boot *b, struct err *err)
{
	struct span line = buf_span(&b->plan->cmdline);

	/* ipl_parm.c, has_ebcdic_char(): one such byte, and all of the line is converted. */
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] >= 0x80)
			return fail(err, EINVAL,
				    "the command line has a byte that is not ASCII, 0x%02x at %zu: "
				    "this kernel would take all of it for EBCDIC",
				    line.ptr[i], i);
	return boot_check_line(b, b->image->s390.cmdline_max - 1, err);
}

/* What the swap needs; the kernel's own rules for the reservation (setup.c) are the same. */
static int check_crash(const struct boot *b, struct err *err)
{
	struct range r = crash_region(b), low = {0, range_size(r)};
	bool all = false;

	if (!b->image->s390.kdump)
		return fail(err, ENOTSUP,
			    "the kernel was built without CONFIG_CRASH_DUMP, it cannot be a crash "
			    "kernel on this CPU");
	for (size_t i = 0; i < b->m->system_ram.n; i++)
		all |= b->m->system_ram.v[i].start == 0 && b->m->system_ram.v[i].end >= low.end;
	if (r.start < low.end || !all)
		return fail(
			err, EINVAL,
			"the crash region 0x%llx-0x%llx cannot change places with as much memory "
			"from 0 on",
			(unsigned long long)r.start, (unsigned long long)r.end - 1);
	return 0;
}

static int add_kernel(struct boot *b, struct err *err)
{
	const struct image *im = b->image;
	struct boot_piece *k = boot_add(b, SEG_KERNEL, "kernel");
	uint64_t footprint = im->footprint_unpacking;

	if (!k)
		return boot_no_piece(err);
	if (!footprint) {
		/* The last resort, and said so. */
		footprint = (uint64_t)im->file.len * 8;
		if (plan_warn(b->plan, "what the kernel unpacks to was not found: 8 times its size "
				       "is kept free") < 0)
			return fail(err, ENOMEM, "no memory for a warning");
	}
	k->hashed = im->file.len - S390_ENTRY; /* behind it the kernel unpacks itself */
	k->place.size = footprint - S390_ENTRY;
	k->place.align = b->m->page_size;
	k->place.within = limits(b);
	k->place.fixed = true;
	k->place.preferred = origin(b) + S390_ENTRY;
	k->place.why = b->crash ? "64 KiB into the crash region" : "at its own address";
	return 0;
}

static int add_initrd(struct boot *b, struct err *err)
{
	struct boot_piece *p;
	int r = boot_add_initrd(b, &p, err);

	if (r || !p)
		return r;
	p->place.within = limits(b);
	p->place.within.start += MIB;
	p->place.why = "behind the kernel";
	return 0;
}

/*
 * Linux has no parameter here that leaves out memory in the middle (mem= cuts the end off), and its
 * map comes from the hypervisor alone.
 */
static int warn_of_avoided(const struct boot *b, struct err *err)
{
	const struct range all = b->crash ? crash_region(b) : (struct range){0, UINT64_MAX};

	for (size_t i = 0; i < b->avoid.n; i++) {
		struct range r = range_meet(b->avoid.v[i], all);

		if (range_empty(r))
			continue;
		if (plan_warn(b->plan,
			      "nothing is loaded into 0x%llx-0x%llx, but the next kernel will use "
			      "it: on s390x it cannot be told to leave memory alone (mem= hides "
			      "what lies behind an address)",
			      (unsigned long long)r.start, (unsigned long long)r.end - 1) < 0)
			return fail(err, ENOMEM, "no memory for a warning");
	}
	return 0;
}

static void place_purgatory(struct boot *b)
{
	/* The PSW through which relocate_kernel.S and its reset start it has 31 bits. */
	const struct range jump = {MIB, GIB2};
	const struct range crash = {origin(b) + purgatory_room.start,
				    origin(b) + purgatory_room.end};

	if (b->crash)
		boot_bind_purgatory(b, crash, "before the image, behind the lowcore",
				    PLACE_LOWEST);
	else
		boot_bind_purgatory(b, jump, "entered with 31 bits", PLACE_LOWEST);
}

int s390_layout(struct boot *b, struct err *err)
{
	int r = 0;

	if (b->image->format != IMAGE_S390_IMAGE)
		return fail(err, ENOTSUP, "kexec_load takes only the flat image here (bzImage)");
	if (b->req->has_load_address)
		return fail(err, EINVAL, "--load-address: an s390x kernel is loaded at 0");
	if (b->req->entry == ENTRY_32)
		return fail(err, ENOTSUP, "the kernel has no 32-bit entry");
	r = check_line(b, err);
	if (!r && b->crash)
		r = check_crash(b, err);
	if (!r)
		r = add_kernel(b, err);
	if (!r)
		r = add_initrd(b, err);
	if (!r)
		place_purgatory(b);
	return r ? r : warn_of_avoided(b, err);
}

/* The kernel's bytes with its parameter area filled in. */
static int fill_kernel(struct boot *b, struct err *err)
{
	struct boot_piece *k = boot_find(b, SEG_KERNEL), *initrd = boot_find(b, SEG_INITRD);
	struct span file = span_from(b->image->file, S390_ENTRY),
		    line = buf_span(&b->plan->cmdline);
	int r = buf_add(&k->data, file.ptr, file.len);

	if (r < 0)
		return fail(err, ENOMEM, "no memory for the kernel");
	uint8_t *at = k->data.ptr - S390_ENTRY;
	/* All that an image carries here is the word of who built it. */
	put_be(at + S390_INITRD_START, initrd ? initrd->place.at - origin(b) : 0, 8);
	put_be(at + S390_INITRD_SIZE, initrd ? b->initrd.len : 0, 8);
	put_be(at + S390_OLDMEM_BASE, b->crash ? crash_region(b).start : 0, 8);
	put_be(at + S390_OLDMEM_SIZE, b->crash ? range_size(crash_region(b)) : 0, 8);
	memset(at + S390_CMDLINE, 0, (size_t)b->image->s390.cmdline_max);
	if (line.len)
		memcpy(at + S390_CMDLINE, line.ptr, line.len);
	return 0;
}

static void fill_crash(struct boot *b)
{
	uint64_t *args = b->handoff.args, used = b->purgatory.at + b->purgatory.size;

	for (size_t i = 0; i < b->npieces; i++) {
		uint64_t end = b->pieces[i].place.at + b->pieces[i].place.size;

		used = end > used ? end : used;
	}
	args[S390_ARG_CRASH_BASE] = crash_region(b).start;
	args[S390_ARG_CRASH_SIZE] = range_size(crash_region(b));
	args[S390_ARG_CRASH_USED] = used - crash_region(b).start;
	args[S390_ARG_OWN_START] = b->purgatory.at;
	args[S390_ARG_OWN_END] = b->purgatory.at + b->purgatory.size;
}

int s390_fill(struct boot *b, struct err *err)
{
	b->handoff.entry = origin(b) + (b->crash ? S390_ENTRY_KDUMP : S390_ENTRY);
	if (b->crash)
		fill_crash(b);
	return fill_kernel(b, err);
}
