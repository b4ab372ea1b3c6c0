/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes ELF headers of either class and byte order, the counterpart of elf/reader.h. */
#pragma once
#include "core/buf.h"
#include "elf/format.h"

/*
 * Append the ELF header. e_phnum is e->phnum, literally: the kernel's crash headers know no
 * PN_XNUM, so a caller that needs it writes section 0 itself and passes phnum = PN_XNUM, shoff and
 * shnum = 1. 0 | -ENOMEM
 */
int elf_put_header(struct buf *out, const struct elf *e);

/* Append one program header; values are cut to the class's word: check before. 0 | -ENOMEM */
int elf_put_phdr(struct buf *out, const struct elf *e, const struct elf_phdr *p);

/* Append one section header. 0 | -ENOMEM */
int elf_put_shdr(struct buf *out, const struct elf *e, const struct elf_shdr *s);
