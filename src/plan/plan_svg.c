/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan as a picture for a report: 900 pixels wide, one standalone SVG 1.1 document without
 * scripts or outside references. Top to bottom: title, all of memory to scale, the blocks of memory
 * (heights by the logarithm of the size), command line, warnings.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan/human.h"
#include "plan/picture.h"
#include "plan/say.h"

enum {
	WIDTH = 900,
	MARGIN = 24,
	BAR_X = 170,
	BAR_W = 150,
	LABEL_X = BAR_X + BAR_W + 16,
	LINE = 15,       /* height of a line of small text */
	LABEL_COLS = 92, /* characters of small text beside the bar */
	TEXT_COLS = 118, /* characters of fixed-width text across the page */
	TEXT_LINES = 40, /* at most, of a command line */
};

struct svg {
	struct say s;
	int y; /* the next free pixel row */
};

static const char *fill(const struct picture_block *b)
{
	static const char *const segment[] = {
		[SEG_KERNEL] = "#3b6fc4",         [SEG_INITRD] = "#3a9a53",
		[SEG_BOOT_PARAMS] = "#d99a16",    [SEG_PURGATORY] = "#d4543f",
		[SEG_ELFCOREHDR] = "#8b57c9",     [SEG_BACKUP] = "#4aa3b5",
		[SEG_SETUP_DATA] = "#9c6b4e",     [SEG_DTB] = "#5c8a2f",
		[SEG_ATAGS] = "#5c8a2f",          [SEG_MODULE] = "#3a9a53",
		[SEG_MULTIBOOT_INFO] = "#d99a16", [SEG_OTHER] = "#6d7480",
	};
	static const char *const kind[] = {
		[PICTURE_RAM] = "#e6edf5",     [PICTURE_RESERVED] = "url(#reserved)",
		[PICTURE_GAP] = "#ffffff",     [PICTURE_CRASH] = "#fbe3da",
		[PICTURE_SEGMENT] = "#6d7480", [PICTURE_MIXED] = "url(#mixed)",
	};

	if (b->kind != PICTURE_SEGMENT)
		return kind[b->kind];
	return segment[b->segment->kind <= SEG_OTHER ? b->segment->kind : SEG_OTHER];
}

static void text_open(struct svg *v, int x, const char *class)
{
	SAY(&v->s, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, v->y, class);
}

static void text_close(struct svg *v)
{
	SAY(&v->s, "</text>\n");
}

static void text(struct svg *v, int x, const char *class, const char *words)
{
	text_open(v, x, class);
	say_str(&v->s, words, escape_xml);
	text_close(v);
}

/*
 * How many bytes of sound UTF-8 make one line of at most @cols characters; broken at a blank where
 * that costs little.
 */
static size_t line_len(struct span s, unsigned cols)
{
	size_t end = 0, blank = 0;

	for (unsigned col = 0; col < cols && end < s.len; col++) {
		unsigned n = escape_utf8_len(span_from(s, end));

		end += n ? n : 1;
		if (s.ptr[end - 1] == ' ' && col > cols / 2)
			blank = end;
	}
	return end == s.len || !blank ? end : blank;
}

/* Text of any bytes over as many lines as it needs, at most @lines; v->y ends below it. */
static void paragraph(struct svg *v, const char *class, int x, struct span words, unsigned cols,
		      unsigned lines)
{
	struct buf clean = BUF_INIT;
	struct span rest;

	if (!v->s.r)
		v->s.r = escape_terminal(words, &clean);
	rest = buf_span(&clean);
	for (unsigned i = 0; i < lines && rest.len && !v->s.r; i++) {
		size_t n = line_len(rest, cols);

		text_open(v, x, class);
		say_span(&v->s, span_sub(rest, 0, n), escape_xml);
		rest = span_from(rest, n);
		if (rest.len && i + 1 == lines)
			SAY(&v->s, " (%zu more bytes)", rest.len);
		text_close(v);
		v->y += LINE;
	}
	buf_done(&clean);
}

static void heading(struct svg *v, const struct plan *p)
{
	v->y = 40;
	text_open(v, MARGIN, "title");
	say_str(&v->s, p->crash ? "Crash kernel " : "Kernel ", escape_xml);
	say_str(&v->s, p->image_version[0] ? p->image_version : p->image_file, escape_xml);
	SAY(&v->s, " on %s", p->arch);
	text_close(v);
	v->y += 20;
	text_open(v, MARGIN, "small");
	SAY(&v->s,
	    p->syscall == PLAN_LOAD ? "kexec_load, %zu segments, " : "kexec_file_load, %zu files, ",
	    p->segments.n);
	SAY(&v->s, p->verified_by == VERIFIED_BATON    ? "verified by baton"
		   : p->verified_by == VERIFIED_KERNEL ? "verified by the kernel"
						       : "not verified");
	if (p->syscall == PLAN_LOAD)
		SAY(&v->s, "; entry 0x%" PRIx64 ", kernel entry 0x%" PRIx64, p->entry,
		    p->kernel_entry);
	text_close(v);
	v->y += LINE;
	paragraph(v, "small", MARGIN, span_of(p->image_file, strlen(p->image_file)), TEXT_COLS, 2);
}

/* What is behind the last RAM would only squeeze the rest: e820 has reserved ranges at 1 TiB. */
static uint64_t strip_end(const struct picture *pic)
{
	uint64_t end = pic->v[pic->n - 1].at.end;

	for (size_t i = pic->n; i-- > 1;) {
		if (pic->v[i].kind != PICTURE_GAP && pic->v[i].kind != PICTURE_RESERVED)
			break;
		end = pic->v[i].at.start;
	}
	return end;
}

static double scale(uint64_t a, uint64_t start, uint64_t end)
{
	return (double)(a - start) / (double)(end - start) * (WIDTH - 2 * MARGIN);
}

static void strip_block(struct svg *v, const struct picture *pic, const struct picture_block *b)
{
	uint64_t start = pic->v[0].at.start, end = strip_end(pic);
	double x = scale(b->at.start, start, end), w = scale(b->at.end, start, end) - x;

	/* What was placed must be seen, however small it is. */
	if (b->kind == PICTURE_SEGMENT && w < 2)
		w = 2;
	if (w >= 0.25 && b->at.end <= end)
		SAY(&v->s, "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"16\" fill=\"%s\"/>\n",
		    MARGIN + x, v->y, w, fill(b));
}

/* All of memory to scale. Segments come last, so that nothing hides them. */
static void strip(struct svg *v, const struct picture *pic)
{
	v->y += 12;
	text(v, MARGIN, "head", "Memory to scale, up to the last RAM");
	v->y += 8;
	for (int segments = 0; segments < 2; segments++)
		for (size_t i = 0; i < pic->n; i++)
			if ((pic->v[i].kind == PICTURE_SEGMENT) == segments)
				strip_block(v, pic, &pic->v[i]);
	SAY(&v->s,
	    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"16\" fill=\"none\" class=\"frame\"/>\n",
	    MARGIN, v->y, WIDTH - 2 * MARGIN);
	v->y += 16 + LINE;
	text_open(v, MARGIN, "addr");
	SAY(&v->s, "0x%" PRIx64 "</text>\n<text x=\"%d\" y=\"%d\" class=\"addr end\">0x%" PRIx64,
	    pic->v[0].at.start, WIDTH - MARGIN, v->y, strip_end(pic));
	text_close(v);
	v->y += LINE;
}

/* 22 pixels up to 1 MiB, and 5 for each doubling above, up to 14; but little for what is no RAM. */
static int block_height(const struct picture_block *b)
{
	uint64_t mib = range_size(b->at) >> 20;
	int h = 22;

	if (b->kind == PICTURE_GAP || b->kind == PICTURE_MIXED || b->kind == PICTURE_RESERVED)
		return 22;
	for (; mib > 1 && h < 22 + 14 * 5; mib >>= 1)
		h += 5;
	return h;
}

static void block_label(struct svg *v, const struct picture_block *b)
{
	char label[PICTURE_LABEL], size[HUMAN_LEN], loaded[HUMAN_LEN];
	const struct plan_segment *g = b->segment;

	text_open(v, LABEL_X, g ? "name" : "plain");
	say_str(&v->s, picture_label(b, label), escape_xml);
	SAY(&v->s, "<tspan class=\"small\" dx=\"8\">%s", human_size(size, range_size(b->at)));
	if (g)
		SAY(&v->s, ", %s of it loaded; up to 0x%" PRIx64, human_size(loaded, g->data.len),
		    b->at.end - 1);
	SAY(&v->s, "</tspan>");
	text_close(v);
	v->y += LINE;
	if (g)
		paragraph(v, "small", LABEL_X,
			  span_of(g->reason, strnlen(g->reason, sizeof(g->reason))), LABEL_COLS, 3);
}

static void block(struct svg *v, const struct picture_block *b)
{
	int top = v->y, height = block_height(b);

	v->y = top + 15;
	block_label(v, b);
	if (v->y - LINE + 7 > top + height)
		height = v->y - LINE + 7 - top;
	SAY(&v->s,
	    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" class=\"frame\"/>\n",
	    BAR_X, top, BAR_W, height, fill(b));
	SAY(&v->s, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"tick\"/>\n", BAR_X - 8,
	    top, BAR_X, top);
	v->y = top + 4;
	text_open(v, BAR_X - 12, "addr end");
	SAY(&v->s, "0x%" PRIx64, b->at.start);
	text_close(v);
	v->y = top + height;
}

static void blocks(struct svg *v, const struct picture *pic)
{
	v->y += 12;
	text(v, MARGIN, "head", "Memory, low addresses first (heights are not to scale)");
	v->y += 16;
	for (size_t i = 0; i < pic->n; i++)
		block(v, &pic->v[i]);
	v->y += 4;
	text_open(v, BAR_X - 12, "addr end");
	SAY(&v->s, "0x%" PRIx64, pic->v[pic->n - 1].at.end);
	text_close(v);
	v->y += LINE;
}

static void files(struct svg *v, const struct plan *p)
{
	char size[HUMAN_LEN];

	v->y += 16;
	text(v, MARGIN, "head", "Files (the kernel chooses their places itself)");
	for (size_t i = 0; i < p->segments.n; i++) {
		v->y += 18;
		text_open(v, MARGIN, "plain");
		SAY(&v->s, "%s, %s", segment_kind_name(p->segments.v[i].kind),
		    human_size(size, p->segments.v[i].data.len));
		text_close(v);
	}
	v->y += LINE;
}

static void words(struct svg *v, const struct plan *p)
{
	v->y += 16;
	text(v, MARGIN, "head", "Command line of the next kernel");
	v->y += 18;
	paragraph(v, "mono", MARGIN, buf_span(&p->cmdline), TEXT_COLS, TEXT_LINES);
	if (!p->warnings.n)
		return;
	v->y += 16;
	text(v, MARGIN, "head", "Warnings");
	v->y += 18;
	for (size_t i = 0; i < p->warnings.n; i++)
		paragraph(v, "warn", MARGIN, span_of(p->warnings.v[i], strlen(p->warnings.v[i])),
			  TEXT_COLS, 4);
}

static int body(struct svg *v, const struct plan *p)
{
	struct picture pic = {0};
	int r = picture_make(p, &pic);

	heading(v, p);
	if (!r && p->syscall == PLAN_FILE)
		files(v, p);
	if (!r && pic.n) {
		strip(v, &pic);
		blocks(v, &pic);
	}
	words(v, p);
	vec_done(&pic);
	return r;
}

static const char style[] =
	"<style>\n"
	"text{font-family:'DejaVu Sans',Verdana,sans-serif;fill:#1d2733}\n"
	".title{font-size:20px;font-weight:bold}\n"
	".head{font-size:13px;font-weight:bold;fill:#44505e}\n"
	".name{font-size:13px;font-weight:bold}\n"
	".plain{font-size:12px;fill:#44505e}\n"
	".small{font-size:10.5px;font-weight:normal;fill:#44505e}\n"
	".addr,.mono{font-family:'DejaVu Sans Mono',Menlo,monospace;font-size:11px}\n"
	".addr{fill:#44505e}\n"
	".warn{font-size:11px;fill:#a4330f}\n"
	".end{text-anchor:end}\n"
	".frame{stroke:#8793a1;stroke-width:1}\n"
	".tick{stroke:#8793a1;stroke-width:1}\n"
	"</style>\n";

static const char patterns[] =
	"<defs>\n"
	"<pattern id=\"reserved\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
	"<rect width=\"6\" height=\"6\" fill=\"#d9dde2\"/>"
	"<path d=\"M0 6L6 0\" stroke=\"#b3bac3\"/></pattern>\n"
	"<pattern id=\"mixed\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
	"<rect width=\"8\" height=\"8\" fill=\"#e6edf5\"/>"
	"<rect width=\"4\" height=\"8\" fill=\"#d9dde2\"/></pattern>\n"
	"</defs>\n";

int plan_svg(const struct plan *p, struct buf *out)
{
	struct svg v = {.y = 0};
	struct say all = {.r = 0};
	int r = body(&v, p);

	if (!r)
		r = v.s.r;
	all.r = r;
	SAY(&all,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
	    "viewBox=\"0 0 %d %d\">\n%s%s<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
	    WIDTH, v.y + MARGIN, WIDTH, v.y + MARGIN, style, patterns, WIDTH, v.y + MARGIN);
	if (!all.r && v.s.text.len)
		all.r = buf_add(&all.text, v.s.text.ptr, v.s.text.len);
	SAY(&all, "</svg>\n");
	buf_done(&v.s.text);
	return say_done(&all, out);
}
