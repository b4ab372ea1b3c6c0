/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every *_fuzz.c begins with. libFuzzer calls the function, and declares it nowhere. */
#pragma once
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
