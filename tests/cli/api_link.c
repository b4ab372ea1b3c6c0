/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program of somebody else, linked with libbaton.so: prints the plan for ROOT IMAGE INITRD.
 * Loads nothing.
 */
#include <baton.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct baton_error err = {0};
	char *json = NULL;

	if (argc != 4)
		return 2;
	const char *const initrds[] = {argv[3]};
	struct baton_load what = {
		.size = sizeof(what),
		.root = argv[1],
		.image = argv[2],
		.initrds = initrds,
		.ninitrds = 1,
		.append = "console=ttyS0",
		.crash = true,
	};
	if (baton_plan_json(&what, &json, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	fputs(json, stdout);
	free(json);
	return 0;
}
