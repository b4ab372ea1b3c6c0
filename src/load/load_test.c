/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <stdio.h>
#include <string.h>

#include "arch/x86_64/handoff.h"
#include "base/sha256.h"
#include "load/handoff_decode.h"
#include "load/load_fixture.h"

/* SHA-256 of what the purgatory will find at [start, start + len). */
static void digest_at(const struct plan *p, uint64_t start, uint64_t len, uint8_t out[32])
{
	static const uint8_t zero;
	struct sha256 s;

	sha256_init(&s, NULL);
	for (size_t i = 0; i < p->segments.n; i++) {
		const struct plan_segment *seg = &p->segments.v[i];

		if (seg->mem != start)
			continue;
		assert_true(len <= seg->memsz);
		uint64_t have = seg->data.len < len ? seg->data.len : len;
		sha256_update(&s, seg->data.ptr, (size_t)have);
		for (; have < len; have++)
			sha256_update(&s, &zero, 1);
	}
	sha256_final(&s, out);
}

/* Reads the handoff back out of the linked purgatory and checks each of its digests; returns their
 * count. */
static unsigned check_handoff(const struct plan *p, struct handoff *h)
{
	const struct plan_segment *purg = segment(p, SEG_PURGATORY);
	const uint8_t *at = handoff_find(purg->data, false, h);
	uint8_t digest[32];
	struct sha256 s;

	assert_non_null(at);
	sha256_init(&s, NULL);
	sha256_update(&s, at, sizeof(*h) - 32);
	sha256_final(&s, digest);
	assert_memory_equal(digest, h->digest, 32);
	for (unsigned i = 0; i < h->nregions; i++) {
		digest_at(p, h->regions[i].start, h->regions[i].len, digest);
		assert_memory_equal(digest, h->regions[i].digest, 32);
	}
	assert_true(range_has((struct range){purg->mem, purg->mem + purg->memsz}, p->entry));
	return h->nregions;
}

static void jump(void **state)
{
	struct fixture *f = *state;
	struct handoff h;

	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, 0x1000000);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->memsz, 0x3378000);
	assert_int_equal(segment(&f->plan, SEG_INITRD)->mem, 0x3ffdf000 - 0x2000);
	assert_int_equal(f->plan.kernel_entry, 0x1000200);
	assert_string_equal(buf_str(&f->plan.cmdline), "console=ttyS0 nonce=1");
	assert_int_equal(f->plan.verified_by, VERIFIED_BATON);
	assert_int_equal(check_handoff(&f->plan, &h),
			 4); /* kernel, initrd, boot_params, setup_data */
	assert_int_equal(h.console, HANDOFF_CONSOLE_8250_PORT);
	assert_int_equal(h.entry, 0x1000200);
	assert_int_equal(h.args[0], segment(&f->plan, SEG_BOOT_PARAMS)->mem);
	/* boot.rst: ramdisk_image, ramdisk_size, cmd_line_ptr. */
	const struct plan_segment *bp = segment(&f->plan, SEG_BOOT_PARAMS);
	assert_int_equal(get_le(bp->data.ptr + 0x218, 4), segment(&f->plan, SEG_INITRD)->mem);
	assert_int_equal(get_le(bp->data.ptr + 0x21c, 4), sizeof(initrd));
	assert_string_equal(bp->data.ptr + (get_le(bp->data.ptr + 0x228, 4) - bp->mem),
			    "console=ttyS0 nonce=1");
	/* What the kernel will write itself is not hashed: its room to unpack is most of a load. */
	assert_int_equal(h.regions[0].start, 0x1000000);
	assert_int_equal(h.regions[0].len, segment(&f->plan, SEG_KERNEL)->data.len);
	assert_int_equal(h.regions[1].len, sizeof(initrd));
	assert_string_equal(h.regions[0].name, "kernel");
	assert_string_equal(h.regions[1].name, "initrd");
	assert_int_equal(h.regions[2].len, segment(&f->plan, SEG_BOOT_PARAMS)->memsz);
	plan_done(&f->plan);
}

static void crash(void **state)
{
	struct fixture *f = *state;
	char want[64];
	struct handoff h;

	f->req.crash = true;
	f->req.reuse_cmdline = true;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	for (size_t i = 0; i < f->plan.segments.n; i++) {
		const struct plan_segment *s = &f->plan.segments.v[i];

		assert_true(
			range_inside((struct range){s->mem, s->mem + s->memsz}, f->m.crash.v[0]));
	}
	snprintf(want, sizeof(want), "elfcorehdr=0x%llx",
		 (unsigned long long)segment(&f->plan, SEG_ELFCOREHDR)->mem);
	assert_int_equal(f->plan.added_cmdline.n, 1);
	assert_string_equal(f->plan.added_cmdline.v[0], want);
	assert_non_null(strstr(buf_str(&f->plan.cmdline), want));
	assert_null(strstr(buf_str(&f->plan.cmdline), "crashkernel"));
	assert_int_equal(check_handoff(&f->plan, &h), 5);
	assert_int_equal(h.backup_src, 0x1000);
	assert_int_equal(h.backup_dst, segment(&f->plan, SEG_BACKUP)->mem);
	assert_int_equal(h.backup_len, 0x9f000);
	plan_done(&f->plan);
}

static void load_address(void **state)
{
	struct fixture *f = *state;

	f->req.has_load_address = true;
	f->req.load_address = 0x8000000;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, 0x8000000);
	assert_string_equal(f->plan.added_cmdline.v[0], "nokaslr");
	assert_int_equal(f->plan.warnings.n, 1);
	plan_done(&f->plan);

	f->req.load_address = 0x8100000;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "kernel_alignment 0x200000"));
	f->req.load_address = 0x800000;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "pref_address 0x1000000"));
	f->req.load_address = 0x40000000;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOSPC);
}

static void avoid(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ranges_add(&f->req.avoid, (struct range){0x100000, 0x20000000}), 0);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, 0x20000000);
	plan_done(&f->plan);
	/* Room enough below pref_address is none: the kernel would move itself up, over anything.
	 */
	f->req.avoid.v[0] = (struct range){0x4000000, 0x4001000};
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, 0x4200000);
	plan_done(&f->plan);
	/* A page that the kernel found faulty itself. */
	f->req.avoid.v[0] = (struct range){0, 0};
	assert_int_equal(ranges_add(&f->m.poison, (struct range){0x1800000, 0x1801000}), 0);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, 0x1a00000);
	plan_done(&f->plan);
	f->m.poison.n = 0;
	f->req.avoid.v[0] = (struct range){0, 0x100000};
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "trampoline"));
	/* More bytes than a page has, but no page. */
	f->req.avoid.v[0] = (struct range){0, 0x9d800};
	assert_int_equal(ranges_add(&f->req.avoid, (struct range){0x9e900, 0x100000}), 0);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "trampoline"));
	f->req.avoid.n = 1;
	f->req.avoid.v[0] = (struct range){0x100000, 0x40000000};
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOSPC);
}

/* A kernel that cannot be loaded above 4 GiB says itself how far up its initrd may lie. */
static void an_initrd_below_its_limit(void **state)
{
	struct bzimage_make make = BZIMAGE_MAKE;
	struct fixture *f = *state;

	make.xloadflags = 1;
	free((void *)(uintptr_t)f->kernel.ptr);
	f->kernel = bzimage_make(&make);
	put_le((uint8_t *)(uintptr_t)f->kernel.ptr + 0x22c, 0x1fffffff, 4);
	f->req.image = f->kernel;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(segment(&f->plan, SEG_INITRD)->mem, 0x20000000 - 0x2000);
	plan_done(&f->plan);
}

static void count_progress(void *ctx, uint64_t done, uint64_t total)
{
	uint64_t *seen = ctx;

	assert_true(done > seen[0] && done <= total);
	seen[0] = done;
	seen[1] = total;
}

static void progress(void **state)
{
	struct fixture *f = *state;
	uint64_t seen[2] = {0, 1}, hashed = 0;

	f->req.progress = count_progress;
	f->req.progress_ctx = seen;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	for (size_t i = 0; i < f->plan.segments.n; i++)
		hashed += f->plan.segments.v[i].hashed;
	assert_int_equal(seen[0], hashed);
	assert_int_equal(seen[1], hashed);
	plan_done(&f->plan);
}

/* A 32-bit kernel, or an x86_64 one before 3.8, whose header does not tell what it is. */
static void no_64_bit_entry(void **state)
{
	struct fixture *f = *state;
	const struct bzimage_make make = {.protocol = 0x20a,
					  .setup_sects = 2,
					  .pref_address = 0x1000000,
					  .init_size = 0x2000000,
					  .alignment = 0x1000000,
					  .unpacked = 1 << 20,
					  .code = 0x400,
					  .banner = "3.2.0-4-686-pae (builder@host) #1 SMP"};
	struct span old = bzimage_make(&make);
	struct handoff h;

	f->req.image = old;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, 0x1000000);
	assert_int_equal(f->plan.kernel_entry, 0x1000000);
	assert_int_equal(f->plan.warnings.n, 1);
	assert_non_null(strstr(f->plan.warnings.v[0], "32-bit mode"));
	check_handoff(&f->plan, &h);
	assert_int_equal(h.args[X86_ARG_MODE], X86_MODE_32);
	plan_done(&f->plan);
	f->req.entry = ENTRY_64;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOTSUP);
	f->req.syscall = PLAN_FILE;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOTSUP);
	free((void *)(uintptr_t)old.ptr);
}

static void refusals(void **state)
{
	struct fixture *f = *state;
	char line[2100];

	f->req.image = span_of(initrd, sizeof(initrd));
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOEXEC);
	assert_non_null(strstr(f->err.text, "vmlinuz"));
	f->req.image = f->kernel;

	memset(line, 'x', sizeof(line));
	line[2047] = 0;
	f->req.append = line;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	plan_done(&f->plan);
	line[2047] = 'x';
	line[2048] = 0;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "2048 bytes"));
	f->req.append = NULL;

	f->m.x86.confidential = true;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOTSUP);
	assert_non_null(strstr(f->err.text, "confidential guest"));
	f->m.x86.confidential = false;

	f->req.crash = true;
	f->m.crash.n = 0;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EADDRNOTAVAIL);
	f->req.crash = false;
	f->m.addresses_hidden = true;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EPERM);
}

/* A kernel of another CPU is known for what it is, and refused by both names. */
static void other_cpu(void **state)
{
	struct fixture *f = *state;
	uint8_t image[64] = {[0x12] = 2};
	struct plan p;
	struct err err = ERR_INIT;

	memcpy(image + 0x38, "ARM\x64", 4);
	f->req.image = span_of(image, sizeof(image));
	assert_int_equal(load_plan(&f->m, &f->req, &p, &err), -EINVAL);
	assert_string_equal(err.text,
			    "kernel 'vmlinuz': is a kernel for arm64, wanted one for x86_64");
}

/* RAM far up (CXL windows lie there): taken by no segment, and no reason to refuse. */
static void beyond_reach(void **state)
{
	struct fixture *f = *state;
	const struct range far = {1ull << 46, (1ull << 46) + (1ull << 30)};

	assert_int_equal(ranges_add(&f->m.ram, far), 0);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(segment(&f->plan, SEG_INITRD)->mem, 0x3ffdf000 - 0x2000);
	plan_done(&f->plan);
}

static void by_file(void **state)
{
	struct fixture *f = *state;
	char line[2100];

	f->req.syscall = PLAN_FILE;
	f->m.addresses_hidden = true;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(f->plan.segments.n, 2);
	assert_int_equal(f->plan.verified_by, VERIFIED_KERNEL);
	plan_done(&f->plan);

	/* bzImage64_load: cmdline_len (with its NUL) + 30 must not exceed cmdline_size. */
	memset(line, 'x', sizeof(line));
	line[2047 - 31] = 0;
	f->req.append = line;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	plan_done(&f->plan);
	line[2047 - 31] = 'x';
	line[2048 - 31] = 0;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "at most 2016"));
}

static bool warns(struct fixture *f, const char *what)
{
	bool found = false;

	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	for (size_t i = 0; i < f->plan.warnings.n; i++)
		found |= strstr(f->plan.warnings.v[i], what) != NULL;
	plan_done(&f->plan);
	return found;
}

/* What is missing is said, and only then. */
static void doubts(void **state)
{
	struct fixture *f = *state;

	f->req.crash = true;
	f->m.cpus = 1;
	assert_false(warns(f, ""));
	f->m.cpus = 2;
	assert_true(warns(f, "1 of 2 CPUs"));
	f->m.cpus = 1;
	f->m.vmcoreinfo = (struct range){0, 0};
	assert_true(warns(f, "vmcoreinfo"));
	f->m.vmcoreinfo = (struct range){0x132a000, 0x132a400};
	f->m.poison_unknown = true;
	assert_true(warns(f, "bad pages"));
	f->m.poison_unknown = false;
	assert_int_equal(buf_puts(&f->m.cmdline, " crashkernel=4G,cma"), 0);
	assert_true(warns(f, "cma"));
	assert_int_equal(ranges_add(&f->m.crash_cma, (struct range){0x20000000, 0x28000000}), 0);
	assert_false(warns(f, ""));

	f->req.crash = false;
	f->req.reuse_cmdline = true;
	assert_false(warns(f, ""));
	assert_int_equal(buf_puts(&f->m.cmdline, " -- single"), 0);
	assert_true(warns(f, "behind its \"--\""));
	f->req.append = NULL;
	assert_false(warns(f, ""));
}

/* A kernel before protocol 2.14 reads the parameter only; below 1 MiB it finds the table itself. */
static void acpi_table(void **state)
{
	struct bzimage_make old = BZIMAGE_MAKE;
	struct fixture *f = *state;

	old.protocol = 0x20c;
	free((void *)(uintptr_t)f->kernel.ptr);
	f->req.image = f->kernel = bzimage_make(&old);
	f->m.x86.acpi_rsdp = 0x3fb7e014;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(f->plan.added_cmdline.n, 1);
	assert_string_equal(f->plan.added_cmdline.v[0], "acpi_rsdp=0x3fb7e014");
	plan_done(&f->plan);
	f->m.x86.acpi_rsdp = 0xf59e0;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(f->plan.added_cmdline.n, 0);
	plan_done(&f->plan);
}

/* True when a PT_LOAD of the crash header holds @addr. */
static bool dumps(const struct plan *p, uint64_t addr)
{
	struct span h = segment(p, SEG_ELFCOREHDR)->data;

	for (uint64_t i = 0, n = get_le(h.ptr + 56, 2); i < n; i++) {
		const uint8_t *ph = h.ptr + 64 + 56 * i;
		uint64_t at = get_le(ph + 24, 8);

		if (get_le(ph, 4) == 1 && addr >= at && addr - at < get_le(ph + 40, 8))
			return true;
	}
	return false;
}

/* True when the e820 map in boot_params calls @addr RAM. */
static bool e820_ram(const struct plan *p, uint64_t addr)
{
	const uint8_t *bp = segment(p, SEG_BOOT_PARAMS)->data.ptr;

	for (unsigned i = 0; i < bp[0x1e8]; i++) {
		const uint8_t *e = bp + 0x2d0 + 20 * i;
		uint64_t at = get_le(e, 8);

		if (get_le(e + 16, 4) == 1 && addr >= at && addr - at < get_le(e + 8, 8))
			return true;
	}
	return false;
}

static void crash_memory(void **state)
{
	struct fixture *f = *state;

	f->req.crash = true;
	assert_int_equal(ranges_add(&f->m.crash_cma, (struct range){0x20000000, 0x28000000}), 0);
	assert_int_equal(ranges_add(&f->m.poison, (struct range){0x8000000, 0x8001000}), 0);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_true(dumps(&f->plan, 0x7fff000) && dumps(&f->plan, 0x8001000));
	assert_false(dumps(&f->plan, 0x8000000));
	assert_true(dumps(&f->plan, 0x1ffff000) && dumps(&f->plan, 0x28000000));
	assert_false(dumps(&f->plan, 0x20000000) || dumps(&f->plan, 0x27fff000));
	assert_false(dumps(&f->plan, 816 * MIB));
	assert_true(e820_ram(&f->plan, 0x20000000) && e820_ram(&f->plan, 0x27fff000));
	assert_false(e820_ram(&f->plan, 0x28000000) || e820_ram(&f->plan, 0x8001000));
	plan_done(&f->plan);
}

/* The kernel's text says so of the file call (bzImage64_probe, "cannot handle 5-level paging"). */
static void five_levels(void **state)
{
	struct bzimage_make old = BZIMAGE_MAKE;
	struct fixture *f = *state;
	struct handoff h;

	f->m.x86.la57 = true;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(f->plan.kernel_entry, 0x1000200);
	plan_done(&f->plan);

	old.xloadflags = 0x1f; /* Linux before 4.17 */
	free((void *)(uintptr_t)f->kernel.ptr);
	f->req.image = f->kernel = bzimage_make(&old);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(f->plan.kernel_entry, 0x1000200);
	(void)check_handoff(&f->plan, &h);
	assert_int_equal(h.args[1], 3); /* the purgatory leaves them first */
	plan_done(&f->plan);
	f->req.syscall = PLAN_FILE;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOTSUP);
	assert_non_null(strstr(f->err.text, "5-level"));
	plan_done(&f->plan);

	/* Where there are four, nothing is left, and so nothing has to lie below 4 GiB. */
	f->req.syscall = PLAN_LOAD;
	f->m.x86.la57 = false;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	(void)check_handoff(&f->plan, &h);
	assert_int_equal(h.args[1], 0);
	plan_done(&f->plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(jump, setup, teardown),
		cmocka_unit_test_setup_teardown(crash, setup, teardown),
		cmocka_unit_test_setup_teardown(load_address, setup, teardown),
		cmocka_unit_test_setup_teardown(avoid, setup, teardown),
		cmocka_unit_test_setup_teardown(an_initrd_below_its_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(progress, setup, teardown),
		cmocka_unit_test_setup_teardown(no_64_bit_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(other_cpu, setup, teardown),
		cmocka_unit_test_setup_teardown(beyond_reach, setup, teardown),
		cmocka_unit_test_setup_teardown(by_file, setup, teardown),
		cmocka_unit_test_setup_teardown(doubts, setup, teardown),
		cmocka_unit_test_setup_teardown(acpi_table, setup, teardown),
		cmocka_unit_test_setup_teardown(crash_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(five_levels, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
