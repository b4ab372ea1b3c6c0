/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/facts_parts.h"
#include "machine/cpus.h"
#include "machine/dt_serial.h"
#include "machine/serial.h"

#define CPU_DIR "sys/devices/system/cpu"
#define TTY_DIR "sys/class/tty"

/* A CPU without a note (no CONFIG_CRASH_DUMP, or no privilege) is left out. */
static int read_note(const struct facts_root *root, uint32_t cpu, struct machine *m,
		     struct err *err)
{
	struct cpu_note note = {.cpu = cpu};
	char path[64];
	int r;

	snprintf(path, sizeof(path), CPU_DIR "/cpu%u/crash_notes", cpu);
	r = root_u64(root, path, 16, &note.addr, err);
	if (r <= 0)
		return r;
	snprintf(path, sizeof(path), CPU_DIR "/cpu%u/crash_notes_size", cpu);
	r = root_u64(root, path, 10, &note.size, err);
	if (r <= 0)
		return r;
	if (!note.addr || !note.size || note.size > UINT64_MAX - note.addr)
		return 0;
	return vec_push(&m->notes, note) < 0 ? fail(err, ENOMEM, "no memory for CPU notes") : 0;
}

static int read_list(const struct facts_root *root, const char *path, struct cpu_list *out,
		     struct err *err)
{
	struct buf text = BUF_INIT;
	int r = root_read_start(root, path, 65536, &text, err);

	if (r > 0) {
		r = cpus_parse(buf_span(&text), out, err);
		if (r < 0)
			root_wrap(root, r, path, err);
	}
	buf_done(&text);
	return r;
}

int facts_cpus(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct cpu_list list = {0}, possible = {0};
	int r = read_list(root, CPU_DIR "/present", &list, err);

	if (!r)
		r = read_list(root, CPU_DIR "/possible", &possible, err);
	m->cpus = (unsigned)list.n;
	m->cpus_possible = (unsigned)possible.n;
	for (size_t i = 0; i < list.n && !r; i++)
		r = read_note(root, list.v[i], m, err);
	vec_done(&list);
	vec_done(&possible);
	return r;
}

static int tty_u64(const struct facts_root *root, const char *tty, const char *file,
		   uint64_t *value, struct err *err)
{
	char path[64 + sizeof(((struct serial_port *)NULL)->name)];

	snprintf(path, sizeof(path), TTY_DIR "/%.15s/%s", tty, file);
	return root_u64(root, path, 0, value, err);
}

/*
 * drivers/tty/serial/serial_core.c: port, iomem_base and io_type are there for every line, with or
 * without a UART.
 */
static int read_serial(const struct facts_root *root, const char *tty, struct span consoles,
		       struct machine *m, struct err *err)
{
	struct serial_port s = {.console = serial_is_console(consoles, tty)};
	uint64_t kind = 1, type = SERIAL_IO_PORT, port = 0, mmio = 0, shift = 0;
	int r = tty_u64(root, tty, "type", &kind, err);

	/* Type 0, PORT_UNKNOWN: nothing answers there. */
	if (r < 0 || (!kind && !s.console))
		return r < 0 ? r : 0;
	r = tty_u64(root, tty, "port", &port, err);
	if (r >= 0)
		r = tty_u64(root, tty, "iomem_base", &mmio, err);
	if (r >= 0)
		r = tty_u64(root, tty, "iomem_reg_shift", &shift, err);
	if (r >= 0)
		r = tty_u64(root, tty, "io_type", &type, err);
	if (r < 0)
		return r;
	if (!serial_place(&s, type, port, mmio, shift))
		return 0;
	snprintf(s.name, sizeof(s.name), "%.15s", tty);
	return vec_push(&m->serials, s) < 0 ? fail(err, ENOMEM, "no memory for ports") : 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The kinds of UART that a purgatory can speak to: the 8250 family and the PL011. */
static int can_be_serial(const struct dirent *e)
{
	const char *n = e->d_name;

	if (strlen(n) >= sizeof(((struct serial_port *)NULL)->name))
		return 0;
	return (!strncmp(n, "ttyS", 4) && is_digit(n[4])) ||
	       (!strncmp(n, "ttyAMA", 6) && is_digit(n[6]));
}

/* What the device tree calls the console, where the kernel does not say where it is. */
static int add_tree_serial(struct machine *m, struct span consoles, struct err *err)
{
	struct serial_port s;
	struct tree t;

	if (!m->fdt.len || tree_open(buf_span(&m->fdt), &t, err) < 0)
		return 0;
	int r = dt_serial_parse(&t, &s, err);
	for (size_t i = 0; r > 0 && i < m->serials.n; i++)
		if (!strcmp(m->serials.v[i].name, s.name))
			return 0;
	if (r <= 0)
		return r;
	s.console = serial_is_console(consoles, s.name);
	return vec_push(&m->serials, s) < 0 ? fail(err, ENOMEM, "no memory for ports") : 0;
}

int facts_serials(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct buf consoles = BUF_INIT;
	struct dirent **names = NULL;
	int n = scandirat(root->fd, TTY_DIR, &names, can_be_serial, alphasort);
	int r = root_read_start(root, "proc/consoles", 65536, &consoles, err);

	if (n < 0 && !root_absent(errno) && r >= 0)
		r = root_wrap(root, fail(err, errno, "%s", strerror(errno)), TTY_DIR, err);
	for (int i = 0; i < n; i++) {
		if (r >= 0)
			r = read_serial(root, names[i]->d_name, buf_span(&consoles), m, err);
		free(names[i]);
	}
	free(names);
	if (r >= 0)
		r = add_tree_serial(m, buf_span(&consoles), err);
	buf_done(&consoles);
	return r < 0 ? r : 0;
}
