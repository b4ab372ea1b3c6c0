/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void plan_done(struct plan *p)
{
	if (!p)
		return;
	buf_done(&p->cmdline);
	texts_done(&p->added_cmdline);
	vec_done(&p->segments);
	texts_done(&p->warnings);
	for (size_t i = 0; i < p->owned.n; i++)
		buf_done(&p->owned.v[i]);
	vec_done(&p->owned);
	buf_done(&p->explain);
	vec_done(&p->memory);
	ranges_done(&p->crash_regions);
	*p = (struct plan)PLAN_INIT;
}

int plan_warn(struct plan *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int r = texts_addv(&p->warnings, fmt, ap);
	va_end(ap);
	return r;
}

int plan_own(struct plan *p, struct buf *b, struct span *out)
{
	struct buf taken = buf_take(b);

	if (vec_push(&p->owned, taken) < 0) {
		buf_done(&taken);
		return -ENOMEM;
	}
	*out = buf_span(&taken);
	return 0;
}

const char *segment_kind_name(enum segment_kind k)
{
	static const char *const names[] = {
		[SEG_KERNEL] = "kernel",
		[SEG_INITRD] = "initrd",
		[SEG_BOOT_PARAMS] = "boot_params",
		[SEG_PURGATORY] = "purgatory",
		[SEG_ELFCOREHDR] = "elfcorehdr",
		[SEG_BACKUP] = "backup",
		[SEG_SETUP_DATA] = "setup_data",
		[SEG_DTB] = "dtb",
		[SEG_ATAGS] = "atags",
		[SEG_MODULE] = "module",
		[SEG_MULTIBOOT_INFO] = "multiboot_info",
		[SEG_OTHER] = "other",
	};

	return (unsigned)k < sizeof(names) / sizeof(names[0]) ? names[k] : "other";
}
