/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sys.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/reboot.h>
#include <net/if.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/cleanup.h"

static int real_kexec_load(void *ctx, unsigned long entry, unsigned long nseg,
			   const struct kexec_segment *seg, unsigned long flags)
{
	(void)ctx;
	return syscall(SYS_kexec_load, entry, nseg, seg, flags) < 0 ? -errno : 0;
}

static int real_kexec_file_load(void *ctx, int kernel_fd, int initrd_fd, unsigned long cmdline_len,
				const char *cmdline, unsigned long flags)
{
	(void)ctx;
#ifdef SYS_kexec_file_load
	return syscall(SYS_kexec_file_load, kernel_fd, initrd_fd, cmdline_len, cmdline, flags) < 0
		       ? -errno
		       : 0;
#else
	(void)kernel_fd, (void)initrd_fd, (void)cmdline_len, (void)cmdline, (void)flags;
	return -ENOSYS;
#endif
}

static int real_reboot_kexec(void *ctx)
{
	(void)ctx;
	return syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC,
		       NULL) < 0
		       ? -errno
		       : 0;
}

static void real_sync(void *ctx)
{
	(void)ctx;
	sync();
}

/* One interface: clear IFF_UP where it is set. */
static int if_down(int fd, const char *name)
{
	struct ifreq req = {0};

	for (size_t i = 0; name[i] && i + 1 < sizeof(req.ifr_name); i++)
		req.ifr_name[i] = name[i];
	if (ioctl(fd, SIOCGIFFLAGS, &req) < 0)
		return -errno;
	if ((req.ifr_flags & IFF_LOOPBACK) || !(req.ifr_flags & IFF_UP))
		return 0;
	req.ifr_flags = (short)(req.ifr_flags & ~IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, &req) < 0 ? -errno : 0;
}

static int real_ifdown(void *ctx)
{
	(void)ctx;
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *list = if_nameindex();
	int r = 0;

	/* A kernel without network has nothing to take down. */
	if (!list)
		return 0;
	for (struct if_nameindex *i = list; fd >= 0 && i->if_index; i++) {
		int one = if_down(fd, i->if_name);

		if (one < 0 && !r)
			r = one;
	}
	if_freenameindex(list);
	return r;
}

static int run(const char *const *argv)
{
	pid_t pid;
	int status, r = posix_spawn(&pid, argv[0], NULL, NULL, (char *const *)argv, environ);

	if (r)
		return -r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

/* sd_booted(3): this folder exists where systemd is the init system. */
static int real_orderly(void *ctx)
{
	static const char *const systemctl[] = {"/usr/bin/systemctl", "/bin/systemctl"};

	(void)ctx;
	if (access("/run/systemd/system", F_OK) < 0)
		return -ENOSYS;
	for (size_t i = 0; i < sizeof(systemctl) / sizeof(systemctl[0]); i++) {
		const char *const argv[] = {systemctl[i], "kexec", NULL};

		if (!access(systemctl[i], X_OK))
			return run(argv);
	}
	return -ENOSYS;
}

/* Both calls ask for CAP_SYS_BOOT (kernel/kexec.c), whatever the user's number. */
static bool real_privileged(void *ctx)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};

	(void)ctx;
	if (syscall(SYS_capget, &head, data) < 0)
		return geteuid() == 0;
	return data[0].effective & (1u << CAP_SYS_BOOT);
}

struct host_sys sys_real(void)
{
	return (struct host_sys){
		.kexec_load = real_kexec_load,
		.kexec_file_load = real_kexec_file_load,
		.reboot_kexec = real_reboot_kexec,
		.sync = real_sync,
		.ifdown = real_ifdown,
		.orderly = real_orderly,
		.privileged = real_privileged,
		.run_dir = "/run/baton",
		.kmsg = "/dev/kmsg",
	};
}
