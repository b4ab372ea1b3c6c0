/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/stream.h"

/*
 * How a compressed kernel begins. The magic alone will not do: the decompressor that stands before
 * it has some of them as constants. Bits that @any has may differ.
 */
enum { HEAD = 12 };

#define ANY4 0xff, 0xff, 0xff, 0xff
#define ANY7 ANY4, 0xff, 0xff, 0xff
#define ANY8 ANY4, ANY4
static const struct stream {
	enum image_compression comp;
	uint8_t bytes[HEAD], any[HEAD];
} streams[] = {
	/* The flags of an xz stream are 0 and the kind of checksum; their own CRC-32 follows. */
	{COMP_XZ, {0xfd, '7', 'z', 'X', 'Z', 0, 0, 1, 0x69, 0x22, 0xde, 0x36}, {0}},
	{COMP_XZ, {0xfd, '7', 'z', 'X', 'Z', 0, 0, 4, 0xe6, 0xd6, 0xb4, 0x46}, {0}},
	{COMP_XZ, {0xfd, '7', 'z', 'X', 'Z', 0, 0, 0, 0xff, 0x12, 0xd9, 0x41}, {0}},
	/* A bit of the frame's descriptor is reserved. */
	{COMP_ZSTD, {0x28, 0xb5, 0x2f, 0xfd}, {0, 0, 0, 0, 0xf7, ANY7}},
	/* Deflate; no flags but that of a name; XFL 0, 2 or 4; a system that gzip knows. */
	{COMP_GZIP, {0x1f, 0x8b, 8}, {0, 0, 0, 8, ANY4, 6, 0xf, 0xff, 0xff}},
	{COMP_LZ4, {0x02, 0x21, 0x4c, 0x18}, {0, 0, 0, 0, ANY8}},
	{COMP_LZO, {0x89, 'L', 'Z', 'O', 0, '\r', '\n', 0x1a, '\n', 0x10}, {[10] = 0xff, 0xff}},
	{COMP_BZIP2,
	 {'B', 'Z', 'h', '0', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59},
	 {0, 0, 0, 0xf, [10] = 0xff, 0xff}},
	/* Who packs through a pipe does not know the size: all ones. */
	{COMP_LZMA,
	 {0x5d, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	 {0, 0, 0, 0xff, 0xff}},
};

static bool begins(const uint8_t *at, const struct stream *s)
{
	for (unsigned i = 0; i < HEAD; i++)
		if ((at[i] ^ s->bytes[i]) & ~s->any[i])
			return false;
	return true;
}

enum image_compression stream_find(struct span file, size_t *at)
{
	for (; *at < file.len && file.len - *at >= HEAD; ++*at)
		for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++)
			if (begins(file.ptr + *at, &streams[i]))
				return streams[i].comp;
	return COMP_UNKNOWN;
}
