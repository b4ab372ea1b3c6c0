/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts whose own instructions nobody has taught us yet. */
#include "arch/arch.h"

sha256_blocks_fn *arch_host_sha256(const char **name)
{
	if (name)
		*name = "generic";
	return sha256_blocks_generic;
}
