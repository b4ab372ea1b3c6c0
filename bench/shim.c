/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shim COMMAND ARG...: runs a command for which kexec_load, kexec_file_load and reboot answer 0
 * and do nothing. A seccomp filter answers in the kernel's entry path, so the calls never happen,
 * whatever the command is linked with, and its children inherit it. The shim proves the filter on
 * itself first and runs nothing without it (exit 125).
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEVER(nr)                                                                                  \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1),                                           \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0)

static int install(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		/* x32 numbers would slip past the comparison. */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		NEVER(SYS_kexec_load),
		NEVER(SYS_kexec_file_load),
		NEVER(SYS_reboot),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof(filter) / sizeof(*filter), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

/*
 * Calls that every kernel refuses (wrong magic, 1,000 segments, no files), so that they are
 * harmless should the filter be missing, and an answer of 0 can come from the filter alone.
 */
static int proven(void)
{
	return !syscall(SYS_reboot, 1, 2, 3, 0) && !syscall(SYS_kexec_load, 0, 1000, 0, ~0ul) &&
	       !syscall(SYS_kexec_file_load, -1, -1, 0, 0, ~0ul);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: shim COMMAND ARG...\n");
		return 2;
	}
	if (install() < 0 || !proven()) {
		perror("shim: the filter is not in force, nothing was run");
		return 125;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
