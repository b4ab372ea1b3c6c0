/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lockless ring of Linux 5.10 and later: kernel/printk/printk_ringbuffer.{h,c}. Every number in
 * it is checked: a panic may have stopped a writer anywhere, and the dump may be damaged.
 */
#include <string.h>

#include "vmcore/dmesg_out.h"

enum {
	/* enum desc_state; the two top bits of state_var. */
	STATE_RESERVED = 0,
	STATE_COMMITTED = 1,
	STATE_FINALIZED = 2,
	STATE_REUSABLE = 3,
	LPOS_DATALESS = 1, /* bit 0 of both positions */
	LPOS_EMPTY_LINE = 3,
	/* printk.c allows log_buf_len up to 2 GiB, and one descriptor per 32 bytes of it. */
	SIZE_BITS_MAX = 31,
	COUNT_BITS_MAX = 26,
	TEXT_MAX = UINT16_MAX,
	/* So many descriptors that are not there end the search: a size of the ring made of noise
	   must not cost minutes. */
	DAMAGE_MAX = 1 << 16,
	FIELD_MAX = 4096, /* no structure of the ring is larger; offsets beyond are nonsense */
};

struct ring {
	uint64_t descs, infos, data; /* addresses */
	uint64_t count, size;        /* of descriptors; of text in bytes: powers of two */
	uint64_t head, tail, id_mask;
	unsigned shift; /* of the state in state_var */
	/* From vmcoreinfo. */
	uint64_t desc_size, state, lpos, begin, next;
	uint64_t info_size, seq, ts, len, caller;
	bool has_caller;
	uint64_t next_seq;  /* of the record after the last one seen */
	uint64_t text_left; /* no more text than the ring holds: blocks do not overlap */
	uint8_t text[TEXT_MAX];
};

struct key {
	const char *name;
	size_t to; /* of the uint64_t in struct ring, or in struct outer */
};

/* What is needed only while the ring is found. */
struct outer {
	uint64_t rb_size, desc_ring, text_ring, count_bits, descs, infos, head, tail, size_bits,
		data;
	uint64_t counter;
};

static int read_keys(const struct dump *d, const struct key *keys, size_t n, void *to,
		     struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t *v = (uint64_t *)((uint8_t *)to + keys[i].to);

		if (!dump_key(d, keys[i].name, v))
			return fail(err, ENODATA,
				    "vmcoreinfo lacks %s: the kernel log cannot be read",
				    keys[i].name);
		if (*v > FIELD_MAX)
			return fail(err, EBADMSG, "%s in vmcoreinfo is %llu: that cannot be",
				    keys[i].name, (unsigned long long)*v);
	}
	return 0;
}

static int read_layout(const struct dump *d, struct ring *g, struct outer *u, struct err *err)
{
	static const struct key outer[] = {
		{"SIZE(printk_ringbuffer)", offsetof(struct outer, rb_size)},
		{"OFFSET(printk_ringbuffer.desc_ring)", offsetof(struct outer, desc_ring)},
		{"OFFSET(printk_ringbuffer.text_data_ring)", offsetof(struct outer, text_ring)},
		{"OFFSET(prb_desc_ring.count_bits)", offsetof(struct outer, count_bits)},
		{"OFFSET(prb_desc_ring.descs)", offsetof(struct outer, descs)},
		{"OFFSET(prb_desc_ring.infos)", offsetof(struct outer, infos)},
		{"OFFSET(prb_desc_ring.head_id)", offsetof(struct outer, head)},
		{"OFFSET(prb_desc_ring.tail_id)", offsetof(struct outer, tail)},
		{"OFFSET(prb_data_ring.size_bits)", offsetof(struct outer, size_bits)},
		{"OFFSET(prb_data_ring.data)", offsetof(struct outer, data)},
		{"OFFSET(atomic_long_t.counter)", offsetof(struct outer, counter)},
	};
	static const struct key inner[] = {
		{"SIZE(prb_desc)", offsetof(struct ring, desc_size)},
		{"OFFSET(prb_desc.state_var)", offsetof(struct ring, state)},
		{"OFFSET(prb_desc.text_blk_lpos)", offsetof(struct ring, lpos)},
		{"OFFSET(prb_data_blk_lpos.begin)", offsetof(struct ring, begin)},
		{"OFFSET(prb_data_blk_lpos.next)", offsetof(struct ring, next)},
		{"SIZE(printk_info)", offsetof(struct ring, info_size)},
		{"OFFSET(printk_info.seq)", offsetof(struct ring, seq)},
		{"OFFSET(printk_info.ts_nsec)", offsetof(struct ring, ts)},
		{"OFFSET(printk_info.text_len)", offsetof(struct ring, len)},
	};
	int r = read_keys(d, outer, sizeof(outer) / sizeof(*outer), u, err);

	if (r >= 0)
		r = read_keys(d, inner, sizeof(inner) / sizeof(*inner), g, err);
	if (r < 0)
		return r;
	g->has_caller = dump_key(d, "OFFSET(printk_info.caller_id)", &g->caller);
	unsigned word = dump_long(d);

	if (g->state + u->counter + word > g->desc_size ||
	    g->lpos + g->begin + word > g->desc_size || g->lpos + g->next + word > g->desc_size ||
	    g->seq + 8 > g->info_size || g->ts + 8 > g->info_size || g->len + 4 > g->info_size ||
	    (g->has_caller && (g->info_size < 4 || g->caller > g->info_size - 4)))
		return fail(err, EBADMSG,
			    "vmcoreinfo's printk offsets lie outside their structures");
	g->state += u->counter;
	return 0;
}

static int find_ring(struct dmesg_out *o, struct ring *g, struct err *err)
{
	struct outer u = {0};
	uint64_t at, rb, count_bits, size_bits;
	unsigned word = dmesg_long(o);
	int r = read_layout(o->d, g, &u, err);

	if (r < 0)
		return r;
	dump_key(o->d, "SYMBOL(prb)", &at);
	if (dmesg_read_uint(o, at, word, &rb) < 0)
		return fail(err, ENODATA, "the kernel log's pointer at 0x%llx is not in the dump",
			    (unsigned long long)at);
	uint64_t dr = rb + u.desc_ring, tr = rb + u.text_ring;

	if (dmesg_read_uint(o, dr + u.count_bits, 4, &count_bits) < 0 ||
	    dmesg_read_uint(o, dr + u.descs, word, &g->descs) < 0 ||
	    dmesg_read_uint(o, dr + u.infos, word, &g->infos) < 0 ||
	    dmesg_read_uint(o, dr + u.head + u.counter, word, &g->head) < 0 ||
	    dmesg_read_uint(o, dr + u.tail + u.counter, word, &g->tail) < 0 ||
	    dmesg_read_uint(o, tr + u.size_bits, 4, &size_bits) < 0 ||
	    dmesg_read_uint(o, tr + u.data, word, &g->data) < 0)
		return fail(err, ENODATA, "the kernel log's ring at 0x%llx is not in the dump",
			    (unsigned long long)rb);
	if (!count_bits || count_bits > COUNT_BITS_MAX || size_bits < 4 ||
	    size_bits > SIZE_BITS_MAX)
		return fail(err, EBADMSG,
			    "kernel log of 2^%llu records in 2^%llu bytes: that cannot be",
			    (unsigned long long)count_bits, (unsigned long long)size_bits);
	g->count = 1ull << count_bits;
	g->size = g->text_left = 1ull << size_bits;
	g->shift = word * 8 - 2;
	g->id_mask = (1ull << g->shift) - 1;
	g->head &= g->id_mask;
	g->tail &= g->id_mask;
	return 0;
}

struct desc {
	uint64_t id, begin, next;
	unsigned state;
};

static int read_desc(struct dmesg_out *o, const struct ring *g, uint64_t index, struct desc *out)
{
	uint8_t raw[FIELD_MAX];
	unsigned word = dmesg_long(o);
	int r = dmesg_bytes(o, DMESG_DESCS, g->descs + index * g->desc_size, raw,
			    (size_t)g->desc_size);

	if (r < 0)
		return r;
	uint64_t state = dmesg_uint(o, raw + g->state, word);

	*out = (struct desc){.id = state & g->id_mask,
			     .state = (unsigned)(state >> g->shift),
			     .begin = dmesg_uint(o, raw + g->lpos + g->begin, word),
			     .next = dmesg_uint(o, raw + g->lpos + g->next, word)};
	return 0;
}

static bool holds_text(const struct desc *d)
{
	return d->state == STATE_COMMITTED || d->state == STATE_FINALIZED;
}

/* The newest record that any descriptor speaks of, for a ring whose own head is wrong. */
static bool salvage(struct dmesg_out *o, struct ring *g)
{
	uint64_t absent = 0;
	bool found = false;
	struct desc d;

	for (uint64_t i = 0; i < g->count && absent < DAMAGE_MAX; i++) {
		if (read_desc(o, g, i, &d) < 0) {
			absent++;
			continue;
		}
		if (!holds_text(&d) || d.id % g->count != i)
			continue;
		/* Ids wrap: newer is less than half the number space ahead. */
		if (!found || ((d.id - g->head) & g->id_mask) < g->id_mask / 2)
			g->head = d.id;
		found = true;
	}
	g->tail = (g->head - (g->count - 1)) & g->id_mask;
	o->stats->salvaged = true;
	return found;
}

/*
 * Where the text of @d lies in the ring: data_check_size and get_data of printk_ringbuffer.c. A
 * block that would wrap begins at the ring's start instead. False where the positions make no
 * block.
 */
static bool find_block(const struct dmesg_out *o, const struct ring *g, const struct desc *d,
		       uint64_t *off, uint64_t *len)
{
	unsigned word = dmesg_long(o);
	uint64_t mask = word == 4 ? UINT32_MAX : UINT64_MAX;
	uint64_t total = (d->next - d->begin) & mask, last = (d->next - 1) & mask;

	*off = d->begin & (g->size - 1);
	*len = total;
	if (!total || total > g->size)
		return false;
	if (last / g->size != d->begin / g->size) {
		*off = 0;
		*len = d->next & (g->size - 1);
	}
	return *len >= word && *off + *len <= g->size;
}

/* 1 text read into g->text, @out set | 0 none to be had, counted */
static int read_text(struct dmesg_out *o, struct ring *g, const struct desc *d, uint64_t want,
		     struct span *out)
{
	unsigned word = dmesg_long(o);
	uint64_t off, len;
	uint8_t id[8];

	*out = span_of(g->text, 0);
	if (d->begin & d->next & LPOS_DATALESS) {
		if (d->begin == LPOS_EMPTY_LINE)
			return 1;
		o->stats->lost++;
		return 0;
	}
	/* Each block begins with the id of its descriptor. */
	if (!find_block(o, g, d, &off, &len) || len - word > g->text_left ||
	    dmesg_bytes(o, DMESG_TEXT, g->data + off, id, word) < 0 ||
	    dmesg_uint(o, id, word) != d->id) {
		o->stats->damaged++;
		return 0;
	}
	g->text_left -= len - word;
	if (want > len - word)
		want = len - word;
	if (dmesg_bytes(o, DMESG_TEXT, g->data + off + word, g->text, (size_t)want) < 0) {
		o->stats->damaged++;
		return 0;
	}
	*out = span_of(g->text, (size_t)want);
	return 1;
}

static int put_record(struct dmesg_out *o, struct ring *g, const struct desc *d)
{
	uint8_t raw[FIELD_MAX];
	struct dmesg_record rec = {.prefix = true, .newline = true};
	uint64_t at = g->infos + (d->id % g->count) * g->info_size;

	if (dmesg_bytes(o, DMESG_INFOS, at, raw, (size_t)g->info_size) < 0) {
		o->stats->damaged++;
		return 0;
	}
	uint64_t seq = dmesg_uint(o, raw + g->seq, 8);

	if (!o->stats->records) {
		o->stats->overwritten = seq;
	} else if (seq > g->next_seq && seq - g->next_seq < g->count) {
		o->stats->lost += seq - g->next_seq;
		dmesg_remark(o, "%llu records lost here", (unsigned long long)(seq - g->next_seq));
	}
	g->next_seq = seq + 1;
	o->stats->records++;
	rec.ts_nsec = dmesg_uint(o, raw + g->ts, 8);
	rec.has_caller = g->has_caller;
	rec.caller = g->has_caller ? (uint32_t)dmesg_uint(o, raw + g->caller, 4) : 0;
	/* struct printk_info: u16 text_len; u8 facility; u8 flags:5, level:3; vmcoreinfo names the
	 * first alone. */
	rec.facility = raw[g->len + 2];
	rec.level = o->d->elf.big ? raw[g->len + 3] & 7 : raw[g->len + 3] >> 5;
	if (read_text(o, g, d, dmesg_uint(o, raw + g->len, 2), &rec.text))
		return dmesg_put(o, &rec);
	return dmesg_remark(o, "the text of record %llu is lost", (unsigned long long)seq);
}

static int walk(struct dmesg_out *o, struct ring *g)
{
	uint64_t n = ((g->head - g->tail) & g->id_mask) + 1;
	struct desc d;

	for (uint64_t i = 0; i < n && o->r >= 0 && o->stats->damaged < DAMAGE_MAX; i++) {
		uint64_t id = (g->tail + i) & g->id_mask;

		if (read_desc(o, g, id % g->count, &d) < 0)
			o->stats->damaged++;
		else if (d.id != id)
			/* In a salvaged ring these are places never used or already freed. */
			o->stats->damaged += !o->stats->salvaged;
		else if (d.state == STATE_RESERVED)
			o->stats->unfinished++;
		else if (holds_text(&d)) {
			put_record(o, g, &d);
			continue;
		}
		/* Ids and sequence numbers go in step: what was counted here is no gap. */
		g->next_seq += !o->stats->salvaged;
	}
	if (o->r >= 0 && o->stats->unfinished)
		dmesg_remark(o, "%llu records were not finished",
			     (unsigned long long)o->stats->unfinished);
	return o->r;
}

static bool plausible(struct dmesg_out *o, const struct ring *g)
{
	struct desc head;

	return ((g->head - g->tail) & g->id_mask) < g->count &&
	       read_desc(o, g, g->head % g->count, &head) >= 0 && head.id == g->head;
}

int dmesg_prb(struct dmesg_out *o, struct err *err)
{
	struct ring *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return fail(err, ENOMEM, "no memory for the kernel log");
	r = find_ring(o, g, err);
	if (r >= 0 && !plausible(o, g) && !salvage(o, g))
		r = fail(err, EBADMSG,
			 "the kernel log's head and tail are damaged, and no record is left");
	if (r >= 0)
		r = walk(o, g);
	free(g);
	return r;
}
