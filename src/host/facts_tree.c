/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/facts_tree.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/kcore.h"

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

void tree_init(struct fake_root *t)
{
	strcpy(t->dir, "/tmp/baton-test-XXXXXX");
	must(mkdtemp(t->dir), "mkdtemp");
}

void tree_put_bytes(const struct fake_root *t, const char *path, struct span data)
{
	char full[2048];

	must((size_t)snprintf(full, sizeof(full), "%s/%s", t->dir, path) < sizeof(full), path);
	for (char *p = full + strlen(t->dir) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		mkdir(full, 0700);
	}
	FILE *f = fopen(full, "wb");
	must(f && fwrite(data.ptr, 1, data.len, f) == data.len && !fclose(f), full);
}

void tree_put(const struct fake_root *t, const char *path, const char *text)
{
	tree_put_bytes(t, path, span_of(text, strlen(text)));
}

void tree_remove(const struct fake_root *t, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", t->dir, path);
	must(!remove(full), full);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

void tree_done(struct fake_root *t)
{
	must(!nftw(t->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), t->dir);
}

static void put_memmap(const struct fake_root *t)
{
	static const char *const entries[][3] = {
		{"0x0", "0x9fbff", "System RAM"},
		{"0x9fc00", "0x9ffff", "Reserved"},
		{"0x100000", "0x3ffdefff", "System RAM"},
	};
	static const char *const names[3] = {"start", "end", "type"};
	char path[64], text[32];

	for (unsigned i = 0; i < 9; i++) {
		snprintf(path, sizeof(path), "sys/firmware/memmap/%u/%s", i / 3, names[i % 3]);
		snprintf(text, sizeof(text), "%s\n", entries[i / 3][i % 3]);
		tree_put(t, path, text);
	}
}

static void put_kcore(const struct fake_root *t)
{
	struct machine m = MACHINE_INIT;
	struct buf file = BUF_INIT;

	must(!vec_push(&m.kcore, ((struct kernel_map){0xffffffff81000000, 0x1000000, 0x2000000})) &&
		     !vec_push(&m.kcore,
			       ((struct kernel_map){0xffff888000100000, 0x100000, 0x3fedf000})) &&
		     !buf_puts(&m.vmcoreinfo_text, "OSRELEASE=6.1.0-test\nPAGESIZE=4096\n"
						   "SYMBOL(_stext)=ffffffff81000000\n") &&
		     !kcore_write(&m, &file),
	     "kcore");
	tree_put_bytes(t, "proc/kcore", buf_span(&file));
	machine_done(&m);
	buf_done(&file);
}

static void put_efi(const struct fake_root *t)
{
	tree_put(t, "sys/firmware/efi/systab",
		 "ACPI20=0x3fb7e014\nACPI=0x3fb7e000\n"
		 "SMBIOS3=0x3f9de000\nSMBIOS=0x3f9df000\n");
	tree_put(t, "sys/firmware/efi/fw_vendor", "0x3f9ec118\n");
	tree_put(t, "sys/firmware/efi/runtime", "0xfffffffeffd8fb18\n");
	tree_put(t, "sys/firmware/efi/config_table", "0x3f9eb018\n");
	tree_put(t, "sys/firmware/efi/runtime-map/0/type", "0x5\n");
	tree_put(t, "sys/firmware/efi/runtime-map/0/phys_addr", "0x3f8ed000\n");
	tree_put(t, "sys/firmware/efi/runtime-map/0/virt_addr", "0xfffffffeffe00000\n");
	tree_put(t, "sys/firmware/efi/runtime-map/0/num_pages", "0x100\n");
	tree_put(t, "sys/firmware/efi/runtime-map/0/attribute", "0x800000000000000f\n");
}

static void put_devices(const struct fake_root *t)
{
	tree_put(t, "sys/devices/system/cpu/present", "0,7\n");
	tree_put(t, "sys/devices/system/cpu/cpu0/crash_notes", "31e39400\n");
	tree_put(t, "sys/devices/system/cpu/cpu0/crash_notes_size", "368\n");
	tree_put(t, "sys/devices/system/cpu/cpu7/crash_notes", "31f39400\n");
	tree_put(t, "sys/devices/system/cpu/cpu7/crash_notes_size", "368\n");
	tree_put(t, "proc/consoles", "ttyS0                -W- (EC  p a)    4:64\n");
	tree_put(t, "sys/class/tty/tty0/active", "tty1\n");
	tree_put(t, "sys/class/tty/ttyS0/type", "4\n");
	tree_put(t, "sys/class/tty/ttyS0/port", "0x3F8\n");
	tree_put(t, "sys/class/tty/ttyS0/iomem_base", "0x0\n");
	tree_put(t, "sys/class/tty/ttyS0/iomem_reg_shift", "0\n");
	tree_put(t, "sys/class/tty/ttyS0/io_type", "0\n");
	tree_put(t, "sys/class/tty/ttyS1/type", "0\n");
	tree_put(t, "sys/class/tty/ttyS1/port", "0x2F8\n");
}

void tree_machine(const struct fake_root *t)
{
	uint8_t params[4096] = {0};

	params[0x70] = 0xe0;
	params[0x71] = 0x59;
	params[0x72] = 0x0f;
	tree_put(t, "proc/iomem",
		 "00000000-00000fff : Reserved\n"
		 "00001000-0009fbff : System RAM\n"
		 "00100000-3ffdefff : System RAM\n"
		 "  01000000-01ffffff : Kernel code\n"
		 "  02000000-02ffffff : Kernel bss\n"
		 "  33000000-3effffff : Crash kernel\n");
	tree_put(t, "proc/cmdline", "console=ttyS0 crashkernel=192M\n");
	tree_put(t, "proc/cpuinfo", "processor\t: 0\nflags\t\t: lm sha_ni ssse3 sse4_1 la57\n\n");
	tree_put(t, "proc/meminfo", "MemTotal:         799004 kB\nHardwareCorrupted:     0 kB\n");
	tree_put(t, "sys/kernel/vmcoreinfo", "0x000000000132a000 1024\n");
	tree_put_bytes(t, "sys/kernel/boot_params/data", span_of(params, sizeof(params)));
	tree_put(t, "sys/kernel/boot_params/setup_data/0/type", "0x4\n");
	tree_put(t, "sys/kernel/boot_params/setup_data/0/data", "efi");
	tree_put(t, "sys/kernel/boot_params/setup_data/1/type", "0x9\n");
	tree_put(t, "sys/kernel/boot_params/setup_data/1/data", "secret seed");
	tree_put(t, "sys/kernel/kexec/crash_cma_ranges", "20000000-2fffffff\n");
	put_memmap(t);
	put_kcore(t);
	put_efi(t);
	put_devices(t);
}
