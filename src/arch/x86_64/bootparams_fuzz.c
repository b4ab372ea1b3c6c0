/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hostile image, and as a tail of 16 bytes where its pieces lie: whatever the header says, what
 * is written to boot_params names those places and nothing else of the image behind the header.
 */
#include "arch/x86_64/bootparams.h"
#include "base/cursor.h"
#include "base/put.h"
#include "core/fuzz.h"
#include "image/bzimage.h"

enum { TAIL = 16 };

static struct mem_range ranges[] = {
	{{0x1000, 0x9f000}, MEM_RAM},
	{{0x100000, 0x80000000}, MEM_RAM},
};

static uint64_t split(const uint8_t *out, size_t low, size_t high)
{
	return get_le(out + low, 4) | get_le(out + high, 4) << 32;
}

static void check(const struct bootparams_in *in, const uint8_t *out)
{
	const struct bzimage *bz = in->bz;

	assert(split(out, 0x228, 0x0c8) == in->cmdline_at);
	assert(split(out, 0x21c, 0x0c4) == in->initrd_len);
	assert(split(out, 0x218, 0x0c0) == (in->initrd_len ? in->initrd_at : 0));
	assert(bz->protocol < 0x209 || get_le(out + 0x250, 8) == in->setup_data_at);
	assert(out[0x1e8] == 2 && out[0x1ef] == 0);
	for (size_t i = bz->header_end; i < 0x290; i++)
		assert(!out[i]);
	if (bz->protocol < 0x20c || !(bz->xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G))
		assert(in->cmdline_at + in->cmdline_len <= UINT32_MAX &&
		       (!in->initrd_len || in->initrd_at + in->initrd_len <= 1ull << 32));
	assert(in->cmdline_len <= bz->cmdline_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t zero[BP_SIZE];
	static const struct machine m = MACHINE_INIT;
	struct mem_map map = {ranges, 2, 2};
	struct cursor c = cursor_le(span_of(data, size), size < TAIL ? 0 : size - TAIL);
	struct image image;
	struct err err = ERR_INIT;
	uint8_t out[BP_SIZE] = {0};

	if (size < TAIL || bzimage_parse(span_of(data, size - TAIL), &image, NULL))
		return 0;
	struct bootparams_in in = {
		.bz = &image.bz,
		.header = bootparams_header(&image),
		.m = &m,
		.map = &map,
		.kernel_at = image.preferred,
		.cmdline_at = (uint64_t)cursor_u32(&c) << 4,
		.cmdline_len = cursor_u16(&c),
		.initrd_at = (uint64_t)cursor_u32(&c) << 12,
		.initrd_len = (uint64_t)cursor_u32(&c) << 4,
		.setup_data_at = cursor_u16(&c),
	};

	int r = bootparams_write(&in, out, &err);

	assert(r == 0 || r == -EINVAL || r == -ENOTSUP);
	assert(!r == !err.text[0]);
	if (r)
		assert(!memcmp(out, zero, sizeof(out)));
	else
		check(&in, out);
	return 0;
}
