/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/align.h"
#include "host/facts_parts.h"
#include "machine/cpus.h"
#include "machine/vmcoreinfo.h"

#define JSON_MAX (1u << 20)

static int live_self(struct machine *m, struct err *err)
{
	struct utsname u;

	if (uname(&u) < 0)
		return fail(err, errno, "uname: %s", strerror(errno));
	const char *arch = cpus_arch_of_uname(u.machine);
	if (!arch)
		return fail(err, ENOTSUP, "a CPU of the kind '%s' is not known", u.machine);
	snprintf(m->arch, sizeof(m->arch), "%s", arch);
	snprintf(m->release, sizeof(m->release), "%s", u.release);
	m->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

/* 0 if @key is not there; its text must fit. */
static int json_text(struct json_object *o, const char *key, char *out, size_t size,
		     struct err *err)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v))
		return 0;
	if (!json_object_is_type(v, json_type_string) || strlen(json_object_get_string(v)) >= size)
		return fail(err, EBADMSG, "\"%s\" is not a text of up to %zu bytes", key, size - 1);
	snprintf(out, size, "%s", json_object_get_string(v));
	return 0;
}

static bool page_ok(uint64_t n)
{
	return n >= 4096 && n <= 1 << 20 && align_ok(n);
}

static int json_page_size(struct json_object *o, struct machine *m, struct err *err)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, "page_size", &v))
		return 0;
	int64_t n = json_object_get_int64(v);
	if (n < 0 || !page_ok((uint64_t)n))
		return fail(err, EBADMSG, "\"page_size\" is not the size of a page");
	m->page_size = (uint64_t)n;
	return 0;
}

static int json_self(struct json_object *o, struct machine *m, struct err *err)
{
	struct json_object *v;
	int r;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, "schema", &v))
		return fail(err, EBADMSG, "is not an object with a \"schema\"");
	if (json_object_get_int64(v) != 1)
		return fail(err, ENOTSUP, "has the schema %lld, and only 1 is known",
			    (long long)json_object_get_int64(v));
	r = json_text(o, "arch", m->arch, sizeof(m->arch), err);
	if (!r)
		r = json_text(o, "release", m->release, sizeof(m->release), err);
	if (!r)
		r = json_page_size(o, m, err);
	if (r < 0 || !json_object_object_get_ex(o, "vmcoreinfo", &v) ||
	    !json_object_is_type(v, json_type_string))
		return r;
	if (buf_add(&m->vmcoreinfo_text, json_object_get_string(v),
		    (size_t)json_object_get_string_len(v)) < 0)
		return fail(err, ENOMEM, "no memory for vmcoreinfo");
	return 0;
}

static int snapshot_self(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = root_read(root, "baton.json", JSON_MAX, &text, err);

	if (r <= 0)
		return r;
	struct json_tokener *t = json_tokener_new();
	struct json_object *o = t ? json_tokener_parse_ex(t, buf_str(&text), (int)text.len) : NULL;
	size_t at = t ? json_tokener_get_parse_end(t) : 0;

	if (!o)
		r = fail_at(err, EBADMSG, at, "is not JSON at 0x%zx", at);
	else
		r = json_self(o, m, err);
	json_object_put(o);
	if (t)
		json_tokener_free(t);
	buf_done(&text);
	return r < 0 ? root_wrap(root, r, "baton.json", err) : 0;
}

int facts_self(const struct facts_root *root, struct machine *m, struct err *err)
{
	return root->live ? live_self(m, err) : snapshot_self(root, m, err);
}

int facts_guess_self(struct machine *m, struct span cpuinfo, struct err *err)
{
	struct span release = vmcoreinfo_get(buf_span(&m->vmcoreinfo_text), "OSRELEASE");
	const char *arch = m->arch[0] ? m->arch : cpuinfo_arch(cpuinfo);
	uint64_t page;

	if (!arch)
		return fail(err, ENOTSUP, "neither baton.json nor proc/cpuinfo tells the CPU");
	if (!m->arch[0])
		snprintf(m->arch, sizeof(m->arch), "%s", arch);
	if (!m->release[0] && release.len < sizeof(m->release))
		snprintf(m->release, sizeof(m->release), "%.*s", (int)release.len,
			 release.ptr ? (const char *)release.ptr : "");
	if (machine_vmcoreinfo_u64(m, "PAGESIZE", &page) && page_ok(page))
		m->page_size = page;
	return 0;
}
