/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "image/uki.h"
#include "image/uki_make.h"

static void assert_text(struct span s, const char *want)
{
	assert_non_null(s.ptr);
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.ptr, want, s.len);
}

static struct span made(const struct uki_make *m)
{
	return span_of(m->bytes, m->len);
}

static void make_plain(struct uki_make *m)
{
	uki_make_begin(m, PE_MACHINE_X86_64);
	uki_make_text(m, ".text", "stub");
	uki_make_text(m, ".osrel", "ID=debian\n");
	uki_make_text(m, ".cmdline", "quiet root=/dev/vda\n");
	uki_make_add(m, ".uname", "6.1.0-50\0\0", 10);
	uki_make_text(m, ".ucode", "microcode");
	uki_make_text(m, ".initrd", "cpio");
	uki_make_text(m, ".dtb", "first tree");
	uki_make_text(m, ".dtb", "second tree");
	uki_make_text(m, ".dtbauto", "third tree");
	uki_make_text(m, ".linux", "the kernel");
}

static void takes_the_sections_out(void **state)
{
	(void)state;
	struct uki_make m;
	struct uki u;

	make_plain(&m);
	assert_int_equal(uki_read(made(&m), 0, &u, NULL), 0);
	assert_int_equal(u.machine, PE_MACHINE_X86_64);
	assert_int_equal(u.profiles, 1);
	assert_text(u.kernel, "the kernel"); /* not its padding */
	assert_text(u.ucode, "microcode");
	assert_text(u.initrd, "cpio");
	assert_text(u.cmdline, "quiet root=/dev/vda");
	assert_text(u.uname, "6.1.0-50");
	assert_text(u.osrel, "ID=debian\n");
	assert_text(u.dtb, "first tree");
	assert_int_equal(u.dtbs, 3);
}

/* The example of the specification, with a base profile that all share. */
static void make_profiles(struct uki_make *m)
{
	uki_make_begin(m, PE_MACHINE_ARM64);
	uki_make_text(m, ".linux", "base kernel");
	uki_make_text(m, ".cmdline", "quiet");
	uki_make_text(m, ".dtb", "base tree");
	uki_make_text(m, ".profile", "ID=regular");
	uki_make_text(m, ".profile", "ID=factory-reset");
	uki_make_text(m, ".cmdline", "quiet reset");
	uki_make_text(m, ".dtb", "reset tree");
	uki_make_text(m, ".profile", "ID=other");
	uki_make_text(m, ".linux", "other kernel");
}

static void a_profile_overrides_the_base(void **state)
{
	(void)state;
	struct uki_make m;
	struct uki u;
	struct err err = ERR_INIT;

	make_profiles(&m);
	assert_int_equal(uki_read(made(&m), 0, &u, NULL), 0);
	assert_int_equal(u.profiles, 3);
	assert_text(u.kernel, "base kernel");
	assert_text(u.cmdline, "quiet");
	assert_text(u.dtb, "base tree");
	assert_int_equal(uki_read(made(&m), 1, &u, NULL), 0);
	assert_text(u.cmdline, "quiet reset");
	assert_text(u.dtb, "reset tree");
	assert_int_equal(u.dtbs, 1);
	assert_text(u.kernel, "base kernel");
	assert_int_equal(uki_read(made(&m), 2, &u, NULL), 0);
	assert_text(u.kernel, "other kernel");
	assert_text(u.cmdline, "quiet");
	for (unsigned n = 3; n < 200; n += 61)
		assert_int_equal(uki_read(made(&m), n, &u, &err), -EINVAL);
	assert_string_equal(err.text, "has no profile 186; its profiles are 0 to 2");
	assert_int_equal(uki_read(made(&m), UINT32_MAX, &u, NULL), -EINVAL);
}

static void refused(const struct uki_make *m, int want, const char *why)
{
	struct uki u;
	struct err err = ERR_INIT;

	assert_int_equal(uki_read(made(m), 0, &u, &err), want);
	assert_non_null(strstr(err.text, why));
}

static void damage_is_told(void **state)
{
	(void)state;
	struct uki_make m;

	make_plain(&m);
	uki_make_text(&m, ".linux", "again");
	refused(&m, -EBADMSG, ".linux stands twice");
	make_profiles(&m);
	uki_make_text(&m, ".linux", "again"); /* in the last profile, which is not the wanted one */
	refused(&m, -EBADMSG, ".linux stands twice");
	make_plain(&m);
	put_le(uki_make_last(&m) + 20, UINT32_MAX, 4);
	refused(&m, -EBADMSG, "bytes at 0xffffffff) is not in the file");
	make_plain(&m);
	put_le(uki_make_last(&m) + 16, 0, 4); /* no bytes, whatever it takes in memory */
	refused(&m, -EBADMSG, "has no kernel");
	uki_make_begin(&m, PE_MACHINE_X86_64);
	for (int i = 0; i <= UKI_PROFILES_MAX; i++)
		uki_make_text(&m, i ? ".profile" : ".linux", i ? "" : "x");
	put_le(m.bytes + UKI_MAKE_PE + 6, 2, 2);
	refused(&m, 0, "");
}

/* Sizes at their edges: without a size in memory all of the file's count; one larger than the
 * file's is zeros, which nobody needs. */
static void sizes_of_a_section(void **state)
{
	(void)state;
	struct uki_make m;
	struct uki u;

	make_plain(&m);
	put_le(uki_make_last(&m) + 8, 0, 4);
	assert_int_equal(uki_read(made(&m), 0, &u, NULL), 0);
	assert_int_equal(u.kernel.len, 64);
	put_le(uki_make_last(&m) + 8, UINT32_MAX, 4);
	assert_int_equal(uki_read(made(&m), 0, &u, NULL), 0);
	assert_int_equal(u.kernel.len, 64);
}

static void a_plain_program_is_none(void **state)
{
	(void)state;
	struct uki_make m;

	uki_make_begin(&m, PE_MACHINE_X86_64);
	uki_make_text(&m, ".text", "stub");
	uki_make_text(&m, ".linux2", "no kernel");
	uki_make_text(&m, ".linuxes", "no kernel"); /* 8 bytes, no NUL */
	refused(&m, -ENOEXEC, "");
	uki_make_begin(&m, PE_MACHINE_X86_64);
	refused(&m, -ENOEXEC, "");
}

/* The defect of kexec-tools: any file that is no PE file was read beyond its end. */
static void every_cut_is_survived(void **state)
{
	(void)state;
	struct uki_make m;
	struct uki u;

	make_plain(&m);
	for (size_t cut = 0; cut < m.len; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);
		int r;

		memcpy(copy, m.bytes, cut);
		r = uki_read(span_of(copy, cut), 0, &u, NULL);
		free(copy);
		/* The last 54 bytes pad the last section. */
		if (cut >= m.len - 54)
			assert_int_equal(r, 0);
		else
			assert_int_equal(r, cut < UKI_MAKE_TABLE + 400 ? -ENOEXEC : -EBADMSG);
	}
}

/* As the probe finds it, in the order that parts of one kind are joined in. */
static void gives_its_parts(void **state)
{
	(void)state;
	static const struct {
		enum image_part_kind kind;
		const char *text;
	} want[] = {{PART_KERNEL, "the kernel"},
		    {PART_UCODE, "microcode"},
		    {PART_INITRD, "cpio"},
		    {PART_DTB, "first tree"},
		    {PART_CMDLINE, "quiet root=/dev/vda"},
		    {PART_UNAME, "6.1.0-50"},
		    {PART_OSREL, "ID=debian\n"}};
	struct uki_make m;
	struct image im;

	make_plain(&m);
	assert_int_equal(image_parse(made(&m), &im, NULL), 0);
	assert_int_equal(im.format, IMAGE_UKI);
	assert_string_equal(im.arch, "x86_64");
	assert_int_equal(im.parts.n, sizeof(want) / sizeof(*want));
	for (unsigned i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_int_equal(im.parts.v[i].kind, want[i].kind);
		assert_text(im.parts.v[i].data, want[i].text);
	}
	assert_ptr_equal(im.file.ptr + im.payload_off, im.parts.v[0].data.ptr);
	assert_string_equal(im.version, "6.1.0-50");
	assert_string_equal(im.about, "profile 0 of 1 from 0 on, 3 device trees");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_sections_out),
		cmocka_unit_test(gives_its_parts),
		cmocka_unit_test(a_profile_overrides_the_base),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(sizes_of_a_section),
		cmocka_unit_test(a_plain_program_is_none),
		cmocka_unit_test(every_cut_is_survived),
	};

	return cmocka_run_group_tests_name("uki", tests, NULL, NULL);
}
