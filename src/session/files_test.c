/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/uimage_make.h"
#include "session/files.h"

struct writer {
	int fd;
	atomic_int turns;
	atomic_bool stop;
};

/* Somebody who writes all the time, as far as the file's times tell. */
static void *write_on(void *arg)
{
	struct writer *w = arg;

	while (!w->stop) {
		struct timespec t[2] = {{.tv_sec = 1}, {.tv_sec = 1, .tv_nsec = ++w->turns}};

		futimens(w->fd, t);
	}
	return NULL;
}

static void a_file_that_changes_is_refused(void **state)
{
	(void)state;
	char path[] = "/tmp/baton-files-XXXXXX";
	struct writer w = {.fd = mkstemp(path)};
	struct err err = ERR_INIT;
	pthread_t thread;
	int fd = -1, r = 0;

	assert_true(w.fd >= 0);
	assert_int_equal(ftruncate(w.fd, 16 << 20), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
	while (!w.turns)
		usleep(100);
	/* The writer may not get its turn while one read goes on. */
	for (unsigned i = 0; !r && i < 100; i++) {
		struct buf out = BUF_INIT;

		r = files_read("initrd", path, 1 << 30, &fd, &out, &err);
		if (!r)
			close(fd);
		buf_done(&out);
	}
	w.stop = true;
	pthread_join(thread, NULL);
	assert_int_equal(r, -EAGAIN);
	assert_non_null(strstr(err.text, "changed while it was read"));

	struct buf out = BUF_INIT;
	assert_int_equal(files_read("initrd", path, 1 << 30, &fd, &out, &err), 0);
	assert_int_equal(out.len, 16 << 20);
	close(fd);
	close(w.fd);
	unlink(path);
	buf_done(&out);
}

/* Lengths and padding are those of files_initrds, also where a file does not tell its own. */
static void unread_initrds_are_as_long(void **state)
{
	(void)state;
	char a[] = "/tmp/baton-files-XXXXXX", b[] = "/tmp/baton-files-XXXXXX";
	int fda = mkstemp(a), fdb = mkstemp(b), fd = 0;
	const char *const sets[][2] = {{a, NULL}, {a, b}, {"/proc/version", a}};
	struct err err = ERR_INIT;

	assert_int_equal(ftruncate(fda, 5001), 0);
	assert_int_equal(ftruncate(fdb, 7), 0);
	for (size_t i = 0; i < 3; i++) {
		struct buf read = BUF_INIT, unread = BUF_INIT;
		size_t n = sets[i][1] ? 2 : 1;

		assert_int_equal(files_initrds(sets[i], n, 1 << 20, &fd, &read, &err), 0);
		if (fd >= 0)
			close(fd);
		assert_int_equal(files_initrds_unread(sets[i], n, 1 << 20, &fd, &unread, &err), 0);
		assert_int_equal(fd, -1);
		assert_int_equal(unread.len, read.len);
		buf_done(&read);
		buf_done(&unread);
	}

	struct buf none = BUF_INIT;
	assert_int_equal(files_initrds_unread(&sets[0][0], 1, 5000, &fd, &none, &err), -EFBIG);
	assert_int_equal(ftruncate(fdb, 0), 0);
	assert_int_equal(files_initrds_unread(sets[1], 2, 1 << 20, &fd, &none, &err), -EBADMSG);
	buf_done(&none);
	close(fda);
	close(fdb);
	unlink(a);
	unlink(b);
}

/* A uImage with @data behind its header, written to @fd. */
static void write_uimage(int fd, enum uimage_type type, const char *data, size_t len)
{
	uint8_t file[128];

	memcpy(file + UIMAGE_HEADER_SIZE, data, len);
	uimage_make(file, type, len);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, file, UIMAGE_HEADER_SIZE + len, 0), UIMAGE_HEADER_SIZE + len);
}

/* Of @n files at @path, read and unread. Returns what files_initrds() does. */
static int initrds(const char *const *paths, size_t n, const char *want, size_t len)
{
	struct buf read = BUF_INIT, unread = BUF_INIT;
	int fd = 0, r = files_initrds(paths, n, 1 << 20, &fd, &read, NULL);

	assert_int_equal(fd, -1);
	assert_int_equal(read.len, len);
	assert_memory_equal(read.ptr, want, len);
	assert_int_equal(files_initrds_unread(paths, n, 1 << 20, &fd, &unread, NULL), r);
	assert_int_equal(unread.len, len);
	assert_int_equal(fd, -1);
	buf_done(&read);
	buf_done(&unread);
	return r;
}

static void the_header_of_a_uimage_is_left_out(void **state)
{
	(void)state;
	static const char list[] = "\0\0\0\6\0\0\0\5\0\0\0\0kernel\0\0inird";
	char path[] = "/tmp/baton-files-XXXXXX";
	int file = mkstemp(path), fd = 0;
	const char *const paths[] = {path, path};
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;

	write_uimage(file, UIMAGE_RAMDISK, "packed", 6);
	assert_int_equal(initrds(paths, 1, "packed", 6), 1);
	assert_int_equal(initrds(paths, 2, "packed\0\0packed\0\0", 16), 2);
	write_uimage(file, UIMAGE_MULTI, list, sizeof(list) - 1);
	assert_int_equal(initrds(paths, 1, "inird", 5), 1);
	/* One wrong bit in the data. */
	assert_int_equal(pwrite(file, "y", 1, UIMAGE_HEADER_SIZE + 20), 1);
	assert_int_equal(files_initrds(paths, 1, 1 << 20, &fd, &out, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "the file is damaged"));
	write_uimage(file, UIMAGE_KERNEL, "kernel", 6);
	err = (struct err)ERR_INIT;
	assert_int_equal(files_initrds(paths, 1, 1 << 20, &fd, &out, &err), -EINVAL);
	assert_non_null(strstr(err.text, "is a uImage without a ramdisk (type 2)"));
	assert_int_equal(fd, -1);
	buf_done(&out);
	close(file);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_changes_is_refused),
		cmocka_unit_test(unread_initrds_are_as_long),
		cmocka_unit_test(the_header_of_a_uimage_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
