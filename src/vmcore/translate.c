/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual addresses that no program header maps. x86_64: the kernel image by phys_base, anything
 * else by the page tables of init_mm (Documentation/arch/x86/x86_64/mm.rst, Intel SDM volume 3
 * chapter 4).
 */
#include "base/put.h"
#include "vmcore/dump.h"

#define IMAGE_BASE         0xffffffff80000000ull
#define IMAGE_SIZE_DEFAULT (1ull << 30)
#define PTE_PRESENT        1ull
#define PTE_LEAF           (1ull << 7)
#define PTE_ADDR           0x000ffffffffff000ull

static bool in_image(const struct dump *d, uint64_t va, uint64_t *pa)
{
	if (!d->paging.has_image || va < IMAGE_BASE || va - IMAGE_BASE >= d->paging.image_size)
		return false;
	*pa = va - IMAGE_BASE + d->paging.phys_base;
	return true;
}

void dump_find_paging(struct dump *d)
{
	static const char *const roots[] = {"SYMBOL(init_top_pgt)", "SYMBOL(swapper_pg_dir)",
					    "SYMBOL(init_level4_pgt)"};
	struct dump_paging *p = &d->paging;
	uint64_t va, five = 0;

	if (d->elf.machine != EM_X86_64 || d->elf.elf32)
		return;
	p->has_image = dump_key(d, "NUMBER(phys_base)", &p->phys_base);
	if (!dump_key(d, "NUMBER(KERNEL_IMAGE_SIZE)", &p->image_size))
		p->image_size = IMAGE_SIZE_DEFAULT;
	p->five_levels = dump_key(d, "NUMBER(pgtable_l5_enabled)", &five) && five;
	dump_key(d, "NUMBER(sme_mask)", &p->sme_mask);
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]) && !p->has_root; i++)
		p->has_root = dump_key(d, roots[i], &va) &&
			      (dump_find_va(d, va, &p->root_pa) || in_image(d, va, &p->root_pa));
}

static int walk(const struct dump *d, uint64_t va, uint64_t *pa)
{
	uint64_t table = d->paging.root_pa;

	for (unsigned level = d->paging.five_levels ? 5 : 4;; level--) {
		unsigned shift = 12 + 9 * (level - 1);
		uint8_t raw[8];
		int r = dump_read_pa(d, table + (va >> shift & 511) * 8, raw, sizeof(raw));

		if (r < 0)
			return r;
		uint64_t pte = get_le(raw, 8) & ~d->paging.sme_mask;
		if (!(pte & PTE_PRESENT))
			return -ENODATA;
		if (level == 1 || (level <= 3 && pte & PTE_LEAF)) {
			uint64_t inside = (1ull << shift) - 1;

			*pa = (pte & PTE_ADDR & ~inside) | (va & inside);
			return 0;
		}
		table = pte & PTE_ADDR;
	}
}

int dump_translate(const struct dump *d, uint64_t va, uint64_t *pa)
{
	if (dump_find_va(d, va, pa) || in_image(d, va, pa))
		return 0;
	return d->paging.has_root ? walk(d, va, pa) : -ENODATA;
}
