/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links an arm64 purgatory for arm64_stub.S and tells it what a scenario wants:
 *	arm64_image OBJECT SCENARIO hvc|smc    writes image.bin, payload.bin and image.inc into this
 *folder
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "arch/arm64/handoff.h"
#include "arch/arm64/reloc.h"
#include "base/align.h"
#include "base/sha256.h"
#include "core/file.h"
#include "purgatory/handoff.h"
#include "purgatory/psci.h"

/* arm64_run.py links the stub to these. */
enum { NEXT = 0x41000000, PURGATORY = 0x44000000, PAYLOAD = 0x46000000, DTB = 0x47000000 };
enum { KERNEL = 300000, INITRD = 4097, UART = 0x09000000 };

static uint8_t payload[KERNEL + INITRD];

static void digest_of(const void *data, size_t len, uint8_t digest[SHA256_SIZE])
{
	struct sha256 s;

	sha256_init(&s, NULL);
	sha256_update(&s, data, len);
	sha256_final(&s, digest);
}

static void add_region(struct handoff *h, const char *name, size_t off, size_t len)
{
	struct handoff_region *r = &h->regions[h->nregions++];

	r->start = PAYLOAD + off;
	r->len = len;
	snprintf(r->name, sizeof(r->name), "%s", name);
	digest_of(payload + off, len, r->digest);
}

static struct handoff make_handoff(const char *scenario, const char *conduit, uint64_t size)
{
	bool smc = !strcmp(conduit, "smc"), guess = strstr(scenario, "guess");
	struct handoff h = {
		.magic = HANDOFF_MAGIC,
		.version = HANDOFF_VERSION,
		.size = sizeof(h),
		.on_mismatch = strstr(scenario, "halt") ? HANDOFF_HALT : HANDOFF_RESET,
		.console = HANDOFF_CONSOLE_PL011,
		.console_addr = UART,
		.entry = NEXT,
		.args = {[ARM64_ARG_DTB] = DTB,
			 [ARM64_ARG_IMAGE] = PURGATORY,
			 [ARM64_ARG_SIZE] = size,
			 [ARM64_ARG_PSCI] = guess ? PSCI_UNKNOWN
					    : smc ? PSCI_SMC
						  : PSCI_HVC,
			 [ARM64_ARG_KERNEL] = strstr(scenario, "16k") ? 16384 : 4096},
	};

	if (strcmp(scenario, "unverified") != 0) {
		add_region(&h, "kernel", 0, KERNEL);
		add_region(&h, "initrd", KERNEL, INITRD);
	}
	/* Memory that is not there, and that no map of ours can reach: read without caches. */
	if (!strcmp(scenario, "nowhere")) {
		h.regions[1].start = 1ull << 50;
		h.regions[1].len = 4096;
	}
	digest_of(&h, offsetof(struct handoff, digest), h.digest);
	if (!strcmp(scenario, "table"))
		h.regions[1].len ^= 1;
	if (!strncmp(scenario, "damaged", 7))
		payload[KERNEL + 17] ^= 0x20;
	return h;
}

static int write_file(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(data, 1, len, f) != len || fclose(f)) {
		perror(path);
		return -1;
	}
	return 0;
}

static int make(const char *object, const char *scenario, const char *conduit, struct err *err)
{
	struct buf file = BUF_INIT, image = BUF_INIT, inc = BUF_INIT;
	uint64_t start = 0, handoff = 0;
	struct link l;
	int r = file_read(AT_FDCWD, object, 1 << 20, &file, err);

	if (r < 0 || (r = link_open(buf_span(&file), &arm64_link_rules, &l, err)) < 0)
		goto out;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 2654435761u >> 13);
	struct handoff h = make_handoff(scenario, conduit, align_up(l.size, 4096));

	if ((r = link_symbol(&l, "purgatory_start", &start, NULL, err)) < 0 ||
	    (r = link_symbol(&l, "baton_handoff", &handoff, NULL, err)) < 0 ||
	    (r = link_at(&l, PURGATORY, &image, err)) < 0)
		goto close;
	memcpy(image.ptr + handoff, &h, sizeof(h));
	(void)buf_printf(&inc, "#define PURGATORY_START 0x%llx\n#define DTB 0x%x\n",
			 (unsigned long long)(PURGATORY + start), DTB);
	if (write_file("image.bin", image.ptr, image.len) < 0 ||
	    write_file("payload.bin", payload, sizeof(payload)) < 0 ||
	    write_file("image.inc", inc.ptr, inc.len) < 0)
		r = fail(err, EIO, "cannot write here");
close:
	link_done(&l);
out:
	buf_done(&file);
	buf_done(&image);
	buf_done(&inc);
	return r;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;

	if (argc != 4) {
		fprintf(stderr, "usage: arm64_image OBJECT SCENARIO hvc|smc\n");
		return 2;
	}
	if (make(argv[1], argv[2], argv[3], &err) < 0) {
		fprintf(stderr, "%s: %s\n", argv[1], err.text);
		return 1;
	}
	return 0;
}
