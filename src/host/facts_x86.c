/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/put.h"
#include "host/facts_parts.h"
#include "machine/cmdline.h"
#include "machine/text.h"

#define EFI_DIR         "sys/firmware/efi"
#define SETUP_DIR       "sys/kernel/boot_params/setup_data"
#define BOOT_PARAMS_LEN 4096
#define ACPI_RSDP_AT    0x70 /* struct boot_params, acpi_rsdp_addr */
#define SETUP_RNG_SEED  9
#define SETUP_MAX       (1u << 20)

/* A seed is used once (arch/x86/kernel/setup.c wipes it), so it is neither reused nor shown. */
static int read_setup_node(const struct facts_root *root, uint64_t n, struct machine *m,
			   struct err *err)
{
	struct setup_data_node node = {0};
	uint64_t type;
	char path[80];
	int r;

	snprintf(path, sizeof(path), SETUP_DIR "/%llu/type", (unsigned long long)n);
	r = root_u64(root, path, 0, &type, err);
	if (r <= 0 || type == SETUP_RNG_SEED)
		return r < 0 ? r : 0;
	snprintf(path, sizeof(path), SETUP_DIR "/%llu/data", (unsigned long long)n);
	r = root_read(root, path, SETUP_MAX, &node.data, err);
	if (r <= 0)
		return r;
	node.type = (uint32_t)type;
	if (vec_push(&m->x86.setup_data, node) == 0)
		return 0;
	buf_done(&node.data);
	return fail(err, ENOMEM, "no memory for setup_data");
}

static int read_setup_data(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct number_list list = {0};
	int r = root_numbers(root, SETUP_DIR, "", &list, err);

	for (size_t i = 0; i < list.n && !r; i++)
		r = read_setup_node(root, list.v[i], m, err);
	vec_done(&list);
	return r;
}

static int read_boot_params(const struct facts_root *root, struct machine *m, struct err *err)
{
	static const char path[] = "sys/kernel/boot_params/data";
	int r = root_read(root, path, BOOT_PARAMS_LEN, &m->x86.boot_params, err);

	if (r <= 0)
		return r;
	if (m->x86.boot_params.len != BOOT_PARAMS_LEN)
		return root_wrap(root,
				 fail(err, EBADMSG, "is %zu bytes long, not %u",
				      m->x86.boot_params.len, BOOT_PARAMS_LEN),
				 path, err);
	m->x86.acpi_rsdp = get_le(m->x86.boot_params.ptr + ACPI_RSDP_AT, 8);
	return 0;
}

static uint64_t systab_value(struct span text, const char *key)
{
	uint64_t v;

	return text_u64(text_trim(text_value(text, key, '=')), 0, &v) ? v : 0;
}

/*
 * The order of acpi_os_get_root_pointer(): the command line, then boot_params, then EFI's tables.
 */
static void choose_rsdp(struct span systab, struct machine *m)
{
	struct span told = cmdline_get(buf_span(&m->cmdline), "acpi_rsdp");
	uint64_t v;

	if (text_u64(told, 0, &v) && v)
		m->x86.acpi_rsdp = v;
	if (!m->x86.acpi_rsdp)
		m->x86.acpi_rsdp = systab_value(systab, "ACPI20");
	if (!m->x86.acpi_rsdp)
		m->x86.acpi_rsdp = systab_value(systab, "ACPI");
}

static int read_systab(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = root_read_start(root, EFI_DIR "/systab", 4096, &text, err);

	choose_rsdp(buf_span(&text), m);
	m->x86.efi_smbios = systab_value(buf_span(&text), "SMBIOS");
	buf_done(&text);
	return r < 0 ? r : 0;
}

static int read_map_entry(const struct facts_root *root, uint64_t n, struct machine *m,
			  struct err *err)
{
	static const char *const names[5] = {"type", "phys_addr", "virt_addr", "num_pages",
					     "attribute"};
	uint64_t v[5];
	char path[80];

	for (unsigned i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), EFI_DIR "/runtime-map/%llu/%s", (unsigned long long)n,
			 names[i]);
		int r = root_u64(root, path, 0, &v[i], err);
		if (r <= 0)
			return r;
	}
	struct efi_runtime_range e = {(uint32_t)v[0], v[1], v[2], v[3], v[4]};
	return vec_push(&m->x86.efi_map, e) < 0 ? fail(err, ENOMEM, "no memory for EFI ranges") : 0;
}

static int read_efi(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct x86_facts *x = &m->x86;
	struct number_list list = {0};
	int r = root_u64(root, EFI_DIR "/fw_vendor", 0, &x->efi_fw_vendor, err);

	if (r >= 0)
		r = root_u64(root, EFI_DIR "/runtime", 0, &x->efi_runtime, err);
	if (r >= 0)
		r = root_u64(root, EFI_DIR "/config_table", 0, &x->efi_config_table, err);
	if (r >= 0)
		r = root_numbers(root, EFI_DIR "/runtime-map", "", &list, err);
	for (size_t i = 0; i < list.n && !r; i++)
		r = read_map_entry(root, list.v[i], m, err);
	x->efi = x->efi_fw_vendor && x->efi_runtime && x->efi_config_table &&
		 x->efi_map.n == list.n && list.n;
	vec_done(&list);
	return r < 0 ? r : 0;
}

/* SEV has no flag in a guest's cpuinfo; SNP has a device (drivers/virt/coco/sev-guest). */
static int read_sev(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct buf dev = BUF_INIT;
	int r = root_read_start(root, "sys/class/misc/sev-guest/dev", 32, &dev, err);

	m->x86.confidential |= r > 0;
	buf_done(&dev);
	return r < 0 ? r : 0;
}

int facts_x86(const struct facts_root *root, struct machine *m, struct err *err)
{
	if (strcmp(m->arch, "x86_64") && strcmp(m->arch, "i386"))
		return 0;
	int r = read_boot_params(root, m, err);
	if (!r)
		r = read_sev(root, m, err);
	if (!r)
		r = read_setup_data(root, m, err);
	if (!r)
		r = read_systab(root, m, err);
	return r ? r : read_efi(root, m, err);
}
