/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of a load share: a machine, a kernel, a request. Never part of the library. */
#pragma once
#include "core/unit.h"

#include <string.h>

#include "../tests/images/bzimage_make.h"
#include "load/load.h"

#define MIB (1ull << 20)

static const uint8_t initrd[5000] = "0707";

/* A PC with 1 GiB, its usual map, and a crash region from 816 to 1008 MiB. */
static inline void pc(struct machine *m)
{
	const struct mem_range map[] = {
		{{0, 0x9fc00}, MEM_RAM},
		{{0x9fc00, 0xa0000}, MEM_RESERVED},
		{{0xf0000, 0x100000}, MEM_RESERVED},
		{{0x100000, 0x3ffdf000}, MEM_RAM},
		{{0x3ffdf000, 0x40000000}, MEM_RESERVED},
	};
	const struct cpu_note note = {.cpu = 0, .addr = 0x31e39400, .size = 368};
	const struct serial_port com1 = {.name = "ttyS0", .port = 0x3f8};

	*m = (struct machine)MACHINE_INIT;
	strcpy(m->arch, "x86_64");
	m->mem_total = 1000 * MIB;
	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
		assert_int_equal(vec_push(&m->firmware, map[i]), 0);
	assert_int_equal(ranges_add(&m->ram, (struct range){0x1000, 0x9fc00}), 0);
	assert_int_equal(ranges_add(&m->ram, (struct range){0x100000, 0x3ffdf000}), 0);
	assert_int_equal(ranges_copy(&m->system_ram, &m->ram), 0);
	assert_int_equal(ranges_add(&m->crash, (struct range){816 * MIB, 1008 * MIB}), 0);
	assert_int_equal(vec_push(&m->notes, note), 0);
	m->vmcoreinfo = (struct range){0x132a000, 0x132a400};
	m->kernel = (struct range){0x16e00000, 0x19600000};
	m->stext_va = 0xffffffff92a00000;
	assert_int_equal(buf_puts(&m->cmdline, "root=/dev/vda1 crashkernel=192M"), 0);
	assert_int_equal(vec_push(&m->serials, com1), 0);
}

struct fixture {
	struct machine m;
	struct span kernel;
	struct load_request req;
	struct plan plan;
	struct err err;
};

static inline int setup(void **state)
{
	const struct bzimage_make make = BZIMAGE_MAKE;
	struct fixture *f = calloc(1, sizeof(*f));

	pc(&f->m);
	f->kernel = bzimage_make(&make);
	f->req = (struct load_request){
		.arch = &arch_x86_64,
		.image_path = "vmlinuz",
		.image = f->kernel,
		.initrd = span_of(initrd, sizeof(initrd)),
		.append = "console=ttyS0 nonce=1",
		.window = {0, UINT64_MAX},
		.has_rng_seed = true,
	};
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	machine_done(&f->m);
	ranges_done(&f->req.avoid);
	free((void *)(uintptr_t)f->kernel.ptr);
	free(f);
	return 0;
}

static inline const struct plan_segment *segment(const struct plan *p, enum segment_kind kind)
{
	for (size_t i = 0; i < p->segments.n; i++)
		if (p->segments.v[i].kind == kind)
			return &p->segments.v[i];
	return NULL;
}
