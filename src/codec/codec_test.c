/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "codec/codec.h"
#include "codec/codec_fixture.h"
#include "codec/legacy_fixture.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* The text of tests/images/codec_fixtures.py. */
static struct buf text(void)
{
	struct buf b = BUF_INIT;

	for (int n = 0; n < 40; n++)
		assert_int_equal(buf_printf(&b, "%d: the baton is handed on\n", n), 0);
	return b;
}

/* Of a copy as long as the input: valgrind and ASan see a read too far. */
static int unpack(enum codec c, struct span in, uint64_t limit, struct buf *out, size_t *used)
{
	uint8_t *copy = malloc(in.len ? in.len : 1);
	struct err err = ERR_INIT;
	size_t len = out->len;

	assert_non_null(copy);
	if (in.len)
		memcpy(copy, in.ptr, in.len);
	int r = codec_unpack(c, span_of(copy, in.len), limit, out, used, &err);

	free(copy);
	assert_true(r <= 0);
	assert_int_equal(!r, !err.text[0]);
	if (r)
		assert_int_equal(out->len, len);
	return r;
}

static void assert_text(const struct buf *out, size_t times)
{
	struct buf want = text();

	assert_int_equal(out->len, want.len * times);
	for (size_t i = 0; i < times; i++)
		assert_memory_equal(out->ptr + i * want.len, want.ptr, want.len);
	buf_done(&want);
}

static bool built(const struct fixture *f)
{
	return codec_built(f->codec);
}

static void unpacks_what_the_tools_packed(void **state)
{
	(void)state;
	for (const struct fixture *f = fixtures; f < fixtures + COUNT(fixtures); f++) {
		struct buf out = BUF_INIT;
		size_t used = 0;

		assert_int_equal(codec_probe(f->in), f->codec);
		if (!built(f))
			continue;
		assert_int_equal(unpack(f->codec, f->in, UINT64_MAX, &out, &used), 0);
		assert_text(&out, 1);
		assert_int_equal(used, f->in.len);
		buf_done(&out);
	}
}

/* Behind the stream: the caller's. Before the output: what was there. */
static void leaves_what_follows(void **state)
{
	static const char tails[][5] = {"\x10\x20\x30\x40", "\x01\0\0\0", "\0\0\0\0"};

	(void)state;
	for (size_t i = 0; i < COUNT(fixtures) * COUNT(tails); i++) {
		const struct fixture *f = &fixtures[i / COUNT(tails)];
		struct buf in = BUF_INIT, out = BUF_INIT;
		size_t used = 0;

		if (!built(f))
			continue;
		buf_add(&in, f->in.ptr, f->in.len);
		buf_add(&in, tails[i % COUNT(tails)], 4);
		buf_puts(&out, "before");
		assert_int_equal(unpack(f->codec, buf_span(&in), UINT64_MAX, &out, &used), 0);
		assert_int_equal(used, f->in.len);
		assert_memory_equal(out.ptr, "before", 6);
		memmove(out.ptr, out.ptr + 6, out.len -= 6);
		assert_text(&out, 1);
		buf_done(&in);
		buf_done(&out);
	}
}

static void unpacks_concatenated_streams(void **state)
{
	(void)state;
	for (const struct fixture *f = fixtures; f < fixtures + COUNT(fixtures); f++) {
		struct buf in = BUF_INIT, out = BUF_INIT;
		size_t used = 0, times = f->codec == CODEC_LZMA ? 1 : 3;

		if (!built(f))
			continue;
		for (int n = 0; n < 3; n++)
			buf_add(&in, f->in.ptr, f->in.len);
		assert_int_equal(unpack(f->codec, buf_span(&in), UINT64_MAX, &out, &used), 0);
		assert_int_equal(used, f->in.len * times);
		assert_text(&out, times);
		/* The last of them is cut. */
		if (times > 1)
			assert_int_equal(unpack(f->codec, span_of(in.ptr, in.len - 1), UINT64_MAX,
						&out, &used),
					 -EBADMSG);
		buf_done(&in);
		buf_done(&out);
	}
}

static void keeps_to_the_limit(void **state)
{
	struct buf want = text();

	(void)state;
	for (const struct fixture *f = fixtures; f < fixtures + COUNT(fixtures); f++) {
		struct buf out = BUF_INIT;
		size_t used = 0;

		if (!built(f))
			continue;
		for (uint64_t n = 0; n < want.len; n += n < 4 ? 1 : want.len / 9)
			assert_int_equal(unpack(f->codec, f->in, n, &out, &used), -EFBIG);
		assert_int_equal(unpack(f->codec, f->in, want.len - 1, &out, &used), -EFBIG);
		assert_int_equal(used, 0);
		assert_int_equal(unpack(f->codec, f->in, want.len, &out, &used), 0);
		buf_done(&out);
	}
	buf_done(&want);
}

static void refuses_a_cut_anywhere(void **state)
{
	(void)state;
	for (const struct fixture *f = fixtures; f < fixtures + COUNT(fixtures); f++) {
		struct buf out = BUF_INIT;
		size_t used = 0;

		for (size_t n = 0; built(f) && n < f->in.len; n++) {
			struct span cut = span_sub(f->in, 0, n);

			assert_int_equal(unpack(f->codec, cut, 1 << 20, &out, &used), -EBADMSG);
		}
		buf_done(&out);
	}
}

/* A flipped bit is found, or lies where nothing depends on it (a name, a date). */
static void finds_flipped_bits(void **state)
{
	(void)state;
	for (const struct fixture *f = fixtures; f < fixtures + COUNT(fixtures); f++) {
		struct buf in = BUF_INIT, out = BUF_INIT;
		size_t used = 0, bad = 0;

		buf_add(&in, f->in.ptr, f->in.len);
		for (size_t bit = 0; built(f) && bit < in.len * 8; bit++) {
			in.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
			int r = unpack(f->codec, buf_span(&in), 1 << 20, &out, &used);

			in.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
			bad += r != 0;
			if (!r && f->checked)
				assert_text(&out, 1);
			out.len = 0;
		}
		assert_true(!built(f) || bad > in.len);
		buf_done(&in);
		buf_done(&out);
	}
}

/* Even where nothing depends on it: the mode of the file that was packed. */
static void checks_the_header_of_lzop(void **state)
{
	uint8_t in[sizeof(packed_lzop)];
	struct buf out = BUF_INIT;
	size_t used = 0;

	(void)state;
	if (!codec_built(CODEC_LZO))
		skip();
	memcpy(in, packed_lzop, sizeof(in));
	in[21] ^= 1;
	assert_int_equal(unpack(CODEC_LZO, span_of(in, sizeof(in)), 1 << 20, &out, &used),
			 -EBADMSG);
	buf_done(&out);
}

/* Blocks of 8 MiB follow each other; the first that is shorter is the last. */
static void knows_the_end_of_lz4_legacy(void **state)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	size_t used = 0, full, end;

	(void)state;
	if (!codec_built(CODEC_LZ4))
		skip();
	buf_add(&in, "\x02\x21\x4c\x18", 4);
	add_legacy_block(&in, LEGACY_BLOCK);
	full = in.len;
	add_legacy_block(&in, 100);
	end = in.len;
	buf_add(&in, "\x64\0\x80\0", 4); /* what the kernel's build appends */
	assert_int_equal(unpack(CODEC_LZ4, buf_span(&in), UINT64_MAX, &out, &used), 0);
	assert_int_equal(used, end);
	assert_int_equal(out.len, LEGACY_BLOCK + 100);
	assert_int_equal(out.ptr[out.len - 1], 0);
	/* A full block may be the last one too. */
	out.len = 0;
	assert_int_equal(unpack(CODEC_LZ4, span_of(in.ptr, full), LEGACY_BLOCK, &out, &used), 0);
	assert_int_equal(used, full);
	assert_int_equal(unpack(CODEC_LZ4, span_of(in.ptr, full + 1), LEGACY_BLOCK, &out, &used),
			 -EBADMSG);
	assert_int_equal(unpack(CODEC_LZ4, span_of(in.ptr, end), LEGACY_BLOCK, &out, &used),
			 -EFBIG);
	/* Its size follows, which could be the length of a block; or anything else does. */
	in.len = full;
	buf_add(&in, "\0\0\x80\0", 4);
	assert_int_equal(unpack(CODEC_LZ4, buf_span(&in), LEGACY_BLOCK, &out, &used), 0);
	assert_int_equal(used, full);
	in.len = full;
	buf_add(&in,
		"\0\0\0\x01"
		"behind",
		10);
	out.len = 0;
	assert_int_equal(unpack(CODEC_LZ4, buf_span(&in), LEGACY_BLOCK, &out, &used), 0);
	assert_int_equal(used, full);
	buf_done(&in);
	buf_done(&out);
}

/* RFC 8878: a block of type RLE is four bytes for 128 KiB. Stopped long before its 10 GB. */
static void stops_a_bomb(void **state)
{
	static const uint8_t rle[4] = {0x02, 0x00, 0x10, 0};
	struct buf in = BUF_INIT, out = BUF_INIT;
	size_t used = 0;

	(void)state;
	if (!codec_built(CODEC_ZSTD))
		skip();
	/* No content size, window of 128 KiB. */
	buf_add(&in, "\x28\xb5\x2f\xfd\0\x38", 6);
	for (int n = 0; n < 80000; n++)
		buf_add(&in, rle, sizeof(rle));
	assert_int_equal(unpack(CODEC_ZSTD, buf_span(&in), 16 << 20, &out, &used), -EFBIG);
	assert_true(out.cap <= 32 << 20);
	buf_done(&in);
	buf_done(&out);
}

static void refuses_what_it_does_not_know(void **state)
{
	struct buf out = BUF_INIT;
	size_t used = 0;

	(void)state;
	assert_int_equal(codec_probe(span_of(NULL, 0)), CODEC_UNKNOWN);
	assert_int_equal(codec_probe(span_of("\x7f"
					     "ELF",
					     4)),
			 CODEC_UNKNOWN);
	assert_null(codec_name(CODEC_UNKNOWN));
	assert_false(codec_built(CODEC_UNKNOWN) || codec_built(CODEC_COUNT));
	assert_int_equal(unpack(CODEC_UNKNOWN, span_of("x", 1), 9, &out, &used), -ENOTSUP);
	assert_int_equal(unpack(CODEC_COUNT, span_of("x", 1), 9, &out, &used), -ENOTSUP);
	for (size_t i = 0; i < COUNT(fixtures); i++)
		if (built(&fixtures[i]))
			assert_true(unpack(fixtures[i].codec, span_of("no packed bytes", 15), 9,
					   &out, &used) < 0);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks_what_the_tools_packed),
		cmocka_unit_test(leaves_what_follows),
		cmocka_unit_test(unpacks_concatenated_streams),
		cmocka_unit_test(keeps_to_the_limit),
		cmocka_unit_test(refuses_a_cut_anywhere),
		cmocka_unit_test(finds_flipped_bits),
		cmocka_unit_test(checks_the_header_of_lzop),
		cmocka_unit_test(knows_the_end_of_lz4_legacy),
		cmocka_unit_test(stops_a_bomb),
		cmocka_unit_test(refuses_what_it_does_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
