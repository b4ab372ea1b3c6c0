/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/sys_fake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	int code;
} errnos[] = {
	{"EPERM", EPERM},
	{"ENOEXEC", ENOEXEC},
	{"EACCES", EACCES},
	{"EBUSY", EBUSY},
	{"EINVAL", EINVAL},
	{"ENOMEM", ENOMEM},
	{"ENOSYS", ENOSYS},
	{"ENODATA", ENODATA},
	{"ENOKEY", ENOKEY},
	{"EKEYREJECTED", EKEYREJECTED},
	{"EADDRNOTAVAIL", EADDRNOTAVAIL},
	{"EAGAIN", EAGAIN},
	{"ENOTSUP", ENOTSUP},
	{"ENOENT", ENOENT},
};

/* The bytes of larger segments, which are an initrd's, are not kept. */
#define KEPT_MAX (1ul << 30)

static FILE *open_in(const struct fake_kernel *k, const char *mode, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static FILE *open_in(const struct fake_kernel *k, const char *mode, const char *fmt, ...)
{
	char name[300], path[4400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "%s/%s", k->dir, name);
	return fopen(path, mode);
}

static int wanted_errno(const struct fake_kernel *k, const char *call)
{
	char word[32] = "";
	FILE *f = open_in(k, "r", "errno.%s", call);

	if (!f)
		return 0;
	if (fscanf(f, "%31s", word) != 1)
		word[0] = 0;
	fclose(f);
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (!strcmp(word, errnos[i].name))
			return errnos[i].code;
	return atoi(word);
}

/* DIR/zero.<call> names a file, say the sysroot's kexec_crash_loaded, that shall hold 0 after the
 * call. */
static void zero(const struct fake_kernel *k, const char *call)
{
	char path[4096] = "";
	FILE *f = open_in(k, "r", "zero.%s", call);

	if (!f)
		return;
	if (fscanf(f, "%4095s", path) == 1)
		f = freopen(path, "w", f);
	if (f) {
		fputs("0\n", f);
		fclose(f);
	}
}

static void say(const struct fake_kernel *k, const char *call)
{
	FILE *from = open_in(k, "r", "log.%s", call), *to = open_in(k, "a", "kmsg");
	int c;

	while (from && to && (c = getc(from)) != EOF)
		putc(c, to);
	if (from)
		fclose(from);
	if (to)
		fclose(to);
}

static void put_string(FILE *f, const char *s)
{
	putc('"', f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if ((unsigned char)*s < 32)
			fprintf(f, "\\u%04x", (unsigned char)*s);
		else
			putc(*s, f);
	}
	putc('"', f);
}

/* Ends a record: "errno": N }. Returns what the call shall return. */
static int finish(const struct fake_kernel *k, FILE *f, const char *call)
{
	int code = wanted_errno(k, call);

	fprintf(f, ", \"errno\": %d}\n", code);
	fclose(f);
	say(k, call);
	zero(k, call);
	return -code;
}

static FILE *record(const struct fake_kernel *k, const char *call)
{
	FILE *f = open_in(k, "a", "calls.jsonl");

	if (!f) {
		perror(k->dir);
		abort();
	}
	fprintf(f, "{\"call\": \"%s\"", call);
	return f;
}

static FILE *next_file(struct fake_kernel *k, FILE *rec)
{
	char name[32];
	FILE *f;

	for (;; k->next_seg++) {
		snprintf(name, sizeof(name), "seg%02u.bin", k->next_seg);
		f = open_in(k, "wx", "%s", name);
		if (f || errno != EEXIST)
			break;
	}
	if (!f)
		abort();
	fprintf(rec, "\"%s\"", name);
	return f;
}

static int fake_kexec_load(void *ctx, unsigned long entry, unsigned long nseg,
			   const struct kexec_segment *seg, unsigned long flags)
{
	struct fake_kernel *k = ctx;
	FILE *rec = record(k, "kexec_load");

	fprintf(rec, ", \"entry\": \"0x%lx\", \"flags\": \"0x%lx\", \"segments\": [", entry, flags);
	for (unsigned long i = 0; i < nseg; i++) {
		fprintf(rec, "%s{\"mem\": \"0x%lx\", \"memsz\": %lu, \"bufsz\": %lu, \"file\": ",
			i ? ", " : "", (unsigned long)seg[i].mem, (unsigned long)seg[i].memsz,
			(unsigned long)seg[i].bufsz);
		FILE *f = next_file(k, rec);
		size_t kept = seg[i].bufsz < KEPT_MAX ? seg[i].bufsz : 0;
		if (kept && fwrite(seg[i].buf, 1, kept, f) != kept)
			abort();
		fclose(f);
		putc('}', rec);
	}
	putc(']', rec);
	return finish(k, rec, "kexec_load");
}

static void save_fd(struct fake_kernel *k, FILE *rec, const char *key, int fd)
{
	static char block[1 << 16];
	off_t at = 0;
	ssize_t n;

	fprintf(rec, ", \"%s\": ", key);
	if (fd < 0) {
		fprintf(rec, "null");
		return;
	}
	FILE *f = next_file(k, rec);
	while ((n = pread(fd, block, sizeof(block), at)) > 0) {
		if (fwrite(block, 1, (size_t)n, f) != (size_t)n)
			abort();
		at += n;
	}
	fclose(f);
	char link[64], target[300] = "";
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	fprintf(rec, ", \"%s_memfd\": %s", key,
		n > 0 && !strncmp(target, "/memfd:", 7) ? "true" : "false");
}

static int fake_kexec_file_load(void *ctx, int kernel_fd, int initrd_fd, unsigned long cmdline_len,
				const char *cmdline, unsigned long flags)
{
	struct fake_kernel *k = ctx;
	FILE *rec = record(k, "kexec_file_load");

	fprintf(rec, ", \"flags\": \"0x%lx\", \"cmdline_len\": %lu, \"cmdline\": ", flags,
		cmdline_len);
	put_string(rec, cmdline ? cmdline : "");
	save_fd(k, rec, "kernel", kernel_fd);
	save_fd(k, rec, "initrd", initrd_fd);
	return finish(k, rec, "kexec_file_load");
}

static int fake_reboot_kexec(void *ctx)
{
	return finish(ctx, record(ctx, "reboot"), "reboot");
}

static void fake_sync(void *ctx)
{
	finish(ctx, record(ctx, "sync"), "sync");
}

static int fake_ifdown(void *ctx)
{
	return finish(ctx, record(ctx, "ifdown"), "ifdown");
}

static int fake_orderly(void *ctx)
{
	return finish(ctx, record(ctx, "orderly"), "orderly");
}

/* Assumed, unless DIR/errno.privilege says otherwise. */
static bool fake_privileged(void *ctx)
{
	return wanted_errno(ctx, "privilege") == 0;
}

int sys_fake(struct fake_kernel *k, struct host_sys *out)
{
	const char *dir = getenv("BATON_FAKE_KERNEL");
	struct stat st;

	*k = (struct fake_kernel){.next_seg = 0};
	if (!dir || stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return -ENOENT;
	snprintf(k->dir, sizeof(k->dir), "%s", dir);
	snprintf(k->kmsg, sizeof(k->kmsg), "%s/kmsg", dir);
	FILE *f = open_in(k, "a", "kmsg");
	if (f)
		fclose(f);
	*out = (struct host_sys){
		.ctx = k,
		.kexec_load = fake_kexec_load,
		.kexec_file_load = fake_kexec_file_load,
		.reboot_kexec = fake_reboot_kexec,
		.sync = fake_sync,
		.ifdown = fake_ifdown,
		.orderly = fake_orderly,
		.privileged = fake_privileged,
		.run_dir = k->dir,
		.kmsg = k->kmsg,
		.pretend = true,
	};
	/* As strict about other machines' facts as the real one is. */
	f = open_in(k, "r", "strict");
	if (f) {
		out->pretend = false;
		fclose(f);
	}
	return 0;
}
