/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the running kernel's virtual addresses lie: its linear map of RAM and its own image, which
 * many CPUs map apart from it. From facts alone: the text of vmcoreinfo, the program headers of
 * /proc/kcore, two symbols. Every CPU's rule is written down in docs/formats/elfcorehdr.md and
 * va.c. Differences are modulo 2^64 on 32-bit CPUs too.
 */
#pragma once
#include "machine/machine.h"

/*
 * va - pa of the linear map. On 32-bit CPUs it holds only below @m->lowmem_end. False if unknown.
 */
bool machine_linear_offset(const struct machine *m, uint64_t *offset);

/*
 * The virtual address of the first byte of @m->kernel as the kernel itself uses it: outside the
 * linear map where the kernel is mapped apart (x86_64, arm64, riscv64, s390x since 6.10). False if
 * unknown.
 */
bool machine_text_va(const struct machine *m, uint64_t *va);
