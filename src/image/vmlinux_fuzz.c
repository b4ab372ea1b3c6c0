/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image_fuzz.h"
#include "image/vmlinux.h"

/* What arch/ relies on: the kernel's memory can be made, is as long as it says, and holds the
 * entry. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image m;
	struct err err = ERR_INIT;
	struct buf memory = BUF_INIT;
	int r = vmlinux_parse(span_of(data, size), &m, &err);

	assert(r != -ENOTSUP);
	fuzz_answer(r, &err);
	/* Where the damage is, or where a damaged number points. */
	assert(r != -EBADMSG || err.has_offset);
	if (r)
		return 0;
	assert(m.vm.loads && m.vm.phys < m.vm.file_end && m.vm.file_end <= m.vm.end);
	assert(m.vm.entry >= m.vm.phys && m.vm.entry < m.vm.file_end);
	assert(m.footprint_running == m.vm.end - m.vm.phys);
	assert(m.align && !(m.align & (m.align - 1)));
	assert(m.version[0]);
	/* A sparse one would only fill the fuzzer's memory. */
	if (m.vm.file_end - m.vm.phys < 1u << 20) {
		assert(!vmlinux_memory(&m, &memory));
		assert(memory.len == m.vm.file_end - m.vm.phys);
	}
	fuzz_shown(&m);
	buf_done(&memory);
	return 0;
}
