/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/state.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/cleanup.h"
#include "core/file.h"

#define MAX_STATE 4096

static const char *const verified_names[] = {"none", "baton", "kernel"};
static const char *const call_names[] = {"load", "file"};

void state_boot_id(const char *root, char out[64])
{
	char path[4200];
	_cleanup_(buf_done) struct buf b = BUF_INIT;

	out[0] = 0;
	snprintf(path, sizeof(path), "%s/proc/sys/kernel/random/boot_id", root);
	if (file_read(AT_FDCWD, path, 63, &b, NULL) < 0)
		return;
	snprintf(out, 64, "%.*s", (int)strcspn(buf_str(&b), "\n"), buf_str(&b));
}

static int index_of(const char *const *names, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], word))
			return (int)i;
	return -1;
}

static void read_load(struct host_state_load *l, const char *key, const char *value)
{
	int i;

	if (!strcmp(key, "verified_by") && (i = index_of(verified_names, 3, value)) >= 0) {
		l->verified_by = (enum verified_by)i;
		l->known = true;
	} else if (!strcmp(key, "syscall") && (i = index_of(call_names, 2, value)) >= 0) {
		l->syscall = (enum plan_syscall)i;
	} else if (!strcmp(key, "image")) {
		snprintf(l->image, sizeof(l->image), "%s", value);
	}
}

static void read_line(struct host_state *s, char *line)
{
	char *eq = strchr(line, '=');

	if (!eq)
		return;
	*eq = 0;
	if (!strcmp(line, "boot"))
		snprintf(s->boot_id, sizeof(s->boot_id), "%s", eq + 1);
	else if (!strcmp(line, "last"))
		s->last_crash = !strcmp(eq + 1, "crash");
	else if (!strncmp(line, "normal.", 7))
		read_load(&s->normal, line + 7, eq + 1);
	else if (!strncmp(line, "crash.", 6))
		read_load(&s->crash, line + 6, eq + 1);
}

static void path_of(const struct host_sys *sys, const char *suffix, char out[4200])
{
	snprintf(out, 4200, "%s/state%s", sys->run_dir, suffix);
}

void state_read(const struct host_sys *sys, const char *root, struct host_state *out)
{
	_cleanup_(buf_done) struct buf b = BUF_INIT;
	char path[4200], now[64], *save = NULL;
	struct host_state s = {0};

	*out = s;
	path_of(sys, "", path);
	if (file_read(AT_FDCWD, path, MAX_STATE, &b, NULL) < 0 || !b.len)
		return;
	for (char *l = strtok_r((char *)b.ptr, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		read_line(&s, l);
	state_boot_id(root, now);
	/* Without /proc neither is known, and two unknown boots are not the same one. */
	if (now[0] && !strcmp(now, s.boot_id))
		*out = s;
}

/* A small initramfs has no /run. */
static int make_dirs(const char *dir)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int put_load(struct buf *b, const char *kind, const struct host_state_load *l)
{
	char image[sizeof(l->image)];

	if (!l->known)
		return 0;
	snprintf(image, sizeof(image), "%s", l->image);
	for (char *c = image; *c; c++)
		if ((unsigned char)*c < 32)
			*c = '?';
	return buf_printf(b, "%s.verified_by=%s\n%s.syscall=%s\n%s.image=%s\n", kind,
			  verified_names[l->verified_by], kind, call_names[l->syscall], kind,
			  image);
}

int state_write(const struct host_sys *sys, const char *root, const struct host_state *s,
		struct err *err)
{
	_cleanup_(buf_done) struct buf b = BUF_INIT;
	char path[4200], fresh[4200], boot[64];

	state_boot_id(root, boot);
	if (buf_printf(&b, "boot=%s\nlast=%s\n", boot, s->last_crash ? "crash" : "normal") < 0 ||
	    put_load(&b, "normal", &s->normal) < 0 || put_load(&b, "crash", &s->crash) < 0)
		return fail(err, ENOMEM, "no memory");
	path_of(sys, "", path);
	path_of(sys, ".new", fresh);
	if (make_dirs(sys->run_dir) < 0)
		return fail(err, errno, "%s: %s", sys->run_dir, strerror(errno));
	_cleanup_(closep) int fd =
		open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail(err, errno, "%s: %s", fresh, strerror(errno));
	int r = file_write_all(fd, buf_span(&b));
	if (r < 0)
		return fail(err, -r, "%s: %s", fresh, strerror(-r));
	if (rename(fresh, path) < 0)
		return fail(err, errno, "%s: %s", path, strerror(errno));
	return 0;
}
