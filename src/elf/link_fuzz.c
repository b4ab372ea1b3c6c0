/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input: an ELF object, or, when it does not begin like one, patches of 3 bytes (offset, value) to
 * the sound object of link_fixture.h.
 * Properties: what opens links at two bases to images of one size, the bytes before the image stay,
 * a symbol lies inside the image, and nobody wrote into the object.
 */
#include "core/fuzz.h"
#include "elf/link.h"
#include "elf/link_fixture.h"

/* The two relocation shapes that all CPUs have. */
static int apply(const struct link_reloc *r, struct err *err)
{
	unsigned bytes = r->type == R_X86_64_64 ? 8 : 4;

	if (r->type > R_X86_64_32S)
		return fail(err, ENOTSUP, "type %u", r->type);
	if (r->room < bytes)
		return fail(err, EBADMSG, "type %u runs off", r->type);
	put_le(r->at, r->value - (bytes == 4 ? r->place : 0), bytes);
	return 0;
}

static int addend(const struct link_reloc *r, uint64_t *out, struct err *err)
{
	if (r->room < 4)
		return fail(err, EBADMSG, "addend runs off");
	*out = get_le(r->at, 4);
	return 0;
}

static const struct link_rules rules = {.machine = EM_X86_64, .apply = apply, .addend = addend};

static void check(const struct link *l)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err err = ERR_INIT;
	uint64_t off, size;

	if (buf_puts(&a, "before") < 0 || link_at(l, l->align, &a, &err) < 0 ||
	    link_at(l, UINT64_C(0xffff00000000), &b, &err) < 0)
		goto out;
	if (a.len != b.len + 6 || b.len != l->size || memcmp(a.ptr, "before", 6) != 0)
		abort();
	if (!link_symbol(l, "var", &off, &size, &err) && (off > l->size || size > l->size - off))
		abort();
out:
	buf_done(&a);
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fixture f = fixture_init();
	struct buf obj = BUF_INIT, copy = BUF_INIT;
	struct err err = ERR_INIT;
	struct link l;

	if (size > 4 && !memcmp(data,
				"\x7f"
				"ELF",
				4)) {
		(void)buf_add(&obj, data, size);
	} else {
		fixture_write(&f, &obj);
		for (size_t i = 0; i + 3 <= size; i += 3)
			obj.ptr[(size_t)(data[i] | data[i + 1] << 8) % obj.len] = data[i + 2];
	}
	(void)buf_add(&copy, obj.ptr, obj.len);
	if (!link_open(buf_span(&obj), &rules, &l, &err)) {
		check(&l);
		link_done(&l);
	} else if (!err.text[0]) {
		abort();
	}
	if (memcmp(copy.ptr, obj.ptr, obj.len) != 0)
		abort();
	buf_done(&obj);
	buf_done(&copy);
	return 0;
}
