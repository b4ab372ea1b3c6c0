/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/boot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "machine/cmdline.h"

struct boot_piece *boot_add(struct boot *b, enum segment_kind kind, const char *what)
{
	if (b->npieces == BOOT_PIECES)
		return NULL;
	struct boot_piece *p = &b->pieces[b->npieces++];

	memset(p, 0, sizeof(*p));
	p->kind = kind;
	p->place.what = what;
	p->place.within = (struct range){0, UINT64_MAX};
	return p;
}

int boot_no_piece(struct err *err)
{
	return fail(err, EINVAL, "more than %d pieces", BOOT_PIECES);
}

struct boot_piece *boot_add_pages(struct boot *b, enum segment_kind kind, const char *what,
				  uint64_t size)
{
	struct boot_piece *p = boot_add(b, kind, what);

	if (!p)
		return NULL;
	p->place.align = b->m->page_size;
	p->place.size = align_up(size, b->m->page_size);
	p->hashed = p->place.size;
	return p;
}

int boot_add_initrd(struct boot *b, struct boot_piece **out, struct err *err)
{
	*out = NULL;
	if (!b->initrd.len)
		return 0;
	*out = boot_add_pages(b, SEG_INITRD, "initrd", b->initrd.len);
	if (!*out)
		return boot_no_piece(err);
	(*out)->borrowed = b->initrd;
	(*out)->hashed = b->initrd.len;
	return 0;
}

void boot_bind_purgatory(struct boot *b, struct range within, const char *why, enum place_dir dir)
{
	b->purgatory.within = within;
	b->purgatory.why = why;
	b->purgatory.dir = dir;
}

struct boot_piece *boot_find(const struct boot *b, enum segment_kind kind)
{
	for (size_t i = 0; i < b->npieces; i++)
		if (b->pieces[i].kind == kind)
			return (struct boot_piece *)&b->pieces[i];
	return NULL;
}

int boot_add_param(struct boot *b, const char *word, struct err *err)
{
	if (texts_add(&b->plan->added_cmdline, "%s", word) < 0)
		return fail(err, ENOMEM, "no memory for the command line");
	if (cmdline_insert(&b->plan->cmdline, word) < 0)
		return fail(err, ENOMEM, "no memory for the command line");
	return 0;
}

int boot_check_line(const struct boot *b, uint64_t limit, struct err *err)
{
	size_t len = b->plan->cmdline.len;

	if (len <= limit)
		return 0;
	return fail(err, EINVAL, "the command line has %zu bytes, this kernel takes at most %llu",
		    len, (unsigned long long)limit);
}

int boot_avoided_pages(const struct boot *b, struct range_list *out)
{
	uint64_t page = b->m->page_size;
	int r = 0;

	for (size_t i = 0; !r && i < b->avoid.n; i++)
		r = ranges_add(out, (struct range){align_down(b->avoid.v[i].start, page),
						   align_up(b->avoid.v[i].end, page)});
	ranges_normalise(out);
	return r;
}

bool boot_release_from(const char *release, unsigned major, unsigned minor)
{
	unsigned have_major, have_minor;

	if (sscanf(release, "%u.%u", &have_major, &have_minor) != 2)
		return false;
	return have_major > major || (have_major == major && have_minor >= minor);
}
