/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MS 2000
#define EVERY_MS 250

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_start(struct progress *p, const char *what)
{
	int64_t now = now_ms();

	*p = (struct progress){
		.what = what, .on = isatty(STDERR_FILENO), .begun = now, .last = now};
}

void progress_step(void *ctx, uint64_t done, uint64_t total)
{
	struct progress *p = ctx;

	if (!p->on)
		return;
	int64_t now = now_ms(), spent = now - p->begun;
	if (spent < FIRST_MS || now - p->last < EVERY_MS)
		return;
	p->last = now;
	p->drawn = true;
	double rate = (double)done / (double)spent * 1000;
	double left = rate > 0 && total > done ? (double)(total - done) / rate : 0;
	fprintf(stderr, "\r%s: %3.0f %%, %.0f of %.0f MiB, %.0f MiB/s, %.0f s left  ", p->what,
		total ? 100.0 * (double)done / (double)total : 0.0, (double)done / 1048576,
		(double)total / 1048576, rate / 1048576, left);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		putc('\n', stderr);
	p->drawn = false;
}
