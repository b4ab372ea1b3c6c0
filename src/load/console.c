/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/console.h"

#include <stdlib.h>
#include <string.h>

#include "machine/cmdline.h"

static void use_port(struct handoff *h, uint64_t port)
{
	h->console = HANDOFF_CONSOLE_8250_PORT;
	h->console_addr = port;
	h->console_stride = 1;
}

static bool use_serial(struct handoff *h, const struct serial_port *s)
{
	if (s->port) {
		use_port(h, s->port);
		return true;
	}
	if (!s->mmio)
		return false;
	h->console =
		strncmp(s->name, "ttyAMA", 6) ? HANDOFF_CONSOLE_8250_MMIO : HANDOFF_CONSOLE_PL011;
	h->console_addr = s->mmio;
	h->console_stride = s->stride ? s->stride : 1;
	return true;
}

static const struct serial_port *find_serial(const struct machine *m, struct span name)
{
	for (size_t i = 0; i < m->serials.n; i++) {
		const char *n = m->serials.v[i].name;

		if (strlen(n) == name.len && !memcmp(n, name.ptr, name.len))
			return &m->serials.v[i];
	}
	return NULL;
}

/* The part of a console= value before its first comma. */
static struct span device_of(struct span value)
{
	const uint8_t *comma = value.len ? memchr(value.ptr, ',', value.len) : NULL;

	return comma ? span_of(value.ptr, (size_t)(comma - value.ptr)) : value;
}

/*
 * earlycon=uart8250,io,0x3f8[,…], uart8250,mmio[32],0x…, pl011,[mmio32,]0x…:
 * Documentation/admin-guide/kernel-parameters.txt
 */
static bool use_earlycon(struct handoff *h, struct span value)
{
	static const struct {
		const char *intro;
		uint32_t console, stride;
	} kinds[] = {
		{"io,", HANDOFF_CONSOLE_8250_PORT, 1},
		{"mmio32,", HANDOFF_CONSOLE_8250_MMIO, 4},
		{"mmio,", HANDOFF_CONSOLE_8250_MMIO, 1},
	};
	char text[64] = "", *at, *end;
	uint32_t console = HANDOFF_CONSOLE_NONE, stride = 1;

	if (!value.len || value.len >= sizeof(text))
		return false;
	memcpy(text, value.ptr, value.len);
	bool pl011 = !strncmp(text, "pl011,", 6);
	if ((strncmp(text, "uart", 4) && !pl011) || !(at = strchr(text, ',')))
		return false;
	at++;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strncmp(at, kinds[i].intro, strlen(kinds[i].intro))) {
			console = kinds[i].console;
			stride = kinds[i].stride;
			at += strlen(kinds[i].intro);
			break;
		}
	if (pl011)
		console = HANDOFF_CONSOLE_PL011;
	uint64_t addr = strtoull(at, &end, 0);
	if (end == at || !addr || console == HANDOFF_CONSOLE_NONE)
		return false;
	h->console = console;
	h->console_addr = addr;
	h->console_stride = stride;
	return true;
}

/* The CPU's own console of that name; empty: its last resort. */
static bool use_firmware(struct boot *b, struct span name)
{
	const struct arch *arch = b->req->arch;

	return arch->console && arch->console(b, name, &b->handoff);
}

/* The last console= of the next kernel that the purgatory can speak through. */
static bool use_line(struct boot *b, struct span line)
{
	bool found = false;

	for (unsigned n = 0;; n++) {
		struct span v = cmdline_get_nth(line, "console", n);

		if (!v.ptr)
			return found;
		const struct serial_port *s = find_serial(b->m, device_of(v));
		struct span name = device_of(v);

		found |= (s && use_serial(&b->handoff, s)) || (name.len && use_firmware(b, name));
	}
}

static void choose_auto(struct boot *b)
{
	struct span line = buf_span(&b->plan->cmdline);
	struct span early = cmdline_get(line, "earlycon");
	struct handoff *h = &b->handoff;

	if (use_line(b, line) || use_earlycon(h, early) ||
	    use_earlycon(h, cmdline_get(line, "console")))
		return;
	if (early.len && use_firmware(b, device_of(early)))
		return;
	for (size_t i = 0; i < b->m->serials.n; i++)
		if (b->m->serials.v[i].console && use_serial(h, &b->m->serials.v[i]))
			return;
	(void)use_firmware(b, (struct span){0});
}

/* ",BAUD", or nothing: the line stays as it is. */
static int use_speed(struct handoff *h, const char *spec, const char *comma, struct err *err)
{
	char *end;

	if (!*comma)
		return 0;
	errno = 0;
	uint64_t baud = strtoull(comma + 1, &end, 10);
	if (errno || end == comma + 1 || *end || baud > 4000000)
		return fail(err, EINVAL, "purgatory console '%s': wanted a speed behind the comma",
			    spec);
	h->console_baud = (uint32_t)baud;
	return 0;
}

/* "0xPORT", up to @len: a port below 64 KiB, else an MMIO address. */
static int use_number(struct handoff *h, const char *spec, size_t len, struct err *err)
{
	char *end;

	errno = 0;
	uint64_t addr = strtoull(spec, &end, 16);
	if (errno || end != spec + len || !addr)
		return fail(err, EINVAL, "purgatory console '%s': wanted 0xPORT[,BAUD]", spec);
	if (addr > 0xffff) {
		h->console = HANDOFF_CONSOLE_8250_MMIO;
		h->console_addr = addr;
		h->console_stride = 1;
	} else {
		use_port(h, addr);
	}
	return 0;
}

static bool is_uart(uint32_t console)
{
	return console == HANDOFF_CONSOLE_8250_PORT || console == HANDOFF_CONSOLE_8250_MMIO ||
	       console == HANDOFF_CONSOLE_PL011;
}

static bool can_speak(const struct arch *arch, uint32_t console)
{
	if (!is_uart(console) || console == HANDOFF_CONSOLE_8250_MMIO)
		return !is_uart(console) || arch->uart != ARCH_UART_NONE;
	return arch->uart == (console == HANDOFF_CONSOLE_PL011 ? ARCH_UART_MEMORY : ARCH_UART_PC);
}

/* What was asked for by name or number; nothing of it is ever left out in silence. */
static int check_choice(const struct boot *b, const char *spec, struct err *err)
{
	static const char *const speaks[] = {
		[ARCH_UART_NONE] = "the console of its firmware only: 'auto', or that one's name",
		[ARCH_UART_MEMORY] = "a UART in memory (0xADDRESS above 0xffff), and no port",
		[ARCH_UART_PC] = "a UART of the 8250 kind",
	};
	const struct arch *arch = b->req->arch;

	if (!can_speak(arch, b->handoff.console))
		return fail(err, EINVAL, "purgatory console '%s': on %s it speaks through %s", spec,
			    arch->name, speaks[arch->uart]);
	if (b->handoff.console_baud && (arch->uart != ARCH_UART_PC || !is_uart(b->handoff.console)))
		return fail(err, EINVAL,
			    "purgatory console '%s': the speed cannot be set on %s, where nothing "
			    "tells the UART's clock; without it the line stays as it is",
			    spec, arch->name);
	return 0;
}

int console_choose(struct boot *b, struct err *err)
{
	const char *spec = b->req->purgatory_console;
	struct handoff *h = &b->handoff;

	h->console = HANDOFF_CONSOLE_NONE;
	if (!spec || !strcmp(spec, "auto")) {
		choose_auto(b);
		if (!can_speak(b->req->arch, h->console)) {
			h->console = HANDOFF_CONSOLE_NONE;
			(void)use_firmware(b, (struct span){0});
		}
		return 0;
	}
	if (!strcmp(spec, "none"))
		return 0;
	const struct span name = span_of(spec, strcspn(spec, ","));
	int r = use_speed(h, spec, spec + name.len, err);
	if (!r && !strncmp(spec, "0x", 2)) {
		r = use_number(h, spec, name.len, err);
		return r ? r : check_choice(b, spec, err);
	}
	if (r < 0)
		return r;
	const struct serial_port *s = find_serial(b->m, name);
	if ((s && use_serial(h, s)) || use_firmware(b, name))
		return check_choice(b, spec, err);
	return fail(err, ENODEV,
		    "purgatory console '%s': no UART of this machine and no console of its "
		    "firmware has that name; 'auto' and 'none' work everywhere",
		    spec);
}
