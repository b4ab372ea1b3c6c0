/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MAX_LINES   20
#define MAX_RECORDS 1000 /* a talkative kernel must not keep us here */

/* In the messages of kernel/kexec*.c, crypto/asymmetric_keys, security/lockdown,
 * arch/.../kexec-bzimage64.c. */
static const char *const words[] = {"kexec",    "kimage", "bzimage",    "pefile",    "pkcs",
				    "lockdown", "crash",  "elfcorehdr", "purgatory", "integrity"};

int kmsg_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool ours(const char *line)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(line, words[i]))
			return true;
	return false;
}

/* "6,1234,5678,-;text": the text, or NULL for a continuation line (they begin with a blank). */
static char *text_of(char *line)
{
	char *semi = *line == ' ' ? NULL : strchr(line, ';');

	if (!semi)
		return NULL;
	for (char *c = semi; *c; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			*c = '?';
	return semi + 1;
}

static int keep(char *record, unsigned *lines, struct buf *out)
{
	char *save = NULL;

	for (char *l = strtok_r(record, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		char *text = text_of(l);

		if (!text || !ours(text) || *lines == MAX_LINES)
			continue;
		(*lines)++;
		if (buf_printf(out, "%s\n", text) < 0)
			return -ENOMEM;
	}
	return 0;
}

int kmsg_collect(int fd, struct buf *out)
{
	char record[8193];
	unsigned lines = 0;

	for (unsigned i = 0; fd >= 0 && i < MAX_RECORDS; i++) {
		ssize_t n = read(fd, record, sizeof(record) - 1);

		/* EPIPE: records were overwritten before we came; the next read goes on behind the
		 * gap. */
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n <= 0)
			break;
		record[n] = 0;
		if (keep(record, &lines, out) < 0)
			return -ENOMEM;
	}
	return 0;
}
