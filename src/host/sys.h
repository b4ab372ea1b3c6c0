/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam to the running kernel: every call that changes the machine goes through this table. The
 * program uses sys_real(); tests put another table in its place (tests/fake/sys_fake.c), so that no
 * test ever loads or jumps. All functions give 0 (or what they say) or a negative errno.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kexec.h>

/* Of include/uapi/linux/kexec.h in kernels newer than the headers that we build with. */
#define HOST_KEXEC_ON_CRASH          0x1ul
#define HOST_KEXEC_FILE_UNLOAD       0x1ul
#define HOST_KEXEC_FILE_ON_CRASH     0x2ul
#define HOST_KEXEC_FILE_NO_INITRAMFS 0x4ul
#define HOST_KEXEC_FILE_DEBUG        0x8ul  /* 6.8; kexec_file_load says EINVAL before */
#define HOST_KEXEC_FILE_NO_CMA       0x10ul /* 6.17 */
#define HOST_KEXEC_FILE_FORCE_DTB    0x20ul

struct host_sys {
	void *ctx; /* handed to every function */

	/* kexec_load(2). @nseg 0 = unload. */
	int (*kexec_load)(void *ctx, unsigned long entry, unsigned long nseg,
			  const struct kexec_segment *seg, unsigned long flags);
	/* kexec_file_load(2). @cmdline_len counts the NUL. Descriptors of -1 are not looked at
	 * under UNLOAD. */
	int (*kexec_file_load)(void *ctx, int kernel_fd, int initrd_fd, unsigned long cmdline_len,
			       const char *cmdline, unsigned long flags);
	int (*reboot_kexec)(void *ctx); /* returns only on failure (or in a fake) */
	void (*sync)(void *ctx);
	int (*ifdown)(void *ctx);      /* takes every network interface but lo down */
	int (*orderly)(void *ctx);     /* asks the init system for a shutdown that ends in the jump;
					  -ENOSYS: none */
	bool (*privileged)(void *ctx); /* may this process load a kernel at all? */

	const char *run_dir; /* where the state file lives: "/run/baton" */
	const char *kmsg;    /* the kernel's log: "/dev/kmsg" */
	bool pretend;        /* not the running kernel: facts of another machine may be "loaded" */
};

/* The running kernel. */
struct host_sys sys_real(void);
