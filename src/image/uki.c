/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/uki.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "image/container.h"
#include "image/pe.h"

/* Each may stand once in a profile. */
static const struct single {
	const char *name;
	size_t at;
} singles[] = {
	{".linux", offsetof(struct uki, kernel)},  {".ucode", offsetof(struct uki, ucode)},
	{".initrd", offsetof(struct uki, initrd)}, {".cmdline", offsetof(struct uki, cmdline)},
	{".osrel", offsetof(struct uki, osrel)},   {".uname", offsetof(struct uki, uname)},
};

enum { SINGLES = sizeof(singles) / sizeof(*singles), BASE = -1 };

/* A walk over the sections. Profile BASE comes first, then 0, 1 … */
struct walk {
	struct span file;
	int profile, wanted;
	bool seen[SINGLES]; /* in the profile that the walk is in */
	bool own_dtb;       /* the wanted profile has one, so that of the base is out */
};

static bool named(const struct pe_section *s, const char *name)
{
	return !strcmp(s->name, name);
}

/* White space and NULs at both ends are padding to the stub too. */
static struct span trimmed(struct span s)
{
	while (s.len && s.ptr[s.len - 1] <= ' ')
		s.len--;
	while (s.len && *s.ptr <= ' ')
		s = span_from(s, 1);
	return s;
}

static void take_dtb(struct walk *w, const struct pe_section *s, struct uki *u)
{
	if (w->profile == w->wanted && w->wanted != BASE && !w->own_dtb) {
		w->own_dtb = true;
		u->dtbs = 0;
		u->dtb = (struct span){0};
	}
	u->dtbs++;
	if (!u->dtb.ptr && named(s, ".dtb"))
		u->dtb = span_sub(w->file, s->off, s->size);
}

static int take(struct walk *w, const struct pe_section *s, struct uki *u, struct err *err)
{
	struct span bytes = span_sub(w->file, s->off, s->size);
	bool used = w->profile == BASE || w->profile == w->wanted;

	for (size_t i = 0; i < SINGLES; i++) {
		if (!named(s, singles[i].name))
			continue;
		if (w->seen[i])
			return fail_at(err, EBADMSG, s->at,
				       "section %s stands twice, at 0x%llx the second time",
				       s->name, (unsigned long long)s->at);
		w->seen[i] = true;
		if (used)
			memcpy((char *)u + singles[i].at, &bytes, sizeof(bytes));
	}
	if (used && (named(s, ".dtb") || named(s, ".dtbauto")))
		take_dtb(w, s, u);
	return 0;
}

static int begin_profile(struct walk *w, const struct pe_section *s, struct err *err)
{
	w->profile++;
	memset(w->seen, 0, sizeof(w->seen));
	if (w->profile >= UKI_PROFILES_MAX)
		return fail_at(err, EBADMSG, s->at, "has more than %d profiles", UKI_PROFILES_MAX);
	return 0;
}

static int walk_sections(struct walk *w, const struct pe *pe, struct uki *u, struct err *err)
{
	for (unsigned i = 0; i < pe->sections; i++) {
		struct pe_section s = pe_section_at(w->file, pe, i);
		int r;

		if (!span_sub(w->file, s.off, s.size).ptr)
			return fail_at(err, EBADMSG, s.at,
				       "section at 0x%llx (0x%llx bytes at 0x%llx) is not in the "
				       "file's 0x%zx; was it cut?",
				       (unsigned long long)s.at, (unsigned long long)s.size,
				       (unsigned long long)s.off, w->file.len);
		r = named(&s, ".profile") ? begin_profile(w, &s, err) : take(w, &s, u, err);
		if (r)
			return r;
	}
	return 0;
}

static bool has_kernel(struct span file, const struct pe *pe)
{
	for (unsigned i = 0; i < pe->sections; i++) {
		struct pe_section s = pe_section_at(file, pe, i);

		if (named(&s, ".linux"))
			return true;
	}
	return false;
}

int uki_read(struct span file, unsigned number, struct uki *out, struct err *err)
{
	struct walk w = {.file = file, .profile = BASE};
	struct uki u = {0};
	struct pe pe;
	int r;

	if (pe_read(file, &pe) || !has_kernel(file, &pe))
		return -ENOEXEC;
	w.wanted = number < UKI_PROFILES_MAX ? (int)number : UKI_PROFILES_MAX;
	u.machine = pe.machine;
	r = walk_sections(&w, &pe, &u, err);
	if (r)
		return r;
	u.profiles = w.profile == BASE ? 1 : (unsigned)w.profile + 1;
	if (number >= u.profiles)
		return fail(err, EINVAL, "has no profile %u; its profiles are 0 to %u", number,
			    u.profiles - 1);
	if (!u.kernel.len)
		return fail(err, EBADMSG, "has no kernel (section .linux) in profile %u", number);
	u.cmdline = trimmed(u.cmdline);
	u.uname = trimmed(u.uname);
	*out = u;
	return 0;
}

/* A release is one word; what is none is shown by nobody. */
static void take_version(struct image *m, struct span uname)
{
	for (size_t i = 0; i < uname.len; i++)
		if (uname.ptr[i] <= ' ' || uname.ptr[i] >= 0x7f)
			return;
	if (uname.len && uname.len < sizeof(m->version))
		memcpy(m->version, uname.ptr, uname.len);
}

int uki_parse(struct span file, struct image *out, struct err *err)
{
	return uki_parse_as(file, 0, out, err);
}

int uki_parse_as(struct span file, unsigned profile, struct image *out, struct err *err)
{
	struct image m = {.format = IMAGE_UKI, .file = file};
	struct uki u;
	int r = uki_read(file, profile, &u, err);

	if (r)
		return r;
	m.arch = pe_arch(u.machine);
	m.bits = pe_bits(u.machine);
	r = container_add_plain(&m, PART_KERNEL, u.kernel, err);
	if (!r)
		r = container_add_plain(&m, PART_UCODE, u.ucode, err);
	if (!r)
		r = container_add_plain(&m, PART_INITRD, u.initrd, err);
	if (!r)
		r = container_add_plain(&m, PART_DTB, u.dtb, err);
	if (!r)
		r = container_add_plain(&m, PART_CMDLINE, u.cmdline, err);
	if (!r)
		r = container_add_plain(&m, PART_UNAME, u.uname, err);
	if (!r)
		r = container_add_plain(&m, PART_OSREL, u.osrel, err);
	if (r)
		return r;
	take_version(&m, u.uname);
	snprintf(m.about, sizeof(m.about), "profile %u of %u from 0 on, %u device trees", profile,
		 u.profiles, u.dtbs);
	*out = m;
	return 0;
}
