/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot images as small as they can be, for tests: the header's page, then a page per part. */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "base/put.h"
#include "image/android.h"

struct android_make {
	uint8_t *bytes; /* to be freed */
	size_t len;     /* the last page is as short as what is in it */
	uint32_t page;
};

static inline void android_make_begin(struct android_make *m, const char *magic, uint32_t page)
{
	m->bytes = calloc(12, page);
	m->len = page;
	m->page = page;
	memcpy(m->bytes, magic, 8);
}

/* @at: of the field that says its size. */
static inline void android_make_add(struct android_make *m, uint32_t at, const char *text)
{
	size_t start = (m->len + m->page - 1) & ~((size_t)m->page - 1);

	put_le(m->bytes + at, strlen(text), 4);
	memcpy(m->bytes + start, text, strlen(text));
	m->len = start + strlen(text);
}

static inline void android_make_text(struct android_make *m, uint32_t at, const char *text)
{
	memcpy(m->bytes + at, text, strlen(text));
}

/* Versions 0 to 2, with all that they have. */
static inline void android_make_old(struct android_make *m, uint32_t version, uint32_t page)
{
	android_make_begin(m, "ANDROID!", page);
	put_le(m->bytes + ANDROID_PAGE_SIZE, page, 4);
	put_le(m->bytes + ANDROID_VERSION, version, 4);
	android_make_text(m, ANDROID_NAME, "mako");
	android_make_text(m, ANDROID_CMDLINE, "console=ttyS0");
	android_make_text(m, ANDROID_EXTRA_CMDLINE, " quiet");
	android_make_add(m, ANDROID_KERNEL_SIZE, "kernel");
	android_make_add(m, ANDROID_RAMDISK_SIZE, "ramdisk");
	android_make_add(m, ANDROID_SECOND_SIZE, "second");
	if (version >= 1)
		android_make_add(m, ANDROID_RECOVERY_DTBO_SIZE, "dtbo");
	if (version >= 2)
		android_make_add(m, ANDROID_DTB_SIZE, "tree");
}

static inline void android_make_new(struct android_make *m, uint32_t version)
{
	android_make_begin(m, "ANDROID!", ANDROID3_PAGE);
	put_le(m->bytes + ANDROID_VERSION, version, 4);
	put_le(m->bytes + ANDROID3_HEADER_SIZE, version == 3 ? ANDROID3_SIZE : ANDROID4_SIZE, 4);
	android_make_text(m, ANDROID3_CMDLINE, "console=ttyS0");
	android_make_add(m, ANDROID_KERNEL_SIZE, "kernel");
	android_make_add(m, ANDROID3_RAMDISK_SIZE, "ramdisk");
}

static inline void android_make_vendor(struct android_make *m, uint32_t version, uint32_t page)
{
	android_make_begin(m, "VNDRBOOT", page < 4096 ? 4096 : page);
	put_le(m->bytes + VENDOR_BOOT_PAGE_SIZE, m->page, 4);
	put_le(m->bytes + VENDOR_BOOT_VERSION, version, 4);
	put_le(m->bytes + VENDOR_BOOT_HEADER_SIZE,
	       version == 3 ? VENDOR_BOOT_V3_SIZE : VENDOR_BOOT_V4_SIZE, 4);
	android_make_text(m, VENDOR_BOOT_NAME, "mako");
	android_make_text(m, VENDOR_BOOT_CMDLINE, "console=ttyS0");
	android_make_add(m, VENDOR_BOOT_RAMDISK_SIZE, "ramdisk");
	android_make_add(m, VENDOR_BOOT_DTB_SIZE, "tree");
}

/* The table of a vendor_boot image of version 4: its ramdisk is "ram" and, for recovery, "disk". */
static inline void android_make_table(struct android_make *m)
{
	static const struct {
		uint32_t size, offset, type;
		const char *name;
	} entries[] = {{3, 0, 1, "first"}, {4, 3, VENDOR_RAMDISK_RECOVERY, "second"}};
	const uint32_t size = VENDOR_RAMDISK_ENTRY;
	size_t at = (m->len + m->page - 1) & ~((size_t)m->page - 1);

	for (size_t i = 0; i < 2; i++) {
		uint8_t *p = m->bytes + at + i * size;

		put_le(p, entries[i].size, 4);
		put_le(p + 4, entries[i].offset, 4);
		put_le(p + 8, entries[i].type, 4);
		memcpy(p + VENDOR_RAMDISK_NAME, entries[i].name, strlen(entries[i].name));
	}
	put_le(m->bytes + VENDOR_BOOT_TABLE_SIZE, 2 * size, 4);
	put_le(m->bytes + VENDOR_BOOT_TABLE_COUNT, 2, 4);
	put_le(m->bytes + VENDOR_BOOT_ENTRY_SIZE, size, 4);
	m->len = at + 2 * size;
}
