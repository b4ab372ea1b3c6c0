/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SCLP is faked: it answers masks, and reads messages as drivers/s390/char/sclp_rw.h has them.
 */
#include "core/unit.h"

#include <stdbool.h>
#include <string.h>

#include "arch/s390x/sclp.h"
#include "base/put.h"
#include "purgatory/purgatory.h"

/* Event types 1, 2, 0x1a as masks. */
#define OPCMD 0x80000000u
#define MSG   0x40000000u
#define VT220 0x40u

static uint32_t can_receive, can_send, mask;
static uint16_t answer;
static bool dead;
static char ascii[512], operator_lines[512];
static unsigned calls;

static void take_mask(uint8_t *s)
{
	assert_int_equal(get_be(s, 2), 28);
	assert_int_equal(get_be(s + 10, 2), 4);
	mask = (uint32_t)get_be(s + 16, 4);
	put_be(s + 20, can_receive, 4);
	put_be(s + 24, can_send, 4);
}

static char to_ascii(uint8_t c)
{
	return c >= 0x81 && c <= 0x89   ? (char)('a' + c - 0x81)
	       : c >= 0x91 && c <= 0x99 ? (char)('j' + c - 0x91)
	       : c >= 0xa2 && c <= 0xa9 ? (char)('s' + c - 0xa2)
	       : c >= 0xf0 && c <= 0xf9 ? (char)('0' + c - 0xf0)
	       : c == 0x40              ? ' '
	       : c == 0x7a              ? ':'
	       : c == 0x6b              ? ','
					: '?';
}

static void take_operator(const uint8_t *block, size_t len)
{
	size_t n = strlen(operator_lines);

	assert_int_equal(get_be(block, 2), len);
	assert_int_equal(get_be(block + 4, 4), 0xd4c4c240);
	assert_int_equal(get_be(block + 12, 2), 56);
	assert_int_equal(get_be(block + 12 + 56, 2), len - 12 - 56);
	assert_int_equal(get_be(block + 12 + 56 + 2, 2), 4);
	for (size_t i = 12 + 56 + 10; i < len; i++)
		operator_lines[n++] = to_ascii(block[i]);
	operator_lines[n++] = '|';
}

static void take_event(const uint8_t *s)
{
	size_t len = (size_t)get_be(s, 2), event = (size_t)get_be(s + 8, 2);

	assert_int_equal(len, 8 + event);
	assert_true(len <= SCCB_SIZE);
	if (s[10] == 0x1a)
		strncat(ascii, (const char *)s + 14, event - 6);
	else if (s[10] == 2)
		take_operator(s + 14, event - 6);
	else
		fail_msg("event of type %u", s[10]);
}

bool sclp_call(uint32_t command, uint8_t *sccb)
{
	calls++;
	if (dead)
		return false;
	if (command == SCLP_WRITE_EVENT_MASK)
		take_mask(sccb);
	else if (command == SCLP_WRITE_EVENT_DATA)
		take_event(sccb);
	else
		fail_msg("command 0x%x", command);
	put_be(sccb + 6, answer, 2);
	return true;
}

static int setup(void **state)
{
	(void)state;
	memset(ascii, 0, sizeof(ascii));
	memset(operator_lines, 0, sizeof(operator_lines));
	can_receive = MSG | VT220;
	can_send = OPCMD | VT220;
	answer = 0x20;
	dead = false;
	calls = 0;
	return 0;
}

static void say(const char *s, uint32_t console)
{
	struct handoff h = {.console = console};

	console_open(&h);
	while (*s)
		console_put(*s++);
	console_drain();
}

static const char line[] = "\r\nbaton: purgatory: 3 regions, ok\r\n";

static void speaks_to_both(void **state)
{
	(void)state;
	say(line, HANDOFF_CONSOLE_SCLP);
	assert_string_equal(ascii, line);
	assert_string_equal(operator_lines, "baton: purgatory: 3 regions, ok|");
	assert_int_equal(mask, MSG | VT220);
	sclp_close();
	assert_int_equal(mask, 0);
}

static void speaks_to_one(void **state)
{
	(void)state;
	can_receive = can_send = VT220;
	say(line, HANDOFF_CONSOLE_SCLP);
	assert_string_equal(ascii, line);
	assert_string_equal(operator_lines, "");
	setup(NULL);
	can_receive = MSG;
	can_send = OPCMD;
	say(line, HANDOFF_CONSOLE_SCLP);
	assert_string_equal(ascii, "");
	assert_string_equal(operator_lines, "baton: purgatory: 3 regions, ok|");
}

static void is_silent_where_nobody_listens(void **state)
{
	(void)state;
	say(line, HANDOFF_CONSOLE_NONE);
	assert_int_equal(calls, 0);
	sclp_close();
	assert_int_equal(calls, 0);
	answer = 0x1f0;
	say(line, HANDOFF_CONSOLE_SCLP);
	dead = true;
	say(line, HANDOFF_CONSOLE_SCLP);
	assert_int_equal(calls, 2);
}

static void a_long_line_goes_in_parts(void **state)
{
	(void)state;
	char text[402];

	memset(text, 'a', 400);
	strcpy(text + 400, "\n");
	say(text, HANDOFF_CONSOLE_SCLP);
	assert_string_equal(ascii, text);
	assert_int_equal(strlen(operator_lines), 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(speaks_to_both, setup),
		cmocka_unit_test_setup(speaks_to_one, setup),
		cmocka_unit_test_setup(is_silent_where_nobody_listens, setup),
		cmocka_unit_test_setup(a_long_line_goes_in_parts, setup),
	};

	return cmocka_run_group_tests_name("sclp", tests, NULL, NULL);
}
