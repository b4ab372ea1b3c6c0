/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka with what it wants included before it. It must come first in a *_test.c; its fail() gives
 * way to ours. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#undef fail
/* cmocka's own fail_msg() calls the macro that is gone. */
#undef fail_msg
#define fail_msg(msg, ...)                                         \
	do {                                                       \
		print_error("ERROR: " msg "\n", ##__VA_ARGS__);    \
		_fail(__FILE__, __LINE__);                         \
	} while (0)
