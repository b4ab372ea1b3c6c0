/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
#include "host/snapshot.h"

static int run(struct cli *c);

const struct command cmd_snapshot = {
	.name = "snapshot",
	.operands = "DIR",
	.summary = "write the facts that planning reads into a folder",
	.text = "DIR must be absent or empty. 'baton plan --sysroot DIR' then plans for this "
		"machine anywhere.\n"
		"Addresses are visible to root only. Nothing secret is written.",
	.run = run,
};

static int run(struct cli *c)
{
	const char *root = "/";
	struct words w = {0};
	struct err err = ERR_INIT;
	int code;
	const struct opt table[] = {
		{"sysroot", 0, OPT_STRING, &root, "DIR", "copy another snapshot"},
	};

	if (cli_begin(c, &cmd_snapshot, table, 1, &w, &code) && cli_operands(c, &w, 1, 1, &code))
		code = host_snapshot(root, w.v[0], &err) < 0 ? cli_fail(c, EXIT_REFUSED, &err)
							     : cli_done(c, "written");
	vec_done(&w);
	return code;
}
