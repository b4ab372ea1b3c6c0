/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmcore/save.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cleanup.h"
#include "core/outfile.h"
#include "vmcore/copy.h"
#include "vmcore/source.h"

struct save {
	const struct save_request *req;
	struct save_result *out;
	struct source src;
	struct dump dump;
	struct outfile file;
	struct err *err;
};

/* A warning that finds no memory is dropped: nothing depends on it. */
#define warn(result, ...) ((void)texts_add(&(result)->warnings, __VA_ARGS__))

static int stop(struct save *s, enum save_code code, int r)
{
	s->out->code = code;
	return r;
}

/* What a failed write to the destination means. */
static enum save_code write_code(int r)
{
	return r == -ENOSPC || r == -EDQUOT ? SAVE_NO_SPACE : SAVE_BAD_DEST;
}

/* Each name that is written may be the dump's own: DEST.incomplete is one that a reader opens. */
static int check_names(struct save *s)
{
	static const char *const suffixes[] = {"", ".incomplete", ".dmesg", ".dmesg.incomplete"};
	struct stat old, src;

	if (fstat(s->src.fd, &src) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		_cleanup_(freep) char *path = NULL;

		if (asprintf(&path, "%s%s", s->req->dest, suffixes[i]) < 0)
			return fail(s->err, ENOMEM, "no memory for a file name");
		if (lstat(path, &old) == 0 && src.st_dev == old.st_dev && src.st_ino == old.st_ino)
			return fail(s->err, EINVAL,
				    "'%s' is the dump itself and would be overwritten", path);
	}
	return 0;
}

static int check_dest(struct save *s)
{
	int r = check_names(s);

	return r < 0 ? r : outfile_check(s->req->dest, s->req->force, s->err);
}

/* The log's lines, gathered into large writes. */
struct log_file {
	struct outfile *file;
	struct buf pending;
	uint64_t off;
};

static int log_flush(struct log_file *l)
{
	int r = outfile_write(l->file, l->off, buf_span(&l->pending));

	l->off += l->pending.len;
	l->pending.len = 0;
	return r;
}

static int log_line(void *ctx, const char *line, size_t len)
{
	struct log_file *l = ctx;

	if (buf_add(&l->pending, line, len) < 0)
		return -ENOMEM;
	return l->pending.len >= 1 << 16 ? log_flush(l) : 0;
}

static void tell_log(struct save *s)
{
	const struct dmesg_stats *d = &s->out->dmesg;

	if (d->salvaged)
		warn(s->out, "the kernel log's index was damaged: its records were searched for");
	if (d->lost || d->damaged || d->unfinished)
		warn(s->out, "kernel log: %llu records lost, %llu damaged, %llu unfinished",
		     (unsigned long long)d->lost, (unsigned long long)d->damaged,
		     (unsigned long long)d->unfinished);
}

/* A log that cannot be read is a warning; a file that cannot be written is an error. */
static int save_log(struct save *s)
{
	_cleanup_(freep) char *path = NULL;
	struct outfile file = OUTFILE_INIT;
	struct log_file log = {.file = &file};
	struct err why = ERR_INIT;

	if (asprintf(&path, "%s.dmesg", s->req->dest) < 0)
		return stop(s, SAVE_FAILED, fail(s->err, ENOMEM, "no memory for a file name"));
	int r = outfile_open(path, &file, s->err);

	if (r < 0)
		return stop(s, write_code(r), r);
	int q = dmesg_read(&s->dump, s->req->dmesg_flags, log_line, &log, &s->out->dmesg, &why);

	r = log_flush(&log);
	buf_done(&log.pending);
	if (q < 0)
		warn(s->out, "the kernel log cannot be saved: %s", why.text);
	else
		tell_log(s);
	if (r < 0)
		fail(s->err, -r, "cannot write '%s': %s", path, strerror(-r));
	else if (log.off)
		r = outfile_commit(&file, true, s->err);
	if (r < 0)
		stop(s, write_code(r), r);
	else
		s->out->has_dmesg = log.off;
	if (!s->out->has_dmesg)
		outfile_remove(&file);
	/* The log of an older dump must not stand beside this one. */
	if (r >= 0 && !s->out->has_dmesg && s->req->force)
		unlink(path);
	outfile_done(&file);
	return r;
}

/* Until it is complete the copy says in e_flags that it is not: a reset leaves a file that tells
 * the truth. */
static int mark(struct save *s, bool incomplete)
{
	const struct elf *e = &s->dump.elf;
	uint64_t at = e->elf32 ? 0x24 : 0x30;
	uint8_t low = (uint8_t)(incomplete ? e->flags | DUMP_ELF_INCOMPLETE : e->flags);

	return outfile_write(&s->file, e->big ? at + 3 : at, span_of(&low, 1));
}

static int sink_write(void *ctx, uint64_t off, const void *buf, size_t len)
{
	struct save *s = ctx;
	int r = outfile_write(&s->file, off, span_of(buf, len));

	return r < 0 || off ? r : mark(s, true);
}

/* What is missing from the copy, said. True where it is whole. */
static bool is_whole(struct save *s, const struct copy_stats *c)
{
	struct save_result *out = s->out;

	if (c->lost_pages)
		warn(out,
		     "%llu pages of 4096 bytes could not be read (the first at 0x%llx: %s); they "
		     "are "
		     "holes",
		     (unsigned long long)c->lost_pages, (unsigned long long)c->first_lost,
		     strerror(c->lost_errno));
	if (s->dump.end > s->src.size)
		warn(out, "the source ends %llu bytes before its last segment does",
		     (unsigned long long)(s->dump.end - s->src.size));
	if (s->dump.incomplete)
		warn(out, "the source was marked incomplete by its writer");
	return !c->lost_pages && s->dump.end <= s->src.size && !s->dump.incomplete;
}

static int finish(struct save *s, const struct copy_stats *c)
{
	bool whole = is_whole(s, c);
	int r = ftruncate(s->file.fd, (off_t)s->out->size) < 0 ? -errno : 0;

	if (r >= 0)
		r = mark(s, !whole);
	if (r < 0)
		return stop(s, write_code(r),
			    fail(s->err, -r, "cannot write '%s': %s", s->file.part, strerror(-r)));
	r = outfile_commit(&s->file, s->req->force, s->err);
	if (r < 0)
		return stop(s, write_code(r), r);
	return stop(s, whole ? SAVE_DONE : SAVE_INCOMPLETE, 0);
}

/* Interrupted or out of room: what there is keeps its .incomplete name, with holes up to the full
 * size so that it opens. */
static int leave(struct save *s, const struct copy_stats *c, int r)
{
	struct err ignored = ERR_INIT;
	unsigned long long done = c->written, rest = s->out->size - c->read;

	if (c->stopped && !c->read) {
		outfile_remove(&s->file);
		return stop(s, SAVE_FAILED,
			    fail(s->err, EINTR, "interrupted before the first byte"));
	}
	(void)!ftruncate(s->file.fd, (off_t)s->out->size);
	outfile_leave(&s->file, &ignored);
	if (c->stopped) {
		fail(s->err, EINTR, "interrupted after %llu of %llu bytes; '%s' holds them",
		     (unsigned long long)c->read, (unsigned long long)s->out->size, s->file.part);
		return stop(s, SAVE_INCOMPLETE, -EINTR);
	}
	if (write_code(r) == SAVE_NO_SPACE)
		fail(s->err, -r,
		     "no space: %llu bytes were written to '%s', up to %llu more are needed "
		     "(pages of zeros take none)",
		     done, s->file.part, rest);
	else
		fail(s->err, -r, "cannot write '%s': %s", s->file.part, strerror(-r));
	return stop(s, write_code(r), r);
}

static int save_copy(struct save *s)
{
	/* s390x alone maps parts of the dump page by page at a fault, which may end in SIGBUS. */
	bool window = s->src.vmcore && s->dump.elf.machine != EM_S390;
	struct copy_job job = {.src = source_io(&s->src),
			       .sink = {sink_write, s},
			       .window = window ? source_window : NULL,
			       .stop = s->req->stop,
			       .progress = s->req->progress,
			       .ctx = s->req->ctx};
	struct copy_stats c;
	int r = outfile_open(s->req->dest, &s->file, s->err);

	if (r < 0)
		return stop(s, write_code(r), r);
	s->out->size = s->src.size;
	r = copy_sparse(&job, &c);
	s->out->read = c.read;
	s->out->written = c.written;
	s->out->lost_pages = c.lost_pages;
	if (r == -ENOMEM)
		return stop(s, SAVE_FAILED, fail(s->err, ENOMEM, "no memory for a block"));
	if (r < 0 || c.stopped)
		return leave(s, &c, r);
	return finish(s, &c);
}

static int run(struct save *s)
{
	struct elf_io io;
	int r = source_open(s->req->src, &s->src, s->err);

	if (r < 0)
		return stop(s, SAVE_BAD_SOURCE, r);
	r = check_dest(s);
	if (r < 0)
		return stop(s, SAVE_BAD_DEST, r);
	io = source_io(&s->src);
	r = dump_open(&io, &s->dump, s->err);
	if (r < 0)
		return stop(s, SAVE_BAD_SOURCE, wrap_file(s->err, r, "dump", s->req->src));
	r = save_log(s);
	if (r >= 0 && s->dump.bad_loads)
		r = stop(s, SAVE_BAD_SOURCE,
			 fail(s->err, EBADMSG,
			      "dump '%s': %llu program headers have sizes that "
			      "wrap around: its layout cannot be right",
			      s->req->src, (unsigned long long)s->dump.bad_loads));
	return r < 0 ? r : save_copy(s);
}

int vmcore_save(const struct save_request *req, struct save_result *out, struct err *err)
{
	struct save s = {
		.req = req, .out = out, .src = SOURCE_INIT, .file = OUTFILE_INIT, .err = err};
	int r;

	*out = (struct save_result)SAVE_RESULT_INIT;
	r = run(&s);
	outfile_done(&s.file);
	dump_done(&s.dump);
	source_close(&s.src);
	return r;
}

void save_result_done(struct save_result *r)
{
	texts_done(&r->warnings);
}
