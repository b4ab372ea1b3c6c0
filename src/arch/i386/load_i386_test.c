/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol of x86_64/, as a 32-bit kernel of a small PC hands over. */
#include "core/unit.h"

#include "../tests/images/bzimage_make.h"
#include "arch/arch.h"
#include "arch/x86_64/handoff.h"
#include "arch/x86_64/protocol.h"
#include "base/align.h"

#define MIB (1ull << 20)

struct fixture {
	struct machine m;
	struct load_request req;
	struct span file;
	struct image image;
	struct plan plan;
	struct boot b;
};

static void make(struct fixture *f, uint16_t xloadflags)
{
	struct bzimage_make o = BZIMAGE_MAKE;

	o.xloadflags = xloadflags;
	free((void *)(uintptr_t)f->file.ptr);
	f->file = bzimage_make(&o);
	assert_int_equal(image_parse(f->file, &f->image, NULL), 0);
}

/* 3 GiB, of which the kernel maps 892 MiB for good. */
static int setup(void **state)
{
	const struct mem_range map[] = {{{0, 0x9fc00}, MEM_RAM}, {{MIB, 3072 * MIB}, MEM_RAM}};
	struct fixture *f = calloc(1, sizeof(*f));

	f->m = (struct machine)MACHINE_INIT;
	strcpy(f->m.arch, "i386");
	f->m.lowmem_end = 892 * MIB;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(vec_push(&f->m.firmware, map[i]), 0);
		assert_int_equal(ranges_add(&f->m.system_ram, map[i].at), 0);
	}
	assert_int_equal(ranges_add(&f->m.crash, (struct range){384 * MIB, 512 * MIB}), 0);
	make(f, 0);
	f->req.arch = &arch_i386;
	f->plan = (struct plan)PLAN_INIT;
	assert_int_equal(buf_puts(&f->plan.cmdline, "root=/dev/vda1"), 0);
	f->b = (struct boot){.m = &f->m,
			     .image = &f->image,
			     .req = &f->req,
			     .initrd = span_of("0707", 4),
			     .plan = &f->plan};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->b.npieces; i++)
		buf_done(&f->b.pieces[i].data);
	plan_done(&f->plan);
	machine_done(&f->m);
	free((void *)(uintptr_t)f->file.ptr);
	free(f);
	return 0;
}

static int prepare(struct fixture *f, struct range ram, struct err *err)
{
	struct boot *b = &f->b;
	struct place all[BOOT_PIECES];
	struct range_list holes = {&ram, 1, 1};
	int r = x86_layout(b, err);

	for (size_t i = 0; !r && i < b->npieces; i++) {
		all[i] = b->pieces[i].place;
		all[i].size = align_up(all[i].size, 4096);
	}
	if (!r)
		r = space_place(&holes, all, b->npieces, NULL, err);
	for (size_t i = 0; !r && i < b->npieces; i++)
		b->pieces[i].place = all[i];
	return r ? r : x86_fill(b, err);
}

static void a_jump(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	assert_int_equal(prepare(f, (struct range){MIB, 3072 * MIB}, &err), 0);
	assert_int_equal(f->b.handoff.args[X86_ARG_MODE], X86_MODE_32);
	assert_int_equal(f->b.handoff.entry, boot_find(&f->b, SEG_KERNEL)->place.at);
	assert_int_equal(f->b.handoff.args[X86_ARG_INFO],
			 boot_find(&f->b, SEG_BOOT_PARAMS)->place.at);
	assert_int_equal(boot_find(&f->b, SEG_KERNEL)->place.within.end, 892 * MIB);
}

static void a_crash(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	f->b.crash = true;
	assert_int_equal(prepare(f, f->m.crash.v[0], &err), 0);
	const struct boot_piece *h = boot_find(&f->b, SEG_ELFCOREHDR);

	assert_memory_equal(h->data.ptr, "\177ELF\1\1", 6);
	assert_int_equal(get_le(h->data.ptr + 18, 2), EM_386);
	assert_int_equal(f->b.handoff.backup_len, 0xa0000);
	assert_int_equal(f->b.handoff.backup_dst, boot_find(&f->b, SEG_BACKUP)->place.at);
}

static void memory_above_4_gib_has_an_elf64_header(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	f->b.crash = true;
	assert_int_equal(ranges_add(&f->m.system_ram, (struct range){4096 * MIB, 6144 * MIB}), 0);
	assert_int_equal(prepare(f, f->m.crash.v[0], &err), 0);
	assert_memory_equal(boot_find(&f->b, SEG_ELFCOREHDR)->data.ptr, "\177ELF\2\1", 6);
	assert_int_equal(f->plan.warnings.n, 0);
}

static void no_room_in_lowmem(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	const struct range high = {880 * MIB, 3072 * MIB};

	assert_int_equal(prepare(f, high, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "-0x37bfffff (up to lowmem's end: the running kernel's "
					 "PAGE_OFFSET, vmalloc reserve)"));
	assert_int_equal(f->plan.explain.len, 0);
}

/* It is as most kernels are built; and it is said. */
static void lowmem_that_is_not_told(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	const struct range high = {860 * MIB, 3072 * MIB};

	f->m.lowmem_end = 0;
	assert_int_equal(prepare(f, high, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "-0x35ffffff (up to lowmem's end, assumed: PAGE_OFFSET "
					 "3 GiB, vmalloc reserve 128 MiB)"));
	assert_non_null(strstr(buf_str(&f->plan.explain), "lowmem ends is not told: 0x36000000"));
}

/* By its 32-bit entry; it maps all memory by itself. */
static void a_64_bit_kernel(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	make(f, 0x7f);
	assert_int_equal(prepare(f, (struct range){2048 * MIB, 3072 * MIB}, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "initrd"));
	f->b.npieces = 0;
	f->b.initrd.len = 0;
	assert_int_equal(prepare(f, (struct range){2048 * MIB, 3072 * MIB}, &err), 0);
	assert_int_equal(f->b.handoff.args[X86_ARG_MODE], X86_MODE_32);
	f->req.entry = ENTRY_64;
	assert_int_equal(x86_layout(&f->b, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "64-bit entry"));
}

static void no_kexec_file_load(void **state)
{
	struct fixture *f = *state;
	const char *why = NULL;

	assert_false(arch_i386.file_load_ok(&f->m, &f->image, false, &why));
	assert_non_null(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_jump, setup, teardown),
		cmocka_unit_test_setup_teardown(a_crash, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_above_4_gib_has_an_elf64_header, setup,
						teardown),
		cmocka_unit_test_setup_teardown(no_room_in_lowmem, setup, teardown),
		cmocka_unit_test_setup_teardown(lowmem_that_is_not_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_64_bit_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(no_kexec_file_load, setup, teardown),
	};

	return cmocka_run_group_tests_name("i386", tests, NULL, NULL);
}
