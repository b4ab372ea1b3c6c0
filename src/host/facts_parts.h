/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of host_facts(), one per group of files. All: 0 or a negative errno; an absent file is
 * no error.
 */
#pragma once
#include "host/facts_root.h"
#include "host/policy.h"
#include "machine/machine.h"

/* What host_facts() does, below an open root (and its sink). */
int facts_read(const struct facts_root *root, struct machine *m, struct err *err);

/*
 * facts_self.c: arch, release, page size; uname(2) or baton.json, whose vmcoreinfo text goes to
 * @m->vmcoreinfo_text.
 */
int facts_self(const struct facts_root *root, struct machine *m, struct err *err);
/* … and what was still unknown then, from the other facts. */
int facts_guess_self(struct machine *m, struct span cpuinfo, struct err *err);

/* facts_kernel.c: /proc/kcore, /sys/kernel/vmcoreinfo, /proc/kallsyms. */
int facts_kernel(const struct facts_root *root, struct machine *m, struct err *err);

/* facts_devices.c: CPUs with their crash notes, serial ports. */
int facts_cpus(const struct facts_root *root, struct machine *m, struct err *err);
int facts_serials(const struct facts_root *root, struct machine *m, struct err *err);

/* facts_dt.c: the device tree, and what it adds to memory, CPUs and command line. */
int facts_dt(const struct facts_root *root, struct machine *m, struct err *err);

/* facts_x86.c: boot_params, setup_data, EFI, ACPI. */
int facts_x86(const struct facts_root *root, struct machine *m, struct err *err);

/* facts_poison.c: pages with memory errors, taken out of @m->ram. */
int facts_poison(const struct facts_root *root, struct span meminfo, struct machine *m,
		 struct err *err);

/* policy.c: what host_policy() does, below an open root. */
int policy_read(const struct facts_root *root, struct host_policy *out, struct err *err);
