/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <sys/auxv.h>

#include "arch/arch.h"
#include "arch/arm64/sha256_ce.h"

sha256_blocks_fn *arch_host_sha256(const char **name)
{
	bool ce = getauxval(AT_HWCAP) & HWCAP_SHA2;

	if (name)
		*name = ce ? "armv8-ce" : "generic";
	return ce ? sha256_blocks_ce : sha256_blocks_generic;
}
