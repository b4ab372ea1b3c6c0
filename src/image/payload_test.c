/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "base/put.h"
#include "codec/codec_fixture.h"
#include "codec/legacy_fixture.h"
#include "elf/format.h"
#include "elf/note.h"
#include "image/inside.h"
#include "image/payload.h"

enum { TEXT = 1070, NOTES = ELF64_EHDR_SIZE + 3 * ELF64_PHDR_SIZE };

/* An image that is its payload: @packed, and the size word that the kernel's build appends. */
static struct image image_of(struct buf *file, enum image_compression c, struct span packed,
			     uint32_t size)
{
	uint8_t word[4];

	put_le(word, size, 4);
	file->len = 0;
	buf_add(file, packed.ptr, packed.len);
	if (c != COMP_GZIP)
		buf_add(file, word, 4);
	return (struct image){.file = buf_span(file),
			      .compression = c,
			      .payload_size = file->len,
			      .unpacked_size = size};
}

static void unpacks_all_of_it(void **state)
{
	struct buf file = BUF_INIT, out = BUF_INIT;

	(void)state;
	for (enum image_compression c = COMP_GZIP; c <= COMP_BZIP2; c++) {
		const struct fixture *f = fixtures;
		struct err err = ERR_INIT;

		while (f->codec != image_codec(c))
			f++;
		struct image m = image_of(&file, c, f->in, TEXT);
		int r = image_payload(&m, 1 << 20, &out, &err);

		assert_int_equal(r, codec_built(f->codec) ? 0 : -ENOTSUP);
		assert_int_equal(out.len, r ? 0 : TEXT);
		assert_int_equal(!r, !err.text[0]);
		out.len = 0;
	}
	buf_done(&file);
	buf_done(&out);
}

static void assert_refused(const struct image *m, uint64_t limit, int code, const char *why)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(image_payload(m, limit, &out, &err), -code);
	assert_string_equal(err.text, why);
	assert_int_equal(out.len, 0);
	buf_done(&out);
}

static void finds_a_lie_about_the_size(void **state)
{
	struct buf file = BUF_INIT;
	struct image m;

	(void)state;
	if (!codec_built(CODEC_LZMA))
		skip();
	m = image_of(&file, COMP_LZMA, span_of(packed_lzma, sizeof(packed_lzma)), TEXT - 1);
	assert_refused(&m, 1 << 20, EBADMSG,
		       "payload: unpacks to more than the 1069 bytes that it says");
	m.unpacked_size = TEXT + 1;
	assert_refused(&m, 1 << 20, EBADMSG,
		       "payload: unpacks to 1070 bytes, not to the 1071 that it says");
	assert_refused(&m, 100, EFBIG, "payload: unpacks to more than 100 bytes");
	m.payload_size -= 5;
	assert_refused(&m, 1 << 20, EBADMSG, "payload: lzma stream has no end");
	m.payload_size = 0;
	assert_refused(&m, 1 << 20, ENOTSUP, "does not say where its payload lies");
	buf_done(&file);
}

/* After a full block the size word could be the length of another: 8 MiB is one. */
static void cuts_off_the_size_word(void **state)
{
	struct buf packed = BUF_INIT, file = BUF_INIT, out = BUF_INIT;

	(void)state;
	if (!codec_built(CODEC_LZ4))
		skip();
	buf_add(&packed, "\x02\x21\x4c\x18", 4);
	add_legacy_block(&packed, LEGACY_BLOCK);
	struct image m = image_of(&file, COMP_LZ4, buf_span(&packed), LEGACY_BLOCK);

	assert_int_equal(image_payload(&m, 1 << 24, &out, NULL), 0);
	assert_int_equal(out.len, LEGACY_BLOCK);
	buf_done(&packed);
	buf_done(&file);
	buf_done(&out);
}

static void takes_a_bare_payload_as_it_is(void **state)
{
	struct image m = {.file = span_of("headELF", 7),
			  .compression = COMP_NONE,
			  .payload_off = 4,
			  .payload_size = 3,
			  .unpacked_size = 3};
	struct buf out = BUF_INIT;

	(void)state;
	assert_refused(&m, 2, EFBIG, "payload: is longer than 2 bytes");
	assert_int_equal(image_payload(&m, 3, &out, NULL), 0);
	assert_string_equal(buf_str(&out), "ELF");
	m.compression = COMP_UNKNOWN;
	assert_refused(&m, 3, ENOTSUP, "payload: no compression that we know");
	buf_done(&out);
}

static void put_phdr(uint8_t *p, uint32_t type, uint64_t paddr, uint64_t memsz)
{
	put_le(p, type, 4);
	put_le(p + 24, paddr, 8);
	put_le(p + 40, memsz, 8);
}

/* Two segments with a hole between them, a note behind another, a banner. */
static struct buf vmlinux(void)
{
	struct buf b = BUF_INIT;
	uint8_t *p;
	size_t notes;

	buf_zero(&b, NOTES);
	elf_note_add(&b, false, "Xen", 3, span_of("nothing", 7));
	elf_note_add(&b, false, "GNU", NT_GNU_BUILD_ID, span_of("\x01\xab\0\xff", 4));
	notes = b.len - NOTES;
	buf_puts(&b, "Linux version of old, Linux version %s, Linux version 6.1.0-9 (a@b)");
	p = b.ptr;
	memcpy(p,
	       "\x7f"
	       "ELF\2\1\1",
	       7);
	put_le(p + 16, ET_EXEC, 2);
	put_le(p + 18, EM_X86_64, 2);
	put_le(p + 20, 1, 4);
	put_le(p + 32, ELF64_EHDR_SIZE, 8);
	put_le(p + 52, ELF64_EHDR_SIZE, 2);
	put_le(p + 54, ELF64_PHDR_SIZE, 2);
	put_le(p + 56, 3, 2);
	put_phdr(p + 64, PT_LOAD, 0x3000000, 0x1800);
	put_phdr(p + 64 + ELF64_PHDR_SIZE, PT_LOAD, 0x1000000, 0x400000);
	put_phdr(p + 64 + 2 * ELF64_PHDR_SIZE, PT_NOTE, 0, 0);
	put_le(p + 64 + 2 * ELF64_PHDR_SIZE + 8, NOTES, 8);
	put_le(p + 64 + 2 * ELF64_PHDR_SIZE + 32, notes, 8);
	return b;
}

static void looks_inside(void **state)
{
	struct buf b = vmlinux();
	struct image m = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(image_look_inside(&m, buf_span(&b), &err), 0);
	assert_int_equal(m.build_id_len, 4);
	assert_memory_equal(m.build_id, "\x01\xab\0\xff", 4);
	assert_int_equal(m.footprint_running, 0x2001800);
	assert_string_equal(m.version, "6.1.0-9");
	/* The header's release is the better one. */
	strcpy(m.version, "old");
	assert_int_equal(image_look_inside(&m, buf_span(&b), &err), 0);
	assert_string_equal(m.version, "old");
	/* In any order. */
	put_phdr(b.ptr + 64, PT_LOAD, 0x1000000, 0x400000);
	put_phdr(b.ptr + 64 + ELF64_PHDR_SIZE, PT_LOAD, 0x3000000, 0x1800);
	assert_int_equal(image_look_inside(&m, buf_span(&b), &err), 0);
	assert_int_equal(m.footprint_running, 0x2001800);
	/* A segment that wraps around: no size rather than a wrong one. */
	put_le(b.ptr + 64 + 40, UINT64_MAX, 8);
	assert_int_equal(image_look_inside(&m, buf_span(&b), &err), 0);
	assert_int_equal(m.footprint_running, 0);
	buf_done(&b);
}

static void survives_any_cut(void **state)
{
	struct buf b = vmlinux();

	(void)state;
	for (size_t n = 0; n < b.len; n++) {
		uint8_t *copy = malloc(n ? n : 1);
		struct image m = {0};
		struct err err = ERR_INIT;

		assert_non_null(copy);
		memcpy(copy, b.ptr, n);
		int r = image_look_inside(&m, span_of(copy, n), &err);

		assert_true(r == 0 || r == -EBADMSG);
		assert_int_equal(!r, !err.text[0]);
		assert_true(n >= NOTES || r);
		free(copy);
	}
	buf_done(&b);
}

/* A note of memory without headers, and one like it in a vDSO before it. */
static void finds_the_build_id_in_bare_memory(void **state)
{
	static const uint8_t note[16] = {4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U'};
	struct buf vdso = vmlinux();
	struct image m = {.format = IMAGE_LINUX_IMAGE};
	uint8_t *mem = calloc(1, 0x4000);

	(void)state;
	assert_non_null(mem);
	assert_true(vdso.len + 100 < 0x1000);
	memcpy(mem + 0x1000, vdso.ptr, vdso.len);
	put_phdr(mem + 0x1000 + 64, PT_LOAD, 0x1000000, 0x400000);
	put_le(mem + 0x1000 + 64 + 32, 0x1000, 8); /* its bytes: to 0x2000 */
	memcpy(mem + 0x1ff0 - 40, note, 16);
	memset(mem + 0x1ff0 - 24, 0x11, 20);
	memcpy(mem + 0x3001, note, 16); /* not at a multiple of 4 */
	memcpy(mem + 0x3100, note, 16);
	memset(mem + 0x3110, 0x22, 20);
	assert_int_equal(image_look_inside(&m, span_of(mem, 0x4000), NULL), 0);
	assert_int_equal(m.build_id_len, 20);
	assert_int_equal(m.build_id[0], 0x22);
	assert_int_equal(m.nnotes, 1);
	assert_string_equal(m.notes[0].name, "GNU");
	free(mem);
	buf_done(&vdso);
}

static void finds_the_configuration(void **state)
{
	uint8_t mem[0x400] = {0};
	struct image m = {.format = IMAGE_LINUX_IMAGE};

	(void)state;
	memcpy(mem + 101, "IKCFG_ST", 8);
	memcpy(mem + 109, packed_gzip, sizeof(packed_gzip));
	image_find_config(&m, span_of(mem, sizeof(mem)));
	assert_int_equal(m.parts.n, 0);
	memcpy(mem + 109 + sizeof(packed_gzip), "IKCFG_ED", 8);
	image_find_config(&m, span_of(mem, sizeof(mem)));
	assert_int_equal(m.parts.n, 1);
	assert_int_equal(m.parts.v[0].kind, PART_CONFIG);
	assert_ptr_equal(m.parts.v[0].data.ptr, mem + 109);
	assert_int_equal(m.parts.v[0].data.len, sizeof(packed_gzip));
}

/* An ELF file is wanted up to the end of its notes, once that is known. */
static void wants_no_more_than_the_notes(void **state)
{
	struct buf b = vmlinux();

	(void)state;
	assert_int_equal(image_head_wanted(span_sub(buf_span(&b), 0, 100)), UINT64_MAX);
	assert_true(image_head_wanted(buf_span(&b)) > NOTES);
	assert_true(image_head_wanted(buf_span(&b)) <= b.len);
	assert_int_equal(image_head_wanted(span_of("not ELF", 7)), UINT64_MAX);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks_all_of_it),
		cmocka_unit_test(finds_a_lie_about_the_size),
		cmocka_unit_test(cuts_off_the_size_word),
		cmocka_unit_test(takes_a_bare_payload_as_it_is),
		cmocka_unit_test(looks_inside),
		cmocka_unit_test(survives_any_cut),
		cmocka_unit_test(finds_the_build_id_in_bare_memory),
		cmocka_unit_test(finds_the_configuration),
		cmocka_unit_test(wants_no_more_than_the_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
