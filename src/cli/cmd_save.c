/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
#include "cli/progress.h"
#include "vmcore/save.h"

static int run(struct cli *c);

const struct command cmd_save = {
	.name = "save",
	.operands = "SRC DEST",
	.summary = "save a memory dump: /proc/vmcore to a file",
	.text = "Writes the kernel log to DEST.dmesg first, then the dump to DEST.incomplete, with "
		"pages of zeros\n"
		"as holes, and renames it to DEST when all is there. Exits with 4 when it was "
		"interrupted or pages\n"
		"are missing, 5 when the space does not suffice, 6 when SRC is bad, 7 when DEST "
		"is.",
	.run = run,
};

/* A signal handler can reach nothing else. */
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void catch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
}

static int saved(const struct cli *c, const char *dest, const struct save_result *res)
{
	struct json j = JSON_INIT;

	if (!c->json) {
		printf("%s: %llu MiB, %llu MiB of them data%s\n", dest,
		       (unsigned long long)(res->size >> 20),
		       (unsigned long long)(res->written >> 20),
		       res->has_dmesg ? "; the kernel log is beside it" : "");
		return fflush(stdout) ? EXIT_REFUSED : EXIT_DONE;
	}
	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_open(&j, "saved", '{');
	json_string(&j, "file", dest);
	json_int(&j, "size", res->size);
	json_int(&j, "written", res->written);
	json_int(&j, "lost_pages", res->lost_pages);
	json_bool(&j, "complete", res->code == SAVE_DONE);
	json_bool(&j, "dmesg", res->has_dmesg);
	json_close(&j, '}');
	json_open(&j, "warnings", '[');
	for (size_t i = 0; i < res->warnings.n; i++)
		json_string(&j, NULL, res->warnings.v[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	return cli_put_json(c, &j);
}

static int save(const struct cli *c, struct save_request *req)
{
	struct save_result res = SAVE_RESULT_INIT;
	struct progress p;
	struct err err = ERR_INIT;

	progress_start(&p, "saving");
	req->progress = progress_step;
	req->ctx = &p;
	req->stop = &stop;
	catch_signals();
	int r = vmcore_save(req, &res, &err);
	progress_end(&p);
	/* A failure has no object that could hold them. */
	for (size_t i = 0; (!c->json || r < 0) && i < res.warnings.n; i++)
		cli_note(c, "%s", res.warnings.v[i]);
	int code = (int)res.code;
	if (r < 0)
		(void)cli_fail(c, code, &err);
	else if (saved(c, req->dest, &res) != EXIT_DONE && !code)
		code = EXIT_REFUSED;
	save_result_done(&res);
	return code;
}

static int run(struct cli *c)
{
	struct save_request req = {.force = false};
	struct words w = {0};
	int code;
	const struct opt table[] = {
		{"force", 'f', OPT_FLAG, &req.force, NULL, "replace an existing DEST"},
	};

	if (cli_begin(c, &cmd_save, table, 1, &w, &code) && cli_operands(c, &w, 2, 2, &code)) {
		req.src = w.v[0];
		req.dest = w.v[1];
		code = save(c, &req);
	}
	vec_done(&w);
	return code;
}
