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
	buf_done(&m->fdt);
	ranges_done(&m->alias.ram);
	ranges_done(&m->alias.crash);
	ranges_done(&m->ppc64.tce);
	vec_done(&m->serials);
	*m = (struct machine)MACHINE_INIT;
}

bool machine_vmcoreinfo_u64(const struct machine *m, const char *key, uint64_t *value)
{
	return vmcoreinfo_u64(buf_span(&m->vmcoreinfo_text), key, value);
}

/* The part of @real that the window shows, at the window's addresses. */
static int through_alias(const struct ram_alias *alias, const struct range_list *real,
			 struct range_list *out)
{
	int r = 0;

	for (size_t i = 0; !r && i < alias->ram.n; i++) {
		struct range window = {alias->ram.v[i].start + alias->offset,
				       alias->ram.v[i].end + alias->offset};

		for (size_t k = 0; !r && k < real->n; k++) {
			struct range at = range_meet(real->v[k], window);

			if (!range_empty(at))
				r = ranges_add(out, (struct range){at.start - alias->offset,
								   at.end - alias->offset});
		}
	}
	ranges_normalise(out);
	return r;
}

int machine_boot_ram(const struct machine *m, struct range_list *out)
{
	return m->alias.ram.n ? through_alias(&m->alias, &m->ram, out) : ranges_copy(out, &m->ram);
}

int machine_boot_crash(const struct machine *m, struct range_list *out)
{
	struct range_list highest = {0}, taken = {0}, free = {0};
	int r = m->crash.n ? ranges_add(&highest, m->crash.v[m->crash.n - 1]) : 0;

	/* On s390x the region stands beside System RAM, not in it. */
	if (!r)
		r = ranges_subtract(&taken, &m->system_ram, &m->ram);
	if (!r)
		r = ranges_subtract(&free, &highest, &taken);
	if (!r)
		r = m->alias.ram.n ? through_alias(&m->alias, &free, out) : ranges_copy(out, &free);
	ranges_done(&highest);
	ranges_done(&taken);
	ranges_done(&free);
	return r;
}
