/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/facts.h"
#include "host/facts_parts.h"
#include "host/facts_tree.h"
#include "machine/va.h"

static int setup(void **state)
{
	struct fake_root *t = malloc(sizeof(*t));

	tree_init(t);
	tree_machine(t);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	tree_done(*state);
	free(*state);
	return 0;
}

static void all_facts_of_a_machine(void **state)
{
	struct fake_root *t = *state;
	struct machine m;
	struct err err = ERR_INIT;
	uint64_t off;

	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_string_equal(m.arch, "x86_64");
	assert_string_equal(m.release, "6.1.0-test");
	assert_int_equal(m.page_size, 4096);
	assert_int_equal(m.mem_total, 799004 * 1024);
	assert_int_equal(m.cpus, 2);
	assert_int_equal(m.ram.n, 2);
	assert_int_equal(m.crash.n, 1);
	assert_int_equal(m.crash_cma.n, 1);
	assert_int_equal(m.crash_cma.v[0].end, 0x30000000);
	assert_int_equal(m.kernel.end, 0x3000000);
	assert_int_equal(m.firmware.n, 3);
	assert_int_equal(m.firmware.v[1].kind, MEM_RESERVED);
	assert_int_equal(m.notes.n, 2);
	assert_int_equal(m.notes.v[1].cpu, 7);
	assert_int_equal(m.notes.v[1].addr, 0x31f39400);
	assert_int_equal(m.notes.v[1].size, 368);
	assert_int_equal(m.vmcoreinfo.start, 0x132a000);
	assert_int_equal(m.vmcoreinfo.end, 0x132a000 + 0x1024);
	assert_true(m.stext_va == 0xffffffff81000000);
	assert_true(machine_linear_offset(&m, &off));
	assert_true(off == 0xffff888000000000);
	assert_string_equal(buf_str(&m.cmdline), "console=ttyS0 crashkernel=192M");
	assert_int_equal(m.cmdline.len, 30);
	assert_true(m.cpu_sha && m.x86.la57);
	machine_done(&m);
}

static void devices_and_firmware(void **state)
{
	struct fake_root *t = *state;
	struct machine m;
	struct err err = ERR_INIT;

	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_int_equal(m.serials.n, 1);
	assert_string_equal(m.serials.v[0].name, "ttyS0");
	assert_int_equal(m.serials.v[0].port, 0x3f8);
	assert_true(m.serials.v[0].console);
	assert_int_equal(m.x86.boot_params.len, 4096);
	assert_int_equal(m.x86.acpi_rsdp, 0xf59e0);
	assert_int_equal(m.x86.setup_data.n, 1); /* the seed is left out */
	assert_int_equal(m.x86.setup_data.v[0].type, 4);
	assert_string_equal(buf_str(&m.x86.setup_data.v[0].data), "efi");
	assert_true(m.x86.efi);
	assert_int_equal(m.x86.efi_smbios, 0x3f9df000);
	assert_int_equal(m.x86.efi_map.n, 1);
	assert_int_equal(m.x86.efi_map.v[0].type, 5);
	assert_int_equal(m.x86.efi_map.v[0].phys, 0x3f8ed000);
	assert_int_equal(m.x86.efi_map.v[0].pages, 0x100);
	assert_true(m.x86.efi_map.v[0].attribute == 0x800000000000000f);
	machine_done(&m);
	/* EFI without one of its files is not complete. */
	tree_remove(t, "sys/firmware/efi/runtime-map/0/virt_addr");
	tree_put(t, "proc/cmdline", "acpi_rsdp=0x1234000");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_false(m.x86.efi || m.x86.confidential);
	assert_int_equal(m.x86.acpi_rsdp, 0x1234000);
	machine_done(&m);
	tree_put(t, "sys/class/misc/sev-guest/dev", "10:123\n");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_true(m.x86.confidential);
	machine_done(&m);
	tree_remove(t, "sys/class/misc/sev-guest/dev");
	tree_put(t, "proc/cpuinfo", "processor\t: 0\nflags\t\t: lm tdx_guest\n\n");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_true(m.x86.confidential);
	machine_done(&m);
}

/* Eight digits and a newline: 16 MiB, the most that is believed. */
static void the_room_for_hotplug_is_read_whole(void **state)
{
	struct fake_root *t = *state;
	struct machine m;

	tree_put(t, "sys/kernel/crash_elfcorehdr_size", "16777216\n");
	assert_int_equal(host_facts(t->dir, &m, NULL), 0);
	assert_int_equal(m.crash_hotplug_size, 16777216);
	machine_done(&m);
}

static void only_iomem_must_be_there(void **state)
{
	(void)state;
	struct fake_root t;
	struct machine m;
	struct err err = ERR_INIT;
	char want[128];

	tree_init(&t);
	assert_int_equal(host_facts(t.dir, &m, &err), -ENOENT);
	snprintf(want, sizeof(want), "fact '%s/proc/iomem': No such file or directory", t.dir);
	assert_string_equal(err.text, want);
	tree_put(&t, "proc/iomem", "00100000-3ffdefff : System RAM\n");
	assert_int_equal(host_facts(t.dir, &m, &err), -ENOTSUP);
	tree_put(&t, "baton.json", "{\"schema\":1,\"arch\":\"s390x\"}");
	assert_int_equal(host_facts(t.dir, &m, &err), 0);
	assert_int_equal(m.firmware.n, 1); /* made from iomem */
	assert_int_equal(m.firmware.v[0].at.end, 0x3ffdf000);
	assert_string_equal(m.arch, "s390x");
	assert_int_equal(m.stext_va, 0);
	assert_int_equal(m.cpus, 0);
	machine_done(&m);
	assert_int_equal(host_facts("/nonexistent", &m, &err), -ENOENT);
	tree_done(&t);
}

static void damaged_facts_are_named(void **state)
{
	struct fake_root *t = *state;
	static const struct {
		const char *path, *text, *why;
	} table[] = {
		{"proc/iomem", "garbage\n", "line 1 at 0x0 is not START-END : NAME"},
		{"proc/iomem", "", "is empty"},
		{"sys/firmware/memmap/1/start", "x", NULL},
		{"proc/kcore", "\177ELF", "is not an ELF core file"},
		{"sys/kernel/vmcoreinfo", "12", "is not ADDRESS SIZE"},
		{"sys/kernel/crash_elfcorehdr_size", "many", "is no size"},
		{"sys/kernel/crash_elfcorehdr_size", "99999999999", "is no size"},
		{"sys/devices/system/cpu/present", "3-1", "is not a list of CPU numbers"},
		{"sys/devices/system/cpu/cpu7/crash_notes", "zz", "is not a number"},
		{"sys/kernel/boot_params/data", "short", "is 5 bytes long, not 4096"},
		{"sys/firmware/efi/runtime", "?", "is not a number"},
		{"baton.json", "{\"schema\":1,", NULL},
		{"baton.json", "[]", "is not an object with a \"schema\""},
		{"baton.json", "{\"schema\":2}", "has the schema 2, and only 1 is known"},
		{"baton.json", "{\"schema\":1,\"page_size\":3}",
		 "\"page_size\" is not the size of a page"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct machine m;
		struct err err = ERR_INIT;
		char want[256];

		tree_machine(t);
		tree_put(t, table[i].path, table[i].text);
		if (host_facts(t->dir, &m, &err) >= 0)
			fail_msg("row %zu: no error", i);
		assert_int_equal(m.ram.n, 0);
		snprintf(want, sizeof(want), "fact '%s/%s': %s", t->dir, table[i].path,
			 table[i].why ? table[i].why : "");
		if (table[i].why && strcmp(err.text, want))
			fail_msg("row %zu: %s", i, err.text);
		/* What tree_machine() does not write anew. */
		if (!strcmp(table[i].path, "baton.json") ||
		    !strcmp(table[i].path, "sys/kernel/crash_elfcorehdr_size"))
			tree_remove(t, table[i].path);
	}
}

static void odd_files_are_refused(void **state)
{
	struct fake_root *t = *state;
	struct machine m;
	struct err err = ERR_INIT;
	char path[128];

	tree_remove(t, "proc/cmdline");
	snprintf(path, sizeof(path), "%s/proc/cmdline", t->dir);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_int_equal(host_facts(t->dir, &m, &err), -EINVAL);
	tree_remove(t, "proc/cmdline");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(host_facts(t->dir, &m, &err), -EINVAL);
	tree_remove(t, "proc/cmdline");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(host_facts(t->dir, &m, &err), -EINVAL);
	tree_remove(t, "proc/cmdline");
	tree_put(t, "proc/cmdline", "");
	assert_int_equal(truncate(path, 2ll << 40), 0);
	assert_int_equal(host_facts(t->dir, &m, &err), -EFBIG);
	assert_string_equal(err.file, path);
}

static void kallsyms_only_where_vmcoreinfo_lacks_it(void **state)
{
	struct fake_root *t = *state;
	struct machine m;
	struct err err = ERR_INIT;

	tree_put(t, "proc/kallsyms",
		 "0000000000000000 A fixed_percpu_data\n"
		 "ffffffff91000000 t _stext\t[module]\n"
		 "ffffffff92000000 T _stext\n");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_true(m.stext_va == 0xffffffff81000000);
	machine_done(&m);
	tree_remove(t, "proc/kcore");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_true(m.stext_va == 0xffffffff92000000);
	machine_done(&m);
	tree_put(t, "baton.json",
		 "{\"schema\":1,\"vmcoreinfo\":\"SYMBOL(_stext)=ffffffff93000000\\n\"}");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_true(m.stext_va == 0xffffffff93000000);
	machine_done(&m);
	/* What is not wanted is not opened. */
	tree_remove(t, "proc/kallsyms");
	tree_put(t, "proc/kallsyms/is", "a folder");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	machine_done(&m);
	tree_put(t, "baton.json", "{\"schema\":1}");
	assert_true(host_facts(t->dir, &m, &err) < 0);
	assert_non_null(strstr(err.text, "proc/kallsyms"));
}

/* A CPU that has no note yet: nothing at address 0 may stand in a crash header. */
static void cpus_without_a_note_are_left_out(void **state)
{
	struct fake_root *t = *state;
	struct machine m;
	struct err err = ERR_INIT;

	tree_put(t, "sys/devices/system/cpu/cpu0/crash_notes", "0\n");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_int_equal(m.cpus, 2);
	assert_int_equal(m.notes.n, 1);
	assert_int_equal(m.notes.v[0].cpu, 7);
	machine_done(&m);
}

static void add_efi_memmap_means_iomem(void **state)
{
	struct fake_root *t = *state;
	struct machine m;
	struct err err = ERR_INIT;

	/* Behind more text than other programs look at. */
	char line[3000];
	snprintf(line, sizeof(line), "%2900s add_efi_memmap\n", "quiet");
	tree_put(t, "proc/cmdline", line);
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_int_equal(m.firmware.v[0].at.start, 0);
	assert_int_equal(m.firmware.v[0].at.end, 0x1000);
	assert_int_equal(m.firmware.v[0].kind, MEM_RESERVED);
	machine_done(&m);
}

/* Page 0x200 is bad, and so is the huge page at 0x400 (512 pages), whose head alone has the flag.
 */
static void bad_pages_are_no_ram(void **state)
{
	struct fake_root *t = *state;
	struct machine m;
	struct err err = ERR_INIT;
	uint64_t *flags = calloc(0x1000, 8);

	flags[0x200] = htole64(1 << 19);
	flags[0x400] = htole64(1 << 19 | 1 << 17 | 1 << 15);
	for (unsigned i = 0x401; i < 0x600; i++)
		flags[i] = htole64(1 << 16 | 1 << 17);
	flags[0x601] = htole64(1 << 16); /* of another page */
	tree_put_bytes(t, "proc/kpageflags", span_of(flags, 0x1000 * 8));
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_int_equal(m.poison.n, 0);
	machine_done(&m);
	tree_put(t, "proc/meminfo", "MemTotal: 799004 kB\nHardwareCorrupted:     8 kB\n");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_int_equal(m.poison.n, 2);
	assert_int_equal(m.poison.v[0].start, 0x200000);
	assert_int_equal(m.poison.v[0].end, 0x201000);
	assert_int_equal(m.poison.v[1].start, 0x400000);
	assert_int_equal(m.poison.v[1].end, 0x600000);
	assert_false(m.poison_unknown);
	assert_null(ranges_find(&m.ram, 0x200000));
	assert_non_null(ranges_find(&m.system_ram, 0x200000));
	machine_done(&m);
	tree_put(t, "proc/meminfo", "MemTotal: 799004 kB\nHardwareCorrupted:     12 kB\n");
	assert_int_equal(host_facts(t->dir, &m, &err), 0);
	assert_int_equal(m.poison.n, 2);
	assert_true(m.poison_unknown);
	machine_done(&m);
	free(flags);
}

/* A live /proc/iomem that changes between reads: the sink, told of each read, changes it. */
struct changer {
	struct fake_root *t;
	unsigned left, reads;
};

static int change(void *ctx, const char *path, uint64_t off, struct span data, struct err *err)
{
	struct changer *c = ctx;
	char text[64];

	(void)off, (void)data, (void)err;
	if (strcmp(path, "proc/iomem"))
		return 0;
	c->reads++;
	if (!c->left)
		return 0;
	c->left--;
	snprintf(text, sizeof(text), "00100000-%08xfff : System RAM\n", 0x200 + c->left);
	tree_put(c->t, path, text);
	return 0;
}

static int read_changing(struct fake_root *t, unsigned changes, struct machine *m, unsigned *reads)
{
	struct changer c = {.t = t, .left = changes};
	struct facts_sink sink = {&c, change};
	struct facts_root root;
	struct err err = ERR_INIT;

	*m = (struct machine)MACHINE_INIT;
	assert_int_equal(root_open(&root, t->dir, &err), 0);
	root.live = true;
	root.sink = &sink;
	int r = facts_read(&root, m, &err);
	root_close(&root);
	*reads = c.reads;
	return r;
}

static void a_changing_iomem_is_read_again(void **state)
{
	struct fake_root *t = *state;
	struct machine m;
	unsigned reads;

	assert_int_equal(read_changing(t, 0, &m, &reads), 0);
	assert_int_equal(reads, 2);
	machine_done(&m);
	assert_int_equal(read_changing(t, 3, &m, &reads), 0);
	assert_int_equal(reads, 5);
	assert_int_equal(m.ram.v[0].end, 0x201000);
	machine_done(&m);
	assert_int_equal(read_changing(t, 100, &m, &reads), -EAGAIN);
	assert_int_equal(reads, 6);
	machine_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_facts_of_a_machine, setup, teardown),
		cmocka_unit_test_setup_teardown(devices_and_firmware, setup, teardown),
		cmocka_unit_test_setup_teardown(the_room_for_hotplug_is_read_whole, setup,
						teardown),
		cmocka_unit_test(only_iomem_must_be_there),
		cmocka_unit_test_setup_teardown(damaged_facts_are_named, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_files_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(kallsyms_only_where_vmcoreinfo_lacks_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(cpus_without_a_note_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(add_efi_memmap_means_iomem, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_pages_are_no_ram, setup, teardown),
		cmocka_unit_test_setup_teardown(a_changing_iomem_is_read_again, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
