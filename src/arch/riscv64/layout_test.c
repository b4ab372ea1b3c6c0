/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/dtb_fixture.h"
#include "arch/riscv64/handoff.h"
#include "arch/riscv64/riscv64.h"
#include "base/align.h"
#include "image/linux_image.h"
#include "plan/space.h"

#define MIB (1ull << 20)

enum { FILE_LEN = 5 * MIB + 300, IMAGE_SIZE = 7 * MIB };

/* A load of the fixture's machine, with an Image as Linux 6.12 makes them. */
struct riscv {
	struct load *l;
	struct image image;
	uint8_t *file;
};

static void header(uint8_t *at, uint64_t text_offset)
{
	put_le(at + LI_TEXT_OFFSET, text_offset, 8);
	put_le(at + LI_IMAGE_SIZE, IMAGE_SIZE, 8);
	memcpy(at + LI_MAGIC, "RISCV\0\0", 8);
	memcpy(at + LI_MAGIC2, "RSC\x05", 4);
	strcpy((char *)at + 0x1000, "Linux version 6.12.43 (gcc)");
}

static int begin(void **state)
{
	struct riscv *f = calloc(1, sizeof(*f));

	f->file = calloc(1, FILE_LEN);
	header(f->file, 2 * MIB);
	assert_int_equal(image_parse(span_of(f->file, FILE_LEN), &f->image, NULL), 0);
	setup((void **)&f->l);
	f->l->b.npieces = 0;
	f->l->b.image = &f->image;
	f->l->req.arch = &arch_riscv64;
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct riscv *f = *state;

	teardown((void **)&f->l);
	free(f->file);
	free(f);
	return 0;
}

/* As load/ leaves it when it is done. */
static void forget(struct boot *b)
{
	while (b->npieces)
		buf_done(&b->pieces[--b->npieces].data);
}

/* Everything that load/ does but the purgatory, in the RAM from 1 GiB to 2 GiB. */
static int prepare(struct riscv *f, struct range ram, struct err *err)
{
	struct boot *b = &f->l->b;
	struct place all[BOOT_PIECES];
	struct range_list holes = {&ram, 1, 1};
	int r = riscv64_layout(b, err);

	for (size_t i = 0; !r && i < b->npieces; i++) {
		all[i] = b->pieces[i].place;
		all[i].size = align_up(all[i].size, 4096);
	}
	if (!r)
		r = space_place(&holes, all, b->npieces, NULL, err);
	for (size_t i = 0; !r && i < b->npieces; i++)
		b->pieces[i].place = all[i];
	return r ? r : riscv64_fill(b, err);
}

static const struct range gib = {1024 * MIB + 0x80000, 2048 * MIB};

static void a_jump(void **state)
{
	struct riscv *f = *state;
	struct boot *b = &f->l->b;
	struct err err = ERR_INIT;

	f->l->m.cpu_sha = true;
	assert_int_equal(prepare(f, gib, &err), 0);
	const struct boot_piece *k = boot_find(b, SEG_KERNEL), *i = boot_find(b, SEG_INITRD);
	const struct boot_piece *d = boot_find(b, SEG_DTB);

	assert_int_equal(k->place.at, 1026 * MIB);
	assert_int_equal(k->place.size, IMAGE_SIZE);
	assert_int_equal(k->hashed, FILE_LEN);
	assert_ptr_equal(k->borrowed.ptr, f->file);
	assert_true(i->place.at > k->place.at && d->place.at > k->place.at);
	assert_int_equal(i->hashed, INITRD_LEN);
	assert_int_equal(d->hashed, d->place.size);
	assert_true(d->data.len <= d->hashed);
	assert_null(boot_find(b, SEG_ELFCOREHDR));
	assert_int_equal(b->handoff.entry, k->place.at);
	assert_int_equal(b->handoff.args[RISCV_ARG_DTB], d->place.at);
	assert_int_equal(b->handoff.args[RISCV_ARG_ISA], RISCV_ISA_ZKNH);
}

static void a_crash(void **state)
{
	struct riscv *f = *state;
	struct boot *b = &f->l->b;
	struct err err = ERR_INIT;
	const struct range region = {1536 * MIB, 1600 * MIB};
	struct tree t;
	struct edit e;
	struct edit_node *chosen;

	b->crash = true;
	ranges_add(&f->l->m.crash, region);
	ranges_add(&f->l->m.system_ram, (struct range){1024 * MIB, 2048 * MIB});
	assert_int_equal(prepare(f, region, &err), 0);
	const struct boot_piece *h = boot_find(b, SEG_ELFCOREHDR), *d = boot_find(b, SEG_DTB);

	assert_int_equal(boot_find(b, SEG_KERNEL)->place.at, region.start);
	assert_memory_equal(h->data.ptr, "\177ELF\2\1", 6);
	assert_int_equal(get_le(h->data.ptr + 18, 2), EM_RISCV);
	assert_int_equal(b->handoff.args[RISCV_ARG_ISA], 0);
	/* The capture kernel is told by the tree, not by its command line. */
	assert_int_equal(f->l->plan.added_cmdline.n, 0);
	assert_int_equal(tree_open(buf_span(&d->data), &t, &err), 0);
	assert_int_equal(edit_open(&t, &e, &err), 0);
	chosen = edit_find(&e, "/chosen");
	assert_int_equal(get_be(edit_get(chosen, "linux,elfcorehdr").ptr, 8), h->place.at);
	assert_int_equal(get_be(edit_get(chosen, "linux,usable-memory-range").ptr, 8),
			 region.start);
	edit_done(&e);
}

static void an_address_by_the_user(void **state)
{
	struct riscv *f = *state;
	struct err err = ERR_INIT;

	f->l->req.has_load_address = true;
	f->l->req.load_address = 1100 * MIB + 4096;
	assert_int_equal(prepare(f, gib, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not a multiple of 2 MiB"));
	forget(&f->l->b);
	f->l->req.load_address = 1100 * MIB;
	assert_int_equal(prepare(f, gib, &err), 0);
	assert_int_equal(f->l->b.handoff.entry, 1100 * MIB);
}

/* Up to 6.3 the kernel sees no RAM below itself. */
static void an_initrd_below_the_kernel(void **state)
{
	struct riscv *f = *state;
	struct err err = ERR_INIT;

	f->l->req.has_load_address = true;
	f->l->req.load_address = gib.end - 8 * MIB;
	f->l->b.initrd = span_of(f->file, 2 * MIB);
	assert_int_equal(prepare(f, gib, &err), 0);
	strcpy(f->image.version, "6.3.9");
	forget(&f->l->b);
	assert_int_equal(prepare(f, gib, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "below the kernel"));
}

static void what_is_refused(void **state)
{
	struct riscv *f = *state;
	struct err err = ERR_INIT;

	f->image.li.text_offset = 0x80000;
	assert_int_equal(prepare(f, gib, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "text_offset 0x80000"));
	f->image.li.text_offset = 0;
	f->image.format = IMAGE_VMLINUX;
	assert_int_equal(prepare(f, gib, &err), -ENOTSUP);
	f->image.format = IMAGE_LINUX_IMAGE;
	f->l->plan.cmdline.len = 0;
	buf_zero(&f->l->plan.cmdline, 1024);
	assert_int_equal(prepare(f, gib, &err), -EINVAL);
	assert_non_null(strstr(err.text, "at most 1023"));
	f->l->m.fdt.len = 0;
	f->l->plan.cmdline.len = 1023;
	assert_int_equal(prepare(f, gib, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "no device tree"));
}

static void kexec_file_load_by_release(void **state)
{
	struct riscv *f = *state;
	const struct {
		const char *release;
		bool image;
	} rows[] = {{"6.1.0-50", false},
		    {"6.15.9", false},
		    {"6.16.0", true},
		    {"7.0", true},
		    {"", false}};
	const char *why;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		strcpy(f->l->m.release, rows[i].release);
		f->image.format = IMAGE_LINUX_IMAGE;
		assert_int_equal(arch_riscv64.file_load_ok(&f->l->m, &f->image, false, &why),
				 rows[i].image);
		f->image.format = IMAGE_VMLINUX;
		assert_true(arch_riscv64.file_load_ok(&f->l->m, &f->image, false, &why));
	}
}

static void firmware_speaks(void **state)
{
	struct riscv *f = *state;
	const char *yes[] = {"", "hvc0", "sbi"}, *no[] = {"ttyS0", "tty0", "hv"};

	for (size_t i = 0; i < 3; i++) {
		struct handoff h = {0};

		assert_true(arch_riscv64.console(&f->l->b, span_of(yes[i], strlen(yes[i])), &h));
		assert_int_equal(h.console, HANDOFF_CONSOLE_SBI);
		assert_false(arch_riscv64.console(&f->l->b, span_of(no[i], strlen(no[i])), &h));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_jump, begin, end),
		cmocka_unit_test_setup_teardown(a_crash, begin, end),
		cmocka_unit_test_setup_teardown(an_address_by_the_user, begin, end),
		cmocka_unit_test_setup_teardown(an_initrd_below_the_kernel, begin, end),
		cmocka_unit_test_setup_teardown(what_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(kexec_file_load_by_release, begin, end),
		cmocka_unit_test_setup_teardown(firmware_speaks, begin, end),
	};

	return cmocka_run_group_tests_name("riscv64 layout", tests, NULL, NULL);
}
