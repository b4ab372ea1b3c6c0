/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arch.h"
#include "arch/x86_64/sha256_ni.h"

sha256_blocks_fn *arch_host_sha256(const char **name)
{
	bool ni = sha256_ni_here();

	if (name)
		*name = ni ? "sha-ni" : "generic";
	return ni ? sha256_blocks_ni : sha256_blocks_generic;
}
