/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all commands share: who runs, where to, and how a failure is told. */
#pragma once
#include "cli/json.h"
#include "cli/opts.h"
#include "core/err.h"
#include "host/sys.h"

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_UNPROTECTED = 3 };

struct cli {
	const struct host_sys *sys;
	const char *name;    /* "baton", "kexec": stands before every diagnostic */
	const char *command; /* "load"; NULL outside a command */
	bool json;           /* exactly one object on stdout, also on failure */
	int argc;
	char **argv; /* [0] is the command's or the program's name */
};

/* A command: its line in `baton --help`, the head of its own help, and what it does. */
struct command {
	const char *name, *operands, *summary, *text;
	int (*run)(struct cli *c);
};

extern const struct command cmd_inspect, cmd_plan, cmd_load, cmd_exec, cmd_unload, cmd_status,
	cmd_snapshot, cmd_save, cmd_info, cmd_crcs, cmd_relocate;

int baton_main(int argc, char **argv, const struct host_sys *sys);
int kexec_main(struct cli *c);

/* "NAME: reason" on stderr, the error object on stdout under --json. Returns @code. */
int cli_fail(const struct cli *c, int code, const struct err *err);
/* The same where the reason names no object: the command stands before it. Returns EXIT_REFUSED. */
int cli_refuse(const struct cli *c, struct err *err);
/* The same for a command line that cannot be understood, with a pointer to the help. Returns
 * EXIT_USAGE. */
int cli_usage(const struct cli *c, const struct err *err);
/* A line on stderr: "NAME: text". */
void cli_note(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Writes @b to stdout. Returns EXIT_DONE, or tells the failure. */
int cli_put(const struct cli *c, const struct buf *b);
int cli_put_json(const struct cli *c, struct json *j); /* and releases @j */

/*
 * Options of a command, with --help, --version and --json added. True: go on, with @operands at
 * least @min and at most @max. False: *@code is the exit status, all is said.
 */
bool cli_begin(struct cli *c, const struct command *cmd, const struct opt *o, size_t n,
	       struct words *operands, int *code);
bool cli_operands(const struct cli *c, const struct words *w, size_t min, size_t max, int *code);

/* The end of a command whose result is that it went well: {"schema":1,"done":"WHAT"} under --json,
 * else silence. */
int cli_done(const struct cli *c, const char *what);

/* The running machine, or a pretended one. cli_live: else a usage error, told. */
bool cli_root_is_live(const struct cli *c, const char *root);
bool cli_live(const struct cli *c, const char *root, int *code);

/* Asked for before the options are understood: a usage error is told as an object, too. */
bool cli_wants_json(int argc, char **argv);

void cli_version(const char *name);
