/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/setup_data.h"

#include <string.h>

#include "arch/x86_64/bootparams.h"
#include "arch/x86_64/e820.h"
#include "base/align.h"
#include "base/put.h"

enum {
	SETUP_E820_EXT = 1,
	SETUP_DTB = 2,
	SETUP_PCI = 3,
	SETUP_EFI = 4,
	SETUP_APPLE_PROPERTIES = 5,
	SETUP_JAILHOUSE = 6,
	SETUP_RNG_SEED = 9,

	NODE_HEADER = 16,
	NODE_ALIGN = 8,
	RNG_SEED_LEN = 32,
	EFI_SETUP_LEN = 96, /* struct efi_setup_data, arch/x86/include/asm/efi.h */
};

/* The chain in the making; the last node's "next" is set by the one that follows. */
struct chain {
	struct buf *out;
	uint64_t at;
	bool any;
	size_t last;
};

static int add_node(struct chain *c, uint32_t type, struct span payload)
{
	uint8_t head[NODE_HEADER] = {0};
	size_t here;
	int r = buf_zero(c->out, (size_t)(align_up(c->out->len, NODE_ALIGN) - c->out->len));

	put_le(head + 8, type, 4);
	put_le(head + 12, payload.len, 4);
	here = c->out->len;
	if (!r)
		r = buf_add(c->out, head, sizeof(head));
	if (!r)
		r = buf_add(c->out, payload.ptr, payload.len);
	if (r < 0)
		return r;
	if (c->any)
		put_le(c->out->ptr + c->last, c->at + here, 8);
	c->any = true;
	c->last = here;
	return 0;
}

bool setup_data_efi(const struct machine *m, uint64_t *map_off, uint64_t *map_len)
{
	const struct x86_facts *x = &m->x86;

	*map_off = NODE_HEADER + EFI_SETUP_LEN;
	*map_len = x->efi_map.n * (uint64_t)SETUP_DATA_EFI_DESC;
	/* The kernel knows version 1 of the descriptor only, and a 64-bit EFI. */
	return x->efi && x->efi_map.n && *map_len <= UINT32_MAX && x->boot_params.len >= BP_SIZE &&
	       !memcmp(x->boot_params.ptr + BP_EFI_SIGNATURE, "EL64", 4) &&
	       get_le(x->boot_params.ptr + BP_EFI_MEMDESC_VERSION, 4) == 1;
}

static int add_efi_map(struct chain *c, const struct x86_facts *x)
{
	int r = 0;

	for (size_t i = 0; i < x->efi_map.n && !r; i++) {
		const struct efi_runtime_range *e = &x->efi_map.v[i];
		uint8_t desc[SETUP_DATA_EFI_DESC] = {0};

		put_le(desc, e->type, 4);
		put_le(desc + 8, e->phys, 8);
		put_le(desc + 16, e->virt, 8);
		put_le(desc + 24, e->pages, 8);
		put_le(desc + 32, e->attribute, 8);
		r = buf_add(c->out, desc, sizeof(desc));
	}
	return r;
}

/* Must come first: efi_info in boot_params points at the map that stands behind this node. */
static int add_efi(struct chain *c, const struct machine *m)
{
	const struct x86_facts *x = &m->x86;
	uint8_t tables[EFI_SETUP_LEN] = {0};
	uint64_t off, len;

	if (!setup_data_efi(m, &off, &len))
		return 0;
	put_le(tables, x->efi_fw_vendor, 8);
	put_le(tables + 8, x->efi_runtime, 8); /* read by Linux before 5.7 */
	put_le(tables + 16, x->efi_config_table, 8);
	put_le(tables + 24, x->efi_smbios, 8);
	int r = add_node(c, SETUP_EFI, span_of(tables, sizeof(tables)));

	return r ? r : add_efi_map(c, x);
}

static int add_e820(struct chain *c, const struct mem_map *map)
{
	struct buf rest = BUF_INIT;
	int r = 0;

	if (map->n <= E820_INLINE)
		return 0;
	for (size_t i = E820_INLINE; i < map->n && !r; i++) {
		uint8_t entry[E820_ENTRY_SIZE];

		e820_put(entry, &map->v[i]);
		r = buf_add(&rest, entry, sizeof(entry));
	}
	if (!r)
		r = add_node(c, SETUP_E820_EXT, buf_span(&rest));
	buf_done(&rest);
	return r;
}

/*
 * What is carried over must be complete in itself. E820_EXT, EFI and RNG_SEED are made anew; IMA,
 * CC_BLOB, KEXEC_KHO and indirect nodes point at memory that the next kernel will not find.
 */
static bool stays_true(uint32_t type)
{
	return type == SETUP_DTB || type == SETUP_PCI || type == SETUP_APPLE_PROPERTIES ||
	       type == SETUP_JAILHOUSE;
}

static int add_carried(struct chain *c, const struct x86_facts *x)
{
	int r = 0;

	for (size_t i = 0; i < x->setup_data.n && !r; i++)
		if (stays_true(x->setup_data.v[i].type))
			r = add_node(c, x->setup_data.v[i].type,
				     buf_span(&x->setup_data.v[i].data));
	return r;
}

int setup_data_chain(const struct machine *m, const struct mem_map *map, const uint8_t *seed,
		     uint64_t at, struct buf *out, struct err *err)
{
	struct buf made = BUF_INIT;
	struct chain c = {.out = &made, .at = at};
	int r = add_efi(&c, m);

	if (!r)
		r = add_e820(&c, map);
	if (!r)
		r = add_carried(&c, &m->x86);
	if (!r && seed)
		r = add_node(&c, SETUP_RNG_SEED, span_of(seed, RNG_SEED_LEN));
	if (!r)
		r = buf_add(out, made.ptr, made.len);
	buf_done(&made);
	return r < 0 ? fail(err, ENOMEM, "no memory for setup_data") : 0;
}
