/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The purgatory's console is the firmware's: a hypervisor's virtual terminal (PAPR 16.7,
 * H_PUT_TERM_CHAR) or OPAL's (skiboot doc/opal-api/opal-console-read-write-1-2.rst).
 */
#include <stdbool.h>

#include "arch/ppc64/cpu.h"
#include "arch/ppc64/handoff.h"
#include "purgatory/purgatory.h"

enum { H_PUT_TERM_CHAR = 0x58, H_BUSY = 1 };
/* Tries before a console counts as dead: a call takes a microsecond or more. */
enum { PATIENCE = 100000 };

static struct {
	bool there, opal;
	uint64_t terminal, base, entry;
} con;

void console_open(const struct handoff *h)
{
	con.opal = h->console == HANDOFF_CONSOLE_OPAL;
	con.there = con.opal || h->console == HANDOFF_CONSOLE_PAPR;
	if (con.opal && h->args[PPC64_ARG_FIRMWARE] != PPC64_FIRMWARE_OPAL)
		con.there = false;
	con.terminal = h->console_addr;
	con.base = h->args[PPC64_ARG_BASE];
	con.entry = h->args[PPC64_ARG_ENTRY];
}

/* True when it was taken, or never will be. */
static bool try_opal(char c)
{
	static uint8_t text, len[8] __attribute__((aligned(8)));
	int64_t r;

	text = (uint8_t)c;
	put_be32(len, 0);
	put_be32(len + 4, 1);
	r = ppc64_opal(OPAL_CONSOLE_WRITE, con.terminal, (uintptr_t)len, (uintptr_t)&text, con.base,
		       con.entry);
	if (r != OPAL_BUSY && r != OPAL_BUSY_EVENT) {
		con.there = r == OPAL_SUCCESS;
		return true;
	}
	(void)ppc64_opal(OPAL_POLL_EVENTS, 0, 0, 0, con.base, con.entry);
	return false;
}

static bool try_papr(char c)
{
	/* The text is the bytes of two registers, the highest first. */
	int64_t r = ppc64_hcall(H_PUT_TERM_CHAR, con.terminal, 1, (uint64_t)(uint8_t)c << 56, 0);

	if (r == H_BUSY)
		return false;
	con.there = r == 0;
	return true;
}

void console_put(char c)
{
	for (unsigned i = 0; con.there && i < PATIENCE; i++)
		if (con.opal ? try_opal(c) : try_papr(c))
			return;
	con.there = false;
}

void console_drain(void)
{
	/* A hypervisor has taken the text for good; OPAL sends it while it is called. */
	for (unsigned i = 0; con.there && con.opal && i < PATIENCE; i++)
		if (ppc64_opal(OPAL_CONSOLE_FLUSH, con.terminal, 0, 0, con.base, con.entry) ==
		    OPAL_SUCCESS)
			return;
}
