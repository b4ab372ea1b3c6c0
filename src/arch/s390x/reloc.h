/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations that an s390x purgatory may have, each range-checked.
 * Source: the ELF ABI s390x supplement, "Relocation Types".
 */
#pragma once
#include "elf/link.h"

/* Every type beyond direct and PC-relative ones is -ENOTSUP: there is no GOT. The ABI has RELA
 * only. */
extern const struct link_rules s390x_link_rules;
