/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
#include "core/cleanup.h"
#include "vmcore/info.h"

static int run(struct cli *c);

const struct command cmd_info = {
	.name = "info",
	.operands = "DUMP",
	.summary = "say what a memory dump holds",
	.text = "Reads the headers, notes and kernel log of a dump: version, panic message, time, "
		"CPUs, memory.",
	.run = run,
};

static int info(const struct cli *c, const char *path)
{
	_cleanup_(buf_done) struct buf out = BUF_INIT;
	struct dump_info i;
	struct err err = ERR_INIT;

	if (vmcore_info(path, &i, &err) < 0)
		return cli_fail(c, EXIT_REFUSED, &err);
	int r = c->json ? info_json(&i, &out) : info_text(&i, &out);
	info_done(&i);
	if (r < 0) {
		(void)fail(&err, ENOMEM, "no memory");
		return cli_fail(c, EXIT_REFUSED, &err);
	}
	return cli_put(c, &out);
}

static int run(struct cli *c)
{
	struct words w = {0};
	int code;

	if (cli_begin(c, &cmd_info, NULL, 0, &w, &code) && cli_operands(c, &w, 1, 1, &code))
		code = info(c, w.v[0]);
	vec_done(&w);
	return code;
}
