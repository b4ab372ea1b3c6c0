/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/s390x/sclp.h"

#include <stddef.h>

#include "base/mem.h"
#include "base/put.h"
#include "purgatory/purgatory.h"

/* The header of each SCCB: length, function, control mask, response. */
enum { SCCB_RESPONSE = 6, SCCB_HEADER = 8, RESPONSE_OK = 0x20 };
/* WRITE EVENT MASK: what we want to receive and to send, then what the SCLP can. */
enum { MASK_LEN = 10, MASKS = 12, MASK_BYTES = 4 };
/* Types of events; in a mask, type 1 is the highest bit. */
enum { EVENT_OPCMD = 1, EVENT_MSG = 2, EVENT_PMSGCMD = 9, EVENT_VT220 = 0x1a };
#define EVENT_BIT(type) (UINT32_C(1) << (32 - (type)))

/* An event buffer: length, type, flags, 2 bytes reserved. */
enum { EVENT_LEN = 0, EVENT_TYPE = 2, EVENT_HEADER = 6 };
/*
 * A line for the operator is a message data block (MDB): its header, a general object (GO), and one
 * message text object (MTO) with the line in EBCDIC.
 */
enum { MDB_HEADER = 12, GO_SIZE = 56, MTO_HEADER = 10 };
enum { MTO_END_OF_TEXT = 0x1000 };
#define MDB_TAG 0xd4c4c240u /* "MDB " */

enum { LINE = 160 };

static struct {
	/* Which of the two consoles there are; both may be. Words: gcc reaches odd bytes by a GOT.
	 */
	uint32_t operator, ascii;
	uint32_t len;
	char line[LINE];
} con;

/* An SCCB may not cross a page. */
static uint8_t sccb[SCCB_SIZE] __attribute__((aligned(SCCB_SIZE)));
_Static_assert(SCCB_HEADER + EVENT_HEADER + MDB_HEADER + GO_SIZE + MTO_HEADER + LINE <= SCCB_SIZE,
	       "");

/* IBM code page 037, printable ASCII only: the operator's console is EBCDIC. */
static uint8_t ebcdic(char c)
{
	static const uint8_t table[] = {
		0x40, 0x5a, 0x7f, 0x7b, 0x5b, 0x6c, 0x50, 0x7d, 0x4d, 0x5d, 0x5c, 0x4e, 0x6b, 0x60,
		0x4b, 0x61, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0x7a, 0x5e,
		0x4c, 0x7e, 0x6e, 0x6f, 0x7c, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9,
		0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6,
		0xe7, 0xe8, 0xe9, 0xba, 0xe0, 0xbb, 0xb0, 0x6d, 0x79, 0x81, 0x82, 0x83, 0x84, 0x85,
		0x86, 0x87, 0x88, 0x89, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0xa2,
		0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xc0, 0x4f, 0xd0, 0xa1,
	};
	uint8_t i = (uint8_t)(c - ' ');

	return i < sizeof(table) ? table[i] : 0x6f; /* a question mark */
}

/* @wanted: events to send. True if the SCLP took it; @can gets what it knows. */
static bool set_mask(uint32_t wanted, uint32_t *receives, uint32_t *sends)
{
	const unsigned size = MASKS + 4 * MASK_BYTES;

	memset(sccb, 0, size);
	put_be(sccb, size, 2);
	put_be(sccb + MASK_LEN, MASK_BYTES, 2);
	put_be(sccb + MASKS, wanted & EVENT_BIT(EVENT_MSG) ? EVENT_BIT(EVENT_OPCMD) : 0,
	       MASK_BYTES);
	put_be(sccb + MASKS + MASK_BYTES, wanted, MASK_BYTES);
	if (!sclp_call(SCLP_WRITE_EVENT_MASK, sccb))
		return false;
	*receives = (uint32_t)get_be(sccb + MASKS + 2 * MASK_BYTES, MASK_BYTES);
	*sends = (uint32_t)get_be(sccb + MASKS + 3 * MASK_BYTES, MASK_BYTES);
	return get_be(sccb + SCCB_RESPONSE, 2) == RESPONSE_OK;
}

/* A buffer of @len bytes behind the header, of which the first EVENT_HEADER are written here. */
static uint8_t *start_event(uint8_t type, unsigned len)
{
	memset(sccb, 0, SCCB_HEADER + len);
	put_be(sccb, SCCB_HEADER + len, 2);
	put_be(sccb + SCCB_HEADER + EVENT_LEN, len, 2);
	sccb[SCCB_HEADER + EVENT_TYPE] = type;
	return sccb + SCCB_HEADER + EVENT_HEADER;
}

static void write_ascii(const char *text, unsigned len)
{
	memcpy(start_event(EVENT_VT220, EVENT_HEADER + len), text, len);
	(void)sclp_call(SCLP_WRITE_EVENT_DATA, sccb);
}

static void write_operator(const char *text, unsigned len)
{
	unsigned block = MDB_HEADER + GO_SIZE + MTO_HEADER + len;
	uint8_t *at = start_event(EVENT_MSG, EVENT_HEADER + block);

	put_be(at, block, 2);
	put_be(at + 2, 1, 2);
	put_be(at + 4, MDB_TAG, 4);
	put_be(at + 8, 1, 4); /* revision */
	at += MDB_HEADER;
	put_be(at, GO_SIZE, 2);
	put_be(at + 2, 1, 2);
	at += GO_SIZE;
	put_be(at, MTO_HEADER + len, 2);
	put_be(at + 2, 4, 2);
	put_be(at + 4, MTO_END_OF_TEXT, 2);
	for (unsigned i = 0; i < len; i++)
		at[MTO_HEADER + i] = ebcdic(text[i]);
	(void)sclp_call(SCLP_WRITE_EVENT_DATA, sccb);
}

/* The operator's console takes lines, and neither their ends nor empty ones. */
static void flush(void)
{
	unsigned text = con.len;

	while (text && (con.line[text - 1] == '\n' || con.line[text - 1] == '\r'))
		text--;
	if (con.operator&& text)
		write_operator(con.line, text);
	if (con.ascii && con.len)
		write_ascii(con.line, con.len);
	con.len = 0;
}

void console_open(const struct handoff *h)
{
	const uint32_t ours = EVENT_BIT(EVENT_MSG) | EVENT_BIT(EVENT_VT220);
	uint32_t receives, sends;

	con.operator= con.ascii = con.len = 0;
	if (h->console != HANDOFF_CONSOLE_SCLP || !set_mask(ours, &receives, &sends))
		return;
	con.ascii = (receives | sends) & EVENT_BIT(EVENT_VT220);
	con.operator= sends & EVENT_BIT(EVENT_OPCMD) &&
		receives &(EVENT_BIT(EVENT_MSG) | EVENT_BIT(EVENT_PMSGCMD));
}

void console_put(char c)
{
	con.line[con.len++] = c;
	if (c == '\n' || con.len == LINE)
		flush();
}

void console_drain(void)
{
	flush();
}

void sclp_close(void)
{
	uint32_t receives, sends;

	if (con.operator|| con.ascii)
		(void)set_mask(0, &receives, &sends);
	con.operator= con.ascii = 0;
}
