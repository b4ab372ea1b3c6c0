/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCG plugin that counts what a purgatory of a guest executes:
 * -plugin tcg_watch.so,lo=ADDR,hi=ADDR,stop=ADDR,out=FILE. Counted are the instructions in [lo, hi)
 * until the first time at stop (the next kernel's entry); FILE then holds their number.
 */
#include "harness/qemu_plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int qemu_plugin_version = 1;

static struct {
	uint64_t lo, hi, stop, insns;
	const char *out;
	bool done;
} w;

static void on_insn(unsigned cpu, void *data)
{
	(void)cpu, (void)data;
	w.insns += !w.done;
}

static void on_stop(unsigned cpu, void *data)
{
	FILE *f;

	(void)cpu, (void)data;
	if (w.done || !w.insns || !(f = fopen(w.out, "w")))
		return;
	w.done = true;
	fprintf(f, "%" PRIu64 "\n", w.insns);
	fclose(f);
}

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t at = qemu_plugin_insn_vaddr(insn);

		if (at == w.stop)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_stop, 0, NULL);
		if (w.done || at < w.lo || at >= w.hi || at == w.stop)
			continue;
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, 0, NULL);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value)
			return -1;
		*value++ = 0;
		if (!strcmp(argv[i], "out"))
			w.out = strdup(value);
		else
			*(argv[i][0] == 'l'   ? &w.lo
			  : argv[i][0] == 'h' ? &w.hi
					      : &w.stop) = strtoull(value, NULL, 0);
	}
	if (!w.out || w.lo >= w.hi)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	return 0;
}
