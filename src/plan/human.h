/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes for people: binary units, as the options of the program take them. */
#pragma once
#include <stdint.h>

#define HUMAN_LEN 24

/*
 * "640 KiB", "52.5 MiB", "1.00 GiB", "17 B": exact where it can be, else three digits. Gives @out.
 */
const char *human_size(char out[HUMAN_LEN], uint64_t bytes);
