/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holds 64 pages with nonces in the memory of a guest, so that a dump can be proven to hold that
 * memory. Page i is filled with records of 32 bytes: "BATON-NONCE", the page's number and the
 * seed given on the command line. Prints `nonce I PHYS` per page (from /proc/self/pagemap), then
 * `nonce ready`, and stays alive.  Runs in guests only.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGES = 64, RECORD = 32 };

static uint64_t physical(int map, const void *at, size_t page)
{
	uint64_t entry = 0;
	off_t off = (off_t)((uintptr_t)at / page * sizeof(entry));

	if (pread(map, &entry, sizeof(entry), off) != sizeof(entry) || !(entry >> 63))
		return 0;
	return (entry & ((UINT64_C(1) << 55) - 1)) * page;
}

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint8_t *at = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (argc != 2 || map < 0 || at == MAP_FAILED) {
		fprintf(stderr, "usage: nonce SEED (16 hex digits), as root in a guest\n");
		return 2;
	}
	for (unsigned i = 0; i < PAGES; i++) {
		for (size_t off = 0; off < page; off += RECORD) {
			char rec[RECORD + 1];

			snprintf(rec, sizeof(rec), "BATON-NONCE %03u %-16.16s", i, argv[1]);
			memcpy(at + i * page + off, rec, RECORD);
		}
	}
	if (mlock(at, PAGES * page))
		perror("mlock");
	for (unsigned i = 0; i < PAGES; i++)
		printf("nonce %u 0x%" PRIx64 "\n", i, physical(map, at + i * page, page));
	printf("nonce ready\n");
	fflush(stdout);
	for (;;)
		pause();
}
