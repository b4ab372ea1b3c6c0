/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dump that is hostile from its first byte: opening, its log and a copy of it. Properties: what a
 * map promises and the file holds can be read and is the file's; a copy is the source, its holes
 * zero.
 */
#include "core/fuzz.h"
#include "vmcore/copy.h"
#include "vmcore/dmesg.h"

static int read_at(void *ctx, uint64_t off, void *buf, size_t len)
{
	struct span s = span_sub(*(struct span *)ctx, off, len);

	if (len && !s.ptr)
		return -ENODATA;
	if (len)
		memcpy(buf, s.ptr, len);
	return 0;
}

static int image_write(void *ctx, uint64_t off, const void *buf, size_t len)
{
	memcpy((uint8_t *)ctx + off, buf, len);
	return 0;
}

static int count(void *ctx, const char *line, size_t len)
{
	(void)line;
	*(uint64_t *)ctx += len;
	return *(uint64_t *)ctx > 64 << 20 ? -EPIPE : 0;
}

static void check_maps(const struct dump *d, struct span file, const struct dump_maps *m, bool va)
{
	uint64_t end = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct dump_map *one = &m->v[i];
		uint8_t b = 0;
		int r = va ? dump_read_va(d, one->start, &b, 1)
			   : dump_read_pa(d, one->start, &b, 1);

		assert(one->size && (!i || one->start >= end));
		end = one->start + one->size;
		assert(end > one->start);
		assert(r == (one->off < file.len ? 0 : -ENODATA));
		assert(r < 0 || b == file.ptr[one->off]);
	}
}

static void check_copy(struct span file)
{
	uint8_t *image = calloc(1, file.len + 1);
	struct copy_job job = {.src = {read_at, &file, file.len}, .sink = {image_write, image}};
	struct copy_stats s;

	assert(image && copy_sparse(&job, &s) == 0);
	assert(s.read == file.len && !s.lost_pages && s.written <= file.len);
	assert(!file.len || !memcmp(image, file.ptr, file.len));
	free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct elf_io io = {read_at, &file, size};
	struct dmesg_stats stats;
	struct err err = ERR_INIT;
	uint64_t total = 0, pa;
	struct dump d;
	int r = dump_open(&io, &d, &err);

	assert(r == 0 || err.text[0]);
	if (r == 0) {
		check_maps(&d, file, &d.by_pa, false);
		check_maps(&d, file, &d.by_va, true);
		for (uint64_t va = 1ull << 47; va; va <<= 1)
			(void)dump_translate(&d, ~va + 1, &pa);
		(void)dmesg_read(&d, 0, count, &total, &stats, &err);
		dump_done(&d);
	}
	check_copy(file);
	return 0;
}
