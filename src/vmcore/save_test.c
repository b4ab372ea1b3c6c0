/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/outfile.h"
#include "vmcore/copy.h"
#include "vmcore/info.h"
#include "vmcore/save.h"
#include "vmcore/testcore.h"

/*
 * The C library's, for the whole program: a disk with so much room, and a count of what was made
 * durable.
 */
static uint64_t disk_room = UINT64_MAX;
static unsigned syncs;

ssize_t pwrite(int fd, const void *data, size_t len, off_t off)
{
	if (disk_room < len) {
		errno = ENOSPC;
		return -1;
	}
	disk_room -= disk_room == UINT64_MAX ? 0 : len;
	return lseek(fd, off, SEEK_SET) < 0 ? -1 : write(fd, data, len);
}

int fsync(int fd)
{
	syncs++;
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

static void enter_folder(void)
{
	char dir[] = "/tmp/baton-save-XXXXXX";

	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
}

static int leave_folder(void **state)
{
	static const char *const names[] = {
		"src", "dest", "dest.dmesg", "dest.incomplete", "dest.dmesg.incomplete", "link"};
	char dir[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	if (getcwd(dir, sizeof(dir)) && chdir("/") == 0)
		rmdir(dir);
	return 0;
}

static void write_file(const char *name, const struct buf *b)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_equal(file_write_all(fd, buf_span(b)), 0);
	close(fd);
}

static struct buf read_file(const char *name)
{
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;

	assert_int_equal(file_read(AT_FDCWD, name, 1 << 24, &b, &err), 0);
	return b;
}

static bool exists(const char *name)
{
	return access(name, F_OK) == 0;
}

/* A dump in ./src: a panic in its log, most pages zero. */
static struct buf make_src(void)
{
	struct testcore *c = core_new(false, false);

	core_prb(c, 4, 12, 0x30);
	core_key(c, "CRASHTIME=1792569600");
	core_prb_add(c, (struct testmsg){"sysrq: Trigger a crash", 0, 0, 6, 0, 0});
	core_prb_add(c, (struct testmsg){"Kernel panic - not syncing: sysrq triggered crash", 0, 0,
					 0, 0, 0});
	struct buf file = core_file(c);

	core_done(c);
	write_file("src", &file);
	return file;
}

static int save(bool force, const volatile sig_atomic_t *stop, struct save_result *out,
		struct err *err)
{
	struct save_request req = {.src = "src", .dest = "dest", .force = force, .stop = stop};

	*err = (struct err)ERR_INIT;
	return vmcore_save(&req, out, err);
}

static void a_copy_is_the_same_with_holes(void **state)
{
	(void)state;
	enter_folder();
	struct buf want = make_src(), got;
	struct save_result r;
	struct err err;
	struct stat st;

	syncs = 0;
	assert_int_equal(save(false, NULL, &r, &err), 0);
	assert_int_equal(r.code, SAVE_DONE);
	/* The log, the dump, and the folder behind each: a reset follows. */
	assert_int_equal(syncs, 4);
	assert_int_equal(r.size, want.len);
	assert_int_equal(r.warnings.n, 0);
	assert_true(r.has_dmesg);
	assert_int_equal(r.dmesg.records, 2);
	save_result_done(&r);

	got = read_file("dest");
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.ptr, want.ptr, want.len);
	assert_int_equal(stat("dest", &st), 0);
	/* Six pages hold something: the header, the notes, the ring, descriptors, infos, text. */
	assert_true(r.written <= 6 * 4096);
	assert_true((uint64_t)st.st_blocks * 512 <= r.written + 16384);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(exists("dest.incomplete") || exists("dest.dmesg.incomplete"));
	buf_done(&got);
	got = read_file("dest.dmesg");
	assert_non_null(
		strstr(buf_str(&got), "] Kernel panic - not syncing: sysrq triggered crash\n"));
	buf_done(&got);
	buf_done(&want);
}

static void existing_files_are_kept(void **state)
{
	(void)state;
	enter_folder();
	struct buf src = make_src(), old = BUF_INIT, got;
	struct save_result r;
	struct err err;

	assert_int_equal(buf_puts(&old, "precious"), 0);
	write_file("dest", &old);
	assert_int_equal(save(false, NULL, &r, &err), -EEXIST);
	assert_int_equal(r.code, SAVE_BAD_DEST);
	assert_non_null(strstr(err.text, "'dest' exists"));
	save_result_done(&r);
	got = read_file("dest");
	assert_string_equal(buf_str(&got), "precious");
	assert_false(exists("dest.dmesg"));
	buf_done(&got);

	assert_int_equal(save(true, NULL, &r, &err), 0);
	save_result_done(&r);
	got = read_file("dest");
	assert_int_equal(got.len, src.len);
	buf_done(&got);

	/* Never what is no file, and never onto itself. */
	unlink("dest");
	assert_int_equal(symlink("/dev/null", "dest"), 0);
	assert_int_equal(save(true, NULL, &r, &err), -EEXIST);
	assert_int_equal(r.code, SAVE_BAD_DEST);
	save_result_done(&r);
	unlink("dest");
	assert_int_equal(link("src", "dest"), 0);
	assert_int_equal(save(true, NULL, &r, &err), -EINVAL);
	assert_int_equal(r.code, SAVE_BAD_DEST);
	save_result_done(&r);
	/* What an interrupted save left is a dump, too, and may be the only one. */
	assert_int_equal(rename("dest", "dest.incomplete"), 0);
	assert_int_equal(save(true, NULL, &r, &err), -EINVAL);
	assert_non_null(strstr(err.text, "'dest.incomplete' is the dump itself"));
	assert_true(exists("dest.incomplete") && !exists("dest"));
	save_result_done(&r);
	buf_done(&old);
	buf_done(&src);
}

static void a_name_taken_meanwhile_is_left_alone(void **state)
{
	(void)state;
	enter_folder();
	struct buf other = BUF_INIT, got;
	struct outfile f;
	struct err err = ERR_INIT;

	assert_int_equal(buf_puts(&other, "another's"), 0);
	assert_int_equal(outfile_open("dest", &f, &err), 0);
	write_file("dest", &other);
	assert_int_equal(outfile_commit(&f, false, &err), -EEXIST);
	got = read_file("dest");
	assert_string_equal(buf_str(&got), "another's");
	buf_done(&got);
	unlink("dest.incomplete");
	write_file("dest.incomplete", &other);
	assert_int_equal(outfile_commit(&f, true, &err), -EBUSY);
	outfile_done(&f);
	buf_done(&other);
}

static void bad_sources_and_places_have_their_codes(void **state)
{
	(void)state;
	enter_folder();
	struct save_request req = {.src = "absent", .dest = "dest"};
	struct buf text = BUF_INIT, src;
	struct save_result r;
	struct err err = ERR_INIT;

	assert_int_equal(vmcore_save(&req, &r, &err), -ENOENT);
	assert_int_equal(r.code, SAVE_BAD_SOURCE);
	assert_string_equal(err.file, "absent");
	req.src = "/tmp";
	assert_int_equal(vmcore_save(&req, &r, &err), -EISDIR);
	assert_int_equal(r.code, SAVE_BAD_SOURCE);
	req.src = "/dev/zero";
	assert_int_equal(vmcore_save(&req, &r, &err), -EINVAL);
	assert_int_equal(r.code, SAVE_BAD_SOURCE);
	assert_int_equal(buf_puts(&text, "no dump"), 0);
	write_file("src", &text);
	assert_int_equal(save(false, NULL, &r, &err), -ENOEXEC);
	assert_int_equal(r.code, SAVE_BAD_SOURCE);
	assert_false(exists("dest.incomplete") || exists("dest.dmesg"));

	src = make_src();
	req = (struct save_request){.src = "src", .dest = "no/such/folder/dest"};
	assert_int_equal(vmcore_save(&req, &r, &err), -ENOENT);
	assert_int_equal(r.code, SAVE_BAD_DEST);
	buf_done(&src);
	buf_done(&text);
}

static void an_interrupted_copy_says_so_and_opens(void **state)
{
	(void)state;
	enter_folder();
	struct buf file = make_src();
	volatile sig_atomic_t stop = 1;
	struct save_result r;
	struct dump_info info;
	struct err err;

	assert_int_equal(save(false, &stop, &r, &err), -EINTR);
	assert_int_equal(r.code, SAVE_FAILED);
	assert_false(exists("dest") || exists("dest.incomplete"));
	assert_true(exists("dest.dmesg"));
	save_result_done(&r);

	/* A file size limit in the middle stands for every write error. */
	struct rlimit old, small = {16384, RLIM_INFINITY};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int q = save(false, NULL, &r, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(q, -EFBIG);
	assert_int_equal(r.code, SAVE_BAD_DEST);
	assert_false(exists("dest"));
	save_result_done(&r);
	/* What it left says that it is incomplete. */
	assert_int_equal(vmcore_info("dest.incomplete", &info, &err), 0);
	assert_false(info.complete);
	info_done(&info);
	buf_done(&file);
}

static void raise_flag(void *ctx, uint64_t done, uint64_t total)
{
	assert_true(done <= total);
	*(volatile sig_atomic_t *)ctx = 1;
}

/* The signal comes after the first of several blocks. */
static void an_interruption_leaves_what_is_there(void **state)
{
	(void)state;
	enter_folder();
	struct buf file = make_src(), got;
	volatile sig_atomic_t flag = 0;
	struct save_request req = {.src = "src",
				   .dest = "dest",
				   .stop = &flag,
				   .progress = raise_flag,
				   .ctx = (void *)&flag};
	struct err err = ERR_INIT;
	struct save_result r;

	assert_int_equal(buf_zero(&file, 3 << 20), 0);
	write_file("src", &file);
	assert_int_equal(vmcore_save(&req, &r, &err), -EINTR);
	assert_int_equal(r.code, SAVE_INCOMPLETE);
	assert_int_equal(r.read, 1 << 20);
	assert_non_null(strstr(err.text, "interrupted after 1048576 of"));
	assert_false(exists("dest"));
	assert_true(exists("dest.dmesg"));
	save_result_done(&r);
	got = read_file("dest.incomplete");
	assert_int_equal(got.len, file.len);
	assert_int_equal(got.ptr[0x30], DUMP_ELF_INCOMPLETE);
	got.ptr[0x30] = 0;
	assert_memory_equal(got.ptr, file.ptr, 1 << 20);
	buf_done(&got);
	buf_done(&file);
}

static void a_full_disk_says_how_much_is_missing(void **state)
{
	(void)state;
	enter_folder();
	struct buf src = make_src(), got;
	struct save_result r;
	struct err err;

	/* The log fits, and the first page of the dump with its mark. */
	disk_room = 6000;
	assert_int_equal(save(false, NULL, &r, &err), -ENOSPC);
	disk_room = UINT64_MAX;
	assert_int_equal(r.code, SAVE_NO_SPACE);
	assert_non_null(strstr(err.text, "no space: "));
	assert_non_null(strstr(err.text, "more are needed"));
	assert_false(exists("dest"));
	save_result_done(&r);
	got = read_file("dest.incomplete");
	assert_int_equal(got.len, src.len);
	buf_done(&got);
	buf_done(&src);
}

static void a_dump_without_a_log_is_saved(void **state)
{
	(void)state;
	enter_folder();
	struct buf src = make_src(), got;
	struct save_result r;
	struct err err;
	char *key = memmem(src.ptr, src.len, "SYMBOL(prb)", 11);

	assert_non_null(key);
	key[7] = 'q';
	write_file("src", &src);
	assert_int_equal(save(false, NULL, &r, &err), 0);
	assert_int_equal(r.code, SAVE_DONE);
	assert_false(r.has_dmesg || exists("dest.dmesg"));
	assert_int_equal(r.warnings.n, 1);
	assert_non_null(strstr(r.warnings.v[0], "the kernel log cannot be saved: "));
	save_result_done(&r);
	got = read_file("dest");
	assert_memory_equal(got.ptr, src.ptr, src.len);
	buf_done(&got);
	buf_done(&src);
}

static void a_short_source_is_saved_and_marked(void **state)
{
	(void)state;
	enter_folder();
	struct buf file = make_src(), got, text = BUF_INIT;
	struct save_result r;
	struct dump_info info;
	struct err err;

	assert_int_equal(truncate("src", (off_t)file.len - 10000), 0);
	assert_int_equal(save(false, NULL, &r, &err), 0);
	assert_int_equal(r.code, SAVE_INCOMPLETE);
	assert_int_equal(r.warnings.n, 1);
	assert_non_null(strstr(r.warnings.v[0], "10000 bytes before"));
	save_result_done(&r);
	got = read_file("dest");
	assert_int_equal(got.len, file.len - 10000);
	assert_int_equal(got.ptr[0x30], DUMP_ELF_INCOMPLETE);

	assert_int_equal(vmcore_info("dest", &info, &err), 0);
	assert_false(info.complete);
	assert_int_equal(info.problems.n, 2);
	assert_int_equal(info_text(&info, &text), 0);
	assert_non_null(strstr(buf_str(&text), "complete: no\n"));
	info_done(&info);
	buf_done(&text);
	buf_done(&got);
	buf_done(&file);
}

/* A source with bad pages and a sink in memory. */
struct faulty {
	struct span good;
	uint64_t bad_page; /* its number; and the one after it */
	uint8_t *image;
	uint64_t full_at; /* writes behind this fail */
};

static int faulty_read(void *ctx, uint64_t off, void *buf, size_t len)
{
	struct faulty *f = ctx;

	if (off < (f->bad_page + 2) * 4096 && off + len > f->bad_page * 4096)
		return -EIO;
	return core_read_at(&f->good, off, buf, len);
}

static int image_write(void *ctx, uint64_t off, const void *buf, size_t len)
{
	struct faulty *f = ctx;

	if (off + len > f->full_at)
		return -ENOSPC;
	memcpy(f->image + off, buf, len);
	return 0;
}

/* A window now and then; where there is none, the bytes are read. */
static const uint8_t *some_window(void *ctx, uint64_t off, size_t len)
{
	struct faulty *f = ctx;

	return off == 0 ? NULL : span_sub(f->good, off, len).ptr;
}

static void windows_and_reads_give_the_same(void **state)
{
	(void)state;
	enum { LEN = (6 << 20) + 777 };
	uint8_t *src = malloc(LEN);
	struct faulty f = {span_of(src, LEN), LEN, calloc(1, LEN), LEN};
	struct copy_job job = {
		.src = {faulty_read, &f, LEN}, .window = some_window, .sink = {image_write, &f}};
	struct copy_stats s;

	for (size_t i = 0; i < LEN; i++)
		src[i] = (uint8_t)(i / 4096 % 2 ? i * 11 + i / 4096 : 0);
	assert_int_equal(copy_sparse(&job, &s), 0);
	assert_int_equal(s.read, LEN);
	assert_int_equal(s.lost_pages, 0);
	assert_memory_equal(f.image, src, LEN);
	free(f.image);
	free(src);
}

static void bad_pages_cost_no_more_than_themselves(void **state)
{
	(void)state;
	enum { LEN = (2 << 20) + 12345 };
	uint8_t *src = malloc(LEN);
	struct faulty f = {span_of(src, LEN), 300, calloc(1, LEN), LEN};
	struct copy_job job = {.src = {faulty_read, &f, LEN}, .sink = {image_write, &f}};
	struct copy_stats s;

	for (size_t i = 0; i < LEN; i++)
		src[i] = (uint8_t)(i / 4096 % 3 ? i * 11 + i / 4096 : 0);
	assert_int_equal(copy_sparse(&job, &s), 0);
	assert_int_equal(s.lost_pages, 2);
	assert_int_equal(s.first_lost, 300 * 4096);
	assert_int_equal(s.lost_errno, EIO);
	assert_int_equal(s.read, LEN);
	memset(src + 300 * 4096, 0, 2 * 4096);
	assert_memory_equal(f.image, src, LEN);

	f.full_at = 1 << 20;
	assert_int_equal(copy_sparse(&job, &s), -ENOSPC);
	assert_int_equal(s.read, 1 << 20);
	free(f.image);
	free(src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_copy_is_the_same_with_holes, leave_folder),
		cmocka_unit_test_teardown(existing_files_are_kept, leave_folder),
		cmocka_unit_test_teardown(a_name_taken_meanwhile_is_left_alone, leave_folder),
		cmocka_unit_test_teardown(bad_sources_and_places_have_their_codes, leave_folder),
		cmocka_unit_test_teardown(an_interrupted_copy_says_so_and_opens, leave_folder),
		cmocka_unit_test_teardown(an_interruption_leaves_what_is_there, leave_folder),
		cmocka_unit_test_teardown(a_full_disk_says_how_much_is_missing, leave_folder),
		cmocka_unit_test_teardown(a_dump_without_a_log_is_saved, leave_folder),
		cmocka_unit_test_teardown(a_short_source_is_saved_and_marked, leave_folder),
		cmocka_unit_test(windows_and_reads_give_the_same),
		cmocka_unit_test(bad_pages_cost_no_more_than_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
