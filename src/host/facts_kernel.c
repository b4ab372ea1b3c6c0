/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/cleanup.h"
#include "host/facts_kallsyms.h"
#include "host/facts_parts.h"
#include "machine/kcore.h"
#include "machine/text.h"

/* A crash header has at most 65,534 program headers of 56 bytes. */
#define CRASH_HEADER_MAX (16u << 20)

/* Fill @head up to @need bytes, or to the file's end. 0 or a negative errno. */
static int read_up_to(int fd, size_t need, struct buf *head)
{
	if (buf_reserve(head, need - head->len) < 0)
		return -ENOMEM;
	while (head->len < need) {
		ssize_t n = pread(fd, head->ptr + head->len, need - head->len, (off_t)head->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		head->len += (size_t)n;
	}
	return 0;
}

/*
 * Headers first, then the notes they point at: what lies behind them is the kernel's memory, and is
 * left alone.
 */
static int read_kcore_head(int fd, struct buf *head, struct err *err)
{
	uint64_t need = 0;
	int r = 0;

	for (unsigned i = 0; i < 5; i++) {
		size_t before = head->len;

		r = kcore_need(buf_span(head), &need, err);
		if (r < 0 || need <= head->len)
			return r;
		r = read_up_to(fd, (size_t)need, head); /* at most KCORE_HEAD_MAX */
		if (r < 0)
			return fail(err, -r, "%s", strerror(-r));
		if (head->len == before)
			return 0;
	}
	return 0;
}

static int read_kcore(const struct facts_root *root, struct machine *m, struct err *err)
{
	static const char path[] = "proc/kcore";
	_cleanup_(closep) int fd = -1;
	struct buf head = BUF_INIT;
	struct err why = ERR_INIT;
	int r = root_open_file(root, path, &fd, err);

	if (r <= 0)
		return r;
	r = read_kcore_head(fd, &head, &why);
	if (!r)
		r = kcore_facts(buf_span(&head), m, &why);
	buf_done(&head);
	/* Lockdown answers the read, not the open, with EPERM (fs/proc/kcore.c). */
	if (r < 0 && root_absent(-r))
		return 0;
	if (r == -ENOEXEC)
		fail(&why, EBADMSG, "is not an ELF core file");
	if (r < 0) {
		if (err)
			*err = why;
		return root_wrap(root, -why.code, path, err);
	}
	if (!root->sink)
		return 0;
	r = kcore_write(m, &head);
	if (!r)
		r = root_put(root, path, 0, buf_span(&head), err);
	buf_done(&head);
	return r;
}

/*
 * "0x000000000132a000 1024": address and size, both hexadecimal (kernel/ksysfs.c, vmcoreinfo_show).
 */
static int read_note_place(const struct facts_root *root, struct machine *m, struct err *err)
{
	static const char path[] = "sys/kernel/vmcoreinfo";
	struct buf text = BUF_INIT;
	struct span rest, addr = {0}, size = {0};
	struct range at;
	int r = root_read_start(root, path, 128, &text, err);

	if (r > 0) {
		rest = buf_span(&text);
		text_word(&rest, &addr);
		text_word(&rest, &size);
		if (!text_u64(addr, 16, &at.start) || !text_u64(size, 16, &at.end) ||
		    at.end > UINT64_MAX - at.start)
			r = root_wrap(root, fail(err, EBADMSG, "is not ADDRESS SIZE"), path, err);
	}
	buf_done(&text);
	if (r <= 0)
		return r;
	m->vmcoreinfo = (struct range){at.start, at.start + at.end};
	return 0;
}

/* "98304": kernel/ksysfs.c, crash_elfcorehdr_size_show(), Linux 6.6. */
static int read_hotplug(const struct facts_root *root, struct machine *m, struct err *err)
{
	static const char path[] = "sys/kernel/crash_elfcorehdr_size";
	struct buf text = BUF_INIT;
	struct span rest, word = {0};
	int r = root_read_start(root, path, 64, &text, err);

	if (r > 0) {
		rest = buf_span(&text);
		text_word(&rest, &word);
		if (!text_u64(word, 10, &m->crash_hotplug_size) ||
		    m->crash_hotplug_size > CRASH_HEADER_MAX)
			r = root_wrap(root, fail(err, EBADMSG, "is no size"), path, err);
	}
	buf_done(&text);
	return r < 0 ? r : 0;
}

/*
 * _text, where the image begins, only tells more where vmcoreinfo does not say how the image is
 * mapped (machine/va.c). Kernels without CONFIG_KALLSYMS_ALL may lack it.
 */
static bool wants_text(const struct machine *m)
{
	uint64_t v;

	return (!strncmp(m->arch, "arm", 3) || !strcmp(m->arch, "riscv64")) &&
	       !machine_vmcoreinfo_u64(m, "NUMBER(kimage_voffset)", &v) &&
	       !machine_vmcoreinfo_u64(m, "NUMBER(va_kernel_pa_offset)", &v);
}

static int find_text(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct kallsym syms[] = {{.names = {"_stext"}}, {.names = {"_text"}}};

	machine_vmcoreinfo_u64(m, "SYMBOL(_stext)", &m->stext_va);
	if (m->stext_va && !wants_text(m))
		return 0;
	int r = kallsyms_find(root, syms, wants_text(m) ? 2 : 1, err);
	if (!m->stext_va)
		m->stext_va = syms[0].value;
	m->text_va = syms[1].value;
	return r;
}

int facts_kernel(const struct facts_root *root, struct machine *m, struct err *err)
{
	int r = read_kcore(root, m, err);

	if (!r)
		r = read_note_place(root, m, err);
	if (!r)
		r = read_hotplug(root, m, err);
	return r ? r : find_text(root, m, err);
}
