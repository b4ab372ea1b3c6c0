/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links a purgatory for the bare machine of <cpu>.S and tells it what a scenario wants:
 *	image CPU OBJECT SCENARIO hvc|smc|-
 * writes into this folder image.bin and payload.bin, image.inc for the assembler and image.args for
 * the linker.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/arm/handoff.h"
#include "arch/arm64/handoff.h"
#include "arch/ppc64/handoff.h"
#include "arch/riscv64/handoff.h"
#include "arch/x86_64/handoff.h"
#include "arch/x86_64/multiboot_info.h"
#include "core/file.h"
#include "load/seal.h"
#include "purgatory/psci.h"

enum { KERNEL = 300000, INITRD = 4097 };
#define GIB4 (UINT64_C(1) << 32)

static uint8_t payload[KERNEL + INITRD];

struct scenario {
	const char *name, *cpu, *conduit;
};

/* Where all lies on the bare machine, and what is bad there. */
struct place_of {
	const char *cpus[2];
	uint32_t console;
	uint64_t uart, before, next, purgatory, payload, dtb;
	uint64_t nowhere; /* memory that is not there, and whose reading is an exception; or 0 */
	uint8_t undefined[4]; /* an instruction that no CPU knows, as bytes */
	void (*args)(const struct scenario *s, const struct place_of *p, uint64_t size,
		     struct handoff *h);
};

static bool is(const struct scenario *s, const char *word)
{
	return strstr(s->name, word);
}

static uint64_t psci(const struct scenario *s)
{
	if (is(s, "guess"))
		return PSCI_UNKNOWN;
	if (is(s, "no-psci"))
		return PSCI_NONE;
	return strcmp(s->conduit, "smc") ? PSCI_HVC : PSCI_SMC;
}

enum { NEXT32 = 0x111000, LOW = 0x9000, LOW_LEN = 5001, BACKUP = 0x700000 };
/* Where real mode reaches: the purgatory and the setup code of x86.S. */
enum { PURGATORY16 = 0x20000, SETUP16 = 0x90000 };

static uint64_t x86_mode(const struct scenario *s, bool is32)
{
	return is(s, "mode")        ? 7
	       : is(s, "real16")    ? X86_MODE_16
	       : is(s, "4-level")   ? X86_MODE_64_4
	       : is(s, "multiboot") ? X86_MODE_MULTIBOOT
	       : is32               ? X86_MODE_32
				    : X86_MODE_64;
}

static void x86(const struct scenario *s, const struct place_of *p, uint64_t size,
		struct handoff *h)
{
	bool is32 = is(s, "32") || is(s, "multiboot") || !strcmp(s->cpu, "i386");

	(void)size;
	if (is32)
		h->entry = NEXT32;
	h->console_baud = is32 ? 115200 : 0;
	h->backup_src = LOW;
	h->backup_dst = BACKUP;
	h->backup_len = LOW_LEN;
	h->args[X86_ARG_INFO] = is(s, "real16") ? SETUP16 : p->dtb;
	h->args[X86_ARG_MODE] = x86_mode(s, is32);
	h->args[X86_ARG_EAX] = MB2_ENTERED;
}

static void arm(const struct scenario *s, const struct place_of *p, uint64_t size,
		struct handoff *h)
{
	h->args[ARM_ARG_R2] = p->dtb;
	h->args[ARM_ARG_PSCI] = psci(s);
	h->args[ARM_ARG_SELF] = p->purgatory;
	h->args[ARM_ARG_SIZE] = size;
}

static void arm64(const struct scenario *s, const struct place_of *p, uint64_t size,
		  struct handoff *h)
{
	h->args[ARM64_ARG_DTB] = p->dtb;
	h->args[ARM64_ARG_IMAGE] = p->purgatory;
	h->args[ARM64_ARG_SIZE] = size;
	h->args[ARM64_ARG_PSCI] = psci(s);
	h->args[ARM64_ARG_KERNEL] = is(s, "16k") ? 16384 : 4096;
}

/* RTAS is a few instructions of ppc64.S; the token is QEMU's (include/hw/ppc/spapr.h). */
static void ppc64(const struct scenario *s, const struct place_of *p, uint64_t size,
		  struct handoff *h)
{
	(void)size;
	h->args[PPC64_ARG_DTB] = p->dtb;
	h->args[PPC64_ARG_FIRMWARE] = PPC64_FIRMWARE_RTAS;
	h->args[PPC64_ARG_BASE] = 0;
	h->args[PPC64_ARG_ENTRY] = 0x6000;
	h->args[PPC64_ARG_REBOOT] = 0x2004;
	h->args[PPC64_ARG_VECTOR] = !is(s, "generic");
}

static void riscv64(const struct scenario *s, const struct place_of *p, uint64_t size,
		    struct handoff *h)
{
	(void)size;
	if (is(s, "sbi")) {
		h->console = HANDOFF_CONSOLE_SBI;
		h->console_addr = 0;
	}
	h->args[RISCV_ARG_DTB] = p->dtb;
	h->args[RISCV_ARG_ISA] = is(s, "generic") ? 0 : RISCV_ISA_ZKNH;
}

static void s390x(const struct scenario *s, const struct place_of *p, uint64_t size,
		  struct handoff *h)
{
	(void)s;
	(void)p;
	(void)size;
	(void)h;
}

/* What is not there is 0. */
static const struct place_of places[] = {
	/* i386 has no paging, so no address that is an exception; nobody asks there. */
	{.cpus = {"x86_64", "i386"},
	 .console = HANDOFF_CONSOLE_8250_PORT,
	 .uart = 0x3f8,
	 .before = 0x100000,
	 .next = 0x110000,
	 .purgatory = 0x400000,
	 .payload = 0x600000,
	 .dtb = 0x12345670,
	 .nowhere = UINT64_C(1) << 46,
	 .undefined = {0x0f, 0x0b},
	 .args = x86},
	{.cpus = {"arm"},
	 .console = HANDOFF_CONSOLE_PL011,
	 .uart = 0x09000000,
	 .before = 0x40200000,
	 .next = 0x41000000,
	 .purgatory = 0x44000000,
	 .payload = 0x46000000,
	 .dtb = 0x47000000,
	 .nowhere = 0x0b000000,
	 .undefined = {0xf0, 0x00, 0xf0, 0xe7},
	 .args = arm},
	{.cpus = {"arm64"},
	 .console = HANDOFF_CONSOLE_PL011,
	 .uart = 0x09000000,
	 .before = 0x40200000,
	 .next = 0x41000000,
	 .purgatory = 0x44000000,
	 .payload = 0x46000000,
	 .dtb = 0x47000000,
	 .nowhere = 0x0b000000,
	 .args = arm64},
	{.cpus = {"ppc64le", "ppc64"},
	 .console = HANDOFF_CONSOLE_PAPR,
	 .uart = 0x71000000,
	 .next = 0x90000,
	 .purgatory = 0x100000,
	 .payload = 0x200000,
	 .dtb = 0x600000,
	 .args = ppc64},
	{.cpus = {"riscv64"},
	 .console = HANDOFF_CONSOLE_8250_MMIO,
	 .uart = 0x10000000,
	 .before = 0x80200000,
	 .next = 0x81000000,
	 .purgatory = 0x84000000,
	 .payload = 0x86000000,
	 .dtb = 0x87000000,
	 .nowhere = UINT64_C(1) << 40,
	 .args = riscv64},
	{.cpus = {"s390x"},
	 .console = HANDOFF_CONSOLE_SCLP,
	 .before = 0x10000,
	 .next = 0x100000,
	 .purgatory = 0x400000,
	 .payload = 0x600000,
	 .dtb = 0x700000,
	 .nowhere = UINT64_C(1) << 40,
	 .args = s390x},
};

static void add_piece(struct boot *b, enum segment_kind kind, uint64_t at, size_t off, size_t len)
{
	b->pieces[b->npieces++] = (struct boot_piece){.kind = kind,
						      .place = {.at = at + off},
						      .borrowed = span_of(payload + off, len),
						      .hashed = len};
}

static int write_file(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(data, 1, len, f) != len || fclose(f)) {
		perror(path);
		return -1;
	}
	return 0;
}

static int write_all(const struct place_of *p, const struct boot *b, const struct buf *image,
		     uint64_t entry)
{
	struct buf inc = BUF_INIT, args = BUF_INIT;
	static const char *const names[] = {"NEXT", "DTB", "UART", "PURGATORY", "PURGATORY_START",
					    "MODE"};
	const uint64_t values[] = {p->next,         p->dtb, p->uart,
				   b->purgatory.at, entry,  b->handoff.args[X86_ARG_MODE]};
	const char *const sections[] = {"before", "next", "purgatory", "payload", "next32"};
	const uint64_t at[] = {p->before, p->next, p->purgatory, p->payload, NEXT32};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		(void)buf_printf(&inc, "#define %s 0x%llx\n", names[i],
				 (unsigned long long)values[i]);
	(void)buf_printf(&inc, "#define BACKUP_SRC 0x%x\n#define BACKUP_DST 0x%x\n", LOW, BACKUP);
	(void)buf_printf(&inc, "#define BACKUP_LEN %d\n", LOW_LEN);
	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++)
		(void)buf_printf(&args, "--section-start=.%s=0x%llx\n", sections[i],
				 (unsigned long long)at[i]);
	bool ok = !write_file("image.bin", image->ptr, image->len) &&
		  !write_file("payload.bin", payload, sizeof(payload)) &&
		  !write_file("image.inc", inc.ptr, inc.len) &&
		  !write_file("image.args", args.ptr, args.len);

	buf_done(&inc);
	buf_done(&args);
	return ok ? 0 : -1;
}

static void make_handoff(struct boot *b, const struct place_of *p, const struct scenario *s,
			 uint64_t size)
{
	struct handoff *h = &b->handoff;

	h->on_mismatch = is(s, "halt") ? HANDOFF_HALT : HANDOFF_RESET;
	h->console = is(s, "silent") ? HANDOFF_CONSOLE_NONE : p->console;
	h->console_addr = p->uart;
	h->entry = p->next;
	p->args(s, p, size, h);
	if (is(s, "unverified"))
		return;
	add_piece(b, SEG_KERNEL, p->payload, 0, KERNEL);
	add_piece(b, SEG_INITRD, p->payload, KERNEL, INITRD);
}

/* What happens to the image, or to memory, after it was sealed. */
static int damage(const struct place_of *p, const struct scenario *s, const struct link *l,
		  struct buf *image, struct err *err)
{
	uint64_t at;
	int r = link_symbol(l, "baton_handoff", &at, NULL, err);

	if (!r && is(s, "table"))
		image->ptr[at + offsetof(struct handoff, regions[1].len)] ^= 1;
	if (!r && is(s, "undefined") && !(r = link_symbol(l, "verify_handoff", &at, NULL, err)))
		for (size_t i = 0; i < 4; i++) /* one of them is where calls arrive (ppc64) */
			memcpy(image->ptr + at + 4 * i, p->undefined, sizeof(p->undefined));
	if (is(s, "damaged"))
		payload[KERNEL + 17] ^= 0x20;
	return r;
}

static int seal(const struct place_of *p, const struct scenario *s, const struct link *l,
		struct buf *image, struct err *err)
{
	struct arch arch = *arch_by_name(s->cpu);
	struct load_request req = {.arch = &arch};
	struct boot b = {.req = &req};
	uint64_t entry;

	/* No other CPUs here. */
	arch.finish = NULL;
	b.purgatory.at = is(s, "real16") ? PURGATORY16 : p->purgatory + (is(s, "high") ? GIB4 : 0);
	make_handoff(&b, p, s, (l->size + 4095) & ~UINT64_C(4095));
	int r = seal_regions(&b, sha256_blocks_generic, err);

	if (is(s, "nowhere") || is(s, "far")) {
		/* No map of ours reaches what is far. */
		b.handoff.regions[1].start = is(s, "far") ? UINT64_C(1) << 50 : p->nowhere;
		b.handoff.regions[1].len = 4096;
	}
	if (!r)
		r = seal_purgatory(&b, l, image, &entry, err);
	if (!r)
		r = damage(p, s, l, image, err);
	if (!r && write_all(p, &b, image, entry))
		r = fail(err, EIO, "cannot write here");
	return r;
}

static int make(const char *object, const struct place_of *p, const struct scenario *s,
		struct err *err)
{
	struct buf file = BUF_INIT, image = BUF_INIT;
	struct link l;
	int r = file_read(AT_FDCWD, object, 1 << 20, &file, err);

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 2654435761u >> 13);
	if (!r)
		r = link_open(buf_span(&file), arch_by_name(s->cpu)->rules, &l, err);
	if (!r) {
		r = seal(p, s, &l, &image, err);
		link_done(&l);
	}
	buf_done(&file);
	buf_done(&image);
	return r;
}

static const struct place_of *place_for(const char *cpu)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		for (size_t k = 0; k < 2 && places[i].cpus[k]; k++)
			if (!strcmp(cpu, places[i].cpus[k]))
				return &places[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct place_of *p = argc == 5 ? place_for(argv[1]) : NULL;
	struct err err = ERR_INIT;

	if (!p) {
		fprintf(stderr, "usage: image CPU OBJECT SCENARIO hvc|smc|-\n");
		return 2;
	}
	const struct scenario s = {argv[3], argv[1], argv[4]};

	if (!make(argv[2], p, &s, &err))
		return 0;
	fprintf(stderr, "%s: %s\n", argv[2], err.text);
	return 1;
}
