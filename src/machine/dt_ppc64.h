/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only the device trees of ppc64 say: memory that comes and goes, and what the firmware keeps.
 * Sources of Linux 6.1: arch/powerpc/kernel/prom.c, arch/powerpc/mm/drmem.c; Linux on Power
 * Architecture Reference, annex B, "Dynamic Reconfiguration Memory".
 */
#pragma once
#include "fdt/tree.h"
#include "machine/cpu_facts.h"

struct dt_ppc64 {
	struct range_list memory;   /* of ibm,dynamic-reconfiguration-memory; normal */
	struct range_list reserved; /* reserved-ranges, rtas, opal, tce, htab; normal */
	struct ppc64_facts facts;
};

/* @out is all zero on entry; dt_ppc64_done() after a failure too. 0 | -EBADMSG | -ENOMEM. */
int dt_ppc64_parse(const struct tree *t, struct dt_ppc64 *out, struct err *err);
void dt_ppc64_done(struct dt_ppc64 *d);
