/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/bootparams.h"

#include <string.h>

#include "arch/x86_64/e820.h"
#include "arch/x86_64/setup_data.h"
#include "base/put.h"
#include "image/bzimage.h"

enum {
	LOADER_KEXEC = 0xd0, /* boot.rst's id of kexec-tools; the kernel's own loads use it too */
	LOADED_HIGH = 1,
	KB = 1024,
	EXT_MEM_K_MAX = 0xfc00,
};

/* True when @at..@at + @len needs no more than the kernel's fields can hold. */
static bool reaches(const struct bzimage *bz, uint64_t at, uint64_t len)
{
	if (bz->protocol >= 0x20c && bz->xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G)
		return at + len >= at;
	return at <= UINT32_MAX && len <= UINT32_MAX + 1ull - at;
}

static int check(const struct bootparams_in *in, struct err *err)
{
	const struct bzimage *bz = in->bz;

	if (bz->protocol < 0x202)
		return fail(err, ENOTSUP, "boot protocol %u.%02u has no field for a command line",
			    bz->protocol >> 8, bz->protocol & 0xff);
	if (in->cmdline_len > bz->cmdline_size)
		return fail(err, EINVAL, "command line of %llu bytes, this kernel takes %u",
			    (unsigned long long)in->cmdline_len, bz->cmdline_size);
	if (!in->cmdline_at || !reaches(bz, in->cmdline_at, in->cmdline_len + 1))
		return fail(err, EINVAL, "command line at 0x%llx, out of this kernel's reach",
			    (unsigned long long)in->cmdline_at);
	if (in->initrd_len && !reaches(bz, in->initrd_at, in->initrd_len))
		return fail(err, EINVAL, "initrd at 0x%llx, out of this kernel's reach",
			    (unsigned long long)in->initrd_at);
	if (in->map->n < 2)
		return fail(err, EINVAL, "the kernel ignores a memory map of %zu range(s)",
			    in->map->n);
	return 0;
}

struct span bootparams_header(const struct image *im)
{
	return span_sub(im->file, BP_HEADER, im->bz.header_end - BP_HEADER);
}

/* The setup header, with the fields that boot.rst tells a loader to write. */
static void write_header(const struct bootparams_in *in, uint8_t *out)
{
	const struct bzimage *bz = in->bz;

	if (in->header.len) {
		memcpy(out + BP_HEADER, in->header.ptr, in->header.len);
	} else {
		put_le(out + BZ_BOOT_FLAG, 0xaa55, 2);
		memcpy(out + BZ_MAGIC, "HdrS", 4);
		put_le(out + BZ_VERSION, bz->protocol, 2);
		out[BP_LOADFLAGS] = LOADED_HIGH;
	}
	out[BP_TYPE_OF_LOADER] = LOADER_KEXEC;
	/* KASLR_FLAG is the kernel's own, CAN_USE_HEAP speaks of setup code that never runs. */
	out[BP_LOADFLAGS] &= LOADED_HIGH;
	if (in->kernel_at <= UINT32_MAX)
		put_le(out + BP_CODE32_START, in->kernel_at, 4);
	put_le(out + BP_CMD_LINE_PTR, in->cmdline_at, 4);
	put_le(out + BP_EXT_CMD_LINE_PTR, in->cmdline_at >> 32, 4);
	put_le(out + BP_RAMDISK_IMAGE, in->initrd_len ? in->initrd_at : 0, 4);
	put_le(out + BP_RAMDISK_SIZE, in->initrd_len, 4);
	put_le(out + BP_EXT_RAMDISK_IMAGE, in->initrd_len ? in->initrd_at >> 32 : 0, 4);
	put_le(out + BP_EXT_RAMDISK_SIZE, in->initrd_len >> 32, 4);
	if (bz->protocol >= 0x209)
		put_le(out + BP_SETUP_DATA, in->setup_data_at, 8);
}

/* What the firmware once told the running kernel and what holds as long as the machine is up. */
static void carry_over(const struct bootparams_in *in, uint8_t *out)
{
	static const struct {
		uint16_t at, len;
	} parts[] = {
		{0, 0x40}, /* screen_info: the frame buffer */
		{BP_EDID, 0x80},    {BP_EDDBUF_ENTRIES, 2}, {BP_KBD_STATUS, 1},
		{BP_EDD_MBR, 0x40}, {BP_EDDBUF, 0x1ec},
	};
	const struct buf *old = &in->m->x86.boot_params;

	if (old->len < BP_SIZE)
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		memcpy(out + parts[i].at, old->ptr + parts[i].at, parts[i].len);
	if (in->bz->protocol >= 0x207)
		memcpy(out + BP_HARDWARE_SUBARCH, old->ptr + BP_HARDWARE_SUBARCH, 4);
}

/*
 * Memory from 1 MiB up in KiB, as a BIOS would tell it; the kernel falls back on them.
 * arch/x86/kernel/kexec-bzimage64.c, setup_boot_parameters().
 */
static void write_old_sizes(const struct mem_map *map, uint8_t *out)
{
	uint64_t k = 0;

	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].kind == MEM_RAM && range_has(map->v[i].at, 0x100000))
			k = (map->v[i].at.end - 0x100000) / KB;
	put_le(out + BP_EXT_MEM_K, k < EXT_MEM_K_MAX ? k : EXT_MEM_K_MAX, 2);
	put_le(out + BP_ALT_MEM_K, k < UINT32_MAX ? k : UINT32_MAX, 4);
}

static void write_map(const struct mem_map *map, uint8_t *out)
{
	size_t n = map->n < E820_INLINE ? map->n : E820_INLINE;

	for (size_t i = 0; i < n; i++)
		e820_put(out + BP_E820 + i * E820_ENTRY_SIZE, &map->v[i]);
	out[BP_E820_ENTRIES] = (uint8_t)n;
}

/* XLF_EFI_KEXEC: the next kernel can take over an EFI that already runs in virtual mode. */
static void write_efi(const struct bootparams_in *in, uint8_t *out)
{
	const uint8_t *old = in->m->x86.boot_params.ptr;
	const struct bzimage *bz = in->bz;
	uint64_t off, len;

	if (!setup_data_efi(in->m, &off, &len) || !in->setup_data_at || bz->protocol < 0x20c ||
	    (bz->xloadflags & (XLF_EFI_KEXEC | XLF_KERNEL_64)) != (XLF_EFI_KEXEC | XLF_KERNEL_64))
		return;
	memcpy(out + BP_EFI_SIGNATURE, old + BP_EFI_SIGNATURE, 8); /* and efi_systab */
	memcpy(out + BP_EFI_SYSTAB_HI, old + BP_EFI_SYSTAB_HI, 4);
	out[BP_SECURE_BOOT] = old[BP_SECURE_BOOT];
	put_le(out + BP_EFI_MEMDESC_SIZE, SETUP_DATA_EFI_DESC, 4);
	put_le(out + BP_EFI_MEMDESC_VERSION, 1, 4);
	put_le(out + BP_EFI_MEMMAP, in->setup_data_at + off, 4);
	put_le(out + BP_EFI_MEMMAP_HI, (in->setup_data_at + off) >> 32, 4);
	put_le(out + BP_EFI_MEMMAP_SIZE, len, 4);
}

int bootparams_write(const struct bootparams_in *in, uint8_t *out, struct err *err)
{
	int r = check(in, err);

	if (r)
		return r;
	write_header(in, out);
	carry_over(in, out);
	write_old_sizes(in->map, out);
	write_map(in->map, out);
	write_efi(in, out);
	put_le(out + BP_ACPI_RSDP, in->m->x86.acpi_rsdp, 8);
	return 0;
}
