/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan for a person, in ASCII so that a serial console shows it too. */
#include <inttypes.h>
#include <stdio.h>

#include "plan/human.h"
#include "plan/picture.h"
#include "plan/say.h"

enum { NAME_WIDTH = 15 };

static void say_name(struct say *s, const char *name)
{
	SAY(s, "  %-*s", NAME_WIDTH, name);
}

static void say_line(struct say *s, const char *name, struct span value)
{
	say_name(s, name);
	say_span(s, value, escape_terminal);
	SAY(s, "\n");
}

static void say_verifier(struct say *s, const struct plan *p)
{
	say_name(s, "verification");
	switch (p->verified_by) {
	case VERIFIED_BATON:
		SAY(s, "verified by baton: our purgatory checks SHA-256 digests before the jump\n");
		break;
	case VERIFIED_KERNEL:
		SAY(s, "verified by the kernel: its own purgatory\n");
		break;
	default:
		SAY(s, "not verified\n");
	}
}

static void say_summary(struct say *s, const struct plan *p)
{
	bool placed = p->syscall == PLAN_LOAD;

	SAY(s, p->crash ? "Plan: a crash kernel, to be started when this kernel panics\n"
			: "Plan: a kernel to jump to\n");
	say_line(s, "image", span_of(p->image_file, __builtin_strlen(p->image_file)));
	say_name(s, "kernel");
	say_str(s, p->image_version[0] ? p->image_version : "unknown version", escape_terminal);
	SAY(s, ", %s, %s\n", p->image_format[0] ? p->image_format : "unknown format", p->arch);
	say_name(s, "system call");
	SAY(s,
	    placed ? "kexec_load, %zu segments\n"
		   : "kexec_file_load, %zu files: the kernel places them itself\n",
	    p->segments.n);
	say_verifier(s, p);
	if (placed) {
		say_name(s, "entry");
		SAY(s, "0x%" PRIx64 " (purgatory), then 0x%" PRIx64 " (kernel)\n", p->entry,
		    p->kernel_entry);
	}
	say_line(s, "command line", buf_span(&p->cmdline));
	for (size_t i = 0; i < p->added_cmdline.n; i++)
		say_line(s, i ? "" : "added by baton",
			 span_of(p->added_cmdline.v[i], __builtin_strlen(p->added_cmdline.v[i])));
}

static void say_segments(struct say *s, const struct plan *p, bool explain)
{
	char size[HUMAN_LEN], loaded[HUMAN_LEN];

	SAY(s, p->syscall == PLAN_LOAD ? "\nSegments\n" : "\nFiles\n");
	for (size_t i = 0; i < p->segments.n; i++) {
		const struct plan_segment *g = &p->segments.v[i];

		say_name(s, segment_kind_name(g->kind));
		human_size(loaded, g->data.len);
		if (p->syscall == PLAN_LOAD)
			SAY(s, "0x%012" PRIx64 "-0x%012" PRIx64 "  %9s, %s loaded\n", g->mem,
			    g->mem + g->memsz - 1, human_size(size, g->memsz), loaded);
		else
			SAY(s, "%s\n", loaded);
		if (explain && g->reason[0]) {
			say_name(s, "");
			say_str(s, g->reason, escape_terminal);
			SAY(s, "\n");
		}
	}
}

/*
 * A drawing that were to scale would show nothing but RAM: a row more at 16 MiB, 256 MiB and 4 GiB.
 */
static unsigned rows(const struct picture_block *b)
{
	uint64_t size = range_size(b->at);

	if (b->kind == PICTURE_GAP || b->kind == PICTURE_MIXED || b->kind == PICTURE_RESERVED)
		return 1;
	return size >= (uint64_t)4 << 30 ? 4 : size >= 256 << 20 ? 3 : size >= 16 << 20 ? 2 : 1;
}

static void say_block(struct say *s, const struct picture_block *b)
{
	static const char *const fill[] = {
		[PICTURE_RAM] = "|........|",     [PICTURE_RESERVED] = "|xxxxxxxx|",
		[PICTURE_GAP] = "|        |",     [PICTURE_CRASH] = "|::::::::|",
		[PICTURE_SEGMENT] = "|########|", [PICTURE_MIXED] = "|.x.x.x.x|",
	};
	char label[PICTURE_LABEL], size[HUMAN_LEN];

	SAY(s, "  0x%012" PRIx64 " %s  %9s  %s%s\n", b->at.start, fill[b->kind],
	    human_size(size, range_size(b->at)), b->kind == PICTURE_SEGMENT ? "* " : "",
	    picture_label(b, label));
	for (unsigned i = 1; i < rows(b); i++)
		SAY(s, "  %14s %s\n", "", fill[b->kind]);
}

static int say_memory(struct say *s, const struct plan *p)
{
	struct picture pic = {0};
	int r = picture_make(p, &pic);

	if (!r && pic.n) {
		SAY(s, "\nMemory (# segment, . RAM, : crash kernel region, x not for us; not to "
		       "scale)\n");
		for (size_t i = 0; i < pic.n; i++)
			say_block(s, &pic.v[i]);
		SAY(s, "  0x%012" PRIx64 "\n", pic.v[pic.n - 1].at.end);
	}
	vec_done(&pic);
	return r;
}

static void say_rejected(struct say *s, const struct plan *p)
{
	if (!p->explain.len)
		return;
	SAY(s, "\nWhat was tried and rejected\n");
	for (size_t from = 0; from < p->explain.len && !s->r;) {
		size_t n = 0;

		while (from + n < p->explain.len && p->explain.ptr[from + n] != '\n')
			n++;
		SAY(s, "  ");
		say_span(s, span_sub(buf_span(&p->explain), from, n), escape_terminal);
		SAY(s, "\n");
		from += n + 1;
	}
}

int plan_text(const struct plan *p, bool explain, struct buf *out)
{
	struct say s = {.r = 0};

	say_summary(&s, p);
	say_segments(&s, p, explain);
	if (!s.r && p->syscall == PLAN_LOAD)
		s.r = say_memory(&s, p);
	if (explain)
		say_rejected(&s, p);
	if (p->warnings.n)
		SAY(&s, "\nWarnings\n");
	for (size_t i = 0; i < p->warnings.n; i++) {
		SAY(&s, "  ! ");
		say_str(&s, p->warnings.v[i], escape_terminal);
		SAY(&s, "\n");
	}
	return say_done(&s, out);
}
