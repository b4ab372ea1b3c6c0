/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a load, opened once: their bytes for planning, their descriptors for the kernel. */
#pragma once
#include "core/buf.h"
#include "core/err.h"

/* A vmlinux with debug information is about 600 MB; what is longer is no kernel. */
#define SESSION_KERNEL_MAX (2ull << 30)
#define SESSION_INITRD_MAX (64ull << 30)

/*
 * Open @path and append its bytes to @out; *@fd stays open (the caller closes it). @what for the
 * reason: "kernel". Directories, devices, pipes and empty files are refused.
 */
int files_read(const char *what, const char *path, uint64_t max, int *fd, struct buf *out,
	       struct err *err);

/*
 * Several initrds as the kernel unpacks them, one behind the other, each padded to 4 bytes with
 * zeros (skipped by init/initramfs.c). The header of a uImage is checked and left out: returns how
 * many were one. *@fd is the descriptor where there is only one file and it was taken whole, else
 * -1. -EINVAL: a uImage without a ramdisk
 */
int files_initrds(const char *const *paths, size_t n, uint64_t max, int *fd, struct buf *out,
		  struct err *err);

/*
 * What stands behind --module: a file's path up to the first blank, and words for who reads it.
 * Appends the file's bytes to @out.
 */
int files_module(const char *text, uint64_t max, struct buf *out, struct err *err);

/*
 * The same as files_initrds() for a plan that is only shown: zeros stand for the bytes, which are
 * not read unless only that tells how many there are. *@fd is -1 where they were not.
 */
int files_initrds_unread(const char *const *paths, size_t n, uint64_t max, int *fd, struct buf *out,
			 struct err *err);
