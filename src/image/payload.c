/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/payload.h"

#include <string.h>

#include "base/ckd.h"
#include "elf/note.h"
#include "elf/reader.h"
#include "image/linux_image.h"

enum {
	SIZE_WORD = 4,
	RATIO = 16, /* a kernel unpacks to less than this many times its size */
	PHNUM_MAX = 64,
};

static int copy(struct span payload, uint64_t limit, struct buf *out, struct err *err)
{
	if (payload.len > limit)
		return fail(err, EFBIG, "is longer than %llu bytes", (unsigned long long)limit);
	return buf_add(out, payload.ptr, payload.len) < 0 ? fail(err, ENOMEM, "no memory") : 0;
}

/*
 * The size that the image says bounds the work: more than that would be a lie anyway. gzip's is
 * its own last word (and modulo 2^32, which no kernel reaches); behind the others it follows.
 */
static int unpack(const struct image *m, struct span payload, uint64_t limit, struct buf *out,
		  struct err *err)
{
	enum codec codec = image_codec(m->compression);
	uint64_t said = m->unpacked_size, cap = said && said < limit ? said : limit;
	uint64_t likely = (uint64_t)payload.len * RATIO;
	size_t len = out->len, used;
	int r;

	if (codec != CODEC_GZIP && payload.len > SIZE_WORD)
		payload.len -= SIZE_WORD;
	if (codec_built(codec) && buf_reserve(out, (size_t)(likely < cap ? likely : cap)) < 0)
		return fail(err, ENOMEM, "no memory to unpack %llu bytes", (unsigned long long)cap);
	r = codec_unpack(codec, payload, cap, out, &used, err);
	if (r == -EFBIG && cap == said)
		return fail(err, EBADMSG, "unpacks to more than the %llu bytes that it says",
			    (unsigned long long)said);
	if (r)
		return r;
	if (!said || out->len - len == said)
		return 0;
	r = fail(err, EBADMSG, "unpacks to %zu bytes, not to the %llu that it says", out->len - len,
		 (unsigned long long)said);
	out->len = len;
	return r;
}

int image_payload(const struct image *m, uint64_t limit, struct buf *vmlinux, struct err *err)
{
	struct span payload = span_sub(m->file, m->payload_off, m->payload_size);
	int r;

	if (!m->payload_size || !payload.ptr)
		return fail(err, ENOTSUP, "does not say where its payload lies");
	r = m->compression == COMP_NONE ? copy(payload, limit, vmlinux, err)
					: unpack(m, payload, limit, vmlinux, err);
	return r ? wrap(err, r, "payload") : 0;
}

static void read_notes(struct image *m, const struct elf *e, struct span notes, uint64_t align)
{
	struct elf_notes it = elf_notes_of(notes, e->big, align);
	struct elf_note n;

	while (elf_notes_next(&it, &n, NULL) > 0) {
		if (!elf_note_is(&n, "GNU", NT_GNU_BUILD_ID) || !n.desc.len ||
		    n.desc.len > sizeof(m->build_id))
			continue;
		memcpy(m->build_id, n.desc.ptr, n.desc.len);
		m->build_id_len = (unsigned)n.desc.len;
	}
}

/* Memory from the lowest to the highest byte of the loaded segments; 0 = none, or absurd. */
static uint64_t footprint(const struct elf *e, struct span file)
{
	uint64_t low = UINT64_MAX, high = 0, end;

	for (uint32_t i = 0; i < e->phnum; i++) {
		struct elf_phdr p = elf_phdr_at(e, file, i);

		if (p.type != PT_LOAD || !p.memsz)
			continue;
		if (ckd_add(&end, p.paddr, p.memsz))
			return 0;
		low = p.paddr < low ? p.paddr : low;
		high = end > high ? end : high;
	}
	return high > low ? high - low : 0;
}

/* linux_banner of init/version.c: "Linux version RELEASE (who@where) ...". */
void image_read_banner(struct image *m, struct span vmlinux)
{
	static const char start[] = "Linux version ";
	const size_t skip = sizeof(start) - 1;
	struct span s = vmlinux;
	size_t n = 0;

	for (;;) {
		const uint8_t *at = s.len ? memmem(s.ptr, s.len, start, skip) : NULL;

		if (!at)
			return;
		s = span_from(s, (uint64_t)(at - s.ptr) + skip);
		for (n = 0; n < s.len && s.ptr[n] > ' ' && s.ptr[n] < 0x7f;)
			n++;
		if (n && n < s.len && n < sizeof(m->version) && s.ptr[n] == ' ' &&
		    s.ptr[0] >= '0' && s.ptr[0] <= '9')
			break;
	}
	memcpy(m->version, s.ptr, n);
	m->version[n] = 0;
}

/* A zboot image holds an Image, which has a header of its own. */
static int look_at_image(struct image *m, struct span file, struct err *err)
{
	struct image in;
	int r = linux_image_parse(file, &in, err);

	if (r == -ENOEXEC)
		return fail(err, EBADMSG, "payload: unpacks to something that is no Image");
	if (r)
		return wrap(err, r, "payload");
	memcpy(m->version, in.version, sizeof(m->version));
	m->li = in.li;
	m->big = in.big;
	m->footprint_running = in.footprint_running;
	m->limit_max = in.limit_max;
	return 0;
}

int image_look_inside(struct image *m, struct span vmlinux, struct err *err)
{
	struct elf e;
	int r;

	if (m->format == IMAGE_ZBOOT)
		return look_at_image(m, vmlinux, err);

	/* Memory as it is, without an ELF header. */
	if (m->format == IMAGE_S390_IMAGE) {
		if (!m->version[0])
			image_read_banner(m, vmlinux);
		return 0;
	}
	r = elf_parse(vmlinux, &e, err);
	if (r == -ENOEXEC)
		return fail(err, EBADMSG, "payload: unpacks to something that is no ELF file");
	if (r)
		return wrap(err, r, "payload");
	if (e.phnum > PHNUM_MAX)
		return fail(err, EBADMSG, "payload: has %u program headers", e.phnum);
	for (uint32_t i = 0; i < e.phnum; i++) {
		struct elf_phdr p = elf_phdr_at(&e, vmlinux, i);

		if (p.type == PT_NOTE)
			read_notes(m, &e, elf_segment(vmlinux, &p), p.align);
	}
	m->footprint_running = footprint(&e, vmlinux);
	if (!m->version[0])
		image_read_banner(m, vmlinux);
	return 0;
}
