/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel container says of itself. One module per container (bzimage.c …); image.c holds
 * only the probe table. Parsers borrow the file's bytes, allocate nothing, and never place
 * anything: that is arch + plan.
 */
#pragma once
#include <stdbool.h>
#include "base/span.h"
#include "codec/codec.h"
#include "core/err.h"
#include "image/part.h"

enum image_format {
	IMAGE_BZIMAGE,
	IMAGE_LINUX_IMAGE,
	IMAGE_ZIMAGE,
	IMAGE_VMLINUX,
	IMAGE_S390_IMAGE,
	IMAGE_ZBOOT,
	IMAGE_UKI,
	IMAGE_UIMAGE,
	IMAGE_FIT,
	IMAGE_PPC_ZIMAGE,
	IMAGE_MULTIBOOT,
	IMAGE_MULTIBOOT2,
	IMAGE_ANDROID,
	IMAGE_PE,
};

/* Who makes the kernel fit for the address that it is loaded at. */
enum image_how { HOW_SELF, HOW_BOOT_LOADER, HOW_KEPT_RELOCATIONS, HOW_FIXED };

/* Of a bzImage: fields of Documentation/arch/x86/boot.rst; what its protocol lacks is 0. */
struct bzimage {
	uint16_t protocol;        /* 0x020f; 0x0200 is the oldest we take */
	uint32_t setup_bytes;     /* boot sector and setup code: the rest begins here in the file */
	uint32_t header_end;      /* end of the setup header: 0x202 + byte at 0x201, <= 0x281 */
	uint32_t cmdline_size;    /* longest command line without its NUL; 255 before 2.06 */
	uint64_t initrd_addr_max; /* last byte an initrd may take, as the header says (below 4G) */
	uint32_t kernel_alignment; /* power of two where the kernel is relocatable */
	uint16_t xloadflags;
	uint64_t pref_address; /* 0x100000 before 2.10 */
	uint64_t init_size;    /* 0 before 2.10 */
	bool relocatable;
	bool loaded_high;
};

/* Of a raw Image: docs/formats/image.md. */
struct linux_image {
	uint64_t text_offset; /* bytes from a boundary of 2 MiB to the first byte loaded */
	uint64_t image_size;  /* with bss; 0 = unknown (arm64 before 3.17) */
	uint64_t flags;
	uint32_t version;   /* riscv64: major << 16 | minor */
	uint32_t page_size; /* that the kernel runs with; 0 = unknown */
	bool anywhere;      /* need not lie as low in RAM as it can */
};

/* Of an ARM zImage: docs/formats/zimage.md. */
struct zimage {
	uint32_t start;       /* address it must be loaded at; 0 = anywhere */
	uint32_t image_size;  /* bytes that belong to it; a device tree may follow in the file */
	uint32_t bss_size;    /* of the unpacked kernel */
	uint32_t text_offset; /* where it unpacks to, from the start of RAM; 0 = not told */
	uint32_t malloc_size; /* heap while it unpacks; 0 = not told */
};

/* Of an ELF kernel: docs/formats/vmlinux.md. Addresses are physical where not named virt. */
struct vmlinux {
	unsigned loads;         /* segments */
	uint64_t phys, virt;    /* of the lowest segment, as linked */
	uint64_t file_end, end; /* behind the last byte of the file's content, and of memory */
	uint64_t entry;
	bool run_at_load; /* ppc64: has the word that keeps it where it was loaded */
};

/* Of the flat image of s390x: docs/formats/s390-image.md. */
struct s390_image {
	uint64_t cmdline_max; /* bytes for the command line with its NUL; it lies in the file */
	bool kdump;           /* the kdump entry leads somewhere: CONFIG_CRASH_DUMP */
};

/* An ELF note of the kernel. */
struct image_note {
	char name[16];
	uint32_t type, size;
};
#define IMAGE_NOTES_MAX 32

struct image {
	enum image_format format;
	const char *arch; /* "x86_64" */
	unsigned bits;    /* 32 or 64: what the kernel runs in */
	bool big;
	struct span file;
	char version[128]; /* release: first word of the banner; empty = unknown */
	uint8_t build_id[64];
	unsigned build_id_len; /* bytes; 0 = unknown */
	enum image_compression compression;
	uint64_t payload_off, payload_size; /* in the file; size 0 = unknown */
	uint64_t unpacked_size;             /* 0 = unknown */
	/* bytes from the load address; 0 = unknown */
	uint64_t footprint_unpacking, footprint_running;
	bool guessed; /* one of them is a bound, not a figure of the file */
	/* align: power of two, 1 = none; preferred: 0 = none; limit_max: last byte, 0 = none */
	uint64_t align, preferred, limit_min, limit_max;
	bool relocatable;
	enum image_how how;
	/* absolute for the preferred load; 0 = no such entry */
	uint64_t entry64, entry32, entry16, entry_pvh;
	/* A container with a PART_KERNEL tells its other facts only as far as it knows them; arch
	 * may be NULL then. */
	struct image_parts parts;
	bool no_ramdisk; /* of an Android boot image that leaves it to another file */
	char about[200]; /* of the container itself, for people; names in it may hold any bytes */
	unsigned nnotes;
	struct image_note notes[IMAGE_NOTES_MAX]; /* the first of them */
	/* of its own format; zero in all others */
	struct bzimage bz;
	struct linux_image li;
	struct zimage zi;
	struct vmlinux vm;
	struct s390_image s390;
};

/*
 * Probe all formats in the order of the table. 0 | -ENOEXEC with a reason (what is wanted) | what
 * the parser says of a damaged one. @out borrows @file; written only on success.
 */
int image_parse(struct span file, struct image *out, struct err *err);

/* Which kernel of a container to take, and what goes with it. All zero: as it is by itself. */
struct image_choice {
	const char *config; /* of a FIT image: the configuration's name */
	bool has_profile;
	unsigned profile;        /* of a UKI */
	struct span vendor_boot; /* the file that goes with an Android boot image; empty = none */
};

/* The same with a choice (NULL: none). -EINVAL: the file has none such, or is of another kind. */
int image_parse_as(struct span file, const struct image_choice *choice, struct image *out,
		   struct err *err);

const char *image_format_name(enum image_format f);
const char *image_compression_name(enum image_compression c); /* NULL for COMP_UNKNOWN */
const char *image_how_name(enum image_how h);
bool image_is_multiboot(const struct image *m);
/* By the first bytes of @payload: codec_probe(), and ELF for COMP_NONE. */
enum image_compression image_compression_of(struct span payload);
enum codec image_codec(enum image_compression c); /* CODEC_UNKNOWN where none is needed or known */
