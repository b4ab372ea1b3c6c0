/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts that only one family of CPUs has. Parts of struct machine, which owns what they hold. */
#pragma once
#include <stdbool.h>
#include "core/buf.h"
#include "machine/ranges.h"

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

/* ppc64 and ppc64le only: from /proc/device-tree. Ranges are empty where there is none. */
struct ppc64_facts {
	bool powernv;                   /* OPAL firmware (/ibm,opal); else PAPR, a pseries */
	uint64_t opal_base, opal_entry; /* opal-base-address, opal-entry-address */
	/* Firmware's own memory: not in ram, and in the dump even inside the crash region. */
	struct range opal, rtas;
	/* linux,tce-base/-size of the host bridges; linux,htab-base/-size: not in ram */
	struct range_list tce;
	struct range htab;
	uint64_t rma_end;    /* end of the real mode area: of the lowest memory range */
	uint64_t kernel_end; /* linux,kernel-end; 0 = unknown */
	uint32_t boot_cpu;   /* hardware number of the CPU that booted */
};

/*
 * arm machines whose RAM lies above 4 GiB and is seen by CPUs without paging through a window below
 * (Keystone 2): "System RAM (boot alias)" and "Crash kernel (boot alias)" of /proc/iomem. Addresses
 * given to kexec are those of the window; those in a crash header are the real ones.
 */
struct ram_alias {
	struct range_list ram;   /* the window; normal; empty = no such machine */
	struct range_list crash; /* crash regions as seen there */
	uint64_t offset;         /* real address = address in the window + offset */
};
