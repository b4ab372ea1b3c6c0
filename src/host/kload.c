/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/kload.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/cleanup.h"
#include "core/file.h"
#include "host/kmsg.h"

#define MAX_SEGMENTS 16

const char *host_call_name(enum plan_syscall by)
{
	return by == PLAN_FILE ? "kexec_file_load" : "kexec_load";
}

/* True when @v does not fit the kernel's unsigned long. */
static bool narrow(uint64_t v, unsigned long *out)
{
	*out = (unsigned long)v;
	return *out != v;
}

static int segment(const struct plan_segment *from, struct kexec_segment *to)
{
	unsigned long mem, memsz;

	if (narrow(from->mem, &mem) || narrow(from->memsz, &memsz))
		return -EOVERFLOW;
	/* An address of the next kernel's memory, not a pointer of ours. */
	*to = (struct kexec_segment){
		.buf = from->data.len ? from->data.ptr : NULL,
		.bufsz = from->data.len,
		.mem = (const void *)mem,
		.memsz = memsz,
	};
	return 0;
}

static int by_segments(const struct host_sys *sys, const struct plan *p, struct err *err)
{
	struct kexec_segment seg[MAX_SEGMENTS];
	unsigned long entry, flags;

	if (!p->segments.n || p->segments.n > MAX_SEGMENTS)
		return fail(err, EINVAL, "%zu segments: the kernel takes 1 to %d", p->segments.n,
			    MAX_SEGMENTS);
	for (size_t i = 0; i < p->segments.n; i++)
		if (segment(&p->segments.v[i], &seg[i]) < 0)
			return fail(err, EOVERFLOW,
				    "segment %zu at 0x%llx is out of this CPU's reach", i,
				    (unsigned long long)p->segments.v[i].mem);
	if (narrow(p->entry, &entry) || narrow(p->kexec_arch | p->kexec_flags, &flags))
		return fail(err, EOVERFLOW, "entry 0x%llx is out of this CPU's reach",
			    (unsigned long long)p->entry);
	if (p->crash)
		flags |= HOST_KEXEC_ON_CRASH;
	return sys->kexec_load(sys->ctx, entry, p->segments.n, seg, flags);
}

static struct span content(const struct plan *p, enum segment_kind kind)
{
	for (size_t i = 0; i < p->segments.n; i++)
		if (p->segments.v[i].kind == kind)
			return p->segments.v[i].data;
	return span_of(NULL, 0);
}

/* The file itself where @data is its bytes, else a nameless file in memory with a copy. @made:
 * close it. */
static int fd_for(struct span data, int fd, struct span original, const char *name, int *made)
{
	if (fd >= 0 && data.ptr == original.ptr && data.len == original.len)
		return fd;
	*made = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*made < 0)
		return -errno;
	int r = file_write_all(*made, data);
	if (r < 0)
		return r;
	/* The kernel reads it from its position 0 on, whatever that of the descriptor is. */
	return *made;
}

static int by_files(const struct host_sys *sys, const struct plan *p, const struct host_files *f,
		    struct err *err)
{
	_cleanup_(closep) int made_kernel = -1;
	_cleanup_(closep) int made_initrd = -1;
	struct span kernel = content(p, SEG_KERNEL), initrd = content(p, SEG_INITRD);
	unsigned long flags = f->flags | (p->crash ? HOST_KEXEC_FILE_ON_CRASH : 0);
	int initrd_fd = -1;

	if (!kernel.len)
		return fail(err, EINVAL, "the plan has no kernel");
	int kernel_fd = fd_for(kernel, f->kernel_fd, f->kernel, "baton-kernel", &made_kernel);
	if (kernel_fd < 0)
		return fail(err, -kernel_fd, "memfd: %s", strerror(-kernel_fd));
	if (!initrd.len)
		flags |= HOST_KEXEC_FILE_NO_INITRAMFS;
	else if ((initrd_fd = fd_for(initrd, f->initrd_fd, f->initrd, "baton-initrd",
				     &made_initrd)) < 0)
		return fail(err, -initrd_fd, "memfd: %s", strerror(-initrd_fd));
	return sys->kexec_file_load(sys->ctx, kernel_fd, initrd_fd, p->cmdline.len + 1,
				    buf_str(&p->cmdline), flags);
}

/* The call's own errno gets its text here; a reason that is already there stays. */
static int told(int r, enum plan_syscall by, struct err *err)
{
	if (r >= 0 || (err && err->code))
		return r;
	return fail(err, -r, "%s: %s", host_call_name(by), strerror(-r));
}

int host_load(const struct host_sys *sys, const struct plan *plan, const struct host_files *files,
	      struct buf *log, struct err *err)
{
	_cleanup_(closep) int kmsg = kmsg_open(sys->kmsg);
	struct err local = ERR_INIT;
	int r = plan->syscall == PLAN_FILE ? by_files(sys, plan, files, &local)
					   : by_segments(sys, plan, &local);

	(void)kmsg_collect(kmsg, log);
	r = told(r, plan->syscall, &local);
	if (r < 0 && err)
		*err = local;
	return r;
}

int host_unload(const struct host_sys *sys, bool crash, enum plan_syscall by, struct buf *log,
		struct err *err)
{
	_cleanup_(closep) int kmsg = kmsg_open(sys->kmsg);
	struct err local = ERR_INIT;
	int r;

	if (by == PLAN_FILE)
		r = sys->kexec_file_load(sys->ctx, -1, -1, 0, NULL,
					 HOST_KEXEC_FILE_UNLOAD |
						 (crash ? HOST_KEXEC_FILE_ON_CRASH : 0));
	else
		r = sys->kexec_load(sys->ctx, 0, 0, NULL, crash ? HOST_KEXEC_ON_CRASH : 0);
	(void)kmsg_collect(kmsg, log);
	r = told(r, by, &local);
	if (r < 0 && err)
		*err = local;
	return r;
}
