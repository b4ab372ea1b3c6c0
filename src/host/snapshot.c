/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/cleanup.h"
#include "core/file.h"
#include "host/facts_parts.h"

#define PATH_LEN 4096

static int empty_dir(const char *dir, struct err *err)
{
	bool empty = true;

	if (!mkdir(dir, 0700))
		return 0;
	if (errno != EEXIST)
		return fail(err, errno, "%s", strerror(errno));
	DIR *d = opendir(dir);
	if (!d)
		return fail(err, errno, "%s", strerror(errno));
	for (struct dirent *e; (e = readdir(d));)
		empty = empty && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."));
	closedir(d);
	return empty ? 0 : fail(err, EEXIST, "is not empty");
}

/* The folders above the last part of @path, below @fd. */
static int make_parents(int fd, const char *path)
{
	char part[PATH_LEN];

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	strcpy(part, path);
	for (char *p = part; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		if (mkdirat(fd, part, 0700) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/*
 * The folder may be someone else's, who could put a link there after it was found empty: none is
 * followed. Linux before 5.6 has no openat2; there it is the last part only.
 */
static int create_at(int dir, const char *path, int flags)
{
	const int how_flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags;
	struct open_how how = {
		.flags = (unsigned)how_flags,
		.mode = 0600,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));

	return fd >= 0 || errno != ENOSYS ? fd : openat(dir, path, how_flags, 0600);
}

/* Mode 0600: addresses from root's own files tell where the kernel lies (KASLR). */
static int write_at(int dir, const char *path, uint64_t off, struct span data)
{
	int flags = off == SINK_APPEND ? O_APPEND : off ? 0 : O_TRUNC;
	_cleanup_(closep) int fd = create_at(dir, path, flags);

	if (fd < 0)
		return -errno;
	if (off != SINK_APPEND && lseek(fd, (off_t)off, SEEK_SET) < 0)
		return -errno;
	return file_write_all(fd, data);
}

static int put_file(const struct facts_root *to, const char *path, uint64_t off, struct span data,
		    struct err *err)
{
	int r = make_parents(to->fd, path);

	if (!r)
		r = write_at(to->fd, path, off, data);
	return r < 0 ? root_wrap(to, fail(err, -r, "%s", strerror(-r)), path, err) : 0;
}

/* A snapshot of a snapshot gets a baton.json of its own, at the end. */
static int put(void *ctx, const char *path, uint64_t off, struct span data, struct err *err)
{
	return strcmp(path, "baton.json") ? put_file(ctx, path, off, data, err) : 0;
}

/* What is not known is left out. */
static int add_fields(struct json_object *o, const struct machine *m)
{
	const struct buf *text = &m->vmcoreinfo_text;
	int r = json_object_object_add(o, "schema", json_object_new_int(1));

	r |= json_object_object_add(o, "arch", json_object_new_string(m->arch));
	if (m->release[0])
		r |= json_object_object_add(o, "release", json_object_new_string(m->release));
	r |= json_object_object_add(o, "page_size", json_object_new_int64((int64_t)m->page_size));
	if (text->len)
		r |= json_object_object_add(
			o, "vmcoreinfo",
			json_object_new_string_len((const char *)text->ptr, (int)text->len));
	return r ? -ENOMEM : 0;
}

static int put_json(const struct facts_root *to, const struct machine *m, struct err *err)
{
	struct json_object *o = json_object_new_object();
	struct buf out = BUF_INIT;
	int r = o ? add_fields(o, m) : -ENOMEM;

	if (!r)
		r = buf_printf(
			&out, "%s\n",
			json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
								  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	if (!r)
		r = put_file(to, "baton.json", 0, buf_span(&out), err);
	else
		fail(err, -r, "no memory for baton.json");
	buf_done(&out);
	return r;
}

static int copy_facts(struct facts_root *from, struct facts_root *to, struct err *err)
{
	struct facts_sink sink = {to, put};
	struct machine m = MACHINE_INIT;
	struct host_policy policy;

	from->sink = &sink;
	int r = facts_read(from, &m, err);
	if (!r && m.addresses_hidden)
		r = fail(err, EPERM, "the kernel hides its addresses: this needs CAP_SYS_ADMIN");
	if (!r)
		r = policy_read(from, &policy, err);
	if (!r)
		r = put_json(to, &m, err);
	machine_done(&m);
	return r;
}

int host_snapshot(const char *root, const char *dir, struct err *err)
{
	struct facts_root from, to;
	int r = empty_dir(dir, err);

	if (r < 0)
		return wrap_file(err, r, "folder", dir);
	r = root_open(&from, root, err);
	if (r < 0)
		return r;
	r = root_open(&to, dir, err);
	if (!r) {
		r = copy_facts(&from, &to, err);
		root_close(&to);
	}
	root_close(&from);
	return r;
}
