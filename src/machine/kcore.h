/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of /proc/kcore: an ELF core file whose PT_LOADs say what the running kernel maps where,
 * and whose notes hold the text of VMCOREINFO. Only the headers and the notes are ever read, never
 * memory. Source: fs/proc/kcore.c of Linux 6.1 (p_paddr is -1 where the mapping is not RAM). ELF32
 * and ELF64, either byte order.
 */
#pragma once
#include "machine/machine.h"

/*
 * How many bytes from the file's beginning hold all the headers and notes that @head (a first part
 * of the file) tells of; equal to or below head.len when @head has all. Ask again with more bytes
 * until it does. 0 | -ENOEXEC: no ELF core | -EBADMSG: damaged, or more than KCORE_HEAD_MAX bytes.
 */
int kcore_need(struct span head, uint64_t *need, struct err *err);

#define KCORE_HEAD_MAX (64u << 20)

/*
 * Append the PT_LOADs to @m->kcore and, if @m->vmcoreinfo_text is empty, copy the note's text
 * there. @head must be whole (kcore_need). 0 | -ENOEXEC | -EBADMSG | -ENOMEM.
 */
int kcore_facts(struct span head, struct machine *m, struct err *err);

/*
 * Write a head with the same PT_LOADs and only the VMCOREINFO note to @out (empty): the other notes
 * of /proc/kcore hold a task's registers and its struct task_struct, which a snapshot must not
 * show.
 * @out is ELF64 little-endian whatever @m ran on.
 */
int kcore_write(const struct machine *m, struct buf *out);
