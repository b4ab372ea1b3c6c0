/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An x86 kernel as an ELF file, and the entries for PVH and real mode. */
#include "../tests/images/vmlinux_make.h"
#include "arch/x86_64/handoff.h"
#include "base/put.h"
#include "load/handoff_decode.h"
#include "load/load_fixture.h"

static const struct vmlinux_make usual = VMLINUX_MAKE;

static void with(struct fixture *f, struct buf *file)
{
	f->req.image = buf_span(file);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
}

static uint64_t argument(const struct fixture *f, unsigned i)
{
	struct handoff h;

	assert_non_null(handoff_find(segment(&f->plan, SEG_PURGATORY)->data, false, &h));
	return h.args[i];
}

static void its_memory_is_what_is_loaded(void **state)
{
	struct fixture *f = *state;
	struct buf file = vmlinux_make(&usual);

	with(f, &file);
	const struct plan_segment *k = segment(&f->plan, SEG_KERNEL);
	const struct plan_segment *params = segment(&f->plan, SEG_BOOT_PARAMS);
	const uint8_t *bp = params->data.ptr;

	assert_int_equal(k->mem, 0x1000000);
	assert_int_equal(k->memsz, 0x1235000);
	assert_int_equal(k->data.len, VMLINUX_MAKE_TEXT);
	assert_int_equal(k->hashed, VMLINUX_MAKE_TEXT);
	assert_memory_equal(k->data.ptr, file.ptr + file.len - VMLINUX_MAKE_TEXT, k->data.len);
	assert_int_equal(f->plan.kernel_entry, 0x1000000 + VMLINUX_MAKE_ENTRY);
	assert_int_equal(argument(f, X86_ARG_MODE), X86_MODE_64);
	assert_int_equal(argument(f, X86_ARG_INFO), params->mem);
	assert_int_equal(get_le(bp + 0x1fe, 2), 0xaa55);
	assert_memory_equal(bp + 0x202, "HdrS", 4);
	assert_int_equal(bp[0x210], 0xd0);
	assert_int_equal(get_le(bp + 0x228, 4), params->mem + 4096);
	assert_int_equal(get_le(bp + 0x21c, 4), sizeof(initrd));
	plan_done(&f->plan);
	buf_done(&file);
}

/* head_64.S finds out where it is, on boundaries of 2 MiB. */
static void the_64_bit_entry_moves(void **state)
{
	struct fixture *f = *state;
	struct buf file = vmlinux_make(&usual);

	f->req.crash = true;
	with(f, &file);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, 816 * MIB);
	assert_int_equal(f->plan.kernel_entry, 816 * MIB + VMLINUX_MAKE_ENTRY);
	plan_done(&f->plan);
	f->req.crash = false;
	f->req.has_load_address = true;
	f->req.load_address = 0x4200000;
	with(f, &file);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, 0x4200000);
	assert_int_equal(f->plan.added_cmdline.n, 0); /* there is no KASLR to be told off */
	plan_done(&f->plan);
	f->req.load_address = 0x4100000;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "not a multiple"));
	plan_done(&f->plan);
	buf_done(&file);
}

static void pvh_gets_start_info(void **state)
{
	struct fixture *f = *state;
	struct buf file = vmlinux_make(&usual);

	f->req.entry = ENTRY_PVH;
	f->m.x86.acpi_rsdp = 0x3ffdf014;
	with(f, &file);
	const struct plan_segment *s = segment(&f->plan, SEG_OTHER);
	const struct plan_segment *rd = segment(&f->plan, SEG_INITRD);
	const uint8_t *p = s->data.ptr;

	assert_null(segment(&f->plan, SEG_BOOT_PARAMS));
	assert_int_equal(f->plan.kernel_entry, 0x1000340);
	assert_int_equal(argument(f, X86_ARG_MODE), X86_MODE_EBX);
	assert_int_equal(argument(f, X86_ARG_INFO), s->mem);
	assert_in_range(s->mem, MIB, 1024 * MIB - s->memsz);
	assert_int_equal(get_le(p, 4), 0x336ec578);
	assert_int_equal(get_le(p + 4, 4), 1);
	assert_int_equal(get_le(p + 12, 4), 1);
	const uint8_t *module = p + get_le(p + 16, 8) - s->mem;
	assert_int_equal(get_le(module, 8), rd->mem);
	assert_int_equal(get_le(module + 8, 8), sizeof(initrd));
	assert_string_equal((const char *)p + get_le(p + 24, 8) - s->mem, f->req.append);
	assert_int_equal(get_le(p + 32, 8), 0x3ffdf014);
	const uint8_t *map = p + get_le(p + 40, 8) - s->mem;
	assert_int_equal(get_le(p + 48, 4), f->m.firmware.n);
	for (size_t i = 0; i < f->m.firmware.n; i++) {
		const struct mem_range *r = &f->m.firmware.v[i];

		assert_int_equal(get_le(map + 24 * i, 8), r->at.start);
		assert_int_equal(get_le(map + 24 * i + 8, 8), range_size(r->at));
		assert_int_equal(get_le(map + 24 * i + 16, 4), r->kind == MEM_RAM ? 1 : 2);
	}
	plan_done(&f->plan);
	buf_done(&file);
}

/* The kernel's own table has 128 entries, and it copies without looking. */
static void pvh_takes_no_more_ranges_than_its_table(void **state)
{
	struct fixture *f = *state;
	struct buf file = vmlinux_make(&usual);

	f->req.entry = ENTRY_PVH;
	for (uint64_t at = 1ull << 32; f->m.firmware.n < 128; at += 2 * MIB)
		assert_int_equal(vec_push(&f->m.firmware, ((struct mem_range){
								  {at, at + MIB}, MEM_RAM})),
				 0);
	f->req.image = buf_span(&file);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOTSUP);
	assert_non_null(strstr(f->err.text, "128 ranges, the PVH entry takes at most 127"));
	plan_done(&f->plan);
	f->m.firmware.n = 127;
	with(f, &file);
	plan_done(&f->plan);
	buf_done(&file);
}

/* Five levels of page tables are left through 32-bit code; only the purgatory must be low. */
static void a_purgatory_below_4_gib(void **state)
{
	struct fixture *f = *state;
	struct buf file = vmlinux_make(&usual);
	const struct range high = {4096 * MIB, 5120 * MIB};

	assert_int_equal(vec_push(&f->m.firmware, ((struct mem_range){high, MEM_RAM})), 0);
	assert_int_equal(ranges_add(&f->m.ram, high), 0);
	assert_int_equal(ranges_add(&f->m.system_ram, high), 0);
	f->m.x86.la57 = true;
	f->req.window.start = 512 * MIB;
	with(f, &file);
	assert_in_range(segment(&f->plan, SEG_PURGATORY)->mem, 512 * MIB, 1024 * MIB);
	assert_true(segment(&f->plan, SEG_INITRD)->mem >= high.start);
	plan_done(&f->plan);
	f->req.window.start = high.start;
	f->req.image = buf_span(&file);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOSPC);
	assert_non_null(strstr(f->err.text, "purgatory"));
	plan_done(&f->plan);
	buf_done(&file);
}

static void refuse(struct fixture *f, enum boot_entry entry, const char *why)
{
	f->req.entry = entry;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOTSUP);
	if (!strstr(f->err.text, why))
		fail_msg("'%s' does not say '%s'", f->err.text, why);
	plan_done(&f->plan);
}

static void entries_that_are_not_there(void **state)
{
	struct fixture *f = *state;
	struct vmlinux_make make = VMLINUX_MAKE;
	struct buf file;

	refuse(f, ENTRY_PVH, "only a vmlinux can have one that is reached");
	make.pvh = 0;
	file = vmlinux_make(&make);
	f->req.image = buf_span(&file);
	refuse(f, ENTRY_PVH, "no note XEN_ELFNOTE_PHYS32_ENTRY");
	refuse(f, ENTRY_32, "no 32-bit entry");
	buf_done(&file);
	file = vmlinux_make(&usual);
	f->req.image = buf_span(&file);
	refuse(f, ENTRY_32, "it has one for PVH");
	buf_done(&file);
}

/* Without relocations a 32-bit kernel runs where it was linked, and nowhere else. */
static void a_32_bit_kernel_stays(void **state)
{
	struct fixture *f = *state;
	const struct vmlinux_make make = {.elf32 = true, .phys = 0x1000000, .memsz = 0x800000};
	struct buf file = vmlinux_make(&make);

	with(f, &file);
	assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem, 0x1000000);
	assert_int_equal(argument(f, X86_ARG_MODE), X86_MODE_32);
	plan_done(&f->plan);
	f->req.crash = true;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -ENOSPC);
	assert_non_null(strstr(f->err.text, "0x1000000"));
	plan_done(&f->plan);
	f->req.crash = false;
	f->req.has_load_address = true;
	f->req.load_address = 0x2000000;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "not relocatable, it runs at 0x1000000 only"));
	plan_done(&f->plan);
	buf_done(&file);
}

static void real_mode_gets_the_setup_code(void **state)
{
	struct fixture *f = *state;

	f->req.entry = ENTRY_16;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	const struct plan_segment *s = segment(&f->plan, SEG_OTHER);
	const struct plan_segment *purgatory = segment(&f->plan, SEG_PURGATORY);
	const uint8_t *p = s->data.ptr;

	assert_int_equal(s->memsz, 0x10000);
	assert_in_range(s->mem, 0x1000, 0x9fc00 - 0x10000);
	assert_in_range(purgatory->mem, 0x1000, 0x9fc00 - 0x10000);
	assert_int_equal(f->plan.kernel_entry, s->mem + 0x200);
	assert_int_equal(argument(f, X86_ARG_MODE), X86_MODE_16);
	assert_int_equal(argument(f, X86_ARG_INFO), s->mem);
	assert_memory_equal(p, f->kernel.ptr, 0x210);
	assert_memory_equal(p + 0x400, f->kernel.ptr + 0x400, 0x200);
	assert_int_equal(p[0x210], 0xd0);
	assert_int_equal(p[0x211], 0x81);
	assert_int_equal(get_le(p + 0x214, 4), segment(&f->plan, SEG_KERNEL)->mem);
	assert_int_equal(get_le(p + 0x218, 4), segment(&f->plan, SEG_INITRD)->mem);
	assert_int_equal(get_le(p + 0x21c, 4), sizeof(initrd));
	assert_int_equal(get_le(p + 0x224, 2), 0xde00);
	assert_int_equal(get_le(p + 0x228, 4), s->mem + 0xe000);
	assert_string_equal((const char *)p + 0xe000, f->req.append);
	plan_done(&f->plan);
}

static void real_mode_needs_a_bios_and_low_memory(void **state)
{
	struct fixture *f = *state;
	struct buf file = vmlinux_make(&usual);

	f->m.x86.efi = true;
	refuse(f, ENTRY_16, "started by EFI");
	f->m.x86.efi = false;
	f->req.crash = true;
	refuse(f, ENTRY_16, "which a crash kernel has not");
	f->req.crash = false;
	f->req.image = buf_span(&file);
	refuse(f, ENTRY_16, "a bzImage has one");
	buf_done(&file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(its_memory_is_what_is_loaded, setup, teardown),
		cmocka_unit_test_setup_teardown(the_64_bit_entry_moves, setup, teardown),
		cmocka_unit_test_setup_teardown(pvh_gets_start_info, setup, teardown),
		cmocka_unit_test_setup_teardown(pvh_takes_no_more_ranges_than_its_table, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_purgatory_below_4_gib, setup, teardown),
		cmocka_unit_test_setup_teardown(real_mode_gets_the_setup_code, setup, teardown),
		cmocka_unit_test_setup_teardown(real_mode_needs_a_bios_and_low_memory, setup,
						teardown),
		cmocka_unit_test_setup_teardown(entries_that_are_not_there, setup, teardown),
		cmocka_unit_test_setup_teardown(a_32_bit_kernel_stays, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
