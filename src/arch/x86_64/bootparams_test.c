/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Offsets stand here as numbers, as zero-page.rst and boot.rst give them: not by our own names. */
#include "core/unit.h"

#include <string.h>

#include "arch/x86_64/bootparams.h"
#include "arch/x86_64/setup_data.h"
#include "base/put.h"
#include "image/bzimage.h"
#include "images/bzimage_make.h"

static struct mem_range small_map[] = {
	{{0, 0x9fc00}, MEM_RAM},
	{{0x100000, 0x40000000}, MEM_RAM},
	{{0xfffc0000, 0x100000000}, MEM_RESERVED},
};

/* A load of a bzImage on a BIOS machine; the tests change what they are about. */
struct load {
	struct span file;
	struct image image;
	struct machine m;
	struct mem_map map;
	struct bootparams_in in;
	uint8_t out[4096];
	struct err err;
};

static void load_done(struct load *l)
{
	free((void *)(uintptr_t)l->file.ptr);
	vec_done(&l->m.x86.efi_map);
	vec_done(&l->m.x86.setup_data);
	buf_done(&l->m.x86.boot_params);
}

static void load_init(struct load *l, const struct bzimage_make *o)
{
	*l = (struct load){.file = bzimage_make(o)};
	assert_int_equal(bzimage_parse(l->file, &l->image, NULL), 0);
	l->map = (struct mem_map){small_map, 3, 3};
	l->in = (struct bootparams_in){
		.bz = &l->image.bz,
		.header = bootparams_header(&l->image),
		.m = &l->m,
		.map = &l->map,
		.kernel_at = 0x2000000,
		.cmdline_at = 0x101000,
		.cmdline_len = 20,
	};
}

static void with_old_params(struct load *l)
{
	assert_int_equal(buf_zero(&l->m.x86.boot_params, 4096), 0);
	memset(l->m.x86.boot_params.ptr, 0xa5, 4096);
}

static void header_is_copied_and_filled(void **state)
{
	(void)state;
	static const struct bzimage_make o = BZIMAGE_MAKE;
	struct load l;

	load_init(&l, &o);
	l.in.cmdline_at = 0x1234567000;
	l.in.initrd_at = 0x2233445000;
	l.in.initrd_len = 0x1ffffffff;
	l.in.setup_data_at = 0x3344556000;
	l.m.x86.acpi_rsdp = 0x7fe1014;
	((uint8_t *)(uintptr_t)l.file.ptr)[0x211] = 0xff;
	assert_int_equal(bootparams_write(&l.in, l.out, &l.err), 0);
	assert_memory_equal(l.out + 0x1f1, l.file.ptr + 0x1f1, 0x210 - 0x1f1);
	assert_int_equal(l.out[0x210], 0xd0);
	assert_int_equal(l.out[0x211], 1);
	assert_int_equal(get_le(l.out + 0x214, 4), 0x2000000);
	assert_int_equal(get_le(l.out + 0x218, 4), 0x33445000);
	assert_int_equal(get_le(l.out + 0x0c0, 4), 0x22);
	assert_int_equal(get_le(l.out + 0x21c, 4), 0xffffffff);
	assert_int_equal(get_le(l.out + 0x0c4, 4), 1);
	assert_int_equal(get_le(l.out + 0x228, 4), 0x34567000);
	assert_int_equal(get_le(l.out + 0x0c8, 4), 0x12);
	assert_int_equal(get_le(l.out + 0x250, 8), 0x3344556000);
	assert_int_equal(get_le(l.out + 0x070, 8), 0x7fe1014);
	assert_memory_equal(l.out + 0x22c, l.file.ptr + 0x22c, 0x23c - 0x22c);
	assert_memory_equal(l.out + 0x258, l.file.ptr + 0x258, 0x26c - 0x258);
	assert_int_equal(l.out[0x1ef], 0); /* sentinel */
	load_done(&l);
}

/* Behind the header's end lies setup code, which must not leak into boot_params. */
static void header_ends_where_it_says(void **state)
{
	(void)state;
	static const struct bzimage_make o = BZIMAGE_MAKE;
	static const uint8_t zero[0x290 - 0x26c];
	struct load l;

	load_init(&l, &o);
	memset((uint8_t *)(uintptr_t)l.file.ptr + 0x26c, 0xcc, 0x100);
	assert_int_equal(bootparams_write(&l.in, l.out, &l.err), 0);
	assert_memory_equal(l.out + 0x26c, zero, sizeof(zero));
	load_done(&l);
}

static void map_of_a_bios_is_written(void **state)
{
	(void)state;
	static const struct bzimage_make o = BZIMAGE_MAKE;
	struct load l;

	load_init(&l, &o);
	assert_int_equal(bootparams_write(&l.in, l.out, &l.err), 0);
	assert_int_equal(l.out[0x1e8], 3);
	assert_int_equal(get_le(l.out + 0x2d0 + 20, 8), 0x100000);
	assert_int_equal(get_le(l.out + 0x2d0 + 28, 8), 0x3ff00000);
	assert_int_equal(get_le(l.out + 0x2d0 + 36, 4), 1);
	assert_int_equal(get_le(l.out + 0x2d0 + 40, 8), 0xfffc0000);
	assert_int_equal(get_le(l.out + 0x2d0 + 56, 4), 2);
	assert_int_equal(get_le(l.out + 0x1e0, 4), 0x3ff00000 / 1024);
	assert_int_equal(get_le(l.out + 0x002, 2), 0xfc00);
	load_done(&l);
}

static void running_kernel_hands_on_what_holds(void **state)
{
	(void)state;
	static const struct bzimage_make o = BZIMAGE_MAKE;
	/* start, end: every byte of the old boot_params that may be seen again */
	static const uint16_t kept[][2] = {
		{0x000, 0x002}, {0x004, 0x040}, {0x140, 0x1c0}, {0x1e9, 0x1ec},
		{0x23c, 0x240}, {0x290, 0x2d0}, {0xd00, 0xeec},
	};
	struct load l;
	uint8_t plain[4096];

	load_init(&l, &o);
	assert_int_equal(bootparams_write(&l.in, l.out, &l.err), 0);
	memcpy(plain, l.out, sizeof(plain));
	memset(l.out, 0, sizeof(l.out));
	with_old_params(&l);
	assert_int_equal(bootparams_write(&l.in, l.out, &l.err), 0);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		memset(plain + kept[i][0], 0xa5, (size_t)kept[i][1] - kept[i][0]);
	assert_memory_equal(l.out, plain, sizeof(plain));
	load_done(&l);
}

static void reach_and_length_are_checked(void **state)
{
	(void)state;
	static const struct {
		uint16_t protocol, xloadflags;
		uint64_t cmdline_at, cmdline_len, initrd_at, initrd_len;
		int r;
	} t[] = {
		{0x20f, 0x7f, 0x101000, 2047, 0, 0, 0},
		{0x20f, 0x7f, 0x101000, 2048, 0, 0, -EINVAL},
		{0x205, 0, 0x101000, 255, 0, 0, 0},
		{0x205, 0, 0x101000, 256, 0, 0, -EINVAL},
		{0x20f, 0x7f, 0, 1, 0, 0, -EINVAL},
		{0x20f, 0x7f, 0x100000000, 1, 0, 0, 0},
		{0x20f, 0x7d, 0x100000000, 1, 0, 0, -EINVAL},
		{0x20f, 0x7d, 0xfffffffe, 1, 0, 0, 0},
		{0x20f, 0x7d, 0xffffffff, 1, 0, 0, -EINVAL},
		{0x20b, 0x7f, 0x100000000, 1, 0, 0, -EINVAL},
		{0x20f, 0x7d, 0x101000, 1, 0xfffff000, 0x1000, 0},
		{0x20f, 0x7d, 0x101000, 1, 0xfffff000, 0x1001, -EINVAL},
		{0x20f, 0x7f, 0x101000, 1, UINT64_MAX, 2, -EINVAL},
		{0x201, 0, 0x101000, 1, 0, 0, -ENOTSUP},
		{0x202, 0, 0x101000, 1, 0, 0, 0},
	};
	static const uint8_t zero[4096];

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct bzimage_make o = BZIMAGE_MAKE;
		struct load l;

		o.protocol = t[i].protocol;
		o.xloadflags = t[i].xloadflags;
		load_init(&l, &o);
		l.in.cmdline_at = t[i].cmdline_at;
		l.in.cmdline_len = t[i].cmdline_len;
		l.in.initrd_at = t[i].initrd_at;
		l.in.initrd_len = t[i].initrd_len;
		assert_int_equal(bootparams_write(&l.in, l.out, &l.err), t[i].r);
		assert_true(!t[i].r || (l.err.text[0] && !memcmp(l.out, zero, 4096)));
		load_done(&l);
	}
}

static void one_range_is_no_map(void **state)
{
	(void)state;
	static const struct bzimage_make o = BZIMAGE_MAKE;
	struct load l;

	load_init(&l, &o);
	l.map.n = 1;
	assert_int_equal(bootparams_write(&l.in, l.out, &l.err), -EINVAL);
	load_done(&l);
}

static void with_efi(struct load *l)
{
	struct efi_runtime_range a = {5, 0x7f000000, 0xfffffffeff000000, 16, 1ull << 63 | 0xf};
	struct efi_runtime_range b = {6, 0x7f100000, 0xfffffffeff100000, 1, 1ull << 63 | 0xf};

	with_old_params(l);
	memcpy(l->m.x86.boot_params.ptr + 0x1c0, "EL64", 4);
	put_le(l->m.x86.boot_params.ptr + 0x1c4, 0x7ffff018, 4);
	put_le(l->m.x86.boot_params.ptr + 0x1cc, 1, 4);
	put_le(l->m.x86.boot_params.ptr + 0x1d8, 0x5, 4);
	l->m.x86.efi = true;
	l->m.x86.efi_fw_vendor = 0x11;
	l->m.x86.efi_runtime = 0x22;
	l->m.x86.efi_config_table = 0x33;
	l->m.x86.efi_smbios = 0x44;
	assert_int_equal(vec_push(&l->m.x86.efi_map, a), 0);
	assert_int_equal(vec_push(&l->m.x86.efi_map, b), 0);
	l->in.setup_data_at = 0x5000001000;
}

static void efi_is_handed_on(void **state)
{
	(void)state;
	static const struct bzimage_make o = BZIMAGE_MAKE;
	struct load l;
	struct buf chain = BUF_INIT;

	load_init(&l, &o);
	with_efi(&l);
	assert_int_equal(setup_data_chain(&l.m, &l.map, NULL, l.in.setup_data_at, &chain, &l.err),
			 0);
	assert_int_equal(chain.len, 16 + 96 + 2 * 40);
	assert_int_equal(get_le(chain.ptr, 8), 0);
	assert_int_equal(get_le(chain.ptr + 8, 4), 4);
	assert_int_equal(get_le(chain.ptr + 12, 4), 96);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(get_le(chain.ptr + 16 + 8 * i, 8), 0x11 * (i + 1));
	assert_int_equal(get_le(chain.ptr + 112, 8), 5);
	assert_int_equal(get_le(chain.ptr + 120, 8), 0x7f000000);
	assert_int_equal(get_le(chain.ptr + 128, 8), 0xfffffffeff000000);
	assert_int_equal(get_le(chain.ptr + 136, 8), 16);
	assert_int_equal(get_le(chain.ptr + 144, 8), 1ull << 63 | 0xf);
	assert_int_equal(get_le(chain.ptr + 152, 4), 6);

	assert_int_equal(bootparams_write(&l.in, l.out, &l.err), 0);
	assert_memory_equal(l.out + 0x1c0, "EL64", 4);
	assert_int_equal(get_le(l.out + 0x1c4, 4), 0x7ffff018);
	assert_int_equal(get_le(l.out + 0x1c8, 4), 40);
	assert_int_equal(get_le(l.out + 0x1cc, 4), 1);
	assert_int_equal(get_le(l.out + 0x1d0, 4), 0x1070);
	assert_int_equal(get_le(l.out + 0x1d4, 4), 80);
	assert_int_equal(get_le(l.out + 0x1d8, 4), 5);
	assert_int_equal(get_le(l.out + 0x1dc, 4), 0x50);
	assert_int_equal(l.out[0x1ec], 0xa5);
	buf_done(&chain);
	load_done(&l);
}

/* Without any one of these the next kernel gets no EFI at all, rather than half of one. */
static void efi_needs_both_kernels(void **state)
{
	(void)state;
	static const uint8_t zero[32];

	for (unsigned i = 0; i < 6; i++) {
		struct bzimage_make o = BZIMAGE_MAKE;
		struct load l;

		if (i == 0)
			o.xloadflags = 0x6f;
		if (i == 1)
			o.protocol = 0x20b;
		load_init(&l, &o);
		with_efi(&l);
		if (i == 2)
			l.m.x86.boot_params.ptr[0x1c2] = '3'; /* EL34: no such firmware */
		if (i == 3)
			l.m.x86.boot_params.ptr[0x1cc] = 2;
		if (i == 4)
			l.m.x86.efi = false;
		if (i == 5)
			l.m.x86.boot_params.len = 4095;
		assert_int_equal(bootparams_write(&l.in, l.out, &l.err), 0);
		assert_memory_equal(l.out + 0x1c0, zero, 32);
		load_done(&l);
	}
}

static void add_old_node(struct load *l, uint32_t type, const char *text)
{
	struct setup_data_node n = {type, BUF_INIT};

	assert_int_equal(buf_puts(&n.data, text), 0);
	assert_int_equal(vec_push(&l->m.x86.setup_data, n), 0);
}

/* Walks the chain by its own links and gives the n-th node's type and place. */
static uint32_t nth(const struct buf *chain, uint64_t at, unsigned n, const uint8_t **payload)
{
	uint64_t here = at;

	for (; n; n--) {
		here = get_le(chain->ptr + (here - at), 8);
		if (!here)
			return 0;
		assert_true(here > at && here - at <= chain->len - 16 && !(here & 7));
	}
	*payload = chain->ptr + (here - at) + 16;
	return (uint32_t)get_le(*payload - 8, 4);
}

static void chain_links_all_nodes(void **state)
{
	(void)state;
	static const struct bzimage_make o = BZIMAGE_MAKE;
	static const uint8_t seed[32] = {1, 2, 3};
	struct mem_range many[131];
	struct load l;
	struct buf chain = BUF_INIT, other = BUF_INIT;
	const uint8_t *p;

	load_init(&l, &o);
	for (size_t i = 0; i < 131; i++)
		many[i] = (struct mem_range){{i * 0x2000, i * 0x2000 + 0x1000}, MEM_RAM};
	l.map = (struct mem_map){many, 131, 131};
	add_old_node(&l, 9, "an old seed");
	add_old_node(&l, 5, "apple");
	add_old_node(&l, 8, "ima");
	add_old_node(&l, 0x80000001, "indirect");
	add_old_node(&l, 3, "pci");
	assert_int_equal(setup_data_chain(&l.m, &l.map, seed, 0x9000, &chain, &l.err), 0);
	assert_int_equal(nth(&chain, 0x9000, 0, &p), 1);
	assert_int_equal(get_le(p - 4, 4), 60);
	assert_int_equal(get_le(p, 8), 128 * 0x2000);
	assert_int_equal(get_le(p + 40, 8), 130 * 0x2000);
	assert_int_equal(nth(&chain, 0x9000, 1, &p), 5);
	assert_memory_equal(p - 4, "\5\0\0\0apple", 9);
	assert_int_equal(nth(&chain, 0x9000, 2, &p), 3);
	assert_int_equal(nth(&chain, 0x9000, 3, &p), 9);
	assert_memory_equal(p, seed, 32);
	assert_int_equal(nth(&chain, 0x9000, 4, &p), 0);
	assert_int_equal(setup_data_chain(&l.m, &l.map, seed, 0, &other, &l.err), 0);
	assert_int_equal(chain.len, other.len);
	assert_int_equal(bootparams_write(&l.in, l.out, &l.err), 0);
	assert_int_equal(l.out[0x1e8], 128);
	assert_int_equal(get_le(l.out + 0x2d0 + 127 * 20, 8), 127 * 0x2000);
	for (size_t i = 0; i < l.m.x86.setup_data.n; i++)
		buf_done(&l.m.x86.setup_data.v[i].data);
	buf_done(&chain);
	buf_done(&other);
	load_done(&l);
}

static void nothing_to_say_is_no_chain(void **state)
{
	(void)state;
	static const struct machine m;
	struct mem_map map = {small_map, 3, 3};
	struct buf chain = BUF_INIT;

	assert_int_equal(setup_data_chain(&m, &map, NULL, 0x9000, &chain, NULL), 0);
	assert_int_equal(chain.len, 0);
	buf_done(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_is_copied_and_filled),
		cmocka_unit_test(header_ends_where_it_says),
		cmocka_unit_test(map_of_a_bios_is_written),
		cmocka_unit_test(running_kernel_hands_on_what_holds),
		cmocka_unit_test(reach_and_length_are_checked),
		cmocka_unit_test(one_range_is_no_map),
		cmocka_unit_test(efi_is_handed_on),
		cmocka_unit_test(efi_needs_both_kernels),
		cmocka_unit_test(chain_links_all_nodes),
		cmocka_unit_test(nothing_to_say_is_no_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
