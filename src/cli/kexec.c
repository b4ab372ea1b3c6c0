/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program under the name `kexec`: the options and the exit codes that the callers of
 * kexec-tools know (its kexec/kexec.c and man page), above the same sessions. Later words win only
 * where theirs do too.
 */
#include "cli/kexec.h"

#include <string.h>

#include "cli/loading.h"
#include "host/kload.h"
#include "session/running.h"

enum { STATUS_NOT_LOADED = 0, STATUS_LOADED = 1, STATUS_UNKNOWN = 255 };

static int done(int code)
{
	return code ? 1 : 0;
}

static int refuse(const struct cli *c, int code, const char *reason)
{
	struct err err = ERR_INIT;

	(void)fail(&err, code, "%s", reason);
	return done(cli_fail(c, EXIT_REFUSED, &err));
}

/* -S alone asks for the crash image, -l -S for the normal one. */
static int status(const struct cli *c, const struct kexec_opts *k)
{
	struct session_status s;
	struct err err = ERR_INIT;
	enum host_answer loaded = HOST_UNKNOWN;

	if (session_status(c->sys, k->root, &s, &err) < 0)
		(void)cli_fail(c, EXIT_REFUSED, &err);
	else
		loaded = k->load ? s.policy.loaded : s.policy.crash_loaded;
	return loaded == HOST_UNKNOWN ? STATUS_UNKNOWN
	       : loaded == HOST_YES   ? STATUS_LOADED
				      : STATUS_NOT_LOADED;
}

static int print_size(const struct cli *c, const struct kexec_opts *k)
{
	struct session_status s;
	struct err err = ERR_INIT;

	if (session_status(c->sys, k->root, &s, &err) < 0)
		return done(cli_fail(c, EXIT_REFUSED, &err));
	printf("%llu\n", (unsigned long long)s.policy.crash_size);
	return 0;
}

static int unload(const struct cli *c, const struct kexec_opts *k)
{
	struct unload_options o = {
		.root = k->root,
		.crash = k->panic,
		.by = k->file_call   ? PLAN_FILE
		      : k->load_call ? PLAN_LOAD
				     : -1,
	};

	return done(loading_unload(c, &o));
}

static int jump(const struct cli *c, const struct kexec_opts *k, bool force)
{
	struct exec_options o = {
		.root = k->root,
		.force = force,
		.sync = !k->no_sync,
		.ifdown = !k->no_ifdown,
	};
	struct err err = ERR_INIT;

	return session_exec(c->sys, &o, &err) < 0 ? done(cli_fail(c, EXIT_REFUSED, &err)) : 0;
}

/* --type=T forced a loader; here it is checked against what the file is. */
static int check_type(const char *type, const struct job *j, struct err *err)
{
	static const struct {
		const char *type, *format;
	} types[] = {
		{"bzImage", "bzImage"},
		{"bzImage64", "bzImage"},
		{"elf-x86_64", "vmlinux"},
		{"elf-x86", "vmlinux"},
		{"uki", "uki"},
		{"multiboot-x86", "multiboot"},
		{"multiboot2-x86", "multiboot2"},
	};

	for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].type, type) && !strcmp(types[i].format, j->plan.image_format))
			return 0;
	return type ? fail(err, EINVAL, "Wrong file type: '--type %s', but it is a %s", type,
			   j->plan.image_format)
		    : 0;
}

static void say_unheeded(const struct cli *c, const struct kexec_opts *k, const struct job *j)
{
	for (size_t i = 0; i < k->ignored.n; i++)
		cli_note(c, "warning: '--%s' has no effect here", k->ignored.v[i]);
	if (k->dtb && !j->dtb.len)
		cli_note(c, "warning: '--dtb' has no effect on %s", j->arch->name);
	if (j->plan.syscall == PLAN_LOAD)
		return;
	if (k->no_checks)
		cli_note(c, "warning: '--no-checks' has no effect: the kernel's own purgatory "
			    "verifies");
	if (k->serial)
		cli_note(c,
			 "warning: '--serial' has no effect: the kernel's own purgatory is silent");
}

static int commit(const struct cli *c, const struct kexec_opts *k, const struct job *j)
{
	struct load_result res;
	struct err err = ERR_INIT;
	int code = EXIT_DONE;

	if (session_load(c->sys, k->root, j, &res, &err) < 0)
		code = loading_refused(c, &res, &err);
	else if (res.fell_back)
		cli_note(c, "note: kexec_load was used: kexec_file_load does not take this image");
	buf_done(&res.log);
	return code;
}

static int load(const struct cli *c, struct kexec_opts *k)
{
	struct job_options o;
	struct job j;
	struct err err = ERR_INIT;

	if (kexec_job(k, &o, &err) < 0 || session_may_load(c->sys, &err) < 0)
		return done(cli_fail(c, EXIT_REFUSED, &err));
	int code = loading_plan(c, &o, &j);
	if (!code && check_type(k->type, &j, &err) < 0)
		code = cli_fail(c, EXIT_REFUSED, &err);
	if (!code) {
		say_unheeded(c, k, &j);
		loading_notes(c, &j, k->debug);
		code = loading_show(c, &j, k->debug, true, NULL);
	}
	if (!code)
		code = commit(c, k, &j);
	job_done(&j);
	return done(code);
}

static int load_and_go(const struct cli *c, struct kexec_opts *k)
{
	int code = load(c, k);

	/* -p and -l only load; -f jumps at once; without any of them the system is shut down first.
	 */
	if (code || k->panic || (k->load && !k->force))
		return code;
	return jump(c, k, k->force);
}

static int act(const struct cli *c, struct kexec_opts *k)
{
	if (k->status)
		return status(c, k);
	if (k->print_size)
		return print_size(c, k);
	if (!cli_root_is_live(c, k->root))
		return refuse(c, EINVAL, "'--sysroot': only the running machine can be loaded");
	if (k->unload)
		return unload(c, k);
	if (k->exec && !k->operands.n)
		return jump(c, k, true);
	if (k->exec && !k->force)
		return refuse(c, EINVAL,
			      "'--exec' takes no kernel ('--force' loads one and jumps)");
	if (!k->operands.n)
		return refuse(c, EINVAL, "No kernel specified");
	if (k->operands.n > 1)
		return refuse(c, EINVAL, "more than one kernel specified");
	return load_and_go(c, k);
}

int kexec_main(struct cli *c)
{
	struct kexec_opts k = {.root = "/"};
	struct opt table[KEXEC_OPTS];
	size_t n = kexec_opts_table(&k, table);
	struct err err = ERR_INIT;
	int code = 0;

	if (opts_parse(table, n, c->argc, c->argv, &k.operands, &err) < 0) {
		code = done(cli_usage(c, &err));
	} else if (k.help) {
		printf("usage: kexec [OPTION]... [KERNEL]\n\n"
		       "Loads a kernel and jumps into it, as the program of kexec-tools does; this "
		       "is Baton.\n\n");
		opts_help(table, n, stdout);
	} else if (k.version) {
		cli_version(c->name);
	} else {
		code = act(c, &k);
	}
	kexec_opts_done(&k);
	return code;
}
