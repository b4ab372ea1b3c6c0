/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: what was read, written by our writer, reads back the same; and the part of the file
 * that kcore_need() asks for tells all that the whole file does.
 */
#include "core/fuzz.h"
#include "machine/kcore.h"

static void need_same(const struct machine *a, const struct machine *b)
{
	assert(a->kcore.n == b->kcore.n);
	assert(!a->kcore.n || !memcmp(a->kcore.v, b->kcore.v, a->kcore.n * sizeof(*a->kcore.v)));
	assert(a->vmcoreinfo_text.len == b->vmcoreinfo_text.len);
	assert(!a->vmcoreinfo_text.len ||
	     !memcmp(a->vmcoreinfo_text.ptr, b->vmcoreinfo_text.ptr, a->vmcoreinfo_text.len));
}

static void check_copy(const struct machine *m)
{
	struct machine again = MACHINE_INIT;
	struct buf file = BUF_INIT;
	struct err err;
	uint64_t want;

	assert(kcore_write(m, &file) == 0);
	assert(kcore_need(buf_span(&file), &want, &err) == 0 && want <= file.len);
	assert(kcore_facts(buf_span(&file), &again, &err) == 0);
	need_same(m, &again);
	machine_done(&again);
	buf_done(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine m = MACHINE_INIT, part = MACHINE_INIT;
	struct err err = ERR_INIT;
	struct span file = span_of(data, size);
	uint64_t want;
	int r = kcore_facts(file, &m, &err);

	assert(r == 0 || r == -ENOEXEC || (r == -EBADMSG && err.text[0]));
	if (r == 0)
		check_copy(&m);
	if (r == 0 && kcore_need(file, &want, &err) == 0 && want <= size) {
		assert(kcore_facts(span_sub(file, 0, want), &part, &err) == 0);
		need_same(&m, &part);
	}
	machine_done(&m);
	machine_done(&part);
	return 0;
}
