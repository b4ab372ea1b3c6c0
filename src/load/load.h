/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver: facts + request -> image -> protocol -> placement -> purgatory -> digests -> plan.
 * Pure: reads nothing but its arguments, touches no kernel.
 */
#pragma once
#include "arch/arch.h"
#include "arch/request.h"

/*
 * @out borrows the request's image and initrd bytes and lives no longer than they do. On failure
 * @out holds nothing. -ENOEXEC no kernel image · -EBADMSG damaged · -ENOSPC no place · -EINVAL
 * contradiction · -ENOTSUP · -EADDRNOTAVAIL
 * --crash without a crash region.
 */
int load_plan(const struct machine *m, const struct load_request *req, struct plan *out,
	      struct err *err);

/* What crashkernel= would have to say. */
struct crash_room {
	uint64_t bytes;
	uint64_t at; /* crashkernel=SIZE@OFFSET: of a kernel that runs nowhere else; 0 = anywhere */
};

/* The room that would hold this load, computed from its pieces; used when there is no region. */
int load_crash_size(const struct machine *m, const struct load_request *req, struct crash_room *out,
		    struct err *err);

/* The bytes of it for a kernel and the bytes of its initrd. */
uint64_t load_crash_room(const struct image *kernel, uint64_t initrd);
