/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/crcs.h"

#include <string.h>

#include "core/cleanup.h"
#include "session/files.h"

/* A distribution's is 2 MB. */
#define SYMVERS_MAX (256ull << 20)

int session_crcs(const char *path, struct crcs *out, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	struct span elf;
	int r = files_read("kernel", path, SESSION_KERNEL_MAX, &fd, &out->file, err);

	if (r < 0)
		return r;
	r = unwrap_vmlinux(buf_span(&out->file), &out->unwrapped, &out->payload, &elf, err);
	if (!r)
		r = crc_read(elf, &out->list, err);
	return r < 0 ? wrap_file(err, r, "kernel", path) : 0;
}

void crcs_done(struct crcs *c)
{
	crc_list_done(&c->list);
	unwrapped_done(&c->unwrapped);
	buf_done(&c->payload);
	buf_done(&c->file);
}

/* Both are sorted; the smaller name of the two is the next. */
static int compare(const struct crc_list *have, const struct symvers *want,
		   struct crc_differences *out)
{
	for (size_t i = 0, k = 0; i < have->n || k < want->n;) {
		struct crc_difference d = {0};
		struct span a = {NULL, 0};
		int order = i < have->n ? -1 : 1;

		if (i < have->n)
			a = span_of(have->v[i].name, strlen(have->v[i].name));
		if (i < have->n && k < want->n)
			order = symvers_compare(a, want->v[k].name);
		d.has_have = order <= 0;
		d.has_want = order >= 0;
		d.name = d.has_have ? a : want->v[k].name;
		d.have = d.has_have ? have->v[i++].crc : 0;
		d.want = d.has_want ? want->v[k++].crc : 0;
		if (!order && d.have == d.want)
			out->same++;
		else if (vec_push(out, d) < 0)
			return -ENOMEM;
	}
	return 0;
}

int session_crcs_compare(const struct crcs *have, const char *path, struct crc_differences *out,
			 struct err *err)
{
	_cleanup_(closep) int fd = -1;
	struct symvers want = {0};
	int r = files_read("Module.symvers", path, SYMVERS_MAX, &fd, &out->text, err);

	if (r < 0)
		return r;
	r = symvers_parse(buf_span(&out->text), &want, err);
	if (r)
		return wrap_file(err, r, "Module.symvers", path);
	r = compare(&have->list, &want, out);
	vec_done(&want);
	return r < 0 ? fail(err, ENOMEM, "no memory") : 0;
}

void crc_differences_done(struct crc_differences *d)
{
	vec_done(d);
	buf_done(&d->text);
}
