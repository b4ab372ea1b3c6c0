/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup_data: what does not fit into boot_params, as a list of nodes { u64 next (physical), u32
 * type, u32 len, payload }. boot.rst, "setup_data"; arch/x86/include/uapi/asm/bootparam.h.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "machine/machine.h"

enum { SETUP_DATA_EFI_DESC = 40 }; /* efi_memory_desc_t, UEFI 2.10 section 7.2.3, version 1 */

/*
 * The setup_data nodes for the next kernel, chained, for the physical address @at: the EFI tables
 * (SETUP_EFI) with the EFI runtime map behind them, e820 entries beyond 128 (SETUP_E820_EXT),
 * @seed (32 bytes, NULL = none; SETUP_RNG_SEED), and those of the running kernel that stay true.
 * Appended to the empty @out; nothing when there is nothing to say. The length does not depend on
 * @at. 0 | -ENOMEM.
 */
int setup_data_chain(const struct machine *m, const struct mem_map *map, const uint8_t *seed,
		     uint64_t at, struct buf *out, struct err *err);

/*
 * True when the running kernel's EFI can be handed on: setup_data_chain then begins with the node
 * and the map of it. @map_len: bytes of the runtime map, which lies @map_off behind the start of
 * the chain.
 */
bool setup_data_efi(const struct machine *m, uint64_t *map_off, uint64_t *map_len);
