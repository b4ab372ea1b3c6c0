/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flattened device tree, read only: what the blob says of memory, reservations, /chosen and CPUs.
 * On top of libfdt. Specification: Devicetree Specification 0.4, chapters 3 and 5; where Linux
 * reads it in its own way, as Linux 6.1 does (drivers/of/fdt.c). Addresses are physical, sizes in
 * bytes.
 */
#pragma once
#include <stdbool.h>
#include "base/range.h"
#include "base/span.h"
#include "core/err.h"
#include "core/vec.h"

#define TREE_MAX (4u << 20) /* bytes of a blob; arm64 allows 2 MiB (booting.rst) */

/* Borrows the blob. Plain bytes: copy it as you like. */
struct tree {
	struct span blob; /* as long as its header says */
};

/* How many 32-bit cells an address and a size take; 1 or 2. */
struct tree_cells {
	unsigned addr, size;
};

struct tree_range {
	struct range at;
	bool no_map; /* the kernel must not even map it */
};
struct tree_ranges VEC_BODY(struct tree_range);

struct tree_cpu {
	uint64_t id;      /* reg: MPIDR, hart id, … */
	bool available;   /* its status does not speak against it */
	unsigned threads; /* entries of ibm,ppc-interrupt-server#s; 1 on other CPUs */
};
struct tree_cpus VEC_BODY(struct tree_cpu);

/* Texts are without NUL and borrow the blob; an absent property is a NULL ptr, an empty range, or
 * false. */
struct tree_chosen {
	struct span bootargs, stdout_path;
	struct range initrd, elfcorehdr;
	struct range crash;     /* ppc64: linux,crashkernel-base and -size */
	struct range usable[2]; /* linux,usable-memory-range; Linux reads no more than two */
	unsigned nusable;
	bool kaslr_seed, rng_seed;
};

/*
 * Check the whole of @blob (fdt_check_full): afterwards no walk leaves it. What lies behind the
 * header's total size is ignored. 0 | -ENOEXEC: no device tree (@err untouched) | -EBADMSG: one,
 * but damaged | -ENOTSUP: older than version 16, or above TREE_MAX | -EINVAL: @blob is not aligned
 * to 8.
 */
int tree_open(struct span blob, struct tree *out, struct err *err);

/* The same for a tree that holds whole files (FIT): up to @max bytes. */
int tree_open_max(struct span blob, uint32_t max, struct tree *out, struct err *err);

/* Another tree follows the one that @blob begins with, which need not be sound: nothing is
 * believed. */
bool tree_has_next(struct span blob);

/* Of the root node. -EBADMSG: none that hold a 64-bit address. */
int tree_cells(const struct tree *t, struct tree_cells *out, struct err *err);

/*
 * The memory nodes, in the tree's order, not merged; linux,usable-memory goes before reg. Not in
 * it: ppc64's ibm,dynamic-reconfiguration-memory. @out (empty) is the caller's to vec_done(), after
 * a failure too. 0 | -EBADMSG | -ENOMEM.
 */
int tree_memory(const struct tree *t, struct tree_ranges *out, struct err *err);

/*
 * The /memreserve/ entries, then the children of /reserved-memory that have a fixed place. Those
 * with only a size are placed by each kernel anew. As tree_memory() otherwise.
 */
int tree_reserved(const struct tree *t, struct tree_ranges *out, struct err *err);

/* All zero where there is no /chosen. 0 | -EBADMSG. */
int tree_chosen(const struct tree *t, struct tree_chosen *out, struct err *err);

/* Children of /cpus whose device_type is "cpu". As tree_memory() otherwise. */
int tree_cpus(const struct tree *t, struct tree_cpus *out, struct err *err);
