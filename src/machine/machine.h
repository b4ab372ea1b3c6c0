/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts of a machine: all that planning may know. Parsed from bytes by this folder's modules,
 * read from a root by host/facts.c; the same struct comes from the live machine and from a captured
 * folder, so that a plan is a pure function of it. All addresses physical unless a name says _va;
 * sizes in bytes.
 */
#pragma once
#include <stdbool.h>
#include "core/buf.h"
#include "core/err.h"
#include "machine/cpu_facts.h"
#include "machine/ranges.h"

/* What the firmware (e820, EFI, device tree) calls a range. Numbers of e820 in machine/memmap.c. */
enum mem_kind {
	MEM_RAM,
	MEM_RESERVED,
	MEM_ACPI, /* ACPI tables, reclaimable */
	MEM_NVS,  /* ACPI non-volatile storage */
	MEM_UNUSABLE,
	MEM_PMEM, /* persistent */
	MEM_PRAM, /* legacy persistent (e820 type 12) */
	MEM_SOFT_RESERVED,
};

struct mem_range {
	struct range at;
	enum mem_kind kind;
};

/* Sorted by start, no overlaps; touching ranges of one kind are merged. */
struct mem_map VEC_BODY(struct mem_range);

/* Where a CPU's crash note lies: /sys/devices/system/cpu/cpuN/crash_notes{,_size}. */
struct cpu_note {
	uint32_t cpu;
	uint64_t addr, size;
};

/*
 * A PT_LOAD of /proc/kcore: what the running kernel maps where. paddr is UINT64_MAX where unknown.
 */
struct kernel_map {
	uint64_t va, pa, size;
};

/* A UART that the running kernel knows: /sys/class/tty/<name>/{port,iomem_base,io_type}. */
struct serial_port {
	char name[16];   /* "ttyS0" */
	uint64_t port;   /* I/O port, or 0 */
	uint64_t mmio;   /* physical address, or 0 */
	uint32_t stride; /* bytes between registers; 1 for ports */
	bool console;    /* an active console in /proc/consoles */
};

struct machine {
	char arch[16];     /* "x86_64": the names of interface.md §3 */
	char release[128]; /* uname -r of the running kernel; empty = unknown */
	uint64_t page_size;
	uint64_t mem_total;    /* MemTotal of /proc/meminfo in bytes, 0 = unknown */
	bool addresses_hidden; /* /proc/iomem showed only zeros: no privilege */
	unsigned cpus;         /* present */
	unsigned cpus_possible; /* these and what may be plugged in; 0 = unknown */

	struct mem_map firmware; /* the map for the next kernel (e820 on x86) */
	struct range_list ram;   /* System RAM less reserved children, hwpoison and other nested
				    reservations; normal */
	struct range_list system_ram; /* System RAM as the old kernel calls it, children of any kind
					 included: what a dump must hold */
	struct range_list crash; /* "Crash kernel" regions, ascending; not subtracted from ram */
	/*
	 * crashkernel=…,cma: lent to user pages until the panic, RAM of the capture kernel after
	 * it; normal. Never a place for a segment, and not in the crash header.
	 */
	struct range_list crash_cma;
	struct range_list poison; /* hwpoison pages, where known; normal */
	bool poison_unknown; /* the kernel counts bad pages, and not all of them could be found */
	struct range kernel; /* code to bss of the running kernel; empty = unknown */
	struct ram_alias alias;
	/*
	 * 32-bit CPUs: the first physical address that the running kernel's linear map does not
	 * reach; 0 = unknown, or another CPU.
	 */
	uint64_t lowmem_end;

	VEC(struct cpu_note) notes; /* present CPUs, ascending; numbers may be sparse */
	/*
	 * The running kernel rewrites a loaded crash header when CPUs or memory come and go, and
	 * wants this many bytes for it: /sys/kernel/crash_elfcorehdr_size (Linux 6.6); 0 = it does
	 * not.
	 */
	uint64_t crash_hotplug_size;
	struct range vmcoreinfo; /* the note's place, from /sys/kernel/vmcoreinfo; empty = none */
	struct buf vmcoreinfo_text;   /* "KEY=VALUE\n"…; empty = unknown */
	VEC(struct kernel_map) kcore; /* empty = unknown */
	uint64_t stext_va;            /* _stext: from vmcoreinfo, else kallsyms; 0 = unknown */
	uint64_t text_va;             /* _text, where it is needed: from kallsyms; 0 = unknown */

	struct buf cmdline; /* /proc/cmdline without its newline */
	/*
	 * The running machine's device tree, aligned to 8 bytes: /sys/firmware/fdt; on ppc64
	 * /proc/device-tree, flattened. Its random seeds are zeros. Empty = none.
	 */
	struct buf fdt;
	VEC(struct serial_port) serials;
	bool cpu_sha; /* the CPU's own SHA-256 instructions are there (machine/cpus.h) */
	struct x86_facts x86;
	struct ppc64_facts ppc64;
};

#define MACHINE_INIT                                                                               \
	{                                                                                          \
		.page_size = 4096                                                                  \
	}

void machine_done(struct machine *m);

/* The value behind KEY= in the vmcoreinfo text, e.g. "SYMBOL(_stext)". False if absent. */
bool machine_vmcoreinfo_u64(const struct machine *m, const char *key, uint64_t *value);

/*
 * Where kexec segments may lie, at the addresses that kexec is told. @out (empty) = ram of @m; or
 * the highest crash region less what others took inside it (the lower ones are only DMA memory of
 * the capture kernel: sanity_check_segment_list(), kernel/kexec_core.c). On a machine with a boot
 * alias it is what the window shows of that. Normal. 0 | -ENOMEM.
 */
int machine_boot_ram(const struct machine *m, struct range_list *out);
int machine_boot_crash(const struct machine *m, struct range_list *out);
