/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCG plugin that writes each line of memory that is loaded from or stored to into QEMU's log:
 * -plugin tcg_accesses.so,at=PC,at=PC… -d plugin. A line is told again only after one of the
 * instructions at PC.
 */
#include "harness/qemu_plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOADS_AND_STORES = 3 };
enum { LINE = 64, SLOTS = 4096, MAX_PCS = 64 };

int qemu_plugin_version = 1;

static struct {
	uint64_t pcs[MAX_PCS];
	unsigned npcs;
	uint64_t told[2][SLOTS]; /* by store: the line that was told last */
} plugin;

static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t at, void *data)
{
	uint64_t last = at + (UINT64_C(1) << qemu_plugin_mem_size_shift(info)) - 1;
	bool store = qemu_plugin_mem_is_store(info);

	(void)cpu, (void)data;
	for (uint64_t line = at / LINE; line <= last / LINE; line++) {
		uint64_t *told = &plugin.told[store][line % SLOTS];
		char text[40];

		if (*told == line)
			continue;
		*told = line;
		snprintf(text, sizeof(text), "%s 0x%" PRIx64 "\n", store ? "store" : "load",
			 line * LINE);
		qemu_plugin_outs(text);
	}
}

static void on_pc(unsigned cpu, void *data)
{
	(void)cpu, (void)data;
	memset(plugin.told, 0, sizeof(plugin.told));
}

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		for (unsigned k = 0; k < plugin.npcs; k++)
			if (qemu_plugin_insn_vaddr(insn) == plugin.pcs[k])
				qemu_plugin_register_vcpu_insn_exec_cb(insn, on_pc, 0, NULL);
		qemu_plugin_register_vcpu_mem_cb(insn, on_access, 0, LOADS_AND_STORES, NULL);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "at=", 3) || plugin.npcs == MAX_PCS)
			return -1;
		plugin.pcs[plugin.npcs++] = strtoull(argv[i] + 3, NULL, 0);
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	return 0;
}
