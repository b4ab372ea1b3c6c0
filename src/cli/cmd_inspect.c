/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
#include "cli/load_opts.h"

#include <string.h>
#include <unistd.h>

#include "core/cleanup.h"
#include "core/outfile.h"
#include "session/inspect.h"

static int run(struct cli *c);

const struct command cmd_inspect = {
	.name = "inspect",
	.operands = "IMAGE",
	.summary = "say what a kernel file is and what it asks of a loader",
	.text = "Reads the headers of a kernel file, and unpacks what is in it for the build id.\n"
		"Needs no privilege and changes nothing. With --extract it writes one part of the "
		"file, unpacked.",
	.run = run,
};

/* The words of --extract, in their order. */
static const enum image_part_kind kinds[] = {PART_KERNEL, PART_INITRD, PART_DTB, PART_CONFIG,
					     PART_CMDLINE};
#define WORDS "vmlinux|initrd|dtb|config|cmdline"

struct options {
	int what; /* index of kinds, -1 = none */
	const char *output, *config, *vendor_boot;
	struct number profile;
	bool force;
};

static struct inspect_file file_of(const char *path, const struct options *o)
{
	return (struct inspect_file){
		.path = path,
		.vendor_boot = o->vendor_boot,
		.choice = load_opts_choice(o->config, &o->profile),
	};
}

static int inspect(const struct cli *c, const char *path, const struct options *o)
{
	_cleanup_(buf_done) struct buf out = BUF_INIT;
	const struct inspect_file f = file_of(path, o);
	struct err err = ERR_INIT, note = ERR_INIT;

	if (session_inspect(&f, c->json, &out, &note, &err) < 0)
		return cli_fail(c, EXIT_REFUSED, &err);
	if (note.code)
		cli_note(c, "%s", note.text);
	return cli_put(c, &out);
}

static int told(const struct cli *c, const struct options *o, uint64_t size)
{
	struct json j = JSON_INIT;

	if (!c->json)
		return EXIT_DONE;
	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_open(&j, "extracted", '{');
	json_string(&j, "file", o->output);
	json_int(&j, "size", size);
	json_close(&j, '}');
	json_close(&j, '}');
	return cli_put_json(c, &j);
}

static int extract(const struct cli *c, const char *path, const struct options *o)
{
	_cleanup_(buf_done) struct buf part = BUF_INIT;
	const struct inspect_file f = file_of(path, o);
	bool to_stdout = !strcmp(o->output, "-");
	struct err err = ERR_INIT;

	if (to_stdout && isatty(STDOUT_FILENO)) {
		fail(&err, EINVAL, "'-o -': standard output is a terminal");
		return cli_refuse(c, &err);
	}
	if (!to_stdout && outfile_check(o->output, o->force, &err) < 0)
		return cli_fail(c, EXIT_REFUSED, &err);
	if (session_extract(&f, kinds[o->what], &part, &err) < 0)
		return cli_fail(c, EXIT_REFUSED, &err);
	if (to_stdout)
		return cli_put(c, &part);
	if (outfile_store(o->output, buf_span(&part), o->force, &err) < 0)
		return cli_fail(c, EXIT_REFUSED, &err);
	return told(c, o, part.len);
}

/* False: a usage error, told. */
static bool sound(const struct cli *c, const struct options *o, int *code)
{
	struct err err = ERR_INIT;

	if (o->what >= 0 && !o->output)
		fail(&err, EINVAL, "'--extract' needs '-o FILE'");
	else if (o->what < 0 && (o->output || o->force))
		fail(&err, EINVAL, "'%s' goes with '--extract'", o->output ? "-o" : "--force");
	else if (c->json && o->output && !strcmp(o->output, "-"))
		fail(&err, EINVAL, "'-o -' and '--json' both want the standard output");
	if (err.code)
		*code = cli_usage(c, &err);
	return !err.code;
}

static int run(struct cli *c)
{
	struct options o = {.what = -1};
	struct words w = {0};
	int code;
	const struct opt table[] = {
		{"extract", 0, OPT_CHOICE, &o.what, WORDS, "write this part of the file"},
		{"output", 'o', OPT_STRING, &o.output, "FILE",
		 "where to; - is the standard output"},
		{"force", 0, OPT_FLAG, &o.force, NULL, "replace FILE"},
		{"config", 0, OPT_STRING, &o.config, "NAME",
		 "take this configuration of a FIT image"},
		{"profile", 0, OPT_NUMBER, &o.profile, "N",
		 "take this profile of a unified kernel image"},
		{"vendor-boot", 0, OPT_STRING, &o.vendor_boot, "FILE",
		 "the vendor_boot.img that goes with an Android boot.img"},
	};

	if (cli_begin(c, &cmd_inspect, table, sizeof(table) / sizeof(*table), &w, &code) &&
	    cli_operands(c, &w, 1, 1, &code) && sound(c, &o, &code))
		code = o.what < 0 ? inspect(c, w.v[0], &o) : extract(c, w.v[0], &o);
	vec_done(&w);
	return code;
}
