/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
#include "session/running.h"

static int run(struct cli *c);

const struct command cmd_exec = {
	.name = "exec",
	.operands = "",
	.summary = "jump into the loaded kernel",
	.text = "Asks the init system for an orderly shutdown that ends in the jump (systemctl "
		"kexec).\n"
		"With --force: writes buffers back, takes network interfaces down and jumps at "
		"once.",
	.run = run,
};

static int run(struct cli *c)
{
	struct exec_options o = {.root = "/", .sync = true, .ifdown = true};
	bool no_sync = false, no_ifdown = false;
	struct words w = {0};
	struct err err = ERR_INIT;
	int code;
	const struct opt table[] = {
		{"force", 'f', OPT_FLAG, &o.force, NULL, "jump at once, without a shutdown"},
		{"no-sync", 'y', OPT_FLAG, &no_sync, NULL,
		 "with --force: do not write buffers back"},
		{"no-ifdown", 'x', OPT_FLAG, &no_ifdown, NULL, "with --force: leave interfaces up"},
		{"sysroot", 0, OPT_STRING, &o.root, "DIR", NULL},
	};

	if (cli_begin(c, &cmd_exec, table, sizeof(table) / sizeof(table[0]), &w, &code) &&
	    cli_operands(c, &w, 0, 0, &code) && cli_live(c, o.root, &code)) {
		o.sync = !no_sync;
		o.ifdown = !no_ifdown;
		code = session_exec(c->sys, &o, &err) < 0 ? cli_refuse(c, &err)
							  : cli_done(c, "started");
	}
	vec_done(&w);
	return code;
}
