/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties: the numbers of a list ascend, and written out one by one they are the same list. */
#include "core/buf.h"
#include "core/fuzz.h"
#include "machine/cpus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpu_list once = {0}, twice = {0};
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	int r = cpus_parse(span_of(data, size), &once, &err);

	assert(r == 0 || (r == -EBADMSG && !once.n && err.text[0]));
	for (size_t i = 0; i < once.n; i++) {
		assert(once.v[i] < CPU_MAX && (!i || once.v[i - 1] < once.v[i]));
		assert(buf_printf(&text, "%s%u", i ? "," : "", once.v[i]) == 0);
	}
	assert(cpus_parse(buf_span(&text), &twice, &err) == 0 && twice.n == once.n);
	assert(!once.n || !memcmp(once.v, twice.v, once.n * sizeof(*once.v)));
	(void)cpuinfo_flag(span_of(data, size), "flags", "sha_ni");
	(void)cpuinfo_arch(span_of(data, size));
	vec_done(&once);
	vec_done(&twice);
	buf_done(&text);
	return 0;
}
