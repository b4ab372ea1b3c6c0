/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmcore/source.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/put.h"
#include "elf/format.h"

static int read_bytes(const struct source *s, uint64_t off, void *buf, size_t len)
{
	uint8_t *to = buf;

	if (off > INT64_MAX || len > INT64_MAX - off)
		return -ENODATA;
	while (len) {
		ssize_t n = pread(s->fd, to, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -ENODATA;
		to += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int source_read_at(void *ctx, uint64_t off, void *buf, size_t len)
{
	const struct source *s = ctx;
	int r = read_bytes(s, off, buf, len);

	if (!r && s->is_big && off <= EI_DATA && len > EI_DATA - off)
		((uint8_t *)buf)[EI_DATA - off] = ELFDATA2MSB;
	return r;
}

/*
 * The header that a kernel makes for kexec_file_load says little-endian on every CPU
 * (kernel/kexec_file.c, Linux 6.1, crash_prepare_elf64_headers()).
 */
static bool denies_to_be_big(const struct source *s)
{
	uint8_t head[24];

	return !read_bytes(s, 0, head, sizeof(head)) && !memcmp(head, ELFMAG, SELFMAG) &&
	       head[EI_DATA] == ELFDATA2LSB && get_be(head + 20, 4) == EV_CURRENT;
}

int source_open(const char *path, struct source *out, struct err *err)
{
	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct statfs fs;
	struct stat st;
	int r = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		r = fail(err, errno, "%s", strerror(errno));
	else if (S_ISDIR(st.st_mode))
		r = fail(err, EISDIR, "is a directory");
	else if (!S_ISREG(st.st_mode))
		r = fail(err, EINVAL, "is a device or a pipe, not a regular file");
	if (r < 0) {
		if (fd >= 0)
			close(fd);
		return wrap_file(err, r, "dump", path);
	}
	*out = (struct source){.fd = fd, .size = (uint64_t)st.st_size};
	out->vmcore = fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	out->is_big = denies_to_be_big(out);
	return 0;
}

static void unmap(struct source *s)
{
	if (s->window)
		munmap(s->window, s->window_len);
	s->window = NULL;
}

const uint8_t *source_window(void *source, uint64_t off, size_t len)
{
	struct source *s = source;

	unmap(s);
	if (!s->vmcore || !len || off > INT64_MAX || (s->is_big && off <= EI_DATA))
		return NULL;
	void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, s->fd, (off_t)off);

	if (p == MAP_FAILED)
		return NULL;
	s->window = p;
	s->window_len = len;
	return p;
}

void source_close(struct source *s)
{
	unmap(s);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

struct elf_io source_io(struct source *s)
{
	return (struct elf_io){source_read_at, s, s->size};
}
