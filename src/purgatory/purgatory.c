/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>

#include "base/mem.h"
#include "purgatory/purgatory.h"
#include "purgatory/verify.h"

/* In .data, never in .bss: the loader writes it into the file's bytes. */
struct handoff baton_handoff = {
	.magic = HANDOFF_MAGIC,
	.version = HANDOFF_VERSION,
	.size = sizeof(struct handoff),
};

static void say(const char *s)
{
	while (*s)
		console_put(*s++);
}

/* A name out of the handoff: at most 16 bytes, printable ones only. */
static void say_name(const char name[16])
{
	for (unsigned i = 0; i < 16 && name[i]; i++)
		console_put(name[i] > ' ' && name[i] < 0x7f ? name[i] : '?');
}

/* No division: it is a call into a library on some CPUs. */
static void say_decimal(uint32_t v)
{
	static const uint32_t powers[] = {1000000000, 100000000, 10000000, 1000000, 100000,
					  10000,      1000,      100,      10,      1};
	bool begun = false;

	for (unsigned i = 0; i < sizeof(powers) / sizeof(*powers); i++) {
		char digit = '0';

		for (; v >= powers[i]; v -= powers[i])
			digit++;
		begun |= digit != '0' || powers[i] == 1;
		if (begun)
			console_put(digit);
	}
}

static void say_hex(uint64_t v)
{
	unsigned digit = 16;

	while (digit > 1 && !(v >> 4 * (digit - 1)))
		digit--;
	while (digit--)
		console_put("0123456789abcdef"[v >> 4 * digit & 15]);
}

/* The old kernel may have left half a line. */
static void say_start(void)
{
	say("\r\nbaton: purgatory: ");
}

static void say_end(void)
{
	say("\r\n");
	console_drain();
}

/* What was asked for on a mismatch. A damaged table may ask for anything: reset unless it says
 * halt. */
static _Noreturn void stop(const struct handoff *h)
{
	bool halt = h->on_mismatch == HANDOFF_HALT;

	say(halt ? ", halting" : ", resetting");
	say_end();
	if (halt)
		cpu_halt();
	cpu_reset();
}

void purgatory_no_reset(void)
{
	say_start();
	say("nothing resets this machine, halting");
	say_end();
	cpu_halt();
}

static _Noreturn void stop_at_region(const struct handoff *h, unsigned i)
{
	say("region ");
	say_decimal(i + 1);
	say(" ");
	say_name(h->regions[i].name);
	say(" at 0x");
	say_hex(h->regions[i].start);
	say(" is damaged");
	stop(h);
}

static void stop_unless_sound(const struct handoff *h, enum verdict v, unsigned region)
{
	if (v == VERDICT_OK || v == VERDICT_UNCHECKED) {
		const char *why = cpu_cannot_enter(h);

		if (!why)
			return;
		say_start();
		say(why);
		stop(h);
	}
	say_start();
	if (v == VERDICT_REGION)
		stop_at_region(h, region);
	if (v == VERDICT_VERSION) {
		say("handoff version ");
		say_decimal(h->version);
		say(" is unknown");
		stop(h);
	}
	say("region table is damaged");
	stop(h);
}

void purgatory_exception(uint64_t what, uint64_t at)
{
	/* The message may fault as well, and so may a way to reset. */
	enum { ENOUGH = 8 };
	static unsigned seen;

	if (seen++) {
		if (seen < ENOUGH)
			cpu_reset();
		cpu_halt();
	}
	cpu_sha256_end();
	say_start();
	say("exception 0x");
	say_hex(what);
	say(" at 0x");
	say_hex(at);
	stop(&baton_handoff);
}

void purgatory_main(void)
{
	const struct handoff *h = &baton_handoff;
	const char *name = "";
	unsigned region = 0;

	console_open(h);
	cpu_traps(true);
	sha256_blocks_fn *blocks = cpu_sha256_begin(&name);
	enum verdict v = verify_handoff(h, blocks, &region);

	cpu_sha256_end();
	stop_unless_sound(h, v, region);
	cpu_traps(false);
	memcpy((void *)(uintptr_t)h->backup_dst, (const void *)(uintptr_t)h->backup_src,
	       (size_t)h->backup_len);
	say_start();
	if (v == VERDICT_UNCHECKED) {
		say("not verified");
	} else {
		say_decimal(h->nregions);
		say(" regions ok (");
		say(name);
		say(")");
	}
	say_end();
}
