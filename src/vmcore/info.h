/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a dump tells of itself: `baton info DUMP`. */
#pragma once
#include "core/texts.h"
#include "machine/ranges.h"
#include "vmcore/dmesg.h"

struct info_note {
	char name[32]; /* not all of a very long name */
	uint32_t type;
	uint64_t size, count; /* notes of one name and type that follow each other are one line;
				 size of them all */
};

struct dump_info {
	char *file;
	const char *arch; /* "x86_64"…, or NULL: no CPU that we know */
	uint16_t elf_machine;
	unsigned bits;
	bool big;
	char version[128]; /* kernel release; empty = unknown */
	char build_id[64]; /* hex; empty = unknown */
	char *panic;       /* the line that says why; NULL = none found */
	bool has_time;
	uint64_t time; /* seconds since 1970 (UTC) */
	uint64_t cpus; /* NT_PRSTATUS notes; 0 = unknown */
	uint64_t page_size;
	uint64_t file_size;
	struct range_list memory; /* physical, normal */
	VEC(struct info_note) notes;
	bool has_dmesg;
	struct dmesg_stats dmesg;
	bool complete;
	struct texts problems; /* why it is not complete, and what could not be read */
};

/* @out holds something only on success (info_done). Errors as dump_open; the reason names @path. */
int vmcore_info(const char *path, struct dump_info *out, struct err *err);
void info_done(struct dump_info *i);

/* Text for a person, or one JSON object ({"schema":1,…}). 0 | -ENOMEM */
int info_text(const struct dump_info *i, struct buf *out);
int info_json(const struct dump_info *i, struct buf *out);
