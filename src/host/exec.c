/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/exec.h"

#include <string.h>

int host_exec(const struct host_sys *sys, bool sync, bool ifdown, struct err *err)
{
	if (sync)
		sys->sync(sys->ctx);
	/* An interface that stays up costs the next kernel a surprise, not the jump. */
	if (ifdown)
		(void)sys->ifdown(sys->ctx);
	int r = sys->reboot_kexec(sys->ctx);
	if (r == -EPERM)
		return fail(err, EPERM, "reboot: %s (CAP_SYS_BOOT is needed)", strerror(EPERM));
	if (r == -EINVAL)
		return fail(err, EINVAL,
			    "reboot: %s (no kernel is loaded, or this kernel has no kexec)",
			    strerror(EINVAL));
	if (r < 0)
		return fail(err, -r, "reboot: %s", strerror(-r));
	return 0;
}

int host_exec_orderly(const struct host_sys *sys, struct err *err)
{
	int r = sys->orderly(sys->ctx);

	if (r == -ENOSYS)
		return fail(
			err, ENOSYS,
			"no init system here can shut down and then jump (systemd is not running); "
			"'--force' jumps at once");
	if (r < 0)
		return fail(err, -r, "systemctl kexec: %s", strerror(-r));
	return 0;
}
