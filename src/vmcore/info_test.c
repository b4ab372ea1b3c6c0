/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "vmcore/info.h"
#include "vmcore/testcore.h"

/* Through a file, as a user's dump; releases @c. Its name in the result is "src". */
static struct dump_info info_of(struct testcore *c)
{
	char path[] = "/tmp/baton-info-XXXXXX";
	struct err err = ERR_INIT;
	struct buf file = core_file(c);
	struct dump_info info;
	int fd = mkstemp(path);

	assert_int_equal(file_write_all(fd, buf_span(&file)), 0);
	close(fd);
	assert_int_equal(vmcore_info(path, &info, &err), 0);
	assert_string_equal(info.file, path);
	snprintf(info.file, strlen(info.file) + 1, "src");
	unlink(path);
	buf_done(&file);
	core_done(c);
	return info;
}

static void info_tells_both_ways(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);
	struct buf text = BUF_INIT, json = BUF_INIT;

	core_prb(c, 4, 12, 0x30);
	core_key(c, "CRASHTIME=1792569600");
	core_prb_add(c, (struct testmsg){"sysrq: Trigger a crash", 0, 0, 6, 0, 0});
	core_prb_add(c, (struct testmsg){"Kernel panic - not syncing: sysrq triggered crash", 0, 0,
					 0, 0, 0});
	struct dump_info info = info_of(c);

	assert_int_equal(info_text(&info, &text), 0);
	assert_int_equal(info_json(&info, &json), 0);
	assert_string_equal(
		buf_str(&text),
		"file: src (ELF core, 64 bits, little-endian, 73728 bytes)\nkernel: 6.1.0-test\n"
		"architecture: x86_64\npanic: Kernel panic - not syncing: sysrq triggered crash\n"
		"time: 2026-10-21T08:00:00Z\nCPUs: 1\nmemory: 64 KiB in 1 range\n"
		"  0x000000100000-0x00000010ffff\nnotes:\n  CORE         type 1, 64 bytes\n"
		"  VMCOREINFO   type 0, 742 bytes\nkernel log: 2 records\ncomplete: yes\n");
	assert_string_equal(
		buf_str(&json),
		"{\"schema\":1,\"file\":\"src\",\"format\":\"elf\",\"version\":\"6.1.0-test\","
		"\"arch\":\"x86_64\",\"bits\":64,\"endian\":\"little\",\"build_id\":null,"
		"\"panic\":\"Kernel panic - not syncing: sysrq triggered crash\","
		"\"time\":\"2026-10-21T08:00:00Z\",\"cpus\":1,\"page_size\":4096,\"size\":73728,"
		"\"memory\":[{\"start\":\"0x100000\",\"end\":\"0x10ffff\"}],"
		"\"notes\":[{\"name\":\"CORE\",\"type\":1,\"count\":1,\"size\":64},"
		"{\"name\":\"VMCOREINFO\",\"type\":0,\"count\":1,\"size\":742}],"
		"\"log\":{\"records\":2,\"overwritten\":0,\"lost\":0,\"damaged\":0,\"unfinished\":"
		"0},"
		"\"complete\":true,\"problems\":[]}\n");
	info_done(&info);
	buf_done(&json);
	buf_done(&text);
}

static void every_cpu_has_its_name(void **state)
{
	(void)state;
	static const struct {
		uint16_t machine;
		bool elf32, big;
		const char *name;
	} cases[] = {
		{EM_X86_64, false, false, "x86_64"}, {EM_386, true, false, "i386"},
		{EM_ARM, true, false, "arm"},        {EM_AARCH64, false, false, "arm64"},
		{EM_PPC64, false, false, "ppc64le"}, {EM_PPC64, false, true, "ppc64"},
		{EM_S390, false, true, "s390x"},     {EM_RISCV, false, false, "riscv64"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct testcore *c = core_new(cases[i].elf32, cases[i].big);

		c->machine = cases[i].machine;
		c->cpus = 3;
		struct dump_info info = info_of(c);

		assert_string_equal(info.arch, cases[i].name);
		assert_int_equal(info.bits, cases[i].elf32 ? 32 : 64);
		assert_int_equal(info.cpus, 3);
		assert_int_equal(info.notes.n, 2);
		assert_int_equal(info.notes.v[0].count, 3);
		info_done(&info);
	}
}

/* What is not there is null or said, never a zero or an empty string. */
static void the_unknown_is_unknown(void **state)
{
	(void)state;
	struct testcore *c = core_new(false, false);
	struct buf json = BUF_INIT, text = BUF_INIT;

	c->machine = EM_SPARCV9;
	c->cpus = 0;
	buf_done(&c->info);
	struct dump_info info = info_of(c);

	assert_true(info.complete);
	assert_int_equal(info_json(&info, &json), 0);
	assert_non_null(strstr(buf_str(&json), "\"version\":null,\"arch\":null"));
	assert_non_null(strstr(buf_str(&json), "\"panic\":null,\"time\":null,\"cpus\":null"));
	assert_non_null(strstr(buf_str(&json), "\"log\":null,\"complete\":true"));
	assert_non_null(strstr(buf_str(&json), "no vmcoreinfo"));
	assert_int_equal(info_text(&info, &text), 0);
	assert_non_null(strstr(buf_str(&text), "architecture: unknown (ELF machine 43)\n"));
	assert_non_null(strstr(buf_str(&text), "panic: no message found\ntime: unknown\n"));
	info_done(&info);
	buf_done(&json);
	buf_done(&text);
}

static void the_best_reason_is_told(void **state)
{
	(void)state;
	static const char *const lines[] = {"BUG: kernel NULL pointer dereference, address: 0",
					    "Oops: 0002 [#1] PREEMPT SMP",
					    "Kernel panic - not syncing: Fatal exception",
					    "Kernel panic - not syncing: second"};

	for (unsigned n = 1; n <= 4; n++) {
		struct testcore *c = core_new(false, false);

		core_prb(c, 4, 12, 0x30);
		core_prb_add(c, (struct testmsg){"DEBUG: nothing happened", 0, 0, 7, 0, 0});
		for (unsigned i = 0; i < n; i++)
			core_prb_add(c, (struct testmsg){lines[i], 0, 0, 0, 0, 0});
		struct dump_info info = info_of(c);

		assert_string_equal(info.panic, lines[n < 3 ? 0 : 2]);
		info_done(&info);
	}
}

static void what_is_no_dump_is_named(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct dump_info info;

	assert_int_equal(vmcore_info("/dev/zero", &info, &err), -EINVAL);
	assert_string_equal(err.text,
			    "dump '/dev/zero': is a device or a pipe, not a regular file");
	assert_string_equal(err.file, "/dev/zero");
	assert_int_equal(vmcore_info("/proc/self/cmdline", &info, &err), -ENOEXEC);
	assert_non_null(strstr(err.text, "dump '/proc/self/cmdline': is no ELF core"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(info_tells_both_ways),
		cmocka_unit_test(every_cpu_has_its_name),
		cmocka_unit_test(the_unknown_is_unknown),
		cmocka_unit_test(the_best_reason_is_told),
		cmocka_unit_test(what_is_no_dump_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
