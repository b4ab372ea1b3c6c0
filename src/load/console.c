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

/* earlycon=uart8250,io,0x3f8[,…] and uart8250,mmio[32],0x…:
 * Documentation/admin-guide/kernel-parameters.txt */
static bool use_earlycon(struct handoff *h, struct span value)
{
	char text[64] = "", *at, *end;
	uint32_t stride = 1;
	bool mmio = true;

	if (!value.len || value.len >= sizeof(text))
		return false;
	memcpy(text, value.ptr, value.len);
	if (strncmp(text, "uart", 4) || !(at = strchr(text, ',')))
		return false;
	at++;
	if (!strncmp(at, "io,", 3))
		mmio = false;
	else if (!strncmp(at, "mmio32,", 7))
		stride = 4;
	else if (strncmp(at, "mmio,", 5))
		return false;
	at = strchr(at, ',') + 1;
	uint64_t addr = strtoull(at, &end, 0);
	if (end == at || !addr)
		return false;
	h->console = mmio ? HANDOFF_CONSOLE_8250_MMIO : HANDOFF_CONSOLE_8250_PORT;
	h->console_addr = addr;
	h->console_stride = stride;
	return true;
}

static void choose_auto(const struct machine *m, const struct plan *p, struct handoff *h)
{
	struct span line = buf_span(&p->cmdline);
	const struct serial_port *best = NULL;

	for (unsigned n = 0;; n++) {
		struct span v = cmdline_get_nth(line, "console", n);

		if (!v.ptr)
			break;
		const struct serial_port *s = find_serial(m, device_of(v));
		if (s)
			best = s;
	}
	if (best && use_serial(h, best))
		return;
	if (use_earlycon(h, cmdline_get(line, "earlycon")) ||
	    use_earlycon(h, cmdline_get(line, "console")))
		return;
	for (size_t i = 0; i < m->serials.n; i++)
		if (m->serials.v[i].console && use_serial(h, &m->serials.v[i]))
			return;
}

/* "0xPORT[,BAUD]": a port below 64 KiB, else an MMIO address. */
static int use_number(struct handoff *h, const char *spec, struct err *err)
{
	char *end;

	errno = 0;
	uint64_t addr = strtoull(spec, &end, 16);
	uint64_t baud = 0;
	if (!errno && *end == ',')
		baud = strtoull(end + 1, &end, 10);
	if (errno || *end || !addr || baud > 4000000)
		return fail(err, EINVAL, "purgatory console '%s': wanted 0xPORT[,BAUD]", spec);
	if (addr > 0xffff) {
		h->console = HANDOFF_CONSOLE_8250_MMIO;
		h->console_addr = addr;
		h->console_stride = 1;
	} else {
		use_port(h, addr);
	}
	h->console_baud = (uint32_t)baud;
	return 0;
}

int console_choose(const struct machine *m, const char *spec, const struct plan *p,
		   struct handoff *h, struct err *err)
{
	h->console = HANDOFF_CONSOLE_NONE;
	if (!spec || !strcmp(spec, "auto")) {
		choose_auto(m, p, h);
		return 0;
	}
	if (!strcmp(spec, "none"))
		return 0;
	if (!strncmp(spec, "0x", 2))
		return use_number(h, spec, err);
	const struct serial_port *s = find_serial(m, span_of(spec, strlen(spec)));
	if (!s || !use_serial(h, s))
		return fail(err, ENODEV,
			    "purgatory console '%s': no UART of this machine has that name", spec);
	return 0;
}
