/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/setup16.h"

#include <string.h>

#include "arch/x86_64/bootparams.h"
#include "base/put.h"
#include "image/bzimage.h"

enum {
	LOADER_KEXEC = 0xd0, /* boot.rst's id of kexec-tools */
	CAN_USE_HEAP = 0x80,
	HEAP_MIN = 0x1000,
	STACK_SIZE = 0x200, /* heap_end_ptr is told less by that */
	HEAP_END_PTR = 0x224,
};

int setup16_write(const struct setup16_in *in, uint64_t at, struct buf *out, struct err *err)
{
	const struct bzimage *bz = &in->image->bz;
	size_t start = out->len;

	if (bz->protocol < 0x202)
		return fail(err, ENOTSUP, "boot protocol %u.%02u has no field for a command line",
			    bz->protocol >> 8, bz->protocol & 0xff);
	if (bz->setup_bytes + HEAP_MIN > SETUP16_HEAP_END)
		return fail(err, ENOTSUP, "setup code of 0x%x bytes leaves no room for its heap",
			    bz->setup_bytes);
	if (in->cmdline.len >= SETUP16_SIZE - SETUP16_HEAP_END)
		return fail(err, EINVAL, "the command line has %zu bytes, there is room for %d",
			    in->cmdline.len, SETUP16_SIZE - SETUP16_HEAP_END - 1);
	if (buf_zero(out, SETUP16_HEAP_END) < 0 ||
	    buf_add(out, in->cmdline.ptr, in->cmdline.len) < 0 || buf_zero(out, 1) < 0)
		return fail(err, ENOMEM, "no memory for the setup code");
	uint8_t *p = out->ptr + start;

	memcpy(p, in->image->file.ptr, bz->setup_bytes);
	p[BP_TYPE_OF_LOADER] = LOADER_KEXEC;
	p[BP_LOADFLAGS] |= CAN_USE_HEAP;
	put_le(p + HEAP_END_PTR, SETUP16_HEAP_END - STACK_SIZE, 2);
	put_le(p + BP_CODE32_START, in->kernel_at, 4);
	put_le(p + BP_CMD_LINE_PTR, at + SETUP16_HEAP_END, 4);
	put_le(p + BP_RAMDISK_IMAGE, in->initrd_len ? in->initrd_at : 0, 4);
	put_le(p + BP_RAMDISK_SIZE, in->initrd_len, 4);
	return 0;
}
