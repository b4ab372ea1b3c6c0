/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/loading.h"

#include <fcntl.h>
#include <string.h>

#include "core/cleanup.h"
#include "cli/progress.h"
#include "core/file.h"
#include "host/kload.h"

static int no_plan(const struct cli *c, const struct job *j, struct err *err)
{
	unsigned long long mib = (j->crash_room.bytes + (1 << 20) - 1) >> 20;
	size_t len = strlen(err->text);
	char where[24] = "";

	if (j->crash_room.at)
		snprintf(where, sizeof(where), "@0x%llx", (unsigned long long)j->crash_room.at);
	if (mib && err->code == ENOSPC)
		snprintf(err->text + len, sizeof(err->text) - len,
			 "; crashkernel=%lluM%s would hold it", mib, where);
	else if (mib)
		snprintf(err->text + len, sizeof(err->text) - len,
			 "; add crashkernel=%lluM%s to the kernel's command line and reboot", mib,
			 where);
	return err->file[0] || !c->command ? cli_fail(c, EXIT_REFUSED, err) : cli_refuse(c, err);
}

int loading_plan(const struct cli *c, struct job_options *o, struct job *j)
{
	struct progress p;
	struct err err = ERR_INIT;

	progress_start(&p, "hashing");
	o->request.progress = progress_step;
	o->request.progress_ctx = &p;
	int r = job_plan(o, j, &err);
	progress_end(&p);
	return r < 0 ? no_plan(c, j, &err) : EXIT_DONE;
}

void loading_notes(const struct cli *c, const struct job *j, bool shown)
{
	for (size_t i = 0; !shown && i < j->plan.warnings.n; i++)
		cli_note(c, "note: %s", j->plan.warnings.v[i]);
	if (j->choice.why[0])
		cli_note(c, "note: %s", j->choice.why);
}

static int write_svg(const struct cli *c, const struct plan *p, const char *path)
{
	_cleanup_(buf_done) struct buf out = BUF_INIT;
	_cleanup_(closep) int fd = -1;
	struct err err = ERR_INIT;
	int r = plan_svg(p, &out);

	if (!r && (fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) < 0)
		r = -errno;
	if (!r)
		r = file_write_all(fd, buf_span(&out));
	if (!r)
		return EXIT_DONE;
	(void)fail(&err, -r, "%s", strerror(-r));
	(void)wrap_file(&err, r, "picture", path);
	return cli_fail(c, EXIT_REFUSED, &err);
}

int loading_show(const struct cli *c, const struct job *j, bool plan, bool explain, const char *svg)
{
	_cleanup_(buf_done) struct buf out = BUF_INIT;
	int code = svg ? write_svg(c, &j->plan, svg) : EXIT_DONE;

	if (code || !plan)
		return code;
	if ((c->json ? plan_json(&j->plan, &out) : plan_text(&j->plan, explain, &out)) < 0) {
		cli_note(c, "no memory");
		return EXIT_REFUSED;
	}
	return cli_put(c, &out);
}

static void put_log(const struct cli *c, const struct buf *log)
{
	const char *at = buf_str(log);

	while (*at) {
		int len = (int)strcspn(at, "\n");

		cli_note(c, "kernel: %.*s", len, at);
		at += len + (at[len] == '\n');
	}
}

/* The reason with what it means here behind it, then the kernel's own words. */
static int refused(const struct cli *c, const struct err *err, const char *hint,
		   const struct buf *log)
{
	struct err e = *err;
	size_t len = strlen(e.text);

	if (hint)
		snprintf(e.text + len, sizeof(e.text) - len, ": %s", hint);
	(void)cli_fail(c, EXIT_REFUSED, &e);
	put_log(c, log);
	return EXIT_REFUSED;
}

int loading_refused(const struct cli *c, const struct load_result *res, const struct err *err)
{
	(void)refused(c, err, res->hint, &res->log);
	if (!res->unprotected)
		return EXIT_REFUSED;
	cli_note(c,
		 "UNPROTECTED: the crash kernel that was armed is gone, and nothing replaced it");
	return EXIT_UNPROTECTED;
}

int loading_unload(const struct cli *c, const struct unload_options *o)
{
	_cleanup_(buf_done) struct buf log = BUF_INIT;
	struct err err = ERR_INIT;
	const char *hint;

	if (session_unload(c->sys, o, &log, &hint, &err) < 0) {
		(void)wrap(&err, -err.code, "unload");
		return refused(c, &err, hint, &log);
	}
	return EXIT_DONE;
}

static const char *verifier(enum verified_by by)
{
	return by == VERIFIED_BATON    ? "verified by Baton's purgatory just before the jump"
	       : by == VERIFIED_KERNEL ? "verified by the kernel"
				       : "not verified";
}

static int done_json(const struct cli *c, const struct job *j, const struct load_result *res)
{
	static const char *const by[] = {"none", "baton", "kernel"};
	struct json out = JSON_INIT;

	json_open(&out, NULL, '{');
	json_int(&out, "schema", 1);
	json_open(&out, "loaded", '{');
	json_bool(&out, "crash", j->request.crash);
	json_string(&out, "image", j->request.image_path);
	json_string(&out, "version", j->plan.image_version[0] ? j->plan.image_version : NULL);
	json_string(&out, "syscall", res->call == PLAN_FILE ? "file" : "load");
	json_string(&out, "verified_by", by[res->verified_by]);
	json_close(&out, '}');
	json_open(&out, "warnings", '[');
	for (size_t i = 0; i < j->plan.warnings.n; i++)
		json_string(&out, NULL, j->plan.warnings.v[i]);
	json_close(&out, ']');
	json_close(&out, '}');
	return cli_put_json(c, &out);
}

int loading_done(const struct cli *c, const struct job *j, const struct load_result *res)
{
	const struct plan *p = &j->plan;
	bool crash = j->request.crash;

	if (res->state.code)
		cli_note(c, "note: 'baton status' will not know who verifies it: %s",
			 res->state.text);
	if (c->json)
		return done_json(c, j, res);
	printf("%s %s%s%s by %s, %s.\n", crash ? "Armed:" : "Loaded:", p->image_file,
	       p->image_version[0] ? ", Linux " : "", p->image_version, host_call_name(res->call),
	       verifier(res->verified_by));
	if (crash)
		printf("A panic jumps into it. Undo: baton unload --crash\n");
	else
		printf("Jump: baton exec (at once: baton exec --force). Undo: baton unload\n"
		       "A plain reboot may use it too: 'systemctl reboot' jumps when a kernel is "
		       "loaded.\n");
	return fflush(stdout) ? EXIT_REFUSED : EXIT_DONE;
}
