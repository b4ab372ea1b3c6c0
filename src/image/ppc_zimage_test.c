/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "image/ppc_zimage.h"
#include "image/ppc_zimage_make.h"

static const uint8_t gz[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};

static struct span made(const struct ppc_make *m)
{
	return span_of(m->bytes, sizeof(m->bytes));
}

static void assert_text(struct span s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.ptr, want, s.len);
}

static void make(struct ppc_make *m, bool elf32, bool big)
{
	ppc_make_begin(m, elf32, big);
	ppc_make_add(m, ".text", "code", 4);
	ppc_make_add(m, ".kernel:dtb", "tree", 4);
	ppc_make_add(m, ".kernel:vmlinux.strip", gz, sizeof(gz));
	ppc_make_add(m, ".kernel:initrd", "disk", 4);
}

static void takes_the_sections_out(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 4; kind++) {
		struct ppc_make m;
		struct ppc_zimage z;

		make(&m, kind & 1, kind & 2);
		assert_int_equal(ppc_zimage_read(made(&m), &z, NULL), 0);
		assert_int_equal(z.kernel.len, sizeof(gz));
		assert_memory_equal(z.kernel.ptr, gz, sizeof(gz));
		assert_int_equal(z.compression, COMP_GZIP);
		assert_text(z.initrd, "disk");
		assert_text(z.dtb, "tree");
		assert_int_equal(z.wrapper32, kind & 1);
		assert_int_equal(z.wrapper_big, kind >> 1);
	}
}

static void parts_may_be_absent(void **state)
{
	(void)state;
	struct ppc_make m;
	struct ppc_zimage z;

	ppc_make_begin(&m, true, true);
	ppc_make_add(&m, ".kernel:vmlinux.strip",
		     "\x7f"
		     "ELF",
		     4);
	ppc_make_add(&m, ".kernel:initrd", "", 0);
	ppc_make_section(&m, ".kernel:dtb", SHT_NOBITS, 0x100, UINT32_MAX);
	assert_int_equal(ppc_zimage_read(made(&m), &z, NULL), 0);
	assert_int_equal(z.compression, COMP_NONE);
	assert_null(z.initrd.ptr);
	assert_null(z.dtb.ptr);
}

static void refused(const struct ppc_make *m, int want, const char *why)
{
	struct ppc_zimage z;
	struct err err = ERR_INIT;

	assert_int_equal(ppc_zimage_read(made(m), &z, &err), want);
	assert_non_null(strstr(err.text, why));
}

static void damage_is_told(void **state)
{
	(void)state;
	static const char *const names[] = {".kernel:vmlinux.strip", ".kernel:initrd",
					    ".kernel:dtb"};
	struct ppc_make m;

	for (unsigned i = 0; i < 3; i++) {
		ppc_make_begin(&m, false, false);
		if (i)
			ppc_make_add(&m, names[0], gz, sizeof(gz));
		ppc_make_section(&m, names[i], 1, PPC_MAKE_SIZE - 3, 4);
		refused(&m, -EBADMSG, names[i]);
		ppc_make_put(&m, ppc_make_at(&m, m.sections - 1) + 24, UINT64_MAX, 8);
		refused(&m, -EBADMSG, "bytes at 0xffffffffffffffff) is not in the file");
		ppc_make_put(&m, ppc_make_at(&m, m.sections - 1) + 24, PPC_MAKE_SIZE - 4, 8);
		refused(&m, i ? 0 : -ENOTSUP, "");
	}
	ppc_make_begin(&m, false, false);
	ppc_make_add(&m, ".kernel:vmlinux.strip", "", 0);
	refused(&m, -EBADMSG, "no kernel in it");
	ppc_make_begin(&m, false, false);
	ppc_make_add(&m, ".kernel:vmlinux.strip", "what", 4);
	refused(&m, -ENOTSUP, "neither an ELF file");
	make(&m, false, false);
	ppc_make_put(&m, 18, EM_S390, 2);
	refused(&m, -ENOEXEC, "");
	ppc_make_begin(&m, false, false);
	ppc_make_add(&m, ".kernel:vmlinux", gz, sizeof(gz));
	refused(&m, -ENOEXEC, "");
}

static void every_cut_is_survived(void **state)
{
	(void)state;
	struct ppc_make m;

	make(&m, true, true);
	for (size_t cut = 0; cut < PPC_MAKE_SIZE; cut++) {
		struct ppc_zimage z;
		void *copy = malloc(cut ? cut : 1);

		memcpy(copy, m.bytes, cut);
		/* The headers of the sections come last; without them it is just some ELF file. */
		assert_int_equal(ppc_zimage_read(span_of(copy, cut), &z, NULL),
				 cut < ppc_make_at(&m, m.sections) ? -ENOEXEC : 0);
		free(copy);
	}
}

/* As the probe finds it, in the order that parts of one kind are joined in. */
static void gives_its_parts(void **state)
{
	(void)state;
	static const struct {
		enum image_part_kind kind;
		const char *text;
	} want[] = {{PART_INITRD, "disk"}, {PART_DTB, "tree"}};
	struct ppc_make m;
	struct image im;

	make(&m, false, true);
	assert_int_equal(image_parse(made(&m), &im, NULL), 0);
	assert_int_equal(im.format, IMAGE_PPC_ZIMAGE);
	assert_string_equal(im.arch, "ppc64");
	assert_int_equal(im.parts.n, 1 + sizeof(want) / sizeof(*want));
	for (unsigned i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_int_equal(im.parts.v[i + 1].kind, want[i].kind);
		assert_text(im.parts.v[i + 1].data, want[i].text);
	}
	assert_ptr_equal(im.file.ptr + im.payload_off, im.parts.v[0].data.ptr);
	assert_int_equal(im.compression, COMP_GZIP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_sections_out), cmocka_unit_test(gives_its_parts),
		cmocka_unit_test(parts_may_be_absent),    cmocka_unit_test(damage_is_told),
		cmocka_unit_test(every_cut_is_survived),
	};

	return cmocka_run_group_tests_name("ppc_zimage", tests, NULL, NULL);
}
