/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/cleanup.h"
#include "core/escape.h"

void cli_note(const struct cli *c, const char *fmt, ...)
{
	_cleanup_(buf_done) struct buf clean = BUF_INIT;
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* A path with a newline in it stays on its line. */
	(void)escape_terminal(span_of(text, strlen(text)), &clean);
	fprintf(stderr, "%s: %s\n", c->name, buf_str(&clean));
}

int cli_put(const struct cli *c, const struct buf *b)
{
	/* One without bytes has no pointer either. */
	if ((!b->len || fwrite(b->ptr, 1, b->len, stdout) == b->len) && fflush(stdout) == 0)
		return EXIT_DONE;
	cli_note(c, "standard output: %s", strerror(errno));
	return EXIT_REFUSED;
}

int cli_put_json(const struct cli *c, struct json *j)
{
	int code = EXIT_REFUSED;

	j->bad |= buf_puts(&j->b, "\n") < 0;
	if (j->bad)
		cli_note(c, "no memory");
	else
		code = cli_put(c, &j->b);
	buf_done(&j->b);
	return code;
}

int cli_done(const struct cli *c, const char *what)
{
	struct json j = JSON_INIT;

	if (!c->json)
		return EXIT_DONE;
	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_string(&j, "done", what);
	json_close(&j, '}');
	return cli_put_json(c, &j);
}

bool cli_root_is_live(const struct cli *c, const char *root)
{
	return c->sys->pretend || !strcmp(root, "/");
}

bool cli_live(const struct cli *c, const char *root, int *code)
{
	struct err err = ERR_INIT;

	if (cli_root_is_live(c, root))
		return true;
	(void)fail(&err, EINVAL, "'--sysroot %s': this works on the running machine only", root);
	*code = cli_usage(c, &err);
	return false;
}

static void error_object(const struct cli *c, const struct err *err)
{
	struct json j = JSON_INIT;
	const char *name = strerrorname_np(err->code);

	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_open(&j, "error", '{');
	json_string(&j, "file", err->file[0] ? err->file : NULL);
	if (err->has_offset)
		json_int(&j, "offset", err->offset);
	else
		json_null(&j, "offset");
	json_string(&j, "reason", err->text);
	json_string(&j, "errno", name);
	json_close(&j, '}');
	json_close(&j, '}');
	(void)cli_put_json(c, &j);
}

int cli_fail(const struct cli *c, int code, const struct err *err)
{
	cli_note(c, "%s", err->text[0] ? err->text : strerror(err->code));
	if (c->json)
		error_object(c, err);
	return code;
}

int cli_refuse(const struct cli *c, struct err *err)
{
	(void)wrap(err, -err->code, "%s", c->command ? c->command : c->name);
	return cli_fail(c, EXIT_REFUSED, err);
}

int cli_usage(const struct cli *c, const struct err *err)
{
	struct err e = *err;

	if (c->command)
		(void)wrap(&e, -e.code, "%s", c->command);
	(void)cli_fail(c, EXIT_USAGE, &e);
	if (c->command)
		fprintf(stderr, "Try '%s %s --help'.\n", c->name, c->command);
	else
		fprintf(stderr, "Try '%s --help'.\n", c->name);
	return EXIT_USAGE;
}

bool cli_wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--json"))
			return true;
	return false;
}

static void command_help(const struct cli *c, const struct command *cmd, const struct opt *o,
			 size_t n)
{
	printf("usage: %s %s [OPTION]... %s\n\n%s\n\n", c->name, cmd->name, cmd->operands,
	       cmd->text);
	opts_help(o, n, stdout);
}

bool cli_begin(struct cli *c, const struct command *cmd, const struct opt *o, size_t n,
	       struct words *operands, int *code)
{
	bool help = false, version = false;
	const struct opt common[] = {
		{"json", 0, OPT_FLAG, &c->json, NULL, "one JSON object on standard output"},
		{"help", 'h', OPT_FLAG, &help, NULL, "this text"},
		{"version", 0, OPT_FLAG, &version, NULL, "the version of this program"},
	};
	size_t ncommon = sizeof(common) / sizeof(common[0]);
	_cleanup_(freep) struct opt *all = calloc(n + ncommon, sizeof(*all));
	struct err err = ERR_INIT;

	c->command = cmd->name;
	c->json = cli_wants_json(c->argc, c->argv);
	*code = EXIT_REFUSED;
	if (!all)
		return false;
	if (n)
		memcpy(all, o, n * sizeof(*all));
	memcpy(all + n, common, sizeof(common));
	if (opts_parse(all, n + ncommon, c->argc, c->argv, operands, &err) < 0) {
		*code = cli_usage(c, &err);
		return false;
	}
	*code = EXIT_DONE;
	if (help)
		command_help(c, cmd, all, n + ncommon);
	else if (version)
		cli_version(c->name);
	return !help && !version;
}

bool cli_operands(const struct cli *c, const struct words *w, size_t min, size_t max, int *code)
{
	struct err err = ERR_INIT;

	if (w->n >= min && w->n <= max)
		return true;
	if (w->n > max)
		(void)fail(&err, EINVAL, "'%s' is one operand too many", w->v[max]);
	else
		(void)fail(&err, EINVAL, "an operand is missing");
	*code = cli_usage(c, &err);
	return false;
}
