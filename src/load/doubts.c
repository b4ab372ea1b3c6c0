/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/doubts.h"

#include <string.h>

#include "arch/arch.h"
#include "load/parts.h"
#include "machine/cmdline.h"

/*
 * crashkernel=SIZE,cma. Linux 6.17 and 6.18 keep the ranges to themselves; 6.19 shows them
 * (kernel/kexec_core.c, crash_cma_ranges).
 */
static bool cma_unseen(const struct machine *m)
{
	struct span line = buf_span(&m->cmdline), v;

	for (unsigned n = 0; (v = cmdline_get_nth(line, "crashkernel", n)).ptr; n++)
		if (v.len > 4 && !memcmp(v.ptr + v.len - 4, ",cma", 4))
			return !m->crash_cma.n;
	return false;
}

/* A dump without these cannot be read, or tells less: nobody notices before it is needed. */
static int about_the_dump(struct boot *b)
{
	const struct machine *m = b->m;
	struct plan *p = b->plan;
	int r = 0;

	if (range_empty(m->vmcoreinfo))
		r = plan_warn(p, "vmcoreinfo is unknown (/sys/kernel/vmcoreinfo): crash and "
				 "makedumpfile will not read the dump by themselves");
	if (!r && m->notes.n < m->cpus)
		r = plan_warn(p,
			      "the places of crash notes are known for %zu of %u CPUs: the "
			      "dump will lack the other registers",
			      m->notes.n, m->cpus);
	if (!r && cma_unseen(m))
		r = plan_warn(p, "crashkernel=,cma: this kernel does not tell its ranges, and the "
				 "crash kernel will not have that memory; '--syscall file' gives "
				 "it");
	return r;
}

static int about_the_jump(struct boot *b)
{
	const struct arch *arch = b->req->arch;
	const char *fault = arch->jump_fault ? arch->jump_fault(b->m->release) : NULL;

	return fault ? plan_warn(b->plan, "the running Linux %s %s", b->m->release, fault) : 0;
}

/* init/main.c, setup_boot_config(): without this word, or CONFIG_BOOT_CONFIG_FORCE (6.3), unread.
 */
static int about_the_bootconfig(struct boot *b)
{
	if (!parts_has_bootconfig(b->initrd) ||
	    cmdline_get(buf_span(&b->plan->cmdline), "bootconfig").ptr)
		return 0;
	return plan_warn(b->plan, "a bootconfig ends the initrd, and 'bootconfig' is not on the "
				  "command line: most kernels will not read it");
}

int doubts_warn(struct boot *b, struct err *err)
{
	int r = about_the_jump(b);

	if (!r)
		r = about_the_bootconfig(b);
	if (!r && !b->m->mem_total)
		r = plan_warn(b->plan, "MemTotal is unknown: that a load may take at most half of "
				       "the memory was not checked");
	if (!r && b->m->poison_unknown)
		r = plan_warn(b->plan, "the kernel counts bad pages, and not all of them could be "
				       "found (/proc/kpageflags): a segment may lie on one");
	/* On s390x the capture kernel finds all of it in the old one's memory. */
	if (!r && boot_find(b, SEG_ELFCOREHDR))
		r = about_the_dump(b);
	return r < 0 ? fail(err, ENOMEM, "no memory for a warning") : 0;
}
