/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

#include <string.h>

#include "cli/build.h"
#include "session/version.h"

static const struct command *const commands[] = {
	&cmd_inspect, &cmd_plan,     &cmd_load, &cmd_exec, &cmd_unload,
	&cmd_status,  &cmd_snapshot, &cmd_save, &cmd_info, &cmd_crcs,
	&cmd_relocate,
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

void cli_version(const char *name)
{
	printf("%s %s (Baton)\n", name, BATON_VERSION);
	printf("unpacks: %s\nlacks: %s\n", BATON_CODECS, BATON_LACKS);
}

static void help(void)
{
	printf("usage: baton COMMAND [OPTION]... [OPERAND]...\n\n"
	       "Baton hands this machine from one Linux kernel to the next, now or after a "
	       "crash.\n\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n'baton COMMAND --help' tells more of one. Called as 'kexec' it takes that "
	       "program's options.\n");
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int no_such(const struct cli *c, const char *word)
{
	struct err err = ERR_INIT;

	(void)fail(&err, EINVAL, word[0] == '-' ? "unknown option '%s'" : "unknown command '%s'",
		   word);
	return cli_usage(c, &err);
}

static int missing(const struct cli *c)
{
	struct err err = ERR_INIT;

	(void)fail(&err, EINVAL, "a command is missing");
	return cli_usage(c, &err);
}

static int baton_command(struct cli *c)
{
	const char *word = c->argc > 1 ? c->argv[1] : NULL;
	const struct command *cmd;

	c->json = cli_wants_json(c->argc, c->argv);
	if (!word)
		return missing(c);
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
		help();
		return EXIT_DONE;
	}
	if (!strcmp(word, "--version")) {
		cli_version(c->name);
		return EXIT_DONE;
	}
	cmd = find(word);
	if (!cmd)
		return no_such(c, word);
	c->argc--;
	c->argv++;
	return cmd->run(c);
}

/* One program under several names; what stands before and behind the name ("/sbin/", "-test") does
 * not count. */
static bool called(const char *argv0, const char *name)
{
	const char *slash = strrchr(argv0, '/');
	const char *base = slash ? slash + 1 : argv0;
	size_t len = strlen(name);

	return !strncmp(base, name, len) && (!base[len] || !strcmp(base + len, "-test"));
}

/* A help text that nobody could read is no success. */
static int flushed(const struct cli *c, int code)
{
	if (code || (!ferror(stdout) && !fflush(stdout)))
		return code;
	cli_note(c, "standard output: %s", strerror(errno ? errno : EIO));
	return EXIT_REFUSED;
}

int baton_main(int argc, char **argv, const struct host_sys *sys)
{
	struct cli c = {.sys = sys, .name = "baton", .argc = argc, .argv = argv};

	if (argc > 0 && called(argv[0], "kexec")) {
		c.name = "kexec";
		return flushed(&c, kexec_main(&c));
	}
	return flushed(&c, baton_command(&c));
}
