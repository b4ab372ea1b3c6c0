/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "host/facts.h"
#include "host/facts_tree.h"
#include "host/policy.h"
#include "host/snapshot.h"

static void same_buf(const struct buf *a, const struct buf *b)
{
	assert_int_equal(a->len, b->len);
	if (a->len)
		assert_memory_equal(a->ptr, b->ptr, a->len);
}

#define same_vec(a, b)                                                                             \
	do {                                                                                       \
		assert_int_equal((a).n, (b).n);                                                    \
		if ((a).n)                                                                         \
			assert_memory_equal((a).v, (b).v, (a).n * sizeof(*(a).v));                 \
	} while (0)

static void same_x86(const struct x86_facts *a, const struct x86_facts *b)
{
	same_buf(&a->boot_params, &b->boot_params);
	assert_int_equal(a->setup_data.n, b->setup_data.n);
	for (size_t i = 0; i < a->setup_data.n; i++) {
		assert_int_equal(a->setup_data.v[i].type, b->setup_data.v[i].type);
		same_buf(&a->setup_data.v[i].data, &b->setup_data.v[i].data);
	}
	assert_true(a->acpi_rsdp == b->acpi_rsdp && a->efi == b->efi &&
		    a->efi_fw_vendor == b->efi_fw_vendor && a->efi_runtime == b->efi_runtime &&
		    a->efi_config_table == b->efi_config_table && a->efi_smbios == b->efi_smbios &&
		    a->la57 == b->la57 && a->confidential == b->confidential);
	assert_int_equal(a->efi_map.n, b->efi_map.n);
	for (size_t i = 0; i < a->efi_map.n; i++) {
		const struct efi_runtime_range *x = &a->efi_map.v[i], *y = &b->efi_map.v[i];

		assert_true(x->type == y->type && x->phys == y->phys && x->virt == y->virt &&
			    x->pages == y->pages && x->attribute == y->attribute);
	}
}

/* These structs have padding, which memcmp would look at. */
static void same_devices(const struct machine *a, const struct machine *b)
{
	assert_int_equal(a->notes.n, b->notes.n);
	for (size_t i = 0; i < a->notes.n; i++)
		assert_true(a->notes.v[i].cpu == b->notes.v[i].cpu &&
			    a->notes.v[i].addr == b->notes.v[i].addr &&
			    a->notes.v[i].size == b->notes.v[i].size);
	assert_int_equal(a->serials.n, b->serials.n);
	for (size_t i = 0; i < a->serials.n; i++) {
		const struct serial_port *x = &a->serials.v[i], *y = &b->serials.v[i];

		assert_string_equal(x->name, y->name);
		assert_true(x->port == y->port && x->mmio == y->mmio && x->stride == y->stride &&
			    x->console == y->console);
	}
	assert_int_equal(a->firmware.n, b->firmware.n);
	for (size_t i = 0; i < a->firmware.n; i++)
		assert_true(a->firmware.v[i].at.start == b->firmware.v[i].at.start &&
			    a->firmware.v[i].at.end == b->firmware.v[i].at.end &&
			    a->firmware.v[i].kind == b->firmware.v[i].kind);
}

static void same_machine(const struct machine *a, const struct machine *b)
{
	assert_string_equal(a->arch, b->arch);
	assert_string_equal(a->release, b->release);
	assert_true(a->page_size == b->page_size && a->mem_total == b->mem_total &&
		    a->addresses_hidden == b->addresses_hidden && a->cpus == b->cpus &&
		    a->stext_va == b->stext_va && a->cpu_sha == b->cpu_sha &&
		    a->poison_unknown == b->poison_unknown);
	assert_memory_equal(&a->kernel, &b->kernel, sizeof(a->kernel));
	assert_memory_equal(&a->vmcoreinfo, &b->vmcoreinfo, sizeof(a->vmcoreinfo));
	same_devices(a, b);
	same_vec(a->ram, b->ram);
	same_vec(a->system_ram, b->system_ram);
	same_vec(a->crash, b->crash);
	same_vec(a->crash_cma, b->crash_cma);
	same_vec(a->poison, b->poison);
	same_vec(a->kcore, b->kcore);
	same_buf(&a->vmcoreinfo_text, &b->vmcoreinfo_text);
	same_buf(&a->cmdline, &b->cmdline);
	same_x86(&a->x86, &b->x86);
}

/* A snapshot of @t must tell the same, and so must a snapshot of that one. */
static void check_same(struct fake_root *t, const char *dir)
{
	struct machine a, b;
	struct host_policy p, q;
	struct err err = ERR_INIT;

	if (host_snapshot(t->dir, dir, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(host_facts(t->dir, &a, &err), 0);
	assert_int_equal(host_facts(dir, &b, &err), 0);
	same_machine(&a, &b);
	memset(&p, 0, sizeof(p));
	memset(&q, 0, sizeof(q));
	assert_int_equal(host_policy(t->dir, &p, &err), 0);
	assert_int_equal(host_policy(dir, &q, &err), 0);
	assert_memory_equal(&p, &q, sizeof(p));
	machine_done(&a);
	machine_done(&b);
}

static void a_snapshot_tells_the_same(void **state)
{
	(void)state;
	struct fake_root t, out;
	char one[96], two[96];

	tree_init(&t);
	tree_init(&out);
	tree_machine(&t);
	tree_put(&t, "proc/sys/kernel/kexec_load_limit_reboot", "3\n");
	tree_put(&t, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	tree_put(&t, "proc/kallsyms",
		 "ffffffff82000000 T _stext\n0 T __x64_sys_kexec_load\n"
		 "0 T secret_symbol\n0 W __x64_sys_kexec_file_load\n");
	snprintf(one, sizeof(one), "%s/one", out.dir);
	snprintf(two, sizeof(two), "%s/two", out.dir);
	check_same(&t, one);
	struct fake_root again;

	snprintf(again.dir, sizeof(again.dir), "%.58s/one", out.dir);
	check_same(&again, two);
	tree_done(&t);
	tree_done(&out);
}

/* The address of the kernel's text comes from kallsyms, pages are bad, and kcore cannot be read. */
static void without_kcore_and_with_bad_pages(void **state)
{
	(void)state;
	struct fake_root t, out;
	uint64_t flags[0x300] = {[0x200] = htole64(1 << 19 | 1 << 3), [0x201] = htole64(1 << 5)};

	tree_init(&t);
	tree_init(&out);
	tree_machine(&t);
	tree_remove(&t, "proc/kcore");
	tree_put(&t, "proc/kallsyms", "ffffffff82000000 T _stext\n0 T __x64_sys_kexec_load\n");
	tree_put_bytes(&t, "proc/kpageflags", span_of(flags, sizeof(flags)));
	tree_put(&t, "proc/meminfo", "MemTotal: 799004 kB\nHardwareCorrupted:     4 kB\n");
	/* An existing folder will do if it is empty. */
	check_same(&t, out.dir);
	tree_done(&t);
	tree_done(&out);
}

static void read_file(const char *dir, const char *path, struct buf *out)
{
	char full[160];

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	assert_int_equal(file_read(AT_FDCWD, full, 1 << 20, out, NULL), 0);
}

static void assert_absent(const char *dir, const char *path)
{
	char full[160];

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	assert_int_not_equal(access(full, F_OK), 0);
}

static void nothing_secret(void **state)
{
	(void)state;
	struct fake_root t, out;
	struct buf kcore = BUF_INIT, syms = BUF_INIT, json = BUF_INIT;
	struct err err = ERR_INIT;

	tree_init(&t);
	tree_init(&out);
	tree_machine(&t);
	tree_put(&t, "proc/kallsyms", "0 T secret_symbol\n0 T __x64_sys_kexec_load\n");
	/* What follows the headers and notes of kcore is memory. */
	read_file(t.dir, "proc/kcore", &kcore);
	assert_int_equal(buf_puts(&kcore, "SECRET MEMORY"), 0);
	tree_put_bytes(&t, "proc/kcore", buf_span(&kcore));
	buf_done(&kcore);
	assert_int_equal(host_snapshot(t.dir, out.dir, &err), 0);
	read_file(out.dir, "proc/kcore", &kcore);
	assert_null(memmem(kcore.ptr, kcore.len, "SECRET", 6));
	read_file(out.dir, "proc/kallsyms", &syms);
	assert_string_equal(buf_str(&syms), "0 T __x64_sys_kexec_load\n");
	assert_absent(out.dir, "sys/kernel/boot_params/setup_data/1/data");
	read_file(out.dir, "baton.json", &json);
	assert_non_null(strstr(buf_str(&json), "\"schema\":1"));
	assert_non_null(strstr(buf_str(&json), "\"arch\":\"x86_64\""));
	assert_non_null(strstr(buf_str(&json), "OSRELEASE=6.1.0-test\\n"));
	buf_done(&kcore);
	buf_done(&syms);
	buf_done(&json);
	tree_done(&t);
	tree_done(&out);
}

/* Nobody else reads where this kernel lies. */
static void files_for_the_owner_alone(void **state)
{
	(void)state;
	struct fake_root t, out;
	struct err err = ERR_INIT;
	char dir[96], path[160];
	struct stat st;

	tree_init(&t);
	tree_init(&out);
	tree_machine(&t);
	snprintf(dir, sizeof(dir), "%s/new", out.dir);
	assert_int_equal(host_snapshot(t.dir, dir, &err), 0);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const names[] = {"", "/baton.json", "/proc/iomem"};

		snprintf(path, sizeof(path), "%s%s", dir, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 077, 0);
	}
	tree_done(&t);
	tree_done(&out);
}

static void refusals(void **state)
{
	(void)state;
	struct fake_root t, out;
	struct err err = ERR_INIT;
	char want[160];

	tree_init(&t);
	tree_init(&out);
	tree_machine(&t);
	tree_put(&out, "x", "");
	assert_int_equal(host_snapshot(t.dir, out.dir, &err), -EEXIST);
	snprintf(want, sizeof(want), "folder '%s': is not empty", out.dir);
	assert_string_equal(err.text, want);
	tree_remove(&out, "x");
	tree_put(&t, "proc/iomem", "00000000-00000000 : System RAM\n");
	assert_int_equal(host_snapshot(t.dir, out.dir, &err), -EPERM);
	assert_absent(out.dir, "baton.json");
	assert_int_equal(host_snapshot(t.dir, "/nonexistent/x", &err), -ENOENT);
	tree_done(&t);
	tree_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_snapshot_tells_the_same),
		cmocka_unit_test(without_kcore_and_with_bad_pages),
		cmocka_unit_test(nothing_secret),
		cmocka_unit_test(files_for_the_owner_alone),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
