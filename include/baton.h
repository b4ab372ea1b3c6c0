/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libbaton: load the next kernel, or the one for after a panic, and jump into it. Everything that the library writes
 * down it writes into what the caller gives it; it never prints, exits, or reads the environment.
 *
 * Functions return 0 or a negative errno, and put the reason, one line, into the struct baton_error, which may be
 * NULL. All but planning from a snapshot need CAP_SYS_BOOT. Not thread-safe with itself on one machine: the
 * kernel knows only one next kernel.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef BATON_API
#define BATON_API __attribute__((visibility("default")))
#endif

struct baton_error {
	int code; /* positive errno, 0 = none */
	char text[1024];
};

enum baton_syscall {
	BATON_SYSCALL_AUTO, /* kexec_load with our own verification, unless policy demands the other */
	BATON_SYSCALL_LOAD,
	BATON_SYSCALL_FILE,
};

/* What to load. Zero is the default of every field; size = sizeof(struct baton_load). */
struct baton_load {
	size_t size;
	bool crash;                 /* for after a panic */
	const char *image;          /* path of the kernel; required */
	const char *const *initrds; /* paths, joined in this order */
	size_t ninitrds;
	const char *append;         /* command line, byte for byte */
	bool reuse_cmdline;         /* before it, that of the running kernel */
	enum baton_syscall syscall;
	const char *dtb;            /* path of a device tree instead of this machine's; NULL = none */
	const char *root;           /* for baton_plan_json: a folder made by `baton snapshot`; NULL = "/" */
	const char *vendor_boot;    /* path of what goes with an Android boot image; NULL = none */
	const char *const *modules; /* of a multiboot kernel: "FILE ARGS" each */
	size_t nmodules;
};

struct baton_status {
	int loaded, crash_loaded; /* 1, 0, or -1: unknown */
	uint64_t crash_size;      /* bytes reserved for the crash kernel; 0 also where unknown */
};

BATON_API const char *baton_version(void);

/* The plan of a load as the JSON of `baton plan --json`; loads nothing. *@json is the caller's: free(3). */
BATON_API int baton_plan_json(const struct baton_load *what, char **json, struct baton_error *err);

/*
 * Plan, check, load. -ENOTRECOVERABLE: a crash load failed, and the crash kernel that was armed is gone.
 */
BATON_API int baton_load(const struct baton_load *what, struct baton_error *err);
BATON_API int baton_unload(bool crash, struct baton_error *err);
BATON_API int baton_status(struct baton_status *out, struct baton_error *err);

/*
 * Jump into the loaded kernel: through an orderly shutdown of the init system (returns 0 when that has begun), or with
 * @force at once (does not return). -ENOENT: nothing is loaded, nothing was touched.
 */
BATON_API int baton_exec(bool force, struct baton_error *err);

#ifdef __cplusplus
}
#endif
