/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a crash load tells the capture kernel of its memory, and readers of the old kernel. */
#include "base/put.h"
#include "elf/reader.h"
#include "load/load_fixture.h"

/* A capture kernel's RAM, from the e820 entries of its boot_params. */
static void ram_told(const struct plan *p, struct range_list *out)
{
	const uint8_t *bp = segment(p, SEG_BOOT_PARAMS)->data.ptr;

	for (unsigned i = 0; i < bp[0x1e8]; i++) {
		const uint8_t *e = bp + 0x2d0 + 20 * i;
		uint64_t start = get_le(e, 8);

		if (get_le(e + 16, 4) == 1)
			assert_int_equal(
				ranges_add(out, (struct range){start, start + get_le(e + 8, 8)}),
				0);
	}
	ranges_normalise(out);
}

/* All of both crash regions and the low memory, less what must survive until the dump is saved. */
static void a_capture_kernel_keeps_off_the_dump(void **state)
{
	struct fixture *f = *state;
	struct range_list ram = {0};

	f->req.crash = true;
	assert_int_equal(ranges_add(&f->m.crash, (struct range){256 * MIB, 272 * MIB}), 0);
	ranges_normalise(&f->m.crash);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	ram_told(&f->plan, &ram);
	const struct plan_segment *header = segment(&f->plan, SEG_ELFCOREHDR);
	const struct plan_segment *backup = segment(&f->plan, SEG_BACKUP);
	assert_true(ranges_total(&ram) ==
		    0x9ec00 + (16 + 192) * MIB - header->memsz - backup->memsz);
	assert_null(ranges_find(&ram, header->mem));
	assert_null(ranges_find(&ram, header->mem + header->memsz - 1));
	assert_null(ranges_find(&ram, backup->mem));
	assert_null(ranges_find(&ram, backup->mem + backup->memsz - 1));
	assert_non_null(ranges_find(&ram, 0x1000));
	assert_non_null(ranges_find(&ram, 256 * MIB));
	ranges_done(&ram);
	plan_done(&f->plan);
}

/* Entries of the map: the 128 of boot_params, and those that setup_data continues them with. */
static size_t ranges_told(const struct plan *p)
{
	const uint8_t *bp = segment(p, SEG_BOOT_PARAMS)->data.ptr;

	if (!get_le(bp + 0x250, 8))
		return bp[0x1e8];
	return bp[0x1e8] + (size_t)get_le(segment(p, SEG_SETUP_DATA)->data.ptr + 12, 4) / 20;
}

/* The pieces of the load itself cut the map: it may outgrow boot_params only when they are placed.
 */
static void every_range_is_told(void **state)
{
	struct fixture *f = *state;
	size_t before = 0;

	f->req.crash = true;
	f->req.has_rng_seed = false;
	for (uint64_t n = 0; n < 140; n++) {
		struct range at = {(4ull << 30) + (n << 20), (4ull << 30) + (n << 20) + 4096};

		assert_int_equal(vec_push(&f->m.firmware, ((struct mem_range){at, MEM_RESERVED})),
				 0);
		assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
		assert_true(!n || ranges_told(&f->plan) == before + 1);
		before = ranges_told(&f->plan);
		plan_done(&f->plan);
	}
}

static struct elf_phdr header_for(const struct plan *p, uint64_t va)
{
	struct span at = segment(p, SEG_ELFCOREHDR)->data;
	struct elf e;

	assert_int_equal(elf_parse(at, &e, NULL), 0);
	for (uint32_t i = 0; i < e.phnum; i++) {
		struct elf_phdr ph = elf_phdr_at(&e, at, i);

		if (ph.type == PT_LOAD && va >= ph.vaddr && va - ph.vaddr < ph.memsz)
			return ph;
	}
	return (struct elf_phdr){0};
}

/* Every address that a reader of the dump starts from: text, linear map, the saved low memory. */
static void the_crash_header_maps_the_old_kernel(void **state)
{
	struct fixture *f = *state;
	const uint64_t linear = 0xff111b6440000000;
	struct kernel_map text = {0xffffffff92a00000, 0x16e00000, 0x2800000};
	struct kernel_map ram = {linear + 0x100000, 0x100000, 0x3fedf000};

	f->req.crash = true;
	assert_int_equal(ranges_add(&f->m.crash, (struct range){512 * MIB, 528 * MIB}), 0);
	ranges_normalise(&f->m.crash);
	assert_int_equal(vec_push(&f->m.kcore, text), 0);
	assert_int_equal(vec_push(&f->m.kcore, ram), 0);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	/* Nothing but /proc/iomem's parts of the kernel and _stext tells of the text. */
	assert_int_equal(header_for(&f->plan, 0xffffffff92a00000).offset, 0x16e00000);
	struct elf_phdr low = header_for(&f->plan, linear + 0x1000);
	assert_int_equal(low.offset, segment(&f->plan, SEG_BACKUP)->mem);
	assert_int_equal(low.paddr, 0x1000);
	assert_int_equal(low.memsz, 0x9ec00);
	struct elf_phdr above = header_for(&f->plan, linear + 0x100000);
	assert_int_equal(above.offset, 0x100000);
	assert_int_equal(above.memsz, 512 * MIB - 0x100000);
	assert_int_equal(header_for(&f->plan, linear + 512 * MIB).type, PT_NULL);
	assert_int_equal(header_for(&f->plan, linear + 528 * MIB).memsz, (816 - 528) * MIB);
	assert_int_equal(header_for(&f->plan, linear + 816 * MIB).type, PT_NULL);
	plan_done(&f->plan);

	/* phys_base is what the kernel says itself: it comes first. */
	assert_int_equal(buf_puts(&f->m.vmcoreinfo_text, "NUMBER(phys_base)=5242880\n"), 0);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(header_for(&f->plan, 0xffffffff80000000 + 0x16e00000 - 0x500000).paddr,
			 0x16e00000);
	plan_done(&f->plan);
}

/* The kernel will rewrite the header: it has room, no digest covers it, and the call says so. */
static void crash_hotplug_keeps_its_hands_free(void **state)
{
	struct fixture *f = *state;

	f->req.crash = true;
	f->m.crash_hotplug_size = 98304;
	assert_int_equal(ranges_add(&f->m.crash, (struct range){512 * MIB, 640 * MIB}), 0);
	ranges_normalise(&f->m.crash);
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(segment(&f->plan, SEG_ELFCOREHDR)->memsz, 98304);
	assert_int_equal(segment(&f->plan, SEG_ELFCOREHDR)->hashed, 0);
	assert_true(segment(&f->plan, SEG_BOOT_PARAMS)->hashed > 0);
	assert_int_equal(f->plan.kexec_flags, 4);
	plan_done(&f->plan);
	f->m.crash_hotplug_size = 0;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_true(segment(&f->plan, SEG_ELFCOREHDR)->hashed > 0);
	assert_int_equal(f->plan.kexec_flags, 0);
	plan_done(&f->plan);
	f->req.crash = false;
	f->m.crash_hotplug_size = 98304;
	assert_int_equal(load_plan(&f->m, &f->req, &f->plan, &f->err), 0);
	assert_int_equal(f->plan.kexec_flags, 0);
	plan_done(&f->plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_capture_kernel_keeps_off_the_dump, setup,
						teardown),
		cmocka_unit_test_setup_teardown(every_range_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(crash_hotplug_keeps_its_hands_free, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_crash_header_maps_the_old_kernel, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
