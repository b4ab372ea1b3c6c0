/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCG plugin that watches a purgatory of a 64-bit Arm guest: what it executes and where it
 *writes. -plugin tcg_watch.so,lo=ADDR,hi=ADDR,stop=ADDR,out=FILE Counted is what is executed in
 *[lo, hi) until the first time at stop (the next kernel's entry). FILE then holds one line:
 *instructions, bytes stored, lowest and highest byte stored (but for device memory below
 *0x40000000), and how many lines were invalidated and cleaned by address. Interface: QEMU 7.2,
 *include/qemu/qemu-plugin.h, version 1; declared here, for no package has it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define RAM    0x40000000u

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
					   void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *),
					    int, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *,
				      void (*)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *),
				      int, int, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);

enum { STORES = 2 };
enum kind { PLAIN, INVALIDATE, CLEAN };

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

static struct {
	uint64_t lo, hi, stop, insns, stored, first, last, lines[3];
	const char *out;
	bool done;
} w = {.first = UINT64_MAX};

static void on_insn(unsigned cpu, void *kind)
{
	(void)cpu;
	if (w.done)
		return;
	w.insns++;
	w.lines[(uintptr_t)kind]++;
}

static void on_store(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t at, void *data)
{
	uint64_t size = 1ull << qemu_plugin_mem_size_shift(info);

	(void)cpu, (void)data;
	if (w.done || at < RAM || !qemu_plugin_mem_is_store(info))
		return;
	w.stored += size;
	w.first = at < w.first ? at : w.first;
	w.last = at + size - 1 > w.last ? at + size - 1 : w.last;
}

static void on_stop(unsigned cpu, void *data)
{
	FILE *f;

	(void)cpu, (void)data;
	if (w.done || !w.insns || !(f = fopen(w.out, "w")))
		return;
	w.done = true;
	fprintf(f, "%" PRIu64 " %" PRIu64 " 0x%" PRIx64 " 0x%" PRIx64 " %" PRIu64 " %" PRIu64 "\n",
		w.insns, w.stored, w.first, w.last, w.lines[INVALIDATE], w.lines[CLEAN]);
	fclose(f);
}

/* DC IVAC and DC CIVAC (DDI 0487, C5.3). */
static enum kind kind_of(const struct qemu_plugin_insn *insn)
{
	uint32_t code;

	memcpy(&code, qemu_plugin_insn_data(insn), sizeof(code));
	if ((code & ~31u) == 0xd5087620)
		return INVALIDATE;
	return (code & ~31u) == 0xd50b7e20 ? CLEAN : PLAIN;
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
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, 0,
						       (void *)(uintptr_t)kind_of(insn));
		qemu_plugin_register_vcpu_mem_cb(insn, on_store, 0, STORES, NULL);
	}
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
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
