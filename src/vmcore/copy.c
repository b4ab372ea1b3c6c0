/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmcore/copy.h"

#include <stdlib.h>
#include <string.h>

enum {
	/* Larger blocks gain nothing when read, and a capture kernel has little memory; a window
	   costs only page tables. */
	BLOCK = 1 << 20,
	WINDOW = 4 << 20,
	PAGE = 4096, /* of zero pages and of what one read error costs; not the dumped kernel's page
			size */
};

/* memcmp of the C library is the fastest loop there is; compared with itself one step on, it tests
 * for one value. */
static bool is_zero(const uint8_t *p, size_t len)
{
	enum { STEP = 16 };

	for (size_t i = 0; i < len && i < STEP; i++)
		if (p[i])
			return false;
	return len <= STEP || !memcmp(p, p + STEP, len - STEP);
}

/* Read one block; where that fails, page by page, so that one bad page costs 4 KiB and not a
 * megabyte. */
static void read_block(const struct elf_io *src, uint64_t off, uint8_t *buf, size_t len,
		       struct copy_stats *s)
{
	if (src->read_at(src->ctx, off, buf, len) >= 0)
		return;
	for (size_t at = 0; at < len; at += PAGE) {
		size_t n = len - at < PAGE ? len - at : PAGE;
		int r = src->read_at(src->ctx, off + at, buf + at, n);

		if (r >= 0)
			continue;
		memset(buf + at, 0, n);
		if (!s->lost_pages++) {
			s->first_lost = off + at;
			s->lost_errno = -r;
		}
	}
}

static int write_block(const struct copy_sink *sink, uint64_t off, const uint8_t *buf, size_t len,
		       struct copy_stats *s)
{
	size_t from = 0, at = 0;

	while (at < len) {
		size_t n = len - at < PAGE ? len - at : PAGE;
		bool zero = is_zero(buf + at, n);

		if (!zero)
			at += n;
		if (from < at && (zero || at == len)) {
			int r = sink->write_at(sink->ctx, off + from, buf + from, at - from);

			if (r < 0)
				return r;
			s->written += at - from;
		}
		if (zero)
			from = at += n;
	}
	return 0;
}

/* The next part of the source, mapped or read into @buf. Returns where it is and its length in
 * @len. */
static const uint8_t *next_part(const struct copy_job *job, uint8_t *buf, size_t *len,
				struct copy_stats *s)
{
	uint64_t rest = job->src.size - s->read;
	const uint8_t *p = NULL;

	*len = rest < WINDOW ? (size_t)rest : WINDOW;
	if (job->window)
		p = job->window(job->src.ctx, s->read, *len);
	if (p)
		return p;
	*len = rest < BLOCK ? (size_t)rest : BLOCK;
	read_block(&job->src, s->read, buf, *len, s);
	return buf;
}

int copy_sparse(const struct copy_job *job, struct copy_stats *stats)
{
	uint8_t *buf = malloc(BLOCK);
	uint64_t size = job->src.size;
	int r = 0;

	*stats = (struct copy_stats){0};
	if (!buf)
		return -ENOMEM;
	while (stats->read < size) {
		size_t len;

		stats->stopped = job->stop && *job->stop;
		if (stats->stopped)
			break;
		const uint8_t *part = next_part(job, buf, &len, stats);

		r = write_block(&job->sink, stats->read, part, len, stats);
		if (r < 0)
			break;
		stats->read += len;
		if (job->progress)
			job->progress(job->ctx, stats->read, size);
	}
	free(buf);
	return r;
}
