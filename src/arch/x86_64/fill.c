/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second half of the protocol: with all addresses known, write boot_params, setup_data, the command
 * line and the crash header. */
#include <stdio.h>
#include <string.h>

#include "arch/x86_64/boot_multiboot.h"
#include "arch/x86_64/bootparams.h"
#include "arch/x86_64/handoff.h"
#include "arch/x86_64/setup16.h"
#include "arch/x86_64/start_info.h"
#include "arch/x86_64/x86.h"
#include "base/align.h"

int x86_make_map(const struct boot *b, struct mem_map *map, struct err *err)
{
	const struct boot_piece *header = boot_find(b, SEG_ELFCOREHDR);
	const struct boot_piece *backup = boot_find(b, SEG_BACKUP);
	struct range_list own = {0};
	int r = 0;

	if (!b->crash)
		return e820_jump(b->m, &b->avoid, map, err);
	r = ranges_copy(&own, &b->m->crash);
	/* Lent out until the panic, and then as much its own as the rest. */
	for (size_t i = 0; !r && i < b->m->crash_cma.n; i++)
		r = ranges_add(&own, b->m->crash_cma.v[i]);
	ranges_normalise(&own);
	if (!r && header)
		r = ranges_exclude(&own, (struct range){header->place.at,
							header->place.at + header->place.size});
	if (!r && backup)
		r = ranges_exclude(&own, (struct range){backup->place.at,
							backup->place.at + backup->place.size});
	r = r < 0 ? fail(err, ENOMEM, "no memory for the memory map")
		  : e820_crash(b->m, &own, &b->avoid, map, err);
	ranges_done(&own);
	return r;
}

static int add_params(struct boot *b, struct err *err)
{
	const struct boot_piece *header = boot_find(b, SEG_ELFCOREHDR);
	const struct bzimage own = x86_header(b->image);
	char word[40];
	int r = 0;

	if (header) {
		snprintf(word, sizeof(word), "elfcorehdr=0x%llx",
			 (unsigned long long)header->place.at);
		r = boot_add_param(b, word, err);
	}
	/* A relocatable bzImage does not tell whether it will choose an address by itself, so it is
	 * told not to. A vmlinux is past that. */
	if (!r && b->req->has_load_address && b->image->format == IMAGE_BZIMAGE) {
		r = boot_add_param(b, "nokaslr", err);
		if (!r && plan_warn(b->plan,
				    "nokaslr was added so that the kernel stays at 0x%llx; it "
				    "turns memory KASLR off too",
				    (unsigned long long)b->req->load_address) < 0)
			r = fail(err, ENOMEM, "no memory for a warning");
	}
	/*
	 * boot_params.acpi_rsdp_addr is read from protocol 2.14 on; older kernels only know the
	 * parameter. They find a table of a BIOS themselves, below 1 MiB; one of EFI they cannot,
	 * where EFI is not handed on (a real-time kernel runs without its services). A multiboot
	 * kernel does not know the word.
	 */
	if (!r && b->m->x86.acpi_rsdp >= 1ull << 20 && own.protocol < 0x20e &&
	    !image_is_multiboot(b->image)) {
		snprintf(word, sizeof(word), "acpi_rsdp=0x%llx",
			 (unsigned long long)b->m->x86.acpi_rsdp);
		r = boot_add_param(b, word, err);
	}
	return r < 0 ? r : boot_check_line(b, own.cmdline_size, err);
}

/* The chain of setup_data nodes in its own piece; *@head is the physical address of the first. */
static int fill_setup_data(struct boot *b, const struct mem_map *map, uint64_t *head,
			   struct err *err)
{
	struct boot_piece *p = boot_find(b, SEG_SETUP_DATA);

	*head = 0;
	if (!p)
		return 0;
	int r = setup_data_chain(b->m, map, b->req->has_rng_seed ? b->req->rng_seed : NULL,
				 p->place.at, &p->data, err);
	if (r < 0)
		return r;
	if (p->data.len > p->place.size)
		return fail(err, EOVERFLOW, "setup_data has %zu bytes, %llu were planned",
			    p->data.len, (unsigned long long)p->place.size);
	*head = p->data.len ? p->place.at : 0;
	return 0;
}

/* What the kernel is told everything by. */
static struct boot_piece *info_piece(const struct boot *b)
{
	switch (x86_entry(b)) {
	case ENTRY_PVH:
	case ENTRY_16:
		return boot_find(b, SEG_OTHER);
	case ENTRY_MULTIBOOT:
		return boot_find(b, SEG_MULTIBOOT_INFO);
	default:
		return boot_find(b, SEG_BOOT_PARAMS);
	}
}

static int fill_boot_params(struct boot *b, const struct mem_map *map, uint64_t setup_data,
			    struct err *err)
{
	struct boot_piece *p = info_piece(b);
	const struct boot_piece *kernel = boot_find(b, SEG_KERNEL);
	const struct boot_piece *initrd = boot_find(b, SEG_INITRD);
	const struct bzimage own = x86_header(b->image);
	struct bootparams_in in = {
		.bz = &own,
		.m = b->m,
		.map = map,
		.kernel_at = kernel->place.at,
		.cmdline_at = p->place.at + BP_SIZE,
		.cmdline_len = b->plan->cmdline.len,
		.setup_data_at = setup_data,
	};

	if (b->image->format == IMAGE_BZIMAGE)
		in.header = bootparams_header(b->image);
	if (initrd) {
		in.initrd_at = initrd->place.at;
		in.initrd_len = b->initrd.len;
	}
	if (buf_zero(&p->data, BP_SIZE) < 0 ||
	    buf_add(&p->data, b->plan->cmdline.ptr, b->plan->cmdline.len) < 0)
		return fail(err, ENOMEM, "no memory for boot_params");
	return bootparams_write(&in, p->data.ptr, err);
}

static int fill_start_info(struct boot *b, const struct mem_map *map, struct err *err)
{
	struct boot_piece *p = info_piece(b);
	const struct boot_piece *initrd = boot_find(b, SEG_INITRD);
	struct start_info_in in = {
		.map = map,
		.cmdline = buf_span(&b->plan->cmdline),
		.rsdp = b->m->x86.acpi_rsdp,
	};

	if (initrd) {
		in.initrd_at = initrd->place.at;
		in.initrd_len = b->initrd.len;
	}
	return start_info_write(&in, p->place.at, &p->data, err);
}

static int fill_setup16(struct boot *b, struct err *err)
{
	struct boot_piece *p = info_piece(b);
	const struct boot_piece *initrd = boot_find(b, SEG_INITRD);
	struct setup16_in in = {
		.image = b->image,
		.kernel_at = boot_find(b, SEG_KERNEL)->place.at,
		.cmdline = buf_span(&b->plan->cmdline),
	};

	if (initrd) {
		in.initrd_at = initrd->place.at;
		in.initrd_len = b->initrd.len;
	}
	return setup16_write(&in, p->place.at, &p->data, err);
}

static int fill_info(struct boot *b, const struct mem_map *map, uint64_t setup_data,
		     struct err *err)
{
	switch (x86_entry(b)) {
	case ENTRY_16:
		return fill_setup16(b, err);
	case ENTRY_PVH:
		return fill_start_info(b, map, err);
	case ENTRY_MULTIBOOT:
		return x86_fill_multiboot_info(b, map, err);
	default:
		return fill_boot_params(b, map, setup_data, err);
	}
}

/* What the purgatory needs to know of x86. */
static void fill_handoff(struct boot *b)
{
	const struct boot_piece *backup = boot_find(b, SEG_BACKUP);
	struct handoff *h = &b->handoff;

	h->entry = x86_entry_address(b);
	h->args[X86_ARG_INFO] = info_piece(b)->place.at;
	h->args[X86_ARG_MODE] = x86_mode(b);
	h->args[X86_ARG_EAX] = x86_multiboot_magic(b);
	if (backup) {
		struct range low = boot_backup_range(b);

		h->backup_src = low.start;
		h->backup_dst = backup->place.at;
		h->backup_len = range_size(low);
	}
}

int x86_fill(struct boot *b, struct err *err)
{
	struct mem_map map = {0};
	struct boot_piece *header = boot_find(b, SEG_ELFCOREHDR);
	uint64_t setup_data = 0;
	int r = add_params(b, err);

	if (!r)
		r = x86_make_map(b, &map, err);
	if (!r)
		r = x86_fill_kernel(b, err);
	if (!r)
		r = fill_setup_data(b, &map, &setup_data, err);
	if (!r)
		r = fill_info(b, &map, setup_data, err);
	if (!r && header)
		r = boot_elfcorehdr_build(b, &header->data, err);
	if (!r)
		fill_handoff(b);
	vec_done(&map);
	return r;
}

uint64_t x86_setup_data_max(const struct boot *b)
{
	static const uint8_t any_seed[32];
	struct buf chain = BUF_INIT;
	struct mem_map map = {0};
	uint64_t len = 0;

	/* The nodes' sizes do not depend on addresses; excluding up to two pieces adds at most two
	 * ranges of 20 bytes each. */
	if (!x86_make_map(b, &map, NULL) &&
	    !setup_data_chain(b->m, &map, b->req->has_rng_seed ? any_seed : NULL, 0, &chain, NULL))
		len = chain.len;
	if (map.n + 2 > 128)
		len += 64 + 16;
	buf_done(&chain);
	vec_done(&map);
	return len;
}
