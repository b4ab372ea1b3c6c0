/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure RUNS COMMAND ARG...: runs a command that often, one after the other, its output thrown
 * away, and prints one line per run: user_us system_us wall_us peak_kb (getrusage of that child).
 * Static and small, so that it runs in an initramfs too and a child's peak is its own.
 * measure --tsc: prints the processor's time-stamp counter (under QEMU's -icount: instructions).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

static long long us(struct timeval t)
{
	return t.tv_sec * 1000000ll + t.tv_usec;
}

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ll + t.tv_nsec / 1000;
}

static int once(char **argv)
{
	long long start = now_us();
	struct rusage used;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) < 0) {
		perror("measure");
		return -1;
	}
	if (status) {
		fprintf(stderr, "measure: %s ended with status 0x%x\n", argv[0], (unsigned)status);
		return -1;
	}
	printf("%lld %lld %lld %ld\n", us(used.ru_utime), us(used.ru_stime), now_us() - start,
	       used.ru_maxrss);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--tsc")) {
		printf("%llu\n", __rdtsc());
		return 0;
	}
	if (argc < 3 || atoi(argv[1]) < 1) {
		fprintf(stderr, "usage: measure RUNS COMMAND ARG... | --tsc\n");
		return 2;
	}
	for (int i = 0; i < atoi(argv[1]); i++)
		if (once(argv + 2) < 0)
			return 1;
	return 0;
}
