/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second half of the protocol: with all addresses known, the device tree, the crash header and what
 * the purgatory is told. */
#include <string.h>

#include "arch/arm64/arm64.h"
#include "arch/arm64/handoff.h"
#include "arch/crash.h"

/*
 * CPUs that spin-table released cannot be given back, and Linux jumps with one CPU alone
 * (arch/arm64/kernel/machine_kexec.c, cpus_are_stuck_in_kernel(); Documentation booting.rst).
 */
static int warn_of_spin_table(const struct boot *b, const struct edit *e, struct err *err)
{
	const struct edit_node *cpus = edit_find(e, "/cpus");
	unsigned n = 0;

	if (b->crash || !cpus)
		return 0;
	for (const struct edit_node *cpu = cpus->child; cpu; cpu = cpu->next) {
		struct span how = edit_get_text(cpu, "enable-method");

		n += how.len == 10 && !memcmp(how.ptr, "spin-table", 10);
	}
	if (n > 1 && plan_warn(b->plan,
			       "the machine's %u CPUs are started by spin-table and cannot be "
			       "stopped: the running kernel refuses to jump (EBUSY)",
			       n) < 0)
		return fail(err, ENOMEM, "no memory for a warning");
	return 0;
}

/* What else the tree tells us. */
static int look(struct boot *b, struct edit *e, bool placed, struct err *err)
{
	b->handoff.args[ARM64_ARG_PSCI] = boot_dtb_psci(b, e);
	return placed ? 0 : warn_of_spin_table(b, e, err);
}

const struct dtb_rules arm64_dtb_rules = {
	.elfcorehdr = true, .usable_range = true, .more = look};

/* A kernel that does not begin at its 2 MiB boundary has zeros before it. */
static int fill_kernel(struct boot *b, struct err *err)
{
	struct boot_piece *k = boot_find(b, SEG_KERNEL);
	struct span bytes = arm64_kernel_bytes(b);

	if (k->borrowed.ptr)
		return 0;
	if (buf_zero(&k->data, (size_t)b->image->li.text_offset) < 0 ||
	    buf_add(&k->data, bytes.ptr, bytes.len) < 0)
		return fail(err, ENOMEM, "no memory for the kernel");
	return 0;
}

static void fill_handoff(struct boot *b)
{
	const struct boot_piece *kernel = boot_find(b, SEG_KERNEL);
	const struct linux_image *li = &b->image->li;
	struct handoff *h = &b->handoff;

	h->entry = kernel->place.at + li->text_offset;
	h->args[ARM64_ARG_DTB] = boot_find(b, SEG_DTB)->place.at;
	h->args[ARM64_ARG_IMAGE] = b->purgatory.at;
	h->args[ARM64_ARG_SIZE] = b->purgatory.size;
	h->args[ARM64_ARG_KERNEL] = li->page_size | (li->flags & LI_FLAG_BIG ? ARM64_BIG : 0u);
}

int arm64_fill(struct boot *b, struct err *err)
{
	struct boot_piece *header = boot_find(b, SEG_ELFCOREHDR);
	int r = boot_check_line(b, ARM64_LINE_MAX, err);

	if (!r)
		r = fill_kernel(b, err);
	if (!r && header)
		r = boot_elfcorehdr_build(b, &header->data, err);
	if (!r)
		r = boot_dtb_fill(b, &arm64_dtb_rules, err);
	if (!r)
		fill_handoff(b);
	return r;
}
