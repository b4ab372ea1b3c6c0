/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/dtb.h"
#include "core/fuzz.h"
#include "fdt/tree_fixture.h"

static const struct dtb_rules rules = {
	.elfcorehdr = true, .usable_range = true, .reserve_blob = true};

static void pieces(struct boot *b)
{
	boot_add(b, SEG_INITRD, "initrd")->place.size = 0x1000;
	boot_add(b, SEG_ELFCOREHDR, "elfcorehdr")->place.size = 0x2000;
	boot_add(b, SEG_DTB, "device tree");
	b->initrd = span_of("initrd", 6);
}

static void check(struct boot *b)
{
	struct tree t;
	struct tree_chosen c;
	struct boot_piece *p = boot_find(b, SEG_DTB);

	for (size_t i = 0; i < b->npieces; i++)
		b->pieces[i].place.at = 0x40000000 + 0x100000 * i;
	/* Fails where addresses do not fit the cells alone: the sizes did not depend on them. */
	if (boot_dtb_fill(b, &rules, NULL))
		return;
	assert(p->data.len <= p->place.size);
	assert(!tree_open(buf_span(&p->data), &t, NULL));
	if (!tree_chosen(&t, &c, NULL))
		assert(c.bootargs.len == 5 && c.initrd.start == 0x40000000 && c.nusable == 1);
}

/* Whatever a user's tree says, the next kernel's is sound, fits, and says what the load is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fixture_tree f;
	struct machine m = MACHINE_INIT;
	struct plan plan = PLAN_INIT;
	struct err err = ERR_INIT;
	uint8_t *copy = aligned_alloc(8, (size + 15) / 8 * 8);
	struct load_request req = {.dtb = span_of(copy, size), .dtb_path = "x"};
	struct boot b = {.m = &m, .req = &req, .plan = &plan, .crash = true};
	struct span own = fixture_tree(&f);
	uint64_t need = 0;

	if (!copy || !size || buf_add(&m.fdt, own.ptr, own.len) < 0 ||
	    buf_puts(&plan.cmdline, "quiet") < 0 ||
	    ranges_add(&m.crash, (struct range){0x60000000, 0x70000000}) < 0 ||
	    ranges_add(&b.avoid, (struct range){0x50000000, 0x50001000}) < 0)
		goto out;
	memcpy(copy, data, size);
	pieces(&b);
	int r = boot_dtb_size(&b, &rules, &need, &err);

	assert(r == 0 || !strncmp(err.text, "dtb 'x': ", 9));
	if (!r) {
		boot_find(&b, SEG_DTB)->place.size = need;
		check(&b);
	}
out:
	for (size_t i = 0; i < b.npieces; i++)
		buf_done(&b.pieces[i].data);
	ranges_done(&b.avoid);
	plan_done(&plan);
	machine_done(&m);
	free(copy);
	return 0;
}
