/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "machine/cpus.h"
#include "machine/serial.h"

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

static void lists_of_cpus(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int r;
		size_t n;
		uint32_t last;
	} table[] = {
		{"0\n", 0, 1, 0},
		{"0-3\n", 0, 4, 3},
		{"0-1,4,8-9", 0, 5, 9},
		{"\n", 0, 0, 0},
		{"65535", 0, 1, 65535},
		{"65536", -EBADMSG, 0, 0},
		{"0-4294967295", -EBADMSG, 0, 0},
		{"3-1", -EBADMSG, 0, 0},
		{"1,1", -EBADMSG, 0, 0},
		{"0-3,2", -EBADMSG, 0, 0},
		{"0-", -EBADMSG, 0, 0},
		{"0,", -EBADMSG, 0, 0},
		{"0 1", -EBADMSG, 0, 0},
		{"x", -EBADMSG, 0, 0},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct cpu_list l = {0};
		struct err err = ERR_INIT;

		if (cpus_parse(text(table[i].text), &l, &err) != table[i].r || l.n != table[i].n ||
		    (l.n && l.v[l.n - 1] != table[i].last))
			fail_msg("row %zu: %s", i, table[i].text);
		vec_done(&l);
	}
}

static void flags_are_whole_words(void **state)
{
	(void)state;
	struct span s = text("processor\t: 0\nflags\t\t: fpu sha_ni_x la57\n\n"
			     "processor\t: 1\nflags\t\t: fpu sha_ni\n");

	assert_true(cpuinfo_flag(s, "flags", "fpu"));
	assert_true(cpuinfo_flag(s, "flags", "la57"));
	assert_false(cpuinfo_flag(s, "flags", "sha_ni"));
	assert_false(cpuinfo_flag(s, "flag", "fpu"));
	assert_false(cpuinfo_flag(text(""), "flags", "fpu"));
}

static void cpus_are_told_apart(void **state)
{
	(void)state;
	assert_string_equal(cpuinfo_arch(text("flags\t\t: fpu lm\n")), "x86_64");
	assert_string_equal(cpuinfo_arch(text("flags\t\t: fpu\n")), "i386");
	assert_string_equal(cpuinfo_arch(text("CPU architecture: 8\n")), "arm64");
	assert_string_equal(cpuinfo_arch(text("CPU architecture: 7\n")), "arm");
	assert_string_equal(cpuinfo_arch(text("vendor_id       : IBM/S390\n")), "s390x");
	assert_string_equal(cpuinfo_arch(text("cpu\t\t: POWER9\n")), "ppc64le");
	assert_string_equal(cpuinfo_arch(text("isa\t\t: rv64imafdc\n")), "riscv64");
	assert_null(cpuinfo_arch(text("isa\t\t: rv32imac\n")));
	assert_null(cpuinfo_arch(text("")));
	assert_string_equal(cpus_arch_of_uname("x86_64"), "x86_64");
	assert_string_equal(cpus_arch_of_uname("aarch64"), "arm64");
	assert_string_equal(cpus_arch_of_uname("armv7l"), "arm");
	assert_string_equal(cpus_arch_of_uname("i686"), "i386");
	assert_string_equal(cpus_arch_of_uname("armv8l"), "arm");
	assert_null(cpus_arch_of_uname("armv6l")); /* lacks what the purgatory is made of */
	assert_null(cpus_arch_of_uname("armv5tel"));
	assert_null(cpus_arch_of_uname("ia64"));
	assert_null(cpus_arch_of_uname(""));
}

static void consoles_that_are_enabled(void **state)
{
	(void)state;
	struct span s = text("tty0                 -WU (EC  p  )    4:1\n"
			     "ttyS1                -W- ( C  p a)    4:65\n"
			     "ttyS10               -W- (EC  p a)    4:74\n"
			     "ttyS0 (");

	assert_true(serial_is_console(s, "tty0"));
	assert_true(serial_is_console(s, "ttyS10"));
	assert_false(serial_is_console(s, "ttyS1"));
	assert_false(serial_is_console(s, "ttyS0"));
	assert_false(serial_is_console(s, "ttyS2"));
}

static void where_a_uart_lies(void **state)
{
	(void)state;
	struct serial_port s = {0};

	assert_true(serial_place(&s, 0, 0x3f8, 0, 0));
	assert_true(s.port == 0x3f8 && s.mmio == 0 && s.stride == 1);
	s = (struct serial_port){0};
	assert_true(serial_place(&s, 2, 0, 0xfe032000, 2));
	assert_true(s.port == 0 && s.mmio == 0xfe032000 && s.stride == 4);
	assert_false(serial_place(&s, 0, 0, 0, 0));
	assert_false(serial_place(&s, 0, 0x10000, 0, 0));
	assert_false(serial_place(&s, 2, 0x3f8, 0, 0));
	assert_false(serial_place(&s, 4, 0, 0x1000, 0));
	assert_false(serial_place(&s, 2, 0, 0x1000, 64));
}

static void instructions_for_sha256(void **state)
{
	(void)state;
	static const struct {
		const char *arch, *text;
		bool has;
	} cases[] = {
		{"x86_64", "flags\t\t: lm ssse3 sse4_1 sha_ni\n", true},
		{"i386", "flags\t\t: ssse3 sse4_1 sha_ni\n", true},
		{"i386", "flags\t\t: sse4_1 sha_ni\n", false},
		{"arm64", "Features\t: fp asimd aes pmull sha1 sha2 crc32\n", true},
		{"arm64", "Features\t: fp asimd sha1 sha3 sha512\n", false},
		{"arm", "Features\t: half thumb neon vfpv4 aes sha1 sha2\n", true},
		{"arm", "Features\t: half thumb neon vfpv4\n", false},
		{"s390x", "vendor_id       : IBM/S390\nfeatures\t: esan3 zarch stfle msa ldisp\n",
		 true},
		{"s390x", "features\t: esan3 zarch stfle ldisp\n", false},
		{"ppc64le", "cpu\t\t: POWER9 (architected), altivec supported\n", true},
		{"ppc64", "cpu\t\t: POWER8NVL (raw), altivec supported\n", true},
		{"ppc64le", "cpu\t\t: POWER10 (architected)\n", true},
		{"ppc64", "cpu\t\t: POWER7 (raw), altivec supported\n", false},
		{"ppc64", "cpu\t\t: PPC970MP, altivec supported\n", false},
		{"riscv64", "isa\t\t: rv64imafdc_zicbom_zknh_sstc\n", true},
		{"riscv64", "isa\t\t: rv64imafdc_zicsr_zk\n", true},
		{"riscv64", "isa\t\t: rv64imafdc_zknd_zkne\n", false},
		{"riscv64", "", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s: %s", cases[i].arch, cases[i].text);
		assert_int_equal(cpuinfo_sha(text(cases[i].text), cases[i].arch), cases[i].has);
	}
}

static void numbers_are_whole_words(void **state)
{
	(void)state;
	uint64_t v = 7;

	assert_true(text_u64(text("0xffffffffffffffff"), 0, &v) && v == UINT64_MAX);
	assert_true(text_u64(text("18446744073709551615"), 0, &v) && v == UINT64_MAX);
	assert_true(text_u64(text("ff"), 16, &v) && v == 255);
	v = 7;
	assert_false(text_u64(text("0x10000000000000000"), 0, &v));
	assert_false(text_u64(text("18446744073709551616"), 0, &v));
	assert_false(text_u64(text("0x"), 0, &v));
	assert_false(text_u64(text("12 "), 0, &v));
	assert_false(text_u64(text("-1"), 0, &v));
	assert_false(text_u64(text("ff"), 0, &v));
	assert_false(text_u64(text("0x10"), 10, &v));
	assert_false(text_u64(text(""), 16, &v));
	assert_int_equal(v, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_cpus),       cmocka_unit_test(flags_are_whole_words),
		cmocka_unit_test(cpus_are_told_apart), cmocka_unit_test(consoles_that_are_enabled),
		cmocka_unit_test(where_a_uart_lies),   cmocka_unit_test(numbers_are_whole_words),
		cmocka_unit_test(instructions_for_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
