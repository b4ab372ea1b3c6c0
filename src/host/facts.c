/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/facts.h"

#include <stdio.h>
#include <string.h>

#include "core/cleanup.h"
#include "host/facts_parts.h"
#include "machine/cmdline.h"
#include "machine/cpus.h"
#include "machine/iomem.h"
#include "machine/lowmem.h"
#include "machine/memmap.h"

#define IOMEM_MAX   (256ull << 20)
#define IOMEM_TRIES 5
#define TEXT_MAX    (1ull << 20)
#define CPUINFO_LEN 16384

static bool same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (!a->len || !memcmp(a->ptr, b->ptr, a->len));
}

/*
 * The kernel writes /proc/iomem a page at a time and lets it change in between (hotplug): lines may
 * be doubled or missing. Two equal texts in a row are taken for the truth.
 */
static int read_iomem(const struct facts_root *root, struct buf *out, struct err *err)
{
	static const char path[] = "proc/iomem";
	int r = root_read(root, path, IOMEM_MAX, out, err);

	if (!r)
		return root_wrap(root, fail(err, ENOENT, "%s", strerror(ENOENT)), path, err);
	for (unsigned i = 0; r > 0 && root->live && i < IOMEM_TRIES; i++) {
		struct buf again = BUF_INIT;

		r = root_read(root, path, IOMEM_MAX, &again, err);
		bool agrees = r > 0 && same(out, &again);
		buf_done(out);
		*out = again;
		if (r > 0 && agrees)
			return 0;
	}
	if (r > 0 && root->live)
		return root_wrap(root,
				 fail(err, EAGAIN, "changed on each of %u reads", IOMEM_TRIES + 1),
				 path, err);
	return r < 0 ? r : 0;
}

/* The firmware's own map does not know what the kernel was told to add to it or to take away. */
static bool memmap_is_all(const struct machine *m)
{
	return !cmdline_get(buf_span(&m->cmdline), "add_efi_memmap").ptr;
}

static int read_memmap_entry(const struct facts_root *root, uint64_t n, struct machine *m,
			     struct err *err)
{
	static const char *const names[3] = {"start", "end", "type"};
	struct buf text[3] = {0};
	char path[64];
	int r = 1;

	for (unsigned i = 0; i < 3 && r > 0; i++) {
		snprintf(path, sizeof(path), "sys/firmware/memmap/%llu/%s", (unsigned long long)n,
			 names[i]);
		r = root_read_start(root, path, 128, &text[i], err);
	}
	if (r > 0) {
		r = memmap_add(&m->firmware, buf_span(&text[0]), buf_span(&text[1]),
			       buf_span(&text[2]), err);
		if (r < 0)
			root_wrap(root, r, path, err);
	}
	for (unsigned i = 0; i < 3; i++)
		buf_done(&text[i]);
	return r < 0 ? r : 0;
}

static int read_memmap(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct number_list list = {0};
	int r = 0;

	if (memmap_is_all(m))
		r = root_numbers(root, "sys/firmware/memmap", "", &list, err);
	for (size_t i = 0; i < list.n && !r; i++)
		r = read_memmap_entry(root, list.v[i], m, err);
	vec_done(&list);
	return r ? r : memmap_settle(&m->firmware, err);
}

static int read_memory(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = read_memmap(root, m, err);

	if (!r)
		r = read_iomem(root, &text, err);
	if (!r) {
		r = iomem_facts(buf_span(&text), m, m->firmware.n ? NULL : &m->firmware, err);
		if (r < 0)
			root_wrap(root, r, "proc/iomem", err);
	}
	buf_done(&text);
	return r;
}

static int read_cma(const struct facts_root *root, struct machine *m, struct err *err)
{
	static const char path[] = "sys/kernel/kexec/crash_cma_ranges";
	struct buf text = BUF_INIT;
	int r = root_read_start(root, path, 4096, &text, err);

	if (r > 0) {
		r = iomem_cma_ranges(buf_span(&text), &m->crash_cma, err);
		if (r < 0)
			root_wrap(root, r, path, err);
	}
	buf_done(&text);
	return r;
}

static int read_cmdline(const struct facts_root *root, struct machine *m, struct err *err)
{
	int r = root_read(root, "proc/cmdline", TEXT_MAX, &m->cmdline, err);

	/* Linux ends the file with one newline that is none of the line's. */
	if (r > 0 && m->cmdline.len && m->cmdline.ptr[m->cmdline.len - 1] == '\n')
		m->cmdline.ptr[--m->cmdline.len] = 0;
	return r < 0 ? r : 0;
}

static int read_meminfo(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = root_read(root, "proc/meminfo", TEXT_MAX, &text, err);
	struct span v = text_value(buf_span(&text), "MemTotal", ':'), word;
	uint64_t kib;

	if (text_word(&v, &word) && text_u64(word, 10, &kib) && kib <= UINT64_MAX / 1024)
		m->mem_total = kib * 1024;
	if (r > 0)
		r = facts_poison(root, buf_span(&text), m, err);
	buf_done(&text);
	return r < 0 ? r : 0;
}

/* Only 32-bit kernels have highmem. */
static int read_lowmem(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = 0;

	if (!strcmp(m->arch, "arm") || !strcmp(m->arch, "i386"))
		r = root_read(root, "proc/zoneinfo", TEXT_MAX, &text, err);
	m->lowmem_end = lowmem_end(m, buf_span(&text));
	buf_done(&text);
	return r < 0 ? r : 0;
}

/*
 * One CPU speaks for all: only the first block is read, which spares the kernel a look at each of
 * them.
 */
static int read_cpuinfo(const struct facts_root *root, struct machine *m, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = root_read_start(root, "proc/cpuinfo", CPUINFO_LEN, &text, err);
	struct span s = buf_span(&text);

	if (r >= 0)
		r = facts_guess_self(m, s, err);
	m->cpu_sha = cpuinfo_sha(s, m->arch);
	/*
	 * The kernel clears the flag where it does not use the fifth level
	 * (arch/x86/kernel/cpu/common.c).
	 */
	m->x86.la57 = cpuinfo_flag(s, "flags", "la57");
	m->x86.confidential = cpuinfo_flag(s, "flags", "tdx_guest");
	buf_done(&text);
	return r;
}

int facts_read(const struct facts_root *root, struct machine *m, struct err *err)
{
	static int (*const parts[])(const struct facts_root *, struct machine *, struct err *) = {
		facts_self,   read_cmdline, read_memory,  read_cma,      facts_kernel,
		read_cpuinfo, facts_cpus,   facts_dt,     read_meminfo,  read_lowmem,
		facts_serials, facts_x86,
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !r; i++)
		r = parts[i](root, m, err);
	return r;
}

static int read_below(const char *path, struct machine *out,
		      int (*read)(const struct facts_root *, struct machine *, struct err *),
		      struct err *err)
{
	struct facts_root root;
	int r = root_open(&root, path, err);

	*out = (struct machine)MACHINE_INIT;
	if (r < 0)
		return r;
	r = read(&root, out, err);
	root_close(&root);
	if (r < 0)
		machine_done(out);
	return r;
}

int host_facts(const char *path, struct machine *out, struct err *err)
{
	return read_below(path, out, facts_read, err);
}

int host_self(const char *path, struct machine *out, struct err *err)
{
	return read_below(path, out, facts_self, err);
}
