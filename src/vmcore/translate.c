/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual addresses that no program header maps. x86_64: the kernel image by phys_base, anything else by the
 * page tables of init_mm (Documentation/arch/x86/x86_64/mm.rst, Intel SDM volume 3 chapter 4).
 */
#include "base/put.h"
#include "vmcore/dump.h"

#define IMAGE_BASE 0xffffffff80000000ull
#define IMAGE_SIZE_DEFAULT (1ull << 30)
#define PTE_PRESENT 1ull
#define PTE_LEAF (1ull << 7)
#define PTE_ADDR 0x000ffffffffff000ull

static bool in_image(const struct dump *d, uint64_t va, uint64_t *pa)
{
	uint64_t base, size = IMAGE_SIZE_DEFAULT;

	dump_key(d, "NUMBER(KERNEL_IMAGE_SIZE)", &size);
	if (va < IMAGE_BASE || va - IMAGE_BASE >= size ||
	    !dump_key(d, "NUMBER(phys_base)", &base))
		return false;
	*pa = va - IMAGE_BASE + base;
	return true;
}

static bool table_root(const struct dump *d, uint64_t *pa)
{
	static const char *const names[] = {
		"SYMBOL(init_top_pgt)", "SYMBOL(swapper_pg_dir)", "SYMBOL(init_level4_pgt)"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint64_t va;

		if (dump_key(d, names[i], &va) &&
		    (dump_find_va(d, va, pa) || in_image(d, va, pa)))
			return true;
	}
	return false;
}

static int walk(const struct dump *d, uint64_t va, uint64_t *pa)
{
	uint64_t five = 0, sme = 0, table;

	dump_key(d, "NUMBER(pgtable_l5_enabled)", &five);
	dump_key(d, "NUMBER(sme_mask)", &sme);
	if (!table_root(d, &table))
		return -ENODATA;
	for (unsigned level = five ? 5 : 4;; level--) {
		unsigned shift = 12 + 9 * (level - 1);
		uint8_t raw[8];
		int r = dump_read_pa(d, table + (va >> shift & 511) * 8, raw, sizeof(raw));
		uint64_t pte = get_le(raw, 8) & ~sme;

		if (r < 0)
			return r;
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
	if (dump_find_va(d, va, pa))
		return 0;
	if (d->elf.machine != EM_X86_64 || d->elf.elf32)
		return -ENODATA;
	return in_image(d, va, pa) ? 0 : walk(d, va, pa);
}
