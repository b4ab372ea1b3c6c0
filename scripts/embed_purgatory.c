/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the linker of elf/link.c over a purgatory at build time, so that a new relocation type, an
 * undefined memcpy or a section both writable and executable ends a build and never a boot.
 *   embed_purgatory OBJECT                      check only
 *   embed_purgatory OBJECT OUT.c FUNCTION       and write it as C: struct span FUNCTION(void)
 */
#include <stdio.h>
#include <stdlib.h>

#include "arch/known.h"
#include "base/align.h"
#include "base/put.h"
#include "elf/link.h"
#include "elf/reader.h"
#include "purgatory/handoff.h"

/* Bytes. What is only checked may come from a compiler that was told not to optimise. */
enum { OBJECT_MAX = 1 << 20, SHIPPED_MAX = 24 * 1024, CHECKED_MAX = 40 * 1024 };

#define RULES_DECLARE(cpu) extern const struct link_rules cpu##_link_rules;
#define RULES_ENTRY(cpu) &cpu##_link_rules,

ARCH_CPUS(RULES_DECLARE)
static const struct link_rules *const rules[] = {ARCH_CPUS(RULES_ENTRY)};

static int say(const char *object, const char *why)
{
	fprintf(stderr, "%s: %s\n", object, why);
	return -1;
}

/* In the object's byte order, which need not be that of the machine that builds. */
static uint64_t word_at(const struct link *l, const uint8_t *at)
{
	return l->rules->big ? get_be(at, 4) : get_le(at, 4);
}

/* What the file brings: all that is loaded but bss. */
static uint64_t bytes_in_file(const struct link *l)
{
	uint64_t sum = 0;

	for (uint32_t i = 1; i < l->nsections; i++) {
		struct elf_shdr s = elf_shdr_at(&l->elf, l->obj, i);

		if (l->section_off[i] != UINT64_MAX && s.type != SHT_NOBITS)
			sum += s.size;
	}
	return sum;
}

/* Links at both ends of what a machine may offer: just above 1 MiB, and below 4 GiB or 64 TiB. */
static int check_links(const struct link *l, uint64_t handoff, struct err *err)
{
	const uint64_t bases[] = {1 << 20, 0xfff00000 - (64 << 20), UINT64_C(0xffffff) << 20,
				  UINT64_C(0x3ffffff) << 20};
	size_t n = sizeof(bases) / sizeof(*bases);
	int r = 0;

	for (size_t i = 0; i < (l->elf.elf32 ? 2 : n) && !r; i++) {
		struct buf image = BUF_INIT;
		r = link_at(l, align_up(bases[i], l->align), &image, err);
		if (!r) {
			const uint8_t *at = image.ptr + handoff;

			if (word_at(l, at) != HANDOFF_MAGIC ||
			    word_at(l, at + 4) != HANDOFF_VERSION ||
			    word_at(l, at + 8) != sizeof(struct handoff))
				r = fail(err, EBADMSG, "baton_handoff is not filled in");
		}
		buf_done(&image);
	}
	return r;
}

static int check(const char *path, struct span object, uint64_t max)
{
	struct err err = ERR_INIT;
	struct link l;
	uint64_t start = 0, handoff = 0, size = 0;
	int r = -ENOEXEC;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules) && r == -ENOEXEC; i++)
		r = link_open(object, rules[i], &l, &err);
	if (r < 0)
		return say(path, err.text);
	if (link_symbol(&l, "purgatory_start", &start, NULL, &err) < 0 ||
	    link_symbol(&l, "baton_handoff", &handoff, &size, &err) < 0)
		r = say(path, err.text);
	else if (start >= l.data_off || handoff < l.data_off)
		r = say(path, "purgatory_start is no code, or baton_handoff no data");
	else if (size != sizeof(struct handoff))
		r = say(path, "baton_handoff has another size");
	else if (bytes_in_file(&l) > max)
		r = say(path, "code and data are too large");
	else if (check_links(&l, handoff, &err) < 0)
		r = say(path, err.text);
	if (!r && max == CHECKED_MAX)
		printf("%s: %llu bytes linked, %llu of them code and constants\n", path,
		       (unsigned long long)l.size, (unsigned long long)l.data_off);
	link_done(&l);
	return r;
}

static int write_c(const char *path, const char *function, struct span object)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return say(path, "cannot be written");
	fprintf(f,
		"/* Made by embed_purgatory. */\n#include \"base/span.h\"\n\n"
		"struct span %s(void);\n\nstatic const uint8_t object[%zu] = {",
		function, object.len);
	for (size_t i = 0; i < object.len; i++)
		fprintf(f, "%s%u,", i % 24 ? "" : "\n", object.ptr[i]);
	fprintf(f,
		"\n};\n\nstruct span %s(void)\n{\n\treturn span_of(object, sizeof(object));\n}\n",
		function);
	return fclose(f) ? say(path, "was not written") : 0;
}

int main(int argc, char **argv)
{
	static uint8_t bytes[OBJECT_MAX];

	if (argc != 2 && argc != 4) {
		fprintf(stderr, "usage: embed_purgatory OBJECT [OUT.c FUNCTION]\n");
		return 2;
	}
	FILE *f = fopen(argv[1], "rb");
	size_t len = f ? fread(bytes, 1, sizeof(bytes), f) : 0;

	if (f)
		fclose(f);
	if (!len || len == sizeof(bytes))
		return -say(argv[1], "cannot be read, or is too large");
	if (check(argv[1], span_of(bytes, len), argc == 4 ? SHIPPED_MAX : CHECKED_MAX) < 0)
		return 1;
	return argc == 4 && write_c(argv[2], argv[3], span_of(bytes, len)) < 0;
}
