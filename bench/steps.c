/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts the instructions that a program takes from its first to its last, one trap after each:
 *	steps PROGRAM [ARGUMENT]...        the number is written to stderr, behind "steps "
 * For instructions that no emulator here knows.
 */
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long long n = 0;
	int status;
	pid_t pid = argc > 1 ? fork() : -1;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 1;
	while (WIFSTOPPED(status)) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) < 0)
			return 1;
		n++;
	}
	fprintf(stderr, "steps %llu\n", n);
	return !WIFEXITED(status) || WEXITSTATUS(status);
}
