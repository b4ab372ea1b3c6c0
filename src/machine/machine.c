/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/machine.h"

#include "machine/vmcoreinfo.h"

void machine_done(struct machine *m)
{
	for (size_t i = 0; i < m->x86.setup_data.n; i++)
		buf_done(&m->x86.setup_data.v[i].data);
	vec_done(&m->x86.setup_data);
	vec_done(&m->x86.efi_map);
	buf_done(&m->x86.boot_params);
	vec_done(&m->firmware);
	ranges_done(&m->ram);
	ranges_done(&m->system_ram);
	ranges_done(&m->crash);
	ranges_done(&m->crash_cma);
	ranges_done(&m->poison);
	vec_done(&m->notes);
	buf_done(&m->vmcoreinfo_text);
	vec_done(&m->kcore);
	buf_done(&m->cmdline);
	vec_done(&m->serials);
	*m = (struct machine)MACHINE_INIT;
}

bool machine_vmcoreinfo_u64(const struct machine *m, const char *key, uint64_t *value)
{
	return vmcoreinfo_u64(buf_span(&m->vmcoreinfo_text), key, value);
}

/*
 * The kernel's own mapping shows RAM too, at another offset (KCORE_TEXT of fs/proc/kcore.c), and it
 * begins with the kernel; where the kernel has no mapping of its own, the RAM around it begins
 * lower.
 */
static bool maps_kernel_text(const struct machine *m, const struct kernel_map *k)
{
	if (!range_empty(m->kernel))
		return range_has(m->kernel, k->pa);
	return m->stext_va && m->stext_va >= k->va && m->stext_va - k->va < k->size;
}

bool machine_linear_offset(const struct machine *m, uint64_t *offset)
{
	const struct kernel_map *best = NULL;

	for (size_t i = 0; i < m->kcore.n; i++) {
		const struct kernel_map *k = &m->kcore.v[i];

		if (k->pa == UINT64_MAX || maps_kernel_text(m, k))
			continue;
		if (!best || k->size > best->size)
			best = k;
	}
	if (!best)
		return false;
	*offset = best->va - best->pa;
	return true;
}
