/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "image/render.h"
#include "image/vmlinux.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What arch/ relies on: the kernel's memory can be made, is as long as it says, and holds the
 * entry. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image m;
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT, json = BUF_INIT, memory = BUF_INIT;
	int r = vmlinux_parse(span_of(data, size), &m, &err);

	assert(r == 0 || r == -ENOEXEC || r == -EBADMSG);
	assert((r == -EBADMSG) == (err.text[0] != 0));
	/* Where the damage is, or where a damaged number points. */
	assert(r != -EBADMSG || err.has_offset);
	if (r)
		return 0;
	assert(m.vm.loads && m.vm.phys < m.vm.file_end && m.vm.file_end <= m.vm.end);
	assert(m.vm.entry >= m.vm.phys && m.vm.entry < m.vm.file_end);
	assert(m.footprint_running == m.vm.end - m.vm.phys);
	assert(m.align && !(m.align & (m.align - 1)));
	assert(m.version[0] && memchr(m.version, 0, sizeof(m.version)));
	/* A sparse one would only fill the fuzzer's memory. */
	if (m.vm.file_end - m.vm.phys < 1u << 20) {
		assert(!vmlinux_memory(&m, &memory));
		assert(memory.len == m.vm.file_end - m.vm.phys);
	}
	assert(!image_text(&m, "a", &text) && text.ptr[text.len - 1] == '\n');
	assert(!image_json(&m, "a", &json) && !memcmp(json.ptr + json.len - 2, "}\n", 2));
	buf_done(&text);
	buf_done(&json);
	buf_done(&memory);
	return 0;
}
