/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: what was read, written by our writer, reads back the same; and the part of the file
 * that kcore_need() asks for tells all that the whole file does.
 */
#include "machine/kcore.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok)
{
	if (!ok)
		abort();
}

static void need_same(const struct machine *a, const struct machine *b)
{
	need(a->kcore.n == b->kcore.n);
	need(!a->kcore.n || !memcmp(a->kcore.v, b->kcore.v, a->kcore.n * sizeof(*a->kcore.v)));
	need(a->vmcoreinfo_text.len == b->vmcoreinfo_text.len);
	need(!a->vmcoreinfo_text.len ||
	     !memcmp(a->vmcoreinfo_text.ptr, b->vmcoreinfo_text.ptr, a->vmcoreinfo_text.len));
}

static void check_copy(const struct machine *m)
{
	struct machine again = MACHINE_INIT;
	struct buf file = BUF_INIT;
	struct err err;
	uint64_t want;

	need(kcore_write(m, &file) == 0);
	need(kcore_need(buf_span(&file), &want, &err) == 0 && want <= file.len);
	need(kcore_facts(buf_span(&file), &again, &err) == 0);
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

	need(r == 0 || r == -ENOEXEC || (r == -EBADMSG && err.text[0]));
	if (r == 0)
		check_copy(&m);
	if (r == 0 && kcore_need(file, &want, &err) == 0 && want <= size) {
		need(kcore_facts(span_sub(file, 0, want), &part, &err) == 0);
		need_same(&m, &part);
	}
	machine_done(&m);
	machine_done(&part);
	return 0;
}
