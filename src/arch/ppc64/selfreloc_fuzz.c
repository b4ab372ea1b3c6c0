/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Property: the memory of a kernel changes only if it is one whose CRCs would be corrupted, and
 * then as many entries as it says are turned.
 */
#include "arch/ppc64/selfreloc.h"
#include "core/fuzz.h"
#include "image/vmlinux.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct image im;
	enum selfreloc kind = SELFRELOC_HARMLESS;
	int r, q;

	/* Large kernels cost time and show nothing else. */
	if (vmlinux_parse(span_of(data, size), &im, NULL) || im.vm.file_end - im.vm.phys > 1 << 20)
		return 0;
	if (vmlinux_memory(&im, &before) || vmlinux_memory(&im, &after))
		abort();
	r = ppc64_selfreloc(&im, &kind, NULL);
	q = ppc64_spare_crcs(&im, &after, NULL);
	if (r < 0 && q != r)
		abort();
	if (kind != SELFRELOC_CORRUPTS && (q > 0 || memcmp(before.ptr, after.ptr, before.len) != 0))
		abort();
	if (!r && kind == SELFRELOC_CORRUPTS && !q)
		abort();
	buf_done(&before);
	buf_done(&after);
	return 0;
}
