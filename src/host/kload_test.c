/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/exec.h"
#include "host/kload.h"
#include "host/kmsg.h"
#include "host/state.h"

/* A kernel that remembers the last call. */
struct recorder {
	int answer;
	unsigned calls, syncs, downs;
	unsigned long entry, nseg, flags;
	struct kexec_segment seg[16];
	int kernel_fd, initrd_fd;
	char kernel[64], initrd[64], cmdline[64];
	unsigned long cmdline_len;
};

static int rec_load(void *ctx, unsigned long entry, unsigned long nseg,
		    const struct kexec_segment *seg, unsigned long flags)
{
	struct recorder *r = ctx;

	r->calls++;
	r->entry = entry;
	r->nseg = nseg;
	r->flags = flags;
	if (nseg)
		memcpy(r->seg, seg, nseg * sizeof(*seg));
	return r->answer;
}

static int rec_file(void *ctx, int kernel_fd, int initrd_fd, unsigned long cmdline_len,
		    const char *cmdline, unsigned long flags)
{
	struct recorder *r = ctx;

	r->calls++;
	r->flags = flags;
	r->kernel_fd = kernel_fd;
	r->initrd_fd = initrd_fd;
	r->cmdline_len = cmdline_len;
	snprintf(r->cmdline, sizeof(r->cmdline), "%s", cmdline ? cmdline : "(none)");
	memset(r->kernel, 0, sizeof(r->kernel));
	memset(r->initrd, 0, sizeof(r->initrd));
	if (kernel_fd >= 0)
		assert_true(pread(kernel_fd, r->kernel, sizeof(r->kernel) - 1, 0) >= 0);
	if (initrd_fd >= 0)
		assert_true(pread(initrd_fd, r->initrd, sizeof(r->initrd) - 1, 0) >= 0);
	return r->answer;
}

static int rec_reboot(void *ctx)
{
	struct recorder *r = ctx;

	r->calls++;
	return r->answer;
}

static void rec_sync(void *ctx)
{
	((struct recorder *)ctx)->syncs++;
}

static int rec_ifdown(void *ctx)
{
	((struct recorder *)ctx)->downs++;
	return -EPERM;
}

static struct host_sys sys_of(struct recorder *r)
{
	return (struct host_sys){
		.ctx = r,
		.kexec_load = rec_load,
		.kexec_file_load = rec_file,
		.reboot_kexec = rec_reboot,
		.sync = rec_sync,
		.ifdown = rec_ifdown,
		.run_dir = "/nonexistent/run",
		.kmsg = "/nonexistent/kmsg",
	};
}

static const uint8_t kernel[] = "KERNEL", initrd[] = "INITRD";
static const struct host_files no_files = {.kernel_fd = -1, .initrd_fd = -1};

static void add(struct plan *p, enum segment_kind kind, uint64_t mem, struct span data)
{
	struct plan_segment s = {.kind = kind, .mem = mem, .memsz = 0x1000, .data = data};

	assert_int_equal(vec_push(&p->segments, s), 0);
}

static void plan_by_load(struct plan *p)
{
	*p = (struct plan){.syscall = PLAN_LOAD,
			   .entry = 0x100000,
			   .kexec_arch = 62ul << 16,
			   .kexec_flags = 4};
	add(p, SEG_KERNEL, 0x1000000, span_of(kernel, 6));
	add(p, SEG_OTHER, 0x2000000, span_of(NULL, 0));
}

static void segments_reach_the_call(void **state)
{
	(void)state;
	struct recorder r = {.answer = 0};
	struct host_sys sys = sys_of(&r);
	struct buf log = BUF_INIT;
	struct err err = ERR_INIT;
	struct plan p;

	plan_by_load(&p);
	assert_int_equal(host_load(&sys, &p, &no_files, &log, &err), 0);
	assert_int_equal(r.nseg, 2);
	assert_int_equal(r.entry, 0x100000);
	assert_int_equal(r.flags, 62ul << 16 | 4);
	assert_ptr_equal(r.seg[0].buf, kernel);
	assert_int_equal(r.seg[0].bufsz, 6);
	assert_ptr_equal(r.seg[0].mem, (void *)0x1000000);
	assert_int_equal(r.seg[1].memsz, 0x1000);
	assert_null(r.seg[1].buf);
	p.crash = true;
	assert_int_equal(host_load(&sys, &p, &no_files, &log, &err), 0);
	assert_int_equal(r.flags, 62ul << 16 | 5);
	plan_done(&p);
	buf_done(&log);
}

static void refusals_keep_their_errno(void **state)
{
	(void)state;
	struct recorder r = {.answer = -ENOKEY};
	struct host_sys sys = sys_of(&r);
	struct buf log = BUF_INIT;
	struct err err = ERR_INIT;
	struct plan p;

	plan_by_load(&p);
	assert_int_equal(host_load(&sys, &p, &no_files, &log, &err), -ENOKEY);
	assert_string_equal(err.text, "kexec_load: Required key not available");
	/* A plan that the kernel cannot take is not shown to it. */
	r.calls = 0;
	for (int i = 0; i < 15; i++)
		add(&p, SEG_OTHER, 0x3000000, span_of(NULL, 0));
	assert_int_equal(host_load(&sys, &p, &no_files, &log, &err), -EINVAL);
	assert_int_equal(r.calls, 0);
	plan_done(&p);
	buf_done(&log);
}

static void the_files_themselves_are_used(void **state)
{
	(void)state;
	struct recorder r = {.answer = 0};
	struct host_sys sys = sys_of(&r);
	struct buf log = BUF_INIT;
	struct err err = ERR_INIT;
	struct plan p = {.syscall = PLAN_FILE, .crash = true};
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct host_files f = {.kernel_fd = fd, .initrd_fd = -1, .kernel = span_of(kernel, 6)};

	assert_int_equal(buf_puts(&p.cmdline, "a b"), 0);
	add(&p, SEG_KERNEL, 0, span_of(kernel, 6));
	assert_int_equal(host_load(&sys, &p, &f, &log, &err), 0);
	assert_int_equal(r.kernel_fd, fd);
	assert_int_equal(r.initrd_fd, -1);
	assert_int_equal(r.flags, HOST_KEXEC_FILE_ON_CRASH | HOST_KEXEC_FILE_NO_INITRAMFS);
	assert_int_equal(r.cmdline_len, 4);
	assert_string_equal(r.cmdline, "a b");
	/* Other bytes than the file's: a copy in memory. */
	p.crash = false;
	f.kernel = span_of(initrd, 6);
	add(&p, SEG_INITRD, 0, span_of(initrd, 6));
	assert_int_equal(host_load(&sys, &p, &f, &log, &err), 0);
	assert_int_not_equal(r.kernel_fd, fd);
	assert_string_equal(r.kernel, "KERNEL");
	assert_string_equal(r.initrd, "INITRD");
	assert_int_equal(r.flags, 0);
	assert_int_equal(fcntl(r.kernel_fd, F_GETFD), -1); /* closed again */
	close(fd);
	plan_done(&p);
	buf_done(&log);
}

static void unloading(void **state)
{
	(void)state;
	struct recorder r = {.nseg = 9};
	struct host_sys sys = sys_of(&r);
	struct buf log = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(host_unload(&sys, true, PLAN_LOAD, &log, &err), 0);
	assert_int_equal(r.nseg, 0);
	assert_int_equal(r.flags, 1);
	assert_int_equal(host_unload(&sys, false, PLAN_FILE, &log, &err), 0);
	assert_int_equal(r.flags, HOST_KEXEC_FILE_UNLOAD);
	assert_int_equal(host_unload(&sys, true, PLAN_FILE, &log, &err), 0);
	assert_int_equal(r.flags, HOST_KEXEC_FILE_UNLOAD | HOST_KEXEC_FILE_ON_CRASH);
	buf_done(&log);
}

static void jumping(void **state)
{
	(void)state;
	struct recorder r = {.answer = -EINVAL};
	struct host_sys sys = sys_of(&r);
	struct err err = ERR_INIT;

	assert_int_equal(host_exec(&sys, true, false, &err), -EINVAL);
	assert_true(r.syncs == 1 && r.downs == 0 && r.calls == 1);
	assert_non_null(strstr(err.text, "reboot: Invalid argument"));
	r.answer = 0;
	assert_int_equal(host_exec(&sys, false, true, &err), 0);
	assert_true(r.syncs == 1 && r.downs == 1 && r.calls == 2);
}

static char *temp_dir(char *tmpl)
{
	assert_non_null(mkdtemp(tmpl));
	return tmpl;
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "a");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void remove_all(const char *dir)
{
	char cmd[200];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	assert_int_equal(system(cmd), 0);
}

static void only_new_lines_about_kexec(void **state)
{
	(void)state;
	char tmpl[] = "/tmp/baton-kmsg-XXXXXX", path[200];
	struct buf out = BUF_INIT;

	temp_dir(tmpl);
	write_file(tmpl, "kmsg", "6,1,2,-;kexec: before\n");
	snprintf(path, sizeof(path), "%s/kmsg", tmpl);
	int fd = kmsg_open(path);
	assert_true(fd >= 0);
	write_file(tmpl, "kmsg",
		   "3,2,3,-;PEFILE: Unsigned\tPE binary\n SUBSYSTEM=kexec\n"
		   "6,3,4,-;usb 1-1: new device\n4,4,5,-;kexec_file: x\n");
	assert_int_equal(kmsg_collect(fd, &out), 0);
	assert_string_equal(buf_str(&out), "PEFILE: Unsigned?PE binary\nkexec_file: x\n");
	close(fd);
	buf_done(&out);
	assert_int_equal(kmsg_open("/nonexistent"), -1);
	assert_int_equal(kmsg_collect(-1, &out), 0);
	remove_all(tmpl);
}

static void state_is_of_one_boot(void **state)
{
	(void)state;
	char tmpl[] = "/tmp/baton-state-XXXXXX", dir[200], run[200];
	struct recorder r = {.answer = 0};
	struct host_sys sys = sys_of(&r);
	struct err err = ERR_INIT;
	struct host_state s = {.last_crash = true}, t;

	temp_dir(tmpl);
	snprintf(dir, sizeof(dir), "mkdir -p %s/proc/sys/kernel/random", tmpl);
	assert_int_equal(system(dir), 0);
	write_file(tmpl, "proc/sys/kernel/random/boot_id", "1234-abcd\n");
	snprintf(run, sizeof(run), "%s/run/baton", tmpl);
	sys.run_dir = run;
	state_read(&sys, tmpl, &t);
	assert_false(t.crash.known || t.normal.known);
	s.crash = (struct host_state_load){true, VERIFIED_KERNEL, PLAN_FILE, "/boot/a=b\nc"};
	assert_int_equal(state_write(&sys, tmpl, &s, &err), 0);
	state_read(&sys, tmpl, &t);
	assert_true(t.crash.known && t.last_crash && !t.normal.known);
	assert_int_equal(t.crash.verified_by, VERIFIED_KERNEL);
	assert_int_equal(t.crash.syscall, PLAN_FILE);
	assert_string_equal(t.crash.image, "/boot/a=b?c");
	/* The next boot knows nothing of it. */
	snprintf(dir, sizeof(dir), "%s/proc/sys/kernel/random/boot_id", tmpl);
	assert_int_equal(unlink(dir), 0);
	write_file(tmpl, "proc/sys/kernel/random/boot_id", "5678\n");
	state_read(&sys, tmpl, &t);
	assert_false(t.crash.known || t.last_crash);
	write_file(run, "state", "boot=5678\ncrash.verified_by=nobody\nrubbish\n=\n");
	state_read(&sys, tmpl, &t);
	assert_int_equal(t.crash.verified_by, VERIFIED_KERNEL); /* the line before stays */
	/* No /proc: two unknown boots are not one. */
	assert_int_equal(unlink(dir), 0);
	write_file(run, "state", "boot=\ncrash.verified_by=kernel\n");
	state_read(&sys, tmpl, &t);
	assert_false(t.crash.known);
	sys.run_dir = "/proc/nonexistent";
	assert_true(state_write(&sys, tmpl, &s, &err) < 0);
	remove_all(tmpl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_reach_the_call),
		cmocka_unit_test(refusals_keep_their_errno),
		cmocka_unit_test(the_files_themselves_are_used),
		cmocka_unit_test(unloading),
		cmocka_unit_test(jumping),
		cmocka_unit_test(only_new_lines_about_kexec),
		cmocka_unit_test(state_is_of_one_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
