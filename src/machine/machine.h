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

struct efi_runtime_range {
	uint32_t type;
	uint64_t phys, virt, pages, attribute;
};

/* A node of boot_params.hdr.setup_data, as /sys/kernel/boot_params/setup_data/N shows it. */
struct setup_data_node {
	uint32_t type;
	struct buf data;
};

/* x86 only. */
struct x86_facts {
	struct buf boot_params; /* 4096 bytes of the running kernel, or empty */
	VEC(struct setup_data_node) setup_data;
	uint64_t acpi_rsdp; /* 0 = unknown */
	bool efi;           /* booted through EFI, and the tables below are complete */
	uint64_t efi_fw_vendor, efi_runtime, efi_config_table, efi_smbios;
	VEC(struct efi_runtime_range) efi_map;
	bool la57; /* 5-level paging in use by the running kernel */
	/*
	 * A TDX or SEV-SNP guest: CPUID, ports and device memory trap into a handler of the kernel
	 * (#VE, #VC), and without one the guest resets.
	 */
	bool confidential;
};

struct machine {
	char arch[16];     /* "x86_64": the names of interface.md §3 */
	char release[128]; /* uname -r of the running kernel; empty = unknown */
	uint64_t page_size;
	uint64_t mem_total;    /* MemTotal of /proc/meminfo in bytes, 0 = unknown */
	bool addresses_hidden; /* /proc/iomem showed only zeros: no privilege */
	unsigned cpus;         /* present */

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

	VEC(struct cpu_note) notes; /* present CPUs, ascending; numbers may be sparse */
	struct range vmcoreinfo; /* the note's place, from /sys/kernel/vmcoreinfo; empty = none */
	struct buf vmcoreinfo_text;   /* "KEY=VALUE\n"…; empty = unknown */
	VEC(struct kernel_map) kcore; /* empty = unknown */
	uint64_t stext_va;            /* from vmcoreinfo, else kallsyms; 0 = unknown */

	struct buf cmdline; /* /proc/cmdline without its newline */
	VEC(struct serial_port) serials;
	bool cpu_sha; /* the CPU's own SHA-256 instructions are there (x86: sha_ni, ssse3, sse4_1)
		       */
	struct x86_facts x86;
};

#define MACHINE_INIT                                                                               \
	{                                                                                          \
		.page_size = 4096                                                                  \
	}

void machine_done(struct machine *m);

/* The value behind KEY= in the vmcoreinfo text, e.g. "SYMBOL(_stext)". False if absent. */
bool machine_vmcoreinfo_u64(const struct machine *m, const char *key, uint64_t *value);

/*
 * va - pa of the linear map: from a PT_LOAD of kcore that maps RAM outside the kernel image. False
 * if unknown. Source: x86 /proc/kcore since 4.x gives p_paddr (fs/proc/kcore.c, kcore_update_ram).
 */
bool machine_linear_offset(const struct machine *m, uint64_t *offset);
