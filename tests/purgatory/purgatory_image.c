/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links a purgatory for stub.S and tells it what a scenario wants:
 *   image OBJECT SCENARIO      writes image.bin, payload.bin and image.inc into the current folder
 * Scenarios: ok ok32 high high32 unverified damaged damaged-halt table mode silent.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64/handoff.h"
#include "arch/x86_64/reloc.h"
#include "base/sha256.h"
#include "core/file.h"
#include "purgatory/handoff.h"

/* run.py links stub.S to these. */
enum { NEXT64 = 0x110000, NEXT32 = 0x111000, PURGATORY = 0x400000, PAYLOAD = 0x600000 };
#define GIB4 (UINT64_C(1) << 32)
enum { KERNEL = 300000, INITRD = 4097, LOW = 0x9000, LOW_LEN = 5001, BACKUP = 0x700000 };
enum { BOOT_PARAMS = 0x12345670 };

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

static struct handoff make_handoff(const char *scenario)
{
	bool is32 = strstr(scenario, "32");
	struct handoff h = {
		.magic = HANDOFF_MAGIC,
		.version = HANDOFF_VERSION,
		.size = sizeof(h),
		.on_mismatch = strstr(scenario, "halt") ? HANDOFF_HALT : HANDOFF_RESET,
		.console = strcmp(scenario, "silent") ? HANDOFF_CONSOLE_8250_PORT
						      : HANDOFF_CONSOLE_NONE,
		.console_addr = 0x3f8,
		.console_baud = is32 ? 115200 : 0,
		.entry = is32 ? NEXT32 : NEXT64,
		.backup_src = LOW,
		.backup_dst = BACKUP,
		.backup_len = LOW_LEN,
		.args = {[X86_ARG_BOOT_PARAMS] = BOOT_PARAMS,
			 [X86_ARG_MODE] = is32 ? X86_MODE_32 : X86_MODE_64},
	};

	if (!strcmp(scenario, "mode"))
		h.args[X86_ARG_MODE] = 7;
	if (strcmp(scenario, "unverified") != 0) {
		add_region(&h, "kernel", 0, KERNEL);
		add_region(&h, "initrd", KERNEL, INITRD);
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

static int make(const char *object, const char *scenario, struct err *err)
{
	struct buf file = BUF_INIT, image = BUF_INIT, inc = BUF_INIT;
	uint64_t base = strncmp(scenario, "high", 4) ? PURGATORY : GIB4 + PURGATORY;
	uint64_t start = 0, handoff = 0;
	struct link l;
	int r = file_read(AT_FDCWD, object, 1 << 20, &file, err);

	if (r < 0 || (r = link_open(buf_span(&file), &x86_64_link_rules, &l, err)) < 0)
		goto out;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 2654435761u >> 13);
	struct handoff h = make_handoff(scenario);

	if ((r = link_symbol(&l, "purgatory_start", &start, NULL, err)) < 0 ||
	    (r = link_symbol(&l, "baton_handoff", &handoff, NULL, err)) < 0 ||
	    (r = link_at(&l, base, &image, err)) < 0)
		goto close;
	memcpy(image.ptr + handoff, &h, sizeof(h));
	(void)buf_printf(&inc, "#define PURGATORY 0x%llx\n", (unsigned long long)base);
	(void)buf_printf(&inc, "#define PURGATORY_START 0x%llx\n",
			 (unsigned long long)(base + start));
	(void)buf_printf(&inc, "#define BOOT_PARAMS 0x%x\n#define BACKUP_SRC 0x%x\n", BOOT_PARAMS,
			 LOW);
	(void)buf_printf(&inc, "#define BACKUP_DST 0x%x\n#define BACKUP_LEN %d\n", BACKUP, LOW_LEN);
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

	if (argc != 3) {
		fprintf(stderr, "usage: image OBJECT SCENARIO\n");
		return 2;
	}
	if (make(argv[1], argv[2], &err) < 0) {
		fprintf(stderr, "%s: %s\n", argv[1], err.text);
		return 1;
	}
	return 0;
}
