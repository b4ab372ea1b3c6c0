/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "machine/machine.h"
#include "machine/vmcoreinfo.h"

static const char sample[] = "OSRELEASE=6.1.0-50-cloud-amd64\n"
			     "BUILD-ID=76ce1d10\n"
			     "PAGESIZE=4096\n"
			     "SYMBOL(_stext_not)=1\n"
			     "SYMBOL(_stext)=ffffffff92a00000\n"
			     "SYMBOL(_stext)=1\n"
			     "NUMBER(phys_base)=-16777216\n"
			     "NUMBER(VMALLOC_START)=0xffff800008000000\n"
			     "NUMBER(big)=18446744073709551616\n"
			     "NUMBER(low)=-9223372036854775809\n"
			     "NUMBER(junk)=12x\n"
			     "NUMBER(none)=\n"
			     "KERNELOFFSET=11a00000\n"
			     "CRASHTIME=1700000000";

static void numbers_in_their_bases(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		bool found;
		uint64_t want;
	} table[] = {
		{"PAGESIZE", true, 4096},
		{"SYMBOL(_stext)", true, 0xffffffff92a00000},
		{"NUMBER(phys_base)", true, (uint64_t)-16777216},
		{"NUMBER(VMALLOC_START)", true, 0xffff800008000000},
		{"KERNELOFFSET", true, 0x11a00000},
		{"CRASHTIME", true, 1700000000},
		{"NUMBER(big)", false, 0},
		{"NUMBER(low)", false, 0},
		{"NUMBER(junk)", false, 0},
		{"NUMBER(none)", false, 0},
		{"OSRELEASE", false, 0},
		{"STEXT", false, 0},
		{"", false, 0},
	};
	struct machine m = MACHINE_INIT;

	assert_int_equal(buf_add(&m.vmcoreinfo_text, sample, strlen(sample)), 0);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint64_t v = 7;

		if (machine_vmcoreinfo_u64(&m, table[i].key, &v) != table[i].found)
			fail_msg("row %zu: %s", i, table[i].key);
		if (v != (table[i].found ? table[i].want : 7))
			fail_msg("row %zu: 0x%llx", i, (unsigned long long)v);
	}
	machine_done(&m);
}

static void texts(void **state)
{
	(void)state;
	struct span s = vmcoreinfo_get(span_of(sample, strlen(sample)), "OSRELEASE");

	assert_int_equal(s.len, 20);
	assert_memory_equal(s.ptr, "6.1.0-50-cloud-amd64", 20);
	s = vmcoreinfo_get(span_of(sample, strlen(sample)), "NUMBER(none)");
	assert_true(s.ptr && !s.len);
	assert_null(vmcoreinfo_get(span_of(NULL, 0), "OSRELEASE").ptr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_in_their_bases),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
