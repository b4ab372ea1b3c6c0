/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole loads are in tests/golden/arm64.py; here what few machines and kernels have. */
#include "arch/arm64/arm64.h"
#include "arch/arm64/handoff.h"
#include "arch/dtb_fixture.h"
#include "base/align.h"
#include "plan/space.h"

#define MIB (1ull << 20)

enum { FILE_LEN = 5 * MIB + 300, IMAGE_SIZE = 7 * MIB };

static struct range ram = {1024 * MIB, 2048 * MIB};

/* A load of the fixture's machine, with an Image as Linux 6.1 makes them. */
struct arm64 {
	struct load *l;
	struct image image;
	uint8_t *file;
};

static int begin(void **state)
{
	struct arm64 *f = calloc(1, sizeof(*f));

	f->file = calloc(1, FILE_LEN);
	put_le(f->file + LI_IMAGE_SIZE, IMAGE_SIZE, 8);
	put_le(f->file + LI_FLAGS, 0xa, 8);
	memcpy(f->file + LI_MAGIC2, "ARM\x64", 4);
	assert_int_equal(image_parse(span_of(f->file, FILE_LEN), &f->image, NULL), 0);
	setup((void **)&f->l);
	f->l->b.npieces = 0;
	f->l->b.image = &f->image;
	f->l->b.usable = (struct range_list){&ram, 1, 1};
	f->l->req.arch = &arch_arm64;
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct arm64 *f = *state;

	teardown((void **)&f->l);
	free(f->file);
	free(f);
	return 0;
}

/* Everything that load/ does but the purgatory. */
static int prepare(struct arm64 *f, struct err *err)
{
	struct boot *b = &f->l->b;
	struct place all[BOOT_PIECES];
	int r = arm64_layout(b, err);

	for (size_t i = 0; !r && i < b->npieces; i++) {
		all[i] = b->pieces[i].place;
		all[i].size = align_up(all[i].size, 4096);
	}
	if (!r)
		r = space_place(&b->usable, all, b->npieces, NULL, err);
	for (size_t i = 0; !r && i < b->npieces; i++)
		b->pieces[i].place = all[i];
	return r ? r : arm64_fill(b, err);
}

static void a_jump(void **state)
{
	struct arm64 *f = *state;
	const struct boot *b = &f->l->b;
	struct err err = ERR_INIT;

	assert_int_equal(prepare(f, &err), 0);
	const struct boot_piece *k = boot_find(b, SEG_KERNEL);

	assert_int_equal(k->place.at, 1024 * MIB);
	assert_int_equal(k->place.size, IMAGE_SIZE);
	assert_int_equal(k->hashed, FILE_LEN);
	assert_int_equal(b->handoff.entry, k->place.at);
	assert_int_equal(b->handoff.args[ARM64_ARG_DTB], boot_find(b, SEG_DTB)->place.at);
	assert_int_equal(b->handoff.args[ARM64_ARG_KERNEL], 4096);
}

/* Behind the kernel's own bytes lies a signature, and a loader that copied it would write into bss.
 */
static void what_follows_the_kernel_stays_behind(void **state)
{
	struct arm64 *f = *state;
	struct err err = ERR_INIT;

	f->image.li.image_size = 4 * MIB;
	assert_int_equal(prepare(f, &err), 0);
	const struct boot_piece *k = boot_find(&f->l->b, SEG_KERNEL);

	assert_true(k->hashed == 4 * MIB && k->borrowed.len == 4 * MIB);
	assert_int_equal(k->place.size, 4 * MIB);
}

static void the_gap_below_an_old_kernel_is_zero(void **state)
{
	struct arm64 *f = *state;
	struct err err = ERR_INIT;

	f->image.li.text_offset = 0x80000;
	f->file[FILE_LEN - 1] = 0x77;
	assert_int_equal(prepare(f, &err), 0);
	const struct boot_piece *k = boot_find(&f->l->b, SEG_KERNEL);

	assert_int_equal(f->l->b.handoff.entry, k->place.at + 0x80000);
	assert_int_equal(k->data.len, FILE_LEN + 0x80000);
	assert_int_equal(k->hashed, FILE_LEN + 0x80000);
	assert_int_equal(k->data.ptr[k->data.len - 1], 0x77);
	assert_memory_equal(k->data.ptr + 0x80000, f->file, 64);
	for (size_t i = 0; i < 0x80000; i++)
		assert_int_equal(k->data.ptr[i], 0);
}

static void the_users_address_is_kept_or_refused(void **state)
{
	struct arm64 *f = *state;
	struct err err = ERR_INIT;

	f->l->req.has_load_address = true;
	f->l->req.load_address = 1100 * MIB + 4096;
	assert_int_equal(prepare(f, &err), -EINVAL);
	f->l->b.npieces = 0;
	f->l->req.load_address = 1100 * MIB;
	assert_int_equal(prepare(f, &err), 0);
	assert_int_equal(f->l->b.handoff.entry, 1100 * MIB);
}

static void other_files_are_refused(void **state)
{
	struct arm64 *f = *state;
	struct err err = ERR_INIT;

	f->image.format = IMAGE_VMLINUX;
	assert_int_equal(prepare(f, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "is a vmlinux; wanted is an Image"));
	f->image.format = IMAGE_LINUX_IMAGE;
	f->l->req.entry = ENTRY_32;
	assert_int_equal(prepare(f, &err), -ENOTSUP);
}

/* Gives the fixture's CPUs this enable-method. */
static void start_cpus_by(struct load *l, const char *how)
{
	struct tree t;
	struct edit e;
	struct edit_node *cpu;
	struct buf out = BUF_INIT;

	assert_int_equal(tree_open(buf_span(&l->m.fdt), &t, NULL), 0);
	assert_int_equal(edit_open(&t, &e, NULL), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(edit_make(&e, i ? "/cpus/cpu@1" : "/cpus/cpu@0", &cpu, NULL), 0);
		assert_int_equal(edit_set_text(&e, cpu, "enable-method", how, NULL), 0);
	}
	assert_int_equal(edit_write(&e, 0, &out, NULL), 0);
	edit_done(&e);
	buf_done(&l->m.fdt);
	l->m.fdt = out;
}

static void cpus_that_cannot_be_stopped_are_told(void **state)
{
	struct arm64 *f = *state;
	struct err err = ERR_INIT;

	start_cpus_by(f->l, "psci");
	assert_int_equal(prepare(f, &err), 0);
	assert_false(warns(f->l, "spin-table"));
	for (size_t i = 0; i < f->l->b.npieces; i++)
		buf_done(&f->l->b.pieces[i].data);
	f->l->b.npieces = 0;
	start_cpus_by(f->l, "spin-table");
	assert_int_equal(prepare(f, &err), 0);
	assert_true(warns(f->l, "2 CPUs are started by spin-table"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_jump, begin, end),
		cmocka_unit_test_setup_teardown(what_follows_the_kernel_stays_behind, begin, end),
		cmocka_unit_test_setup_teardown(the_gap_below_an_old_kernel_is_zero, begin, end),
		cmocka_unit_test_setup_teardown(the_users_address_is_kept_or_refused, begin, end),
		cmocka_unit_test_setup_teardown(other_files_are_refused, begin, end),
		cmocka_unit_test_setup_teardown(cpus_that_cannot_be_stopped_are_told, begin, end),
	};

	return cmocka_run_group_tests_name("arm64 layout", tests, NULL, NULL);
}
