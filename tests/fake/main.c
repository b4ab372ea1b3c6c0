/* SPDX-License-Identifier: GPL-2.0-or-later */
/* baton-test: the program as it is, above a kernel that only takes notes. Never installed. */
#include "fake/sys_fake.h"

#include <stdio.h>
#include <string.h>

#include "cli/load_opts.h"
#include "cli/loading.h"
#include "core/cleanup.h"
#include "host/kload.h"

static int load_unread(const struct cli *c, struct load_opts *l)
{
	const struct host_files files = {.kernel_fd = -1, .initrd_fd = -1};
	_cleanup_(buf_done) struct buf log = BUF_INIT;
	struct err err = ERR_INIT;
	struct job_options o;
	struct job j;
	int r;

	if (load_opts_job(l, &o, &err) < 0)
		return cli_usage(c, &err);
	o.shown_only = true;
	int code = loading_plan(c, &o, &j);
	if (!code && (r = host_load(c->sys, &j.plan, &files, &log, &err)) < 0) {
		(void)wrap_file(&err, r, "kernel", o.image);
		code = cli_fail(c, EXIT_REFUSED, &err);
	}
	job_done(&j);
	return code;
}

/* As load, but the initrd is not read (zeros stand for it) and nothing hashed: it may be large. */
static const struct command unread = {.name = "unread"};

int main(int argc, char **argv)
{
	static struct fake_kernel kernel;
	struct host_sys sys;

	if (sys_fake(&kernel, &sys) < 0) {
		fprintf(stderr, "baton-test: BATON_FAKE_KERNEL must name a folder\n");
		return 1;
	}
	if (argc > 1 && !strcmp(argv[1], unread.name)) {
		struct cli c = {.sys = &sys, .name = "baton", .argc = argc - 1, .argv = argv + 1};

		return load_opts_run(&c, &unread, load_unread);
	}
	return baton_main(argc, argv, &sys);
}
