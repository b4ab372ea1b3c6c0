/* SPDX-License-Identifier: GPL-2.0-or-later */
/* baton-test: the program as it is, above a kernel that only takes notes. Never installed. */
#include "fake/sys_fake.h"

#include <stdio.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
	static struct fake_kernel kernel;
	struct host_sys sys;

	if (sys_fake(&kernel, &sys) < 0) {
		fprintf(stderr, "baton-test: BATON_FAKE_KERNEL must name a folder\n");
		return 1;
	}
	return baton_main(argc, argv, &sys);
}
