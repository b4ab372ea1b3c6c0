/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/va.h"

#include <string.h>

#include "base/align.h"

#define UNKNOWN UINT64_MAX

/*
 * Every kernel puts its image so that virtual and physical addresses agree in these low bits:
 * MIN_KIMG_ALIGN of arm64, PMD_SIZE of riscv64, the 2 MiB of ARM_PATCH_PHYS_VIRT.
 */
#define IMAGE_ALIGN (2ull << 20)

struct va_rules {
	const char *arch;
	/* va - pa, for when kcore does not tell. */
	bool (*linear)(const struct machine *m, uint64_t *offset);
	bool (*text)(const struct machine *m, uint64_t *va);
	bool (*apart)(const struct machine *m); /* the image is mapped outside the linear map */
};

static bool info(const struct machine *m, const char *key, uint64_t *value)
{
	return machine_vmcoreinfo_u64(m, key, value);
}

static bool always(const struct machine *m)
{
	(void)m;
	return true;
}

static bool never(const struct machine *m)
{
	(void)m;
	return false;
}

static bool kcore_has_va(const struct kernel_map *k, uint64_t va)
{
	return va >= k->va && va - k->va < k->size;
}

/*
 * The kernel's own mapping shows RAM too, at another offset (KCORE_TEXT of fs/proc/kcore.c). It
 * begins with the kernel, or a little below what /proc/iomem calls so (arm64: _text, _stext).
 */
static bool maps_image(const struct machine *m, const struct kernel_map *k)
{
	return (!range_empty(m->kernel) && range_has(m->kernel, k->pa)) ||
	       (m->stext_va && kcore_has_va(k, m->stext_va));
}

static bool kcore_linear(const struct machine *m, bool apart, uint64_t *offset)
{
	const struct kernel_map *best = NULL;

	for (size_t i = 0; i < m->kcore.n; i++) {
		const struct kernel_map *k = &m->kcore.v[i];

		if (k->pa == UNKNOWN || (apart && maps_image(m, k)))
			continue;
		if (!best || k->size > best->size)
			best = k;
	}
	if (!best)
		return false;
	*offset = best->va - best->pa;
	return true;
}

/* The image's mapping, which is smaller than that of the RAM around it. */
static bool kcore_text(const struct machine *m, uint64_t *va)
{
	const struct kernel_map *best = NULL;

	for (size_t i = 0; i < m->kcore.n; i++) {
		const struct kernel_map *k = &m->kcore.v[i];

		if (k->pa == UNKNOWN || m->kernel.start < k->pa ||
		    m->kernel.start - k->pa >= k->size || !maps_image(m, k))
			continue;
		if (!best || k->size < best->size)
			best = k;
	}
	if (!best)
		return false;
	*va = m->kernel.start - best->pa + best->va;
	return true;
}

/*
 * "Kernel code" of /proc/iomem begins with _text or with _stext, which differs by CPU and release
 * (arm64: _stext since 5.12): the one whose low bits agree.
 */
static bool symbol_text(const struct machine *m, uint64_t *va)
{
	const uint64_t symbols[] = {m->stext_va, m->text_va};

	for (size_t i = 0; i < 2; i++) {
		if (!symbols[i] || !align_is(symbols[i] - m->kernel.start, IMAGE_ALIGN))
			continue;
		*va = symbols[i];
		return true;
	}
	return false;
}

/* x86_64: Documentation/arch/x86/x86_64/mm.rst; phys_base is the image's move from its link. */
#define START_KERNEL_MAP 0xffffffff80000000ull

static bool x86_text(const struct machine *m, uint64_t *va)
{
	uint64_t phys_base;

	if (info(m, "NUMBER(phys_base)", &phys_base))
		*va = m->kernel.start - phys_base + START_KERNEL_MAP;
	else
		*va = m->stext_va;
	return *va;
}

static bool arm64_text(const struct machine *m, uint64_t *va)
{
	uint64_t offset;

	if (!info(m, "NUMBER(kimage_voffset)", &offset))
		return kcore_text(m, va) || symbol_text(m, va);
	*va = m->kernel.start + offset;
	return true;
}

/*
 * arch/arm64/include/asm/memory.h: the linear map is the lower half of the kernel's space since 5.4
 * (commit 14c127c957c1) and was the upper one before; the image always lies in the other half.
 * With 52 bits compiled in, the halves are those of 48.
 */
static bool arm64_flipped(const struct machine *m, uint64_t va_bits)
{
	uint64_t text, bits = va_bits < 48 ? va_bits : 48;

	if (!range_empty(m->kernel) && arm64_text(m, &text))
		return text >= -(1ull << (bits - 1));
	return !m->stext_va || m->stext_va >= -(1ull << (bits - 1));
}

/*
 * A kernel for 52 bits on a CPU with fewer: since 5.10 (commit 7bc1a0f9e176) PHYS_OFFSET is moved
 * by the difference, far below what random placement alone gives, and the formula stays; before,
 * the difference was kept elsewhere, and the CPU's bits count.
 */
static bool arm64_linear(const struct machine *m, uint64_t *offset)
{
	uint64_t phys, va_bits, t1sz, bits;

	if (!info(m, "NUMBER(PHYS_OFFSET)", &phys) || !info(m, "NUMBER(VA_BITS)", &va_bits) ||
	    va_bits < 32 || va_bits > 52)
		return false;
	bits = va_bits;
	if (!arm64_flipped(m, va_bits))
		bits = va_bits - 1;
	else if (info(m, "NUMBER(TCR_EL1_T1SZ)", &t1sz) && t1sz > 64 - va_bits && t1sz <= 32 &&
		 (int64_t)phys >= -(int64_t)(1ull << (64 - t1sz)))
		bits = 64 - t1sz;
	*offset = -(1ull << bits) - phys;
	return true;
}

static bool riscv_text(const struct machine *m, uint64_t *va)
{
	uint64_t offset;

	if (!info(m, "NUMBER(va_kernel_pa_offset)", &offset))
		return kcore_text(m, va) || symbol_text(m, va);
	*va = m->kernel.start + offset;
	return true;
}

/* arch/riscv/kernel/crash_core.c: the scheme (Sv39, Sv48, Sv57) is already in PAGE_OFFSET. */
static bool riscv_linear(const struct machine *m, uint64_t *offset)
{
	uint64_t page_offset, base;

	if (!info(m, "NUMBER(PAGE_OFFSET)", &page_offset) ||
	    !info(m, "NUMBER(phys_ram_base)", &base))
		return false;
	*offset = page_offset - base;
	return true;
}

/* Linux 6.10 (commit c98d2ecae08f) parted virtual from physical addresses on s390. */
static bool s390_apart(const struct machine *m)
{
	uint64_t v;

	return info(m, "KERNELOFFPHYS", &v);
}

static bool s390_text(const struct machine *m, uint64_t *va)
{
	uint64_t virt, phys;

	if (!info(m, "KERNELOFFSET", &virt) || !info(m, "KERNELOFFPHYS", &phys))
		return kcore_text(m, va);
	*va = m->kernel.start - phys + virt;
	return true;
}

static bool s390_linear(const struct machine *m, uint64_t *offset)
{
	if (info(m, "IDENTITYBASE", offset))
		return true;
	*offset = 0;
	return !s390_apart(m) && m->stext_va &&
	       align_down(m->stext_va - m->kernel.start, IMAGE_ALIGN) == 0;
}

/* arch/powerpc/include/asm/page.h: kernel and linear map begin in the same region of 2^60. */
static bool ppc64_linear(const struct machine *m, uint64_t *offset)
{
	*offset = align_down(m->stext_va, 1ull << 60);
	return *offset;
}

/*
 * The image lies in the linear map. "Kernel code" begins with _text, and _stext may lie up to a
 * section (1 MiB, LPAE 2 MiB) behind it.
 */
static bool low_linear(const struct machine *m, uint64_t *offset)
{
	uint64_t va = m->text_va ? m->text_va : m->stext_va;

	if (!va || range_empty(m->kernel))
		return false;
	*offset = align_down(va - m->kernel.start, IMAGE_ALIGN);
	return true;
}

static bool none(const struct machine *m, uint64_t *offset)
{
	(void)m;
	(void)offset;
	return false;
}

static const struct va_rules rules[] = {
	{"x86_64", none, x86_text, always},
	{"i386", low_linear, NULL, never},
	{"arm", low_linear, NULL, never},
	{"arm64", arm64_linear, arm64_text, always},
	{"ppc64le", ppc64_linear, NULL, never},
	{"ppc64", ppc64_linear, NULL, never},
	{"s390x", s390_linear, s390_text, s390_apart},
	{"riscv64", riscv_linear, riscv_text, always},
};

static const struct va_rules *rules_of(const struct machine *m)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!strcmp(rules[i].arch, m->arch))
			return &rules[i];
	return NULL;
}

bool machine_linear_offset(const struct machine *m, uint64_t *offset)
{
	const struct va_rules *rule = rules_of(m);

	return rule && (kcore_linear(m, rule->apart(m), offset) || rule->linear(m, offset));
}

bool machine_text_va(const struct machine *m, uint64_t *va)
{
	const struct va_rules *rule = rules_of(m);
	uint64_t offset;

	if (!rule || range_empty(m->kernel))
		return false;
	if (rule->apart(m))
		return rule->text(m, va);
	if (!machine_linear_offset(m, &offset))
		return false;
	*va = m->kernel.start + offset;
	return true;
}
