/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

#include "core/cleanup.h"
#include "session/inspect.h"

static int run(struct cli *c);

const struct command cmd_inspect = {
	.name = "inspect",
	.operands = "IMAGE",
	.summary = "say what a kernel file is and what it asks of a loader",
	.text = "Reads the headers of a kernel file, and unpacks what is in it for the build id.\n"
		"Needs no privilege and changes nothing.",
	.run = run,
};

static int inspect(const struct cli *c, const char *path)
{
	_cleanup_(buf_done) struct buf out = BUF_INIT;
	struct err err = ERR_INIT, note = ERR_INIT;

	if (session_inspect(path, c->json, &out, &note, &err) < 0)
		return cli_fail(c, EXIT_REFUSED, &err);
	if (note.code)
		cli_note(c, "%s", note.text);
	return cli_put(c, &out);
}

static int run(struct cli *c)
{
	struct words w = {0};
	int code;

	if (cli_begin(c, &cmd_inspect, NULL, 0, &w, &code) && cli_operands(c, &w, 1, 1, &code))
		code = inspect(c, w.v[0]);
	vec_done(&w);
	return code;
}
