/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/choose.h"

#include <errno.h>
#include <stdio.h>

/* Why kexec_load is out of the question on this kernel; NULL = it is not. */
static const char *policy(const struct choose_facts *f)
{
	if (f->locked_down)
		return "this kernel is locked down";
	if (f->load_call == 0 && f->file_call != 0)
		return "this kernel has no kexec_load";
	if (f->confidential)
		return "this is a confidential guest (TDX, SEV-SNP), which Baton's purgatory "
		       "would reset";
	if (f->hand_over)
		return "kexec hand-over is on, which only the kernel can pass on";
	return NULL;
}

static int both(const struct choose_facts *f, struct err *err)
{
	return fail(err, EINVAL, "'%s' needs kexec_load, and '%s' needs kexec_file_load",
		    f->needs_load, f->needs_file);
}

/* The file call, or the reason why it cannot be. @demand: why it must be. */
static int file_call(const struct choose_facts *f, const char *demand, struct choice *out,
		     struct err *err)
{
	if (f->needs_load)
		return fail(err, EINVAL, "'%s' needs kexec_load, but %s", f->needs_load, demand);
	if (!f->file_ok)
		return fail(err, ENOTSUP, "%s, and kexec_file_load cannot take this image: %s",
			    demand, f->file_why ? f->file_why : "unknown format");
	out->call = PLAN_FILE;
	return 0;
}

static int choose_auto(const struct choose_facts *f, struct choice *out, struct err *err)
{
	char demand[120];
	const char *must = policy(f);

	if (must) {
		snprintf(out->why, sizeof(out->why), "kexec_file_load is used: %s", must);
		return file_call(f, must, out, err);
	}
	if (f->needs_file) {
		snprintf(demand, sizeof(demand), "'%s' needs kexec_file_load", f->needs_file);
		return file_call(f, demand, out, err);
	}
	out->call = PLAN_LOAD;
	out->may_fall_back = !f->needs_load && f->file_ok && f->file_call != 0;
	return 0;
}

static int choose_file_first(const struct choose_facts *f, struct choice *out, struct err *err)
{
	const char *why = NULL;

	if (policy(f) || f->needs_file)
		return choose_auto(f, out, err);
	if (f->needs_load)
		why = f->needs_load;
	else if (f->file_call == 0)
		why = "this kernel has no kexec_file_load";
	else if (!f->file_ok)
		why = f->file_why ? f->file_why : "unknown format";
	out->call = why ? PLAN_LOAD : PLAN_FILE;
	out->may_fall_back = !why && f->load_call != 0;
	if (why)
		snprintf(out->why, sizeof(out->why), "kexec_load is used: %s", why);
	return 0;
}

int choose_call(const struct choose_facts *f, struct choice *out, struct err *err)
{
	*out = (struct choice){.call = PLAN_LOAD};
	if (f->needs_load && f->needs_file)
		return both(f, err);
	switch (f->want) {
	case CHOOSE_AUTO:
		return choose_auto(f, out, err);
	case CHOOSE_FILE_FIRST:
		return choose_file_first(f, out, err);
	case CHOOSE_FILE:
		return file_call(f, "kexec_file_load was asked for", out, err);
	case CHOOSE_LOAD:
		if (f->needs_file)
			return fail(err, EINVAL,
				    "'%s' needs kexec_file_load, but kexec_load was asked for",
				    f->needs_file);
		return 0;
	}
	return 0;
}

bool choose_fall_back(const struct choice *c, int r)
{
	if (c->call == PLAN_LOAD)
		return c->may_fall_back && r == -EACCES;
	/* What kexec-tools falls back on (kexec/kexec.c); all of these are said before any policy
	 * is asked. */
	return c->may_fall_back && (r == -ENOSYS || r == -EINVAL || r == -ENOEXEC || r == -ENOTSUP);
}
