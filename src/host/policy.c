/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/policy.h"

#include <stdio.h>
#include <string.h>

#include "host/facts_kallsyms.h"
#include "host/facts_parts.h"
#include "machine/text.h"

#define CONFIG_MAX  (4u << 20)
#define SECURE_BOOT "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static int read_answer(const struct facts_root *root, const char *path, enum host_answer *out,
		       struct err *err)
{
	uint64_t v;
	int r = root_u64(root, path, 10, &v, err);

	if (r > 0)
		*out = v ? HOST_YES : HOST_NO;
	return r;
}

/* Linux 6.19 moved the files to a folder of their own; the old names may go one day. */
static int read_loaded(const struct facts_root *root, struct host_policy *p, struct err *err)
{
	int r = read_answer(root, "sys/kernel/kexec/loaded", &p->loaded, err);

	if (!r)
		r = read_answer(root, "sys/kernel/kexec_loaded", &p->loaded, err);
	if (r >= 0)
		r = read_answer(root, "sys/kernel/kexec/crash_loaded", &p->crash_loaded, err);
	if (!r)
		r = read_answer(root, "sys/kernel/kexec_crash_loaded", &p->crash_loaded, err);
	if (r >= 0)
		r = root_u64(root, "sys/kernel/kexec/crash_size", 10, &p->crash_size, err);
	if (!r)
		r = root_u64(root, "sys/kernel/kexec_crash_size", 10, &p->crash_size, err);
	p->has_crash_size = r > 0;
	return r < 0 ? r : 0;
}

/* A count, or -1 for no limit (Documentation/admin-guide/sysctl/kernel.rst). */
static int read_limit(const struct facts_root *root, const char *path, int64_t *out,
		      struct err *err)
{
	struct buf text = BUF_INIT;
	uint64_t v;
	int r = root_read_start(root, path, 64, &text, err);
	struct span s = text_trim(buf_span(&text));

	if (r > 0 && !text_is(s, "-1")) {
		if (text_u64(s, 10, &v) && v <= INT64_MAX)
			*out = (int64_t)v;
		else
			r = root_wrap(root, fail(err, EBADMSG, "is not a number"), path, err);
	}
	buf_done(&text);
	return r < 0 ? r : 0;
}

static int read_limits(const struct facts_root *root, struct host_policy *p, struct err *err)
{
	int r = read_answer(root, "proc/sys/kernel/kexec_load_disabled", &p->load_disabled, err);

	p->limit_panic = p->limit_reboot = -1;
	if (r >= 0)
		r = read_limit(root, "proc/sys/kernel/kexec_load_limit_panic", &p->limit_panic,
			       err);
	if (!r)
		r = read_limit(root, "proc/sys/kernel/kexec_load_limit_reboot", &p->limit_reboot,
			       err);
	return r;
}

/* "none [integrity] confidentiality" (security/lockdown/lockdown.c). */
static int read_lockdown(const struct facts_root *root, struct host_policy *p, struct err *err)
{
	struct buf text = BUF_INIT;
	struct span rest, word;
	int r = root_read_start(root, "sys/kernel/security/lockdown", 256, &text, err);

	rest = buf_span(&text);
	while (text_word(&rest, &word)) {
		if (text_is(word, "[none]"))
			p->lockdown = LOCKDOWN_NONE;
		if (text_is(word, "[integrity]"))
			p->lockdown = LOCKDOWN_INTEGRITY;
		if (text_is(word, "[confidentiality]"))
			p->lockdown = LOCKDOWN_CONFIDENTIALITY;
	}
	buf_done(&text);
	return r < 0 ? r : 0;
}

/* Four bytes of attributes, then the value (Documentation/filesystems/efivarfs.rst). */
static int read_secure_boot(const struct facts_root *root, struct host_policy *p, struct err *err)
{
	struct buf var = BUF_INIT;
	int r = root_read(root, SECURE_BOOT, 64, &var, err);

	if (var.len == 5)
		p->secure_boot = var.ptr[4] ? HOST_YES : HOST_NO;
	buf_done(&var);
	return r < 0 ? r : 0;
}

static int read_handover(const struct facts_root *root, struct host_policy *p, struct err *err)
{
	int r = read_answer(root, "sys/kernel/debug/kho/out/finalize", &p->handover, err);

	return r < 0 ? r : 0;
}

/*
 * A kernel without the call has the symbol all the same, weak, and it answers ENOSYS
 * (COND_SYSCALL of arch/x86/include/asm/syscall_wrapper.h): only a strong one is the call.
 */
static enum host_answer is_strong(const struct kallsym *s)
{
	if (!s->found)
		return HOST_UNKNOWN;
	return s->kind == 'T' || s->kind == 't' ? HOST_YES : HOST_NO;
}

#define CALL_NAMES(x)                                                                              \
	{                                                                                          \
		"__x64_sys_" x, "__ia32_sys_" x, "__arm64_sys_" x, "__riscv_sys_" x,               \
			"__s390x_sys_" x, "sys_" x                                                 \
	}

static enum host_answer is_set(struct span config, const char *key)
{
	struct span v = text_value(config, key, '=');

	return v.ptr && text_is(v, "y") ? HOST_YES : HOST_NO;
}

static int ask_config(const struct facts_root *root, const char *release, struct host_policy *p,
		      struct err *err)
{
	struct buf text = BUF_INIT;
	char path[160];

	snprintf(path, sizeof(path), "boot/config-%s", release);
	int r = root_read(root, path, CONFIG_MAX, &text, err);
	if (r > 0) {
		p->has_load = is_set(buf_span(&text), "CONFIG_KEXEC");
		p->has_file_load = is_set(buf_span(&text), "CONFIG_KEXEC_FILE");
	}
	buf_done(&text);
	return r < 0 ? r : 0;
}

static int read_calls(const struct facts_root *root, struct host_policy *p, struct err *err)
{
	struct kallsym calls[2] = {{.names = CALL_NAMES("kexec_load")},
				   {.names = CALL_NAMES("kexec_file_load")}};
	struct machine self = MACHINE_INIT;
	int r = kallsyms_find(root, calls, 2, err);

	if (r < 0)
		return r;
	p->has_load = is_strong(&calls[0]);
	p->has_file_load = is_strong(&calls[1]);
	/* No kallsyms here. */
	if (p->has_load != HOST_UNKNOWN || p->has_file_load != HOST_UNKNOWN)
		return 0;
	r = facts_self(root, &self, err);
	if (!r && self.release[0])
		r = ask_config(root, self.release, p, err);
	machine_done(&self);
	return r;
}

int policy_read(const struct facts_root *root, struct host_policy *out, struct err *err)
{
	static int (*const parts[])(const struct facts_root *, struct host_policy *,
				    struct err *) = {read_loaded,      read_limits,   read_lockdown,
						     read_secure_boot, read_handover, read_calls};
	struct host_policy p = {0};
	int r = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !r; i++)
		r = parts[i](root, &p, err);
	if (!r)
		*out = p;
	return r;
}

int host_policy(const char *path, struct host_policy *out, struct err *err)
{
	struct facts_root root;
	int r = root_open(&root, path, err);

	if (r < 0)
		return r;
	r = policy_read(&root, out, err);
	root_close(&root);
	return r;
}

const char *host_lockdown_name(enum host_lockdown l)
{
	static const char *const names[] = {NULL, "none", "integrity", "confidentiality"};

	return (unsigned)l < 4 ? names[l] : NULL;
}
