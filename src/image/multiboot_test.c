/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include "image/multiboot_make.h"

static int read(const struct mb_make *m, struct multiboot *out)
{
	return multiboot_read(span_of(m->bytes, sizeof(m->bytes)), out, NULL);
}

static void refused(const struct mb_make *m, int want, const char *why)
{
	struct multiboot out;
	struct err err = ERR_INIT;

	assert_int_equal(multiboot_read(span_of(m->bytes, sizeof(m->bytes)), &out, &err), want);
	assert_non_null(strstr(err.text, why));
}

static void reads_version_1(void **state)
{
	(void)state;
	struct mb_make m;
	struct multiboot b;

	mb_make_elf(&m);
	mb_make_sum1(&m, MB1_ALIGN_MODULES | MB1_WANTS_MEMORY);
	assert_int_equal(read(&m, &b), 0);
	assert_int_equal(b.version, 1);
	assert_int_equal(b.header, MB_MAKE_HEADER);
	assert_true(b.align_modules && !b.by_addresses && !b.relocatable);
	assert_int_equal(b.nloads, 2);
	assert_int_equal(b.loads[0].phys, MB_MAKE_LOW);
	assert_int_equal(b.loads[1].phys, MB_MAKE_LOW + 0x1000);
	assert_int_equal(b.loads[1].data.len, 0x100);
	assert_int_equal(b.loads[1].size, 0x2000);
	assert_int_equal(b.low, MB_MAKE_LOW);
	assert_int_equal(b.end, MB_MAKE_LOW + 0x3000);
	assert_int_equal(b.entry, MB_MAKE_LOW + 0x10);
	/* Those that a boot loader must know end at bit 15. */
	mb_make_sum1(&m, 1u << 17 | 1u << 31);
	assert_int_equal(read(&m, &b), 0);
	for (unsigned bit = 3; bit < 16; bit++) {
		mb_make_sum1(&m, 1u << bit);
		refused(&m, -ENOTSUP, "nobody knows");
	}
}

static void reads_version_2(void **state)
{
	(void)state;
	struct mb_make m;
	struct multiboot b;

	mb_make_v2(&m);
	assert_int_equal(read(&m, &b), 0);
	assert_int_equal(b.version, 2);
	assert_int_equal(b.demands, 1u << 4 | 1u << 6);
	assert_true(b.align_modules && b.relocatable);
	assert_int_equal(b.min, 0x200000);
	assert_int_equal(b.max, UINT32_MAX);
	assert_int_equal(b.align, 0x200000);
	assert_int_equal(b.preference, 2);
	assert_int_equal(b.entry, MB_MAKE_LOW + 0x10);
	/* A file with both is of version 2. */
	put_le(m.bytes + 0x80, MB1_MAGIC, 4);
	put_le(m.bytes + 0x88, 0u - MB1_MAGIC, 4);
	assert_int_equal(read(&m, &b), 0);
	assert_int_equal(b.version, 2);
}

/* The addresses of the header count, and not what ELF says. */
static void addresses_go_before_elf(void **state)
{
	(void)state;
	static const uint32_t at[] = {0x100100, 0x100080, 0x100200, 0x101000}, entry[] = {0x100090};
	struct mb_make m;
	struct multiboot b;

	mb_make_elf(&m);
	mb_make_tag(&m, MB2_ADDRESS, 0, 4, at);
	mb_make_tag(&m, MB2_ENTRY, 0, 1, entry);
	mb_make_tag(&m, MB2_END, 0, 0, NULL);
	assert_int_equal(read(&m, &b), 0);
	assert_true(b.by_addresses);
	assert_int_equal(b.nloads, 1);
	assert_ptr_equal(b.loads[0].data.ptr, m.bytes + MB_MAKE_HEADER - 0x80);
	assert_int_equal(b.loads[0].data.len, 0x180);
	assert_int_equal(b.loads[0].phys, 0x100080);
	assert_int_equal(b.loads[0].size, 0xf80);
	assert_int_equal(b.entry, 0x100090);
}

static void make_flat(struct mb_make *m, const uint32_t words[5])
{
	memset(m, 0, sizeof(*m));
	mb_make_sum1(m, MB1_HAS_ADDRESSES);
	for (unsigned i = 0; i < 5; i++)
		put_le(m->bytes + MB_MAKE_HEADER + MB1_ADDRESSES + 4ul * i, words[i], 4);
}

static void addresses_are_bounded(void **state)
{
	(void)state;
	static const struct {
		uint32_t v[5]; /* header, load, load end, bss end, entry */
		const char *why;
	} bad[] = {
		{{0x100100, 0x100101, 0, 0, 0x100101}, "says that it is at 0x100100"},
		{{0x100100, 0xfffff, 0, 0, 0x100101}, "the load begins at 0xfffff"},
		{{0x100100, 0x100000, 0x100401, 0, 0x100000}, "0x401 bytes to load"},
		{{0x100100, 0x100000, 0x100000, 0, 0x100000}, "0x0 bytes to load"},
		{{0x100100, 0x100000, 0xfffff, 0, 0x100000}, "load ends at 0xfffff"},
		{{0x100100, 0x100000, 0x100200, 0x1001ff, 0x100000}, "bss ends at 0x1001ff"},
		{{0x100100, 0x100000, 0x100200, 1, 0x100000}, "bss ends at 0x1"},
		{{0x100100, 0x100000, 0x100200, 0, 0x100200}, "entry 0x100200"},
		{{0x100100, 0x100000, 0x100200, 0, 0xfffff}, "entry 0xfffff"},
		{{UINT32_MAX, UINT32_MAX, 0, 0, UINT32_MAX}, "above 4G"},
	};
	static const uint32_t good[] = {0x100100, 0x100000, 0, 0, 0x100000};
	struct mb_make m;
	struct multiboot b;

	make_flat(&m, good);
	assert_int_equal(read(&m, &b), 0);
	assert_int_equal(b.loads[0].data.len, MB_MAKE_SIZE);
	assert_int_equal(b.loads[0].size, MB_MAKE_SIZE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		make_flat(&m, bad[i].v);
		refused(&m, i == 9 ? -ENOTSUP : -EBADMSG, bad[i].why);
	}
	memset(&m, 0, sizeof(m));
	mb_make_sum1(&m, 0);
	refused(&m, -EBADMSG, "neither an ELF header nor load addresses");
}

/* The defects of kexec-tools: a tag of size 0 never ended; a demanded one was only warned of. */
static void tags_are_bounded(void **state)
{
	(void)state;
	static const uint32_t words[4] = {0};
	struct mb_make m;

	for (uint32_t size = 0; size < 0x400; size++) {
		mb_make_v2(&m);
		put_le(m.bytes + MB_MAKE_HEADER + MB2_TAGS + 4, size, 4);
		/* One of another size may lead to a sound tag, if it is one by itself. */
		if (size < 8 || size % 4 || size > 0x50)
			refused(&m, -EBADMSG, "of the multiboot header");
	}
	/* One that may be passed over may not stand still. */
	mb_make_elf(&m);
	mb_make_tag(&m, 99, MB2_OPTIONAL, 0, NULL);
	mb_make_tag(&m, MB2_END, 0, 0, NULL);
	refused(&m, 0, "");
	put_le(m.bytes + MB_MAKE_HEADER + MB2_TAGS + 4, 0, 4);
	refused(&m, -EBADMSG, "has 0 bytes");
	mb_make_v2(&m);
	put_le(m.bytes + MB_MAKE_HEADER + MB2_TAGS + 4, UINT32_MAX, 4);
	refused(&m, -EBADMSG, "has 4294967295 bytes");
	mb_make_v2(&m);
	m.length -= 8; /* no end */
	mb_make_sum2(&m, 0);
	refused(&m, -EBADMSG, "has 0 bytes");
	for (unsigned type = MB2_ADDRESS; type <= 20; type++) {
		mb_make_elf(&m);
		mb_make_tag(&m, (uint16_t)type, 0, 3, words);
		mb_make_tag(&m, MB2_END, 0, 0, NULL);
		/* 20 bytes: none but the frame buffer's has as many. */
		if (type == MB2_FRAMEBUFFER)
			refused(&m, 0, "");
		else
			refused(&m, type <= MB2_RELOCATABLE ? -EBADMSG : -ENOTSUP, "of type");
	}
	mb_make_elf(&m);
	mb_make_tag(&m, MB2_INFORMATION, 0, 1, (const uint32_t[]){MB2_INFORMATION_MAX});
	mb_make_tag(&m, MB2_END, 0, 0, NULL);
	refused(&m, -ENOTSUP, "demands information 32");
}

static void header_fields_at_their_edges(void **state)
{
	(void)state;
	static const uint32_t bad[][4] = {{0x200000, 0xffffffff, 0, 0},
					  {0x200000, 0xffffffff, 3, 0},
					  {0x200000, 0x1fffff, 1, 0},
					  {0x200000, 0xffffffff, 1, 3}};
	struct mb_make m;
	struct multiboot b;

	mb_make_v2(&m);
	mb_make_sum2(&m, 4);
	refused(&m, -ENOTSUP, "CPU 4, not for x86");
	for (uint32_t length = 0; length < 24; length++) {
		m.length = length;
		mb_make_sum2(&m, 0);
		refused(&m, -EBADMSG, "multiboot header at 0x100 of");
	}
	m.length = UINT32_MAX;
	mb_make_sum2(&m, 0);
	refused(&m, -EBADMSG, "of 0xffffffff bytes");
	mb_make_v2(&m);
	m.bytes[MB_MAKE_HEADER + MB2_CHECKSUM] ^= 1;
	refused(&m, -ENOEXEC, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		mb_make_elf(&m);
		mb_make_tag(&m, MB2_RELOCATABLE, 0, 4, bad[i]);
		mb_make_tag(&m, MB2_END, 0, 0, NULL);
		refused(&m, -EBADMSG, "relocatable tag");
	}
	/* Room for exactly what it has, and one byte less. */
	for (uint32_t less = 0; less < 2; less++) {
		const uint32_t rel[] = {0x200000, 0x202fff - less, 1, 0};

		mb_make_elf(&m);
		mb_make_tag(&m, MB2_RELOCATABLE, 0, 4, rel);
		mb_make_tag(&m, MB2_END, 0, 0, NULL);
		assert_int_equal(read(&m, &b), less ? -EBADMSG : 0);
	}
}

/* The last place that a header may have, and the first that it may not. */
static void the_search_ends(void **state)
{
	(void)state;
	static uint8_t p[MB2_SEARCH + 64];
	struct multiboot b;

	for (size_t i = 0; i <= 4; i += 4) {
		size_t at = MB1_SEARCH - MB1_LONG_SIZE + i;

		memset(p, 0, sizeof(p));
		put_le(p + at, MB1_MAGIC, 4);
		put_le(p + at + MB1_FLAGS, MB1_HAS_ADDRESSES, 4);
		put_le(p + at + MB1_CHECKSUM, 0u - MB1_MAGIC - MB1_HAS_ADDRESSES, 4);
		for (unsigned k = 0; k < 2; k++)
			put_le(p + at + MB1_ADDRESSES + 4ul * k, 0x100000, 4);
		put_le(p + at + 28, 0x100000, 4);
		assert_int_equal(multiboot_read(span_of(p, sizeof(p)), &b, NULL), i ? -EBADMSG : 0);
		/* Not at a multiple of 4. */
		memmove(p + at + 2, p + at, 32);
		assert_int_equal(multiboot_read(span_of(p, sizeof(p)), &b, NULL), -ENOEXEC);
	}
}

static void segments_are_bounded(void **state)
{
	(void)state;
	static const struct {
		uint32_t off, paddr, filesz, memsz;
		int want;
		const char *why;
	} bad[] = {
		{0x301, 0x201000, 0x100, 0x100, -EBADMSG, "runs off the file"},
		{UINT32_MAX, 0x201000, 0x100, 0x100, -EBADMSG, "runs off the file"},
		{0x300, 0x201000, 0x100, 0xff, -EBADMSG, "in memory"},
		{0x300, 0x20027f, 0x100, 0x100, -EBADMSG, "both claim 0x20027f"},
		{0x300, UINT32_MAX, 1, 2, -ENOTSUP, "above 4G"},
		{0x300, 0x7f000000, 0x100, 0x100, -EBADMSG, "spreads"},
	};
	struct mb_make m;
	struct multiboot b;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		mb_make_elf(&m);
		mb_make_sum1(&m, 0);
		mb_make_phdr(&m, 0, bad[i].off, bad[i].paddr, bad[i].filesz, bad[i].memsz);
		put_le(m.bytes + 44, 2, 2);
		refused(&m, bad[i].want, bad[i].why);
	}
	mb_make_elf(&m);
	mb_make_sum1(&m, 0);
	put_le(m.bytes + 44, 0, 2);
	refused(&m, -EBADMSG, "nothing to load");
	mb_make_elf(&m);
	mb_make_sum1(&m, 0);
	put_le(m.bytes + 18, 40, 2); /* ARM */
	refused(&m, -ENOTSUP, "no x86");
	/* As many as there may be, and one more. */
	for (unsigned n = MULTIBOOT_LOADS_MAX - 1; n <= MULTIBOOT_LOADS_MAX; n++) {
		mb_make_elf(&m);
		put_le(m.bytes + 28, 0x180, 4);
		memcpy(m.bytes + 0x180, m.bytes + MB_MAKE_PHDRS, 64);
		for (unsigned i = 0; i < n; i++) {
			memcpy(m.bytes + 0x1a0 + 32ul * i, m.bytes + MB_MAKE_PHDRS, 32);
			put_le(m.bytes + 0x1a0 + 32ul * i + 12, 0x400000 + i * 0x2000ul, 4);
		}
		memcpy(m.bytes + 0x180, m.bytes + MB_MAKE_PHDRS + 32, 32);
		put_le(m.bytes + 44, n + 1, 2);
		mb_make_sum1(&m, 0);
		assert_int_equal(read(&m, &b), n == MULTIBOOT_LOADS_MAX ? -ENOTSUP : 0);
	}
}

static void every_cut_is_told(void **state)
{
	(void)state;
	struct mb_make m;

	mb_make_v2(&m);
	for (size_t cut = 0; cut < MB_MAKE_SIZE; cut++) {
		struct multiboot b;
		void *copy = malloc(cut ? cut : 1);
		int r;

		memcpy(copy, m.bytes, cut);
		r = multiboot_read(span_of(copy, cut), &b, NULL);
		assert_int_equal(r, cut < MB_MAKE_HEADER + 16 ? -ENOEXEC : -EBADMSG);
		free(copy);
	}
}

static void is_probed(void **state)
{
	(void)state;
	struct mb_make m;
	struct image im;

	mb_make_v2(&m);
	assert_int_equal(image_parse(span_of(m.bytes, sizeof(m.bytes)), &im, NULL), 0);
	assert_int_equal(im.format, IMAGE_MULTIBOOT2);
	assert_non_null(strstr(im.about, "header at 0x100, 2 segments by ELF"));
	assert_int_equal(im.footprint_running, 0x3000);
	assert_int_equal(im.preferred, MB_MAKE_LOW);
	assert_int_equal(im.entry32, MB_MAKE_LOW + 0x10);
	assert_int_equal(im.limit_max, UINT32_MAX);
	assert_true(im.relocatable);
	mb_make_elf(&m);
	mb_make_sum1(&m, 0);
	assert_int_equal(image_parse(span_of(m.bytes, sizeof(m.bytes)), &im, NULL), 0);
	assert_int_equal(im.format, IMAGE_MULTIBOOT);
	assert_int_equal(im.limit_min, MB_MAKE_LOW);
	assert_int_equal(im.limit_max, MB_MAKE_LOW + 0x2fff);
	assert_int_equal(im.how, HOW_FIXED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_version_1),
		cmocka_unit_test(reads_version_2),
		cmocka_unit_test(is_probed),
		cmocka_unit_test(addresses_go_before_elf),
		cmocka_unit_test(addresses_are_bounded),
		cmocka_unit_test(tags_are_bounded),
		cmocka_unit_test(header_fields_at_their_edges),
		cmocka_unit_test(the_search_ends),
		cmocka_unit_test(segments_are_bounded),
		cmocka_unit_test(every_cut_is_told),
	};

	return cmocka_run_group_tests_name("multiboot", tests, NULL, NULL);
}
