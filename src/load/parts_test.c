/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "codec/codec_fixture.h"
#include "load/line.h"
#include "load/parts.h"

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

static void add(struct unwrapped *u, enum image_part_kind kind, struct span data)
{
	const struct image_part part = {.kind = kind, .data = data, .compression = COMP_NONE};

	assert_int_equal(parts_add(&u->parts, part, NULL), 0);
}

static const struct arch with_tree = {.device_tree = true}, without_tree;

static void what_came_along_is_taken(void **state)
{
	(void)state;
	struct unwrapped u = UNWRAPPED_INIT;
	struct load_request req = {.arch = &with_tree};
	struct plan p = PLAN_INIT;
	const struct span first = text("initr");

	add(&u, PART_INITRD, first);
	add(&u, PART_DTB, text("tree"));
	add(&u, PART_CMDLINE, text("\nroot=x\tquiet \n\0y"));
	assert_int_equal(parts_take(&u, &req, &p, NULL), 0);
	/* One is not copied. */
	assert_ptr_equal(req.initrd.ptr, first.ptr);
	assert_int_equal(parts_initrd_size(&u.parts), 5);
	assert_memory_equal(req.dtb.ptr, "tree", 4);
	assert_int_equal((uintptr_t)req.dtb.ptr % 8, 0);
	req.append = "a=1";
	assert_int_equal(line_start(NULL, &req, &p, NULL), 0);
	assert_string_equal(buf_str(&p.cmdline), "root=x quiet a=1");
	assert_int_equal(p.warnings.n, 0);
	plan_done(&p);
}

/* A line in two fields goes on in the middle of a word. */
static void lines_are_joined(void **state)
{
	(void)state;
	struct unwrapped u = UNWRAPPED_INIT;
	struct load_request req = {.arch = &with_tree, .image_path = "boot.img"};
	struct plan p = PLAN_INIT;

	add(&u, PART_CMDLINE, text("root=/dev"));
	add(&u, PART_DTB, text("tree"));
	add(&u, PART_CMDLINE, text("/vda1 quiet"));
	assert_int_equal(parts_take(&u, &req, &p, NULL), 0);
	assert_int_equal(line_start(NULL, &req, &p, NULL), 0);
	assert_string_equal(buf_str(&p.cmdline), "root=/dev/vda1 quiet");
	assert_string_equal(req.dtb_path, "boot.img");
	plan_done(&p);
}

/* Microcode stands first wherever the file has it; each archive begins at a multiple of 4. */
static void initrds_are_joined(void **state)
{
	(void)state;
	struct unwrapped u = UNWRAPPED_INIT;
	struct load_request req = {.arch = &without_tree};
	struct plan p = PLAN_INIT;

	add(&u, PART_INITRD, text("one"));
	add(&u, PART_OSREL, text("none"));
	add(&u, PART_UCODE, text("micro"));
	add(&u, PART_INITRD, text("two"));
	add(&u, PART_DTB, text("tree"));
	assert_int_equal(parts_take(&u, &req, &p, NULL), 0);
	assert_int_equal(req.initrd.len, 15);
	assert_memory_equal(req.initrd.ptr, "micro\0\0\0one\0two", 15);
	assert_int_equal(parts_initrd_size(&u.parts), 15);
	assert_int_equal(req.dtb.len, 0);
	plan_done(&p);
}

/* Read from its end; sizes and sums are of the text with its zeros. */
static void a_bootconfig_ends_the_initrd(void **state)
{
	(void)state;
	static const char want[] =
		"init\0\0\0\0two\0a=1\nb\0\0\0\x08\0\0\0\x3b\x01\0\0#BOOTCONFIG\n";
	struct unwrapped u = UNWRAPPED_INIT;
	struct load_request req = {.arch = &without_tree};
	struct plan p = PLAN_INIT;

	add(&u, PART_BOOTCONFIG, text("a=1\nb"));
	add(&u, PART_INITRD, span_of("init", 5));
	add(&u, PART_INITRD, text("two"));
	assert_int_equal(parts_take(&u, &req, &p, NULL), 0);
	assert_int_equal(req.initrd.len, sizeof(want) - 1);
	assert_memory_equal(req.initrd.ptr, want, sizeof(want) - 1);
	assert_int_equal(req.initrd.len % 4, 0);
	assert_true(parts_has_bootconfig(req.initrd));
	assert_false(parts_has_bootconfig(span_of(req.initrd.ptr, req.initrd.len - 1)));
	assert_int_equal(parts_initrd_size(&u.parts), sizeof(want) - 1);
	plan_done(&p);
}

static void what_the_user_says_takes_its_place(void **state)
{
	(void)state;
	struct unwrapped u = UNWRAPPED_INIT;
	struct load_request req = {.arch = &with_tree,
				   .initrd = text("mine"),
				   .dtb = text("mine"),
				   .reuse_cmdline = true};
	struct machine m = MACHINE_INIT;
	struct plan p = PLAN_INIT;

	add(&u, PART_UCODE, text("micro"));
	add(&u, PART_INITRD, text("one"));
	add(&u, PART_DTB, text("tree"));
	add(&u, PART_CMDLINE, text("root=x"));
	assert_int_equal(parts_take(&u, &req, &p, NULL), 0);
	assert_memory_equal(req.initrd.ptr, "mine", 4);
	assert_memory_equal(req.dtb.ptr, "mine", 4);
	assert_int_equal(p.warnings.n, 2);
	assert_non_null(strstr(p.warnings.v[0], "'--initrd'"));
	assert_non_null(strstr(p.warnings.v[1], "'--dtb'"));
	assert_int_equal(buf_puts(&m.cmdline, "root=y"), 0);
	assert_int_equal(line_start(&m, &req, &p, NULL), 0);
	assert_string_equal(buf_str(&p.cmdline), "root=y");
	machine_done(&m);
	plan_done(&p);
}

static void a_packed_tree_is_unpacked(void **state)
{
	(void)state;
	struct unwrapped u = UNWRAPPED_INIT;
	struct load_request req = {.arch = &with_tree};
	struct plan p = PLAN_INIT;
	struct err err = ERR_INIT;

	add(&u, PART_DTB, span_of(packed_gzip, sizeof(packed_gzip)));
	u.parts.v[0].compression = COMP_GZIP;
	assert_int_equal(parts_take(&u, &req, &p, NULL), 0);
	assert_int_equal(req.dtb.len, 0x42e);
	u.parts.v[0].data.len -= 9;
	req.dtb.len = 0;
	assert_int_equal(parts_take(&u, &req, &p, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "the device tree in it: gzip"));
	plan_done(&p);
}

static void too_many_are_refused(void **state)
{
	(void)state;
	struct image_parts parts = {.n = PARTS_MAX - 1};

	assert_int_equal(parts_add(&parts, (struct image_part){.kind = PART_DTB}, NULL), 0);
	assert_int_equal(parts_add(&parts, (struct image_part){.kind = PART_DTB}, NULL), -EBADMSG);
	assert_int_equal(parts.n, PARTS_MAX);
}

/* Each by itself is small enough. */
static void overlays_are_bounded_together(void **state)
{
	(void)state;
	struct unwrapped u = UNWRAPPED_INIT;
	struct buf tree = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(buf_zero(&tree, 4 << 20), 0);
	add(&u, PART_DTB, buf_span(&tree));
	add(&u, PART_DTBO, span_sub(buf_span(&tree), 0, 4096));
	assert_int_equal(parts_join_dtb(&u.parts, &out, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "the tree below it"));
	buf_done(&out);
	u.parts.v[1].data.len++;
	assert_int_equal(parts_join_dtb(&u.parts, &out, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "takes too long: 0x1001 bytes, over a tree of 0x400000"));
	buf_done(&out);
	buf_done(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_along_is_taken),
		cmocka_unit_test(lines_are_joined),
		cmocka_unit_test(initrds_are_joined),
		cmocka_unit_test(a_bootconfig_ends_the_initrd),
		cmocka_unit_test(what_the_user_says_takes_its_place),
		cmocka_unit_test(a_packed_tree_is_unpacked),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(overlays_are_bounded_together),
	};

	return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
