/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One const struct per CPU holds all that differs. To port to a CPU: fill this struct in
 * src/arch/<cpu>/arch.c, add one line to known.h and one to meson.build (docs/PORTING.md).
 */
#pragma once
#include "arch/boot.h"
#include "arch/known.h"
#include "base/sha256.h"
#include "crash/elfcorehdr.h"
#include "elf/link.h"
#include "elf/relocate.h"

/* Which UARTs a purgatory can speak through. What else is asked for is refused. */
enum arch_uart {
	ARCH_UART_NONE,   /* only the firmware's console */
	ARCH_UART_MEMORY, /* 8250 and PL011 in memory, at the speed they have: no clock is told */
	ARCH_UART_PC,     /* 8250 at ports and in memory; sets the speed, from a PC's clock */
};

struct arch {
	const char *name;    /* interface.md §3: "x86_64" */
	const char *also;    /* a CPU whose kernels start here too, e.g. "i386"; NULL = none */
	uint64_t kexec_arch; /* KEXEC_ARCH_*, already shifted by 16 (linux/kexec.h) */
	uint64_t dest_limit; /* KEXEC_DESTINATION_MEMORY_LIMIT: last byte a segment may take */
	struct crash_traits crash;
	/*
	 * Crash hotplug: the flag of kexec_load that lets the kernel rewrite the crash header, and
	 * whether it rewrites the device tree too. 0 = this CPU's kernels do not.
	 */
	uint64_t hotplug_flag;
	bool hotplug_tree;
	const struct link_rules *rules; /* relocations of its purgatory */
	/* How a linked kernel (vmlinux) moves to other addresses. NULL: no way is known. */
	const struct relocate_rules *kernel_moves;
	/* 0 | -ENOTSUP: this one would not work elsewhere. NULL: all do. */
	int (*may_move)(const struct image *im, struct err *err);
	struct span (*purgatory)(void); /* the embedded object */
	enum arch_uart uart;
	int (*layout)(struct boot *b, struct err *err);
	int (*fill)(struct boot *b, struct err *err);
	/* Its kernels are handed a device tree (arch/dtb.h); else --dtb is refused. */
	bool device_tree;
	/*
	 * The last word on the linked purgatory: @image is what will be loaded, its entry
	 * purgatory_start at offset @start. NULL: nothing to add.
	 */
	int (*finish)(const struct boot *b, struct buf *image, uint64_t start, struct err *err);
	/* True when kexec_file_load of the kernel on @m can take @image; else @why says in a few
	 * words why not. */
	bool (*file_load_ok)(const struct machine *m, const struct image *image, bool crash,
			     const char **why);
	/*
	 * Append to @out the file that kexec_file_load gets in place of the user's, where the
	 * running kernel would not load that one right; nothing: it gets the user's. NULL: it
	 * always does. 0 | -ENOMEM | -EBADMSG | -ENOTSUP
	 */
	int (*file_instead)(struct boot *b, struct buf *out, struct err *err);
	/*
	 * The longest command line, without its NUL, that kexec_file_load takes for @image and the
	 * next kernel reads to its end; the kernel's own elfcorehdr= may need room in it. NULL:
	 * not known.
	 */
	uint64_t (*file_line_max)(const struct image *image, bool crash);
	/*
	 * What a running kernel of this @release is known to do wrong when it jumps, for behind
	 * "the running Linux RELEASE"; NULL: nothing. The function itself may be NULL.
	 */
	const char *(*jump_fault)(const char *release);
	/*
	 * A console that is no UART: the firmware's or the hypervisor's. @name: the device of a
	 * console= parameter ("hvc0"); empty: the one to use where no other is known. True: @h
	 * names it now. NULL: this CPU has none.
	 */
	bool (*console)(const struct boot *b, struct span name, struct handoff *h);
};

#define ARCH_DECLARE(cpu) extern const struct arch arch_##cpu;
ARCH_CPUS(ARCH_DECLARE)
#undef ARCH_DECLARE

/* NULL if no CPU has this name, or @name is NULL. Aliases: amd64. */
const struct arch *arch_by_name(const char *name);
/* The n-th CPU, NULL behind the last. */
const struct arch *arch_nth(size_t n);

/* The fastest SHA-256 that this host has; @name ("sha-ni", "generic") may be NULL. */
sha256_blocks_fn *arch_host_sha256(const char **name);
