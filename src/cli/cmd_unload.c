/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
#include "cli/loading.h"
#include "session/running.h"

static int run(struct cli *c);

const struct command cmd_unload = {
	.name = "unload",
	.operands = "",
	.summary = "forget the loaded kernel, or with --crash disarm the crash kernel",
	.text = "Nothing loaded is no failure.",
	.run = run,
};

static int run(struct cli *c)
{
	struct unload_options o = {.root = "/", .by = -1};
	struct words w = {0};
	int code;
	const struct opt table[] = {
		{"crash", 'p', OPT_FLAG, &o.crash, NULL, "the crash kernel"},
		{"sysroot", 0, OPT_STRING, &o.root, "DIR", NULL},
	};

	if (cli_begin(c, &cmd_unload, table, sizeof(table) / sizeof(table[0]), &w, &code) &&
	    cli_operands(c, &w, 0, 0, &code) && cli_live(c, o.root, &code)) {
		code = loading_unload(c, &o);
		if (!code)
			code = cli_done(c, "unloaded");
	}
	vec_done(&w);
	return code;
}
