/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

int main(int argc, char **argv)
{
	struct host_sys sys = sys_real();

	return baton_main(argc, argv, &sys);
}
