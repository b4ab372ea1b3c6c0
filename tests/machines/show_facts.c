/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the facts of a machine as text, for the goldens beside it.  Usage: show_facts DIR */
#include <stdio.h>

#include "host/facts.h"
#include "host/policy.h"
#include "machine/memmap.h"
#include "machine/va.h"

typedef unsigned long long ull;

static void show_ranges(const char *what, const struct range_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		printf("%s %llx-%llx\n", what, (ull)l->v[i].start, (ull)l->v[i].end - 1);
}

static void show_memory(const struct machine *m)
{
	for (size_t i = 0; i < m->firmware.n; i++)
		printf("firmware %llx-%llx %s\n", (ull)m->firmware.v[i].at.start,
		       (ull)m->firmware.v[i].at.end - 1, memmap_name(m->firmware.v[i].kind));
	show_ranges("ram", &m->ram);
	show_ranges("system_ram", &m->system_ram);
	show_ranges("crash", &m->crash);
	show_ranges("crash_cma", &m->crash_cma);
	show_ranges("poison", &m->poison);
	if (m->poison_unknown)
		puts("poison unknown");
	if (m->addresses_hidden)
		puts("addresses hidden");
}

static void show_kernel(const struct machine *m)
{
	uint64_t linear, text;

	if (!range_empty(m->kernel))
		printf("kernel %llx-%llx\n", (ull)m->kernel.start, (ull)m->kernel.end - 1);
	printf("stext %llx\n", (ull)m->stext_va);
	if (machine_linear_offset(m, &linear))
		printf("linear %llx\n", (ull)linear);
	if (machine_text_va(m, &text))
		printf("text va %llx\n", (ull)text);
	printf("vmcoreinfo %llx-%llx, %zu bytes of text\n", (ull)m->vmcoreinfo.start,
	       (ull)m->vmcoreinfo.end - 1, m->vmcoreinfo_text.len);
	for (size_t i = 0; i < m->kcore.n; i++)
		printf("kcore va %llx pa %llx size %llx\n", (ull)m->kcore.v[i].va,
		       (ull)m->kcore.v[i].pa, (ull)m->kcore.v[i].size);
	printf("cmdline '%s'\n", buf_str(&m->cmdline));
}

static void show_devices(const struct machine *m)
{
	printf("cpus %u%s%s\n", m->cpus, m->cpu_sha ? " sha" : "", m->x86.la57 ? " la57" : "");
	for (size_t i = 0; i < m->notes.n; i++)
		printf("note %u %llx %llu\n", m->notes.v[i].cpu, (ull)m->notes.v[i].addr,
		       (ull)m->notes.v[i].size);
	for (size_t i = 0; i < m->serials.n; i++)
		printf("serial %s port %llx mmio %llx stride %u%s\n", m->serials.v[i].name,
		       (ull)m->serials.v[i].port, (ull)m->serials.v[i].mmio, m->serials.v[i].stride,
		       m->serials.v[i].console ? " console" : "");
}

static void show_x86(const struct x86_facts *x)
{
	printf("boot_params %zu bytes, rsdp %llx\n", x->boot_params.len, (ull)x->acpi_rsdp);
	for (size_t i = 0; i < x->setup_data.n; i++)
		printf("setup_data type %x, %zu bytes\n", x->setup_data.v[i].type,
		       x->setup_data.v[i].data.len);
	if (!x->efi)
		return;
	printf("efi fw_vendor %llx runtime %llx config_table %llx smbios %llx\n",
	       (ull)x->efi_fw_vendor, (ull)x->efi_runtime, (ull)x->efi_config_table,
	       (ull)x->efi_smbios);
	for (size_t i = 0; i < x->efi_map.n; i++)
		printf("efi type %u phys %llx virt %llx pages %llu attribute %llx\n",
		       x->efi_map.v[i].type, (ull)x->efi_map.v[i].phys, (ull)x->efi_map.v[i].virt,
		       (ull)x->efi_map.v[i].pages, (ull)x->efi_map.v[i].attribute);
}

static const char *word(enum host_answer a)
{
	return a == HOST_YES ? "yes" : a == HOST_NO ? "no" : "unknown";
}

static void show_policy(const struct host_policy *p)
{
	printf("loaded %s, crash %s, crash size %llu\n", word(p->loaded), word(p->crash_loaded),
	       (ull)p->crash_size);
	printf("kexec_load %s, kexec_file_load %s\n", word(p->has_load), word(p->has_file_load));
}

static void show_ppc64(const struct ppc64_facts *p)
{
	printf("%s opal %llx-%llx base %llx entry %llx, rtas %llx-%llx, htab %llx-%llx\n",
	       p->powernv ? "powernv" : "pseries", (ull)p->opal.start, (ull)p->opal.end,
	       (ull)p->opal_base, (ull)p->opal_entry, (ull)p->rtas.start, (ull)p->rtas.end,
	       (ull)p->htab.start, (ull)p->htab.end);
	show_ranges("tce", &p->tce);
	printf("rma end %llx, kernel end %llx, boot cpu %u\n", (ull)p->rma_end,
	       (ull)p->kernel_end, p->boot_cpu);
}

static void show_tree(const struct machine *m)
{
	if (m->fdt.len)
		printf("device tree %zu bytes\n", m->fdt.len);
	if (m->ppc64.rma_end)
		show_ppc64(&m->ppc64);
	show_ranges("boot alias", &m->alias.ram);
	show_ranges("boot alias crash", &m->alias.crash);
	if (m->alias.ram.n)
		printf("boot alias offset %llx\n", (ull)m->alias.offset);
	if (m->lowmem_end)
		printf("lowmem end %llx\n", (ull)m->lowmem_end);
}

int main(int argc, char **argv)
{
	struct machine m;
	struct host_policy p;
	struct err err = ERR_INIT;

	if (argc != 2 || host_facts(argv[1], &m, &err) < 0 || host_policy(argv[1], &p, &err) < 0) {
		fprintf(stderr, "show_facts: %s\n", argc == 2 ? err.text : "one folder, please");
		return 1;
	}
	printf("%s %s, pages of %llu, memory %llu\n", m.arch, m.release, (ull)m.page_size,
	       (ull)m.mem_total);
	show_memory(&m);
	show_kernel(&m);
	show_devices(&m);
	if (m.x86.boot_params.len)
		show_x86(&m.x86);
	show_policy(&p);
	show_tree(&m);
	machine_done(&m);
	return 0;
}
