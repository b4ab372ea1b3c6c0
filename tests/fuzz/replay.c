/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target over the files of its seed folder, as a plain test: every seed and every past
 * crash is tried in the short tier, by any compiler.  Usage: STEM_replay SEED_DIR
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED_MAX = 16 << 20, PATH_LEN = 4096 };

static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(SEED_MAX);

	if (!f || !data) {
		perror(path);
		free(data);
		if (f)
			fclose(f);
		return -1;
	}
	size_t n = fread(data, 1, SEED_MAX, f);

	fclose(f);
	/* A copy of the exact size: valgrind and ASan then see a read past the end. */
	uint8_t *exact = realloc(data, n ? n : 1);

	LLVMFuzzerTestOneInput(exact ? exact : data, n);
	free(exact ? exact : data);
	return 0;
}

int main(int argc, char **argv)
{
	char path[PATH_LEN];
	unsigned seeds = 0;
	DIR *d = argc == 2 ? opendir(argv[1]) : NULL;

	if (!d) {
		fprintf(stderr, "usage: %s SEED_DIR (readable)\n", argv[0]);
		return 2;
	}
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", argv[1], e->d_name) >= PATH_LEN)
			continue;
		if (replay(path))
			return 1;
		seeds++;
	}
	closedir(d);
	printf("%u seeds\n", seeds);
	return seeds >= 3 ? 0 : 1;
}
