/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack FILE LIMIT: codec_unpack() of a whole file, twice into the same memory: the first time
 * most of it is the kernel's work, which clears that memory. Prints what it returned, processor
 * seconds of the first and of the second time, bytes, peak memory in KiB.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include "codec/codec.h"
#include "core/file.h"

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;
	struct rusage u;
	size_t used;

	if (argc != 3 || file_read(AT_FDCWD, argv[1], UINT64_MAX, &in, &err))
		return 2;
	double took[2];
	int r = 0;

	for (int i = 0; i < 2; i++) {
		double start = cpu_s();

		out.len = 0;
		r = codec_unpack(codec_probe(buf_span(&in)), buf_span(&in),
				 strtoull(argv[2], NULL, 0), &out, &used, &err);
		took[i] = cpu_s() - start;
	}
	getrusage(RUSAGE_SELF, &u);
	printf("%d %.6f %.6f %zu %ld\n", r, took[0], took[1], out.len, u.ru_maxrss);
	return 0;
}
