/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/explain.h"

#include <errno.h>

static const char *not_permitted(enum plan_syscall call, bool crash, const struct host_policy *p)
{
	if (p->load_disabled == HOST_YES)
		return "kernel.kexec_load_disabled is 1: until the next boot no kernel can be "
		       "loaded or unloaded";
	if ((crash ? p->limit_panic : p->limit_reboot) == 0)
		return crash ? "the limit on loads is used up: kernel.kexec_load_limit_panic is 0"
			     : "the limit on loads is used up: kernel.kexec_load_limit_reboot is 0";
	if (p->lockdown > LOCKDOWN_NONE && call == PLAN_LOAD)
		return "the kernel is locked down: it takes only signed kernels, through "
		       "kexec_file_load "
		       "('--syscall file')";
	if (p->lockdown > LOCKDOWN_NONE)
		return "the kernel is locked down: it takes only a kernel that is signed with a "
		       "key it trusts";
	return "a security module or the kernel's policy forbids it (CAP_SYS_BOOT is needed)";
}

static const char *invalid(enum plan_syscall call)
{
	return call == PLAN_FILE
		       ? "the kernel's own loader does not take this image, or not these flags"
		       : "the kernel finds a segment, the entry or a flag wrong";
}

const char *explain_refusal(int code, enum plan_syscall call, bool crash,
			    const struct host_policy *p)
{
	switch (code) {
	case EPERM:
		return not_permitted(call, crash, p);
	case EACCES:
		return call == PLAN_LOAD ? "the kernel's integrity policy (IMA) takes only files "
					   "that it can check: '--syscall file'"
					 : "the kernel's integrity policy (IMA) does not accept "
					   "this file";
	case EBADMSG:
		return "the image's signature is damaged";
	case EBUSY:
		return "another load is under way, or the other CPUs cannot be stopped on this "
		       "machine";
	case ENOEXEC:
		return "the kernel's own loader does not know this image format; '--syscall load' "
		       "may";
	case EINVAL:
		return invalid(call);
	case ENOMEM:
		return "not enough free memory for a copy of the image until the jump";
	case EADDRNOTAVAIL:
		return crash ? "a segment lies outside the region that crashkernel= reserved"
			     : "a segment lies where the kernel allows none";
	case ENODATA:
		return "the image is not signed, and this kernel demands a signature";
	case ENOKEY:
		return "the image is signed with a key that this kernel does not trust";
	case EKEYREJECTED:
		return "the image's signature does not match it, or its key is revoked";
	case ENOSYS:
		return call == PLAN_FILE ? "this kernel is built without kexec_file_load; "
					   "'--syscall load' may work"
					 : "this kernel is built without kexec_load; '--syscall "
					   "file' may work";
	default:
		return NULL;
	}
}
