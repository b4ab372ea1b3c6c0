/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The containers themselves are tested by their modules: image/zboot_test.c, codec/codec_test.c. */
#include "core/unit.h"

#include <string.h>

#include "../tests/images/vmlinux_make.h"
#include "base/put.h"
#include "codec/codec_fixture.h"
#include "image/linux_image.h"
#include "image/pe.h"
#include "image/ppc_zimage_make.h"
#include "image/uimage_make.h"
#include "image/uki_make.h"
#include "image/zboot.h"
#include "load/unwrap.h"

struct result {
	struct unwrapped u;
	struct err err;
};

static int unwrap(const void *file, size_t len, struct result *r)
{
	*r = (struct result){.u = UNWRAPPED_INIT, .err = ERR_INIT};
	return unwrap_kernel(span_of(file, len), &r->u, &r->err);
}

/* lz4 of old, stored: magic, length of the block, one run of literals. */
static size_t pack(const uint8_t *in, size_t len, uint8_t *out)
{
	size_t at = 9, more = len - 15;

	put_le(out, 0x184c2102, 4);
	out[8] = 0xf0;
	for (; more >= 255; more -= 255)
		out[at++] = 255;
	out[at++] = (uint8_t)more;
	memcpy(out + at, in, len);
	put_le(out + 4, at + len - 8, 4);
	return at + len;
}

static size_t pack_image(uint8_t *out)
{
	enum { LEN = 0x100 };
	uint8_t image[LEN] = {0};

	put_le(image + LI_IMAGE_SIZE, 0x1000, 8);
	memcpy(image + LI_MAGIC2, "ARM\x64", 4);
	return pack(image, LEN, out);
}

/* A zboot image around an lz4 one; no sections. */
static size_t pack_zboot(uint8_t *out)
{
	enum { PE = 0x40, PAYLOAD = 0x80 };
	uint8_t p[0x200] = "MZ\0\0zimg";
	size_t len = pack_image(p + PAYLOAD);

	put_le(p + ZBOOT_PAYLOAD_OFF, PAYLOAD, 4);
	put_le(p + ZBOOT_PAYLOAD_SIZE, len, 4);
	memcpy(p + ZBOOT_TYPE, "lz4", 4);
	put_le(p + LI_PE_OFF, PE, 4);
	memcpy(p + PE, "PE\0\0", 4);
	put_le(p + PE + 4, PE_MACHINE_ARM64, 2);
	put_le(p + PAYLOAD + len, 0x100, 4);
	return pack(p, PAYLOAD + len + 4, out);
}

static void a_compressed_image_is_unpacked(void **state)
{
	(void)state;
	uint8_t file[0x200];
	size_t len = pack_image(file);
	struct result r;

	assert_int_equal(unwrap(file, len, &r), 0);
	assert_string_equal(r.u.kernel.arch, "arm64");
	assert_int_equal(r.u.outer.format, IMAGE_LINUX_IMAGE);
	assert_ptr_equal(r.u.kernel.file.ptr, r.u.bytes[r.u.levels - 1].ptr);
	assert_int_equal(r.u.kernel.file.len, 0x100);
	unwrapped_done(&r.u);
}

/* The container lies in the bytes that what it holds will replace. */
static void a_compressed_container_is_unpacked_twice(void **state)
{
	(void)state;
	uint8_t file[0x300];
	size_t len = pack_zboot(file);
	struct result r;

	assert_int_equal(unwrap(file, len, &r), 0);
	assert_int_equal(r.u.outer.format, IMAGE_ZBOOT);
	assert_int_equal(r.u.kernel.format, IMAGE_LINUX_IMAGE);
	assert_ptr_equal(r.u.kernel.file.ptr, r.u.bytes[r.u.levels - 1].ptr);
	assert_int_equal(r.u.kernel.file.len, 0x100);
	unwrapped_done(&r.u);
}

static void what_needs_no_unpacking_is_left(void **state)
{
	(void)state;
	uint8_t file[0x200];
	struct result r;

	(void)pack_image(file);
	assert_int_equal(unwrap(file + 10, 0x100, &r), 0);
	assert_int_equal(r.u.levels, 0);
	assert_ptr_equal(r.u.kernel.file.ptr, file + 10);
}

static void damage_inside_is_told(void **state)
{
	(void)state;
	uint8_t file[0x200];
	size_t len = pack_image(file);
	struct result r;

	assert_int_equal(unwrap(file, len - 1, &r), -EBADMSG);
	assert_non_null(strstr(r.err.text, "lz4: "));
	unwrapped_done(&r.u);
	/* Sound, and no kernel. */
	assert_int_equal(unwrap(packed_gzip, sizeof(packed_gzip), &r), -ENOEXEC);
	assert_non_null(strstr(r.err.text, "what it unpacks to: is no kernel"));
	unwrapped_done(&r.u);
	/* Neither, but it begins like lzma. */
	assert_int_equal(unwrap("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0garbage", 21, &r),
			 -ENOEXEC);
	assert_null(strstr(r.err.text, "lzma"));
	unwrapped_done(&r.u);
}

/* lzma with a dictionary of 32 KiB begins like nothing; OpenWrt's have other properties, too. */
static void a_container_names_the_compression(void **state)
{
	(void)state;
	uint8_t file[UIMAGE_HEADER_SIZE + sizeof(packed_lzma)];
	struct result r;

	if (!codec_built(CODEC_LZMA))
		skip();
	memcpy(file + UIMAGE_HEADER_SIZE, packed_lzma, sizeof(packed_lzma));
	put_le(file + UIMAGE_HEADER_SIZE + 1, 0x8000, 4);
	uimage_make(file, UIMAGE_KERNEL, sizeof(packed_lzma));
	file[UIMAGE_COMP] = 3;
	uimage_make_sums(file, sizeof(packed_lzma));
	/* Sound, and no kernel. */
	assert_int_equal(unwrap(file, sizeof(file), &r), -ENOEXEC);
	assert_non_null(strstr(r.err.text, "the kernel in it: what it unpacks to: is no kernel"));
	file[UIMAGE_HEADER_SIZE + 20] ^= 0x40;
	uimage_make_sums(file, sizeof(packed_lzma));
	assert_int_equal(unwrap(file, sizeof(file), &r), -EBADMSG);
	assert_non_null(strstr(r.err.text, "the kernel in it: lzma"));
}

static int unwrap_elf(struct span file, struct result *r, struct span *elf)
{
	struct buf payload = BUF_INIT;

	*r = (struct result){.u = UNWRAPPED_INIT, .err = ERR_INIT};
	int ret = unwrap_vmlinux(file, &r->u, &payload, elf, &r->err);

	assert_int_equal(payload.len, 0);
	return ret;
}

/* A wrapper of 32 bits tells no CPU: whoever took it for the kernel would have none. */
static void a_boot_wrapper_is_no_vmlinux(void **state)
{
	(void)state;
	const struct vmlinux_make usual = VMLINUX_MAKE;
	struct buf kernel = vmlinux_make(&usual), file = BUF_INIT;
	struct ppc_make m;
	struct result r;
	struct span elf;

	ppc_make_begin(&m, true, true);
	ppc_make_section(&m, ".kernel:vmlinux.strip", SHT_PROGBITS, PPC_MAKE_SIZE, kernel.len);
	assert_int_equal(buf_add(&file, m.bytes, PPC_MAKE_SIZE), 0);
	assert_int_equal(buf_add(&file, kernel.ptr, kernel.len), 0);
	assert_int_equal(unwrap_elf(buf_span(&file), &r, &elf), 0);
	assert_ptr_equal(elf.ptr, file.ptr + PPC_MAKE_SIZE);
	assert_int_equal(elf.len, kernel.len);
	unwrapped_done(&r.u);
	/* Nor where what it holds is none. */
	memset(file.ptr + PPC_MAKE_SIZE + 16, 0, kernel.len - 16);
	assert_int_equal(unwrap_elf(buf_span(&file), &r, &elf), -EBADMSG);
	assert_non_null(strstr(r.err.text, "the kernel in it: "));
	unwrapped_done(&r.u);
	buf_done(&kernel);
	buf_done(&file);
}

/* A module has version sums as well. */
static void any_other_elf_file_is_its_own(void **state)
{
	(void)state;
	struct ppc_make m;
	struct result r;
	struct span elf;

	ppc_make_begin(&m, false, false);
	ppc_make_put(&m, 16, ET_REL, 2);
	assert_int_equal(unwrap_elf(span_of(m.bytes, sizeof(m.bytes)), &r, &elf), 0);
	assert_ptr_equal(elf.ptr, m.bytes);
	unwrapped_done(&r.u);
}

/* Lines of two, glued together, are nobody's. */
static void parts_of_a_kind_are_of_one_container(void **state)
{
	(void)state;
	static const struct {
		enum image_part_kind kind;
		const char *text;
	} want[] = {{PART_INITRD, "outer"}, {PART_CMDLINE, "quiet"}, {PART_DTB, "inner"}};
	uint8_t image[0x100] = {0};
	struct uki_make inner, outer;
	struct result r;

	put_le(image + LI_IMAGE_SIZE, 0x1000, 8);
	memcpy(image + LI_MAGIC2, "ARM\x64", 4);
	uki_make_begin(&inner, PE_MACHINE_ARM64);
	uki_make_add(&inner, ".linux", image, sizeof(image));
	uki_make_text(&inner, ".cmdline", "root=/dev/sda1");
	uki_make_text(&inner, ".initrd", "inner");
	uki_make_text(&inner, ".dtb", "inner");
	uki_make_begin(&outer, PE_MACHINE_ARM64);
	uki_make_add(&outer, ".linux", inner.bytes, inner.len);
	uki_make_text(&outer, ".cmdline", "quiet");
	uki_make_text(&outer, ".initrd", "outer");
	assert_int_equal(unwrap(outer.bytes, outer.len, &r), 0);
	assert_int_equal(r.u.kernel.format, IMAGE_LINUX_IMAGE);
	assert_int_equal(r.u.parts.n, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(r.u.parts.v[i].kind, want[i].kind);
		assert_memory_equal(r.u.parts.v[i].data.ptr, want[i].text, 5);
	}
	unwrapped_done(&r.u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_compressed_image_is_unpacked),
		cmocka_unit_test(a_compressed_container_is_unpacked_twice),
		cmocka_unit_test(what_needs_no_unpacking_is_left),
		cmocka_unit_test(damage_inside_is_told),
		cmocka_unit_test(a_container_names_the_compression),
		cmocka_unit_test(a_boot_wrapper_is_no_vmlinux),
		cmocka_unit_test(any_other_elf_file_is_its_own),
		cmocka_unit_test(parts_of_a_kind_are_of_one_container),
	};

	return cmocka_run_group_tests_name("unwrap", tests, NULL, NULL);
}
