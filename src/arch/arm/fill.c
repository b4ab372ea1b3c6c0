/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second half of the protocol: device tree or ATAGs, crash header, handoff. */
#include <stdio.h>

#include "arch/arm/arm.h"
#include "arch/arm/handoff.h"
#include "arch/crash.h"

/* arch/arm/include/uapi/asm/setup.h: COMMAND_LINE_SIZE, with its NUL */
#define LINE_MAX 1023

/* Where RAM that we place pieces in really lies: elsewhere on a machine with a boot alias. */
static uint64_t real(const struct boot *b, uint64_t at)
{
	return ranges_find(&b->m->alias.ram, at) ? at + b->m->alias.offset : at;
}

static struct range real_range(const struct boot *b, struct range r)
{
	return (struct range){real(b, r.start), real(b, r.start) + range_size(r)};
}

int arm_capture_memory(const struct boot *b, struct range_list *out)
{
	const struct boot_piece *header = boot_find(b, SEG_ELFCOREHDR);
	int r = machine_boot_crash(b->m, out);

	if (!r && header)
		r = ranges_exclude(out, (struct range){header->place.at,
						       header->place.at + header->place.size});
	for (size_t i = 0; !r && i < out->n; i++)
		out->v[i] = real_range(b, out->v[i]);
	return r;
}

/*
 * Kernels before 5.15 know no linux,usable-memory-range: what the memory nodes say is theirs. So a
 * capture kernel's tree has only its own memory.
 */
static int own_memory(struct boot *b, struct edit *e, struct err *err)
{
	struct range_list own = {0};
	bool first = true;
	int r = 0;

	if (arm_capture_memory(b, &own) < 0)
		return fail(err, ENOMEM, "no memory for the memory map");
	for (struct edit_node *n = e->root->child, *next; n && !r; n = next) {
		next = n->next;
		if (!dtb_is_memory(n))
			continue;
		if (first)
			r = edit_set_ranges(e, n, "reg", own.v, own.n, err);
		else
			edit_remove(n);
		first = false;
	}
	ranges_done(&own);
	return r;
}

/* The next kernel looks for its initrd where its RAM really lies, as U-Boot tells it there. */
static int real_addresses(const struct boot *b, struct edit *e, struct err *err)
{
	struct edit_node *chosen = edit_find(e, "/chosen");
	const char *const names[] = {"linux,initrd-start", "linux,initrd-end"};
	const struct boot_piece *initrd = boot_find(b, SEG_INITRD);
	int r = 0;

	for (size_t i = 0; i < e->reserved.n; i++)
		e->reserved.v[i] = real_range(b, e->reserved.v[i]);
	for (size_t i = 0; !r && initrd && chosen && i < 2; i++) {
		uint64_t at = real(b, initrd->place.at) + (i ? b->initrd.len : 0);

		r = edit_set_u64(e, chosen, names[i], at, err);
	}
	return r;
}

static int more(struct boot *b, struct edit *e, bool placed, struct err *err)
{
	int r = b->crash ? own_memory(b, e, err) : 0;

	(void)placed;
	b->handoff.args[ARM_ARG_PSCI] = boot_dtb_psci(b, e);
	return r || !b->m->alias.ram.n ? r : real_addresses(b, e, err);
}

const struct dtb_rules arm_dtb_rules = {.usable_range = true, .more = more};

static int fill_crash(struct boot *b, struct err *err)
{
	struct boot_piece *p = boot_find(b, SEG_ELFCOREHDR);
	char word[40];

	if (!p)
		return 0;
	snprintf(word, sizeof(word), "elfcorehdr=0x%llx",
		 (unsigned long long)real(b, p->place.at));
	int r = boot_add_param(b, word, err);

	return r < 0 ? r : boot_elfcorehdr_build(b, &p->data, err);
}

static void fill_handoff(struct boot *b)
{
	const struct boot_piece *dtb = boot_find(b, SEG_DTB), *tags = boot_find(b, SEG_ATAGS);
	struct handoff *h = &b->handoff;

	h->entry = boot_find(b, SEG_KERNEL)->place.at;
	h->args[ARM_ARG_R2] = dtb ? dtb->place.at : tags->place.at;
	h->args[ARM_ARG_SELF] = b->purgatory.at;
	h->args[ARM_ARG_SIZE] = b->purgatory.size;
}

int arm_fill(struct boot *b, struct err *err)
{
	int r = fill_crash(b, err);

	if (!r)
		r = boot_check_line(b, LINE_MAX, err);
	if (!r && boot_find(b, SEG_DTB))
		r = boot_dtb_fill(b, &arm_dtb_rules, err);
	else if (!r)
		r = arm_atags_build(b, &boot_find(b, SEG_ATAGS)->data, err);
	if (!r)
		fill_handoff(b);
	return r;
}
