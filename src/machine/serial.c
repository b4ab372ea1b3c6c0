/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/serial.h"

#include <string.h>

bool serial_is_console(struct span consoles, const char *tty)
{
	struct span line, name;

	while (text_line(&consoles, &line)) {
		if (!text_word(&line, &name) || !text_is(name, tty))
			continue;
		const uint8_t *flags = memchr(line.ptr, '(', line.len);
		return flags && flags + 1 < line.ptr + line.len && flags[1] == 'E';
	}
	return false;
}

bool serial_place(struct serial_port *s, uint64_t io_type, uint64_t port, uint64_t mmio,
		  uint64_t reg_shift)
{
	/* UPIO_MEM, UPIO_MEM32, UPIO_MEM32BE, UPIO_MEM16 */
	bool mapped = io_type == 2 || io_type == 3 || io_type == 6 || io_type == 7;

	if (io_type == SERIAL_IO_PORT && port && port <= UINT16_MAX) {
		s->port = port;
		s->stride = 1;
		return true;
	}
	if (!mapped || !mmio || reg_shift > 8)
		return false;
	s->mmio = mmio;
	s->stride = 1u << reg_shift;
	return true;
}
