/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/x86_64/boot_multiboot.h"

#include <string.h>

#include "arch/x86_64/multiboot_info.h"
#include "arch/x86_64/x86.h"
#include "base/align.h"
#include "image/multiboot.h"

#define MIB  (1ull << 20)
#define GIB4 (1ull << 32)

/* What kernel and information leave of the pieces of a load. */
enum { MODULES_MAX = BOOT_PIECES - 2 };

static int check_demands(const struct multiboot *m, struct err *err)
{
	uint32_t missing = m->demands & ~multiboot_info_given(m->relocatable);

	if (m->version == 1 && m->flags & MB1_WANTS_VIDEO)
		return fail(err, ENOTSUP,
			    "the multiboot header demands a video mode, which only a boot loader "
			    "with a BIOS can set");
	if (missing)
		return fail(err, ENOTSUP,
			    "the multiboot header demands information of type %d, which is not to "
			    "be had after another kernel has run",
			    __builtin_ctz(missing));
	return 0;
}

/* Such a kernel may ask the BIOS, whatever it is told. */
static int warn_of_bios(struct boot *b, struct err *err)
{
	int r = 0;

	if (b->m->x86.efi)
		r = plan_warn(b->plan, "this machine was started by EFI: it has no BIOS to ask "
				       "(Xen: 'no-real-mode'), and a multiboot kernel is not told "
				       "where its ACPI tables are");
	else if (b->avoid.n)
		r = plan_warn(b->plan,
			      "a kernel that asks the BIOS for the memory map (Xen: unless "
			      "its line says 'no-real-mode') uses the memory to be avoided");
	return r < 0 ? fail(err, ENOMEM, "no memory for a warning") : 0;
}

int x86_check_multiboot(struct boot *b, struct err *err)
{
	struct multiboot m;
	int r = multiboot_read(b->image->file, &m, err);

	if (r < 0)
		return r;
	if (b->req->entry != ENTRY_AUTO)
		return fail(err, ENOTSUP,
			    "'--entry': a multiboot kernel has one entry, that of its header");
	if (b->crash)
		return fail(err, ENOTSUP,
			    "a multiboot kernel cannot be the crash kernel: nothing tells it where "
			    "the dump is, and which memory it must leave alone");
	if (!m.relocatable && m.low < MIB)
		return fail(err, ENOTSUP,
			    "the kernel is linked at 0x%llx: below 1 MiB lies what the BIOS and "
			    "the start of CPUs need",
			    (unsigned long long)m.low);
	r = warn_of_bios(b, err);
	return r ? r : check_demands(&m, err);
}

/* Bytes between the start of the piece, which is a page's, and that of the kernel. One that moves
 * is put on a page. */
static uint64_t before_kernel(const struct boot *b)
{
	return b->image->relocatable ? 0 : b->image->preferred % b->m->page_size;
}

static int check_load_address(const struct boot *b, const struct place *k, struct err *err)
{
	unsigned long long at = b->req->load_address, least = k->within.start;

	if (at != b->image->preferred && !b->image->relocatable)
		return fail(err, EINVAL,
			    "--load-address 0x%llx: the kernel is not relocatable, it runs at "
			    "0x%llx only",
			    at, (unsigned long long)b->image->preferred);
	if (b->image->relocatable && (at < least || !align_is(at, k->align)))
		return fail(err, EINVAL,
			    "--load-address 0x%llx: below the kernel's limit 0x%llx, or not a "
			    "multiple of 0x%llx",
			    at, least, (unsigned long long)k->align);
	return 0;
}

/* The relocatable tag: its bounds are those of all loads, and 0 prefers nothing: where it was
 * linked, then. */
static void place_relocatable(const struct multiboot *m, struct place *k)
{
	if (m->align > k->align)
		k->align = m->align;
	k->within = (struct range){m->min > MIB ? m->min : MIB, m->max + 1ull};
	k->why = "the multiboot header's relocatable tag";
	k->dir = m->preference == 2 ? PLACE_HIGHEST : PLACE_LOWEST;
	k->prefer = m->preference == 0 && align_is(m->low, k->align);
	k->preferred = m->low;
}

int x86_add_multiboot_kernel(struct boot *b, struct err *err)
{
	struct multiboot m;
	struct boot_piece *k;
	int r = multiboot_read(b->image->file, &m, err);

	if (r < 0)
		return r;
	/* A bss is zero because it was loaded so: it counts. */
	k = boot_add_pages(b, SEG_KERNEL, "kernel", before_kernel(b) + (m.end - m.low));
	if (!k)
		return boot_no_piece(err);
	k->place.within = (struct range){MIB, GIB4};
	if (m.relocatable) {
		place_relocatable(&m, &k->place);
	} else {
		k->place.fixed = true;
		k->place.preferred = m.low - before_kernel(b);
		k->place.why = "not relocatable";
	}
	if (!b->req->has_load_address)
		return 0;
	r = check_load_address(b, &k->place, err);
	k->place.fixed = true;
	k->place.preferred = b->req->load_address - before_kernel(b);
	k->place.why = "--load-address";
	return r;
}

/* The first word of the line is the kernel's own name, and is passed over (Xen 4.17,
 * xen/arch/x86/setup.c, cmdline_cook). */
static int add_line(const struct boot *b, struct buf *out)
{
	const char *path = b->req->image_path;
	int r = 0;

	for (size_t i = 0; !r && path[i]; i++)
		r = buf_add(out, (uint8_t)path[i] > ' ' ? &path[i] : "_", 1);
	if (!r && b->plan->cmdline.len)
		r = buf_puts(out, " ");
	return r ? r : buf_add(out, b->plan->cmdline.ptr, b->plan->cmdline.len);
}

/* Modules are the pieces of their kind, in the order in which they were added. */
static void find_modules(const struct boot *b, struct multiboot_info_module *out)
{
	size_t n = 0;

	for (size_t i = 0; i < b->npieces; i++)
		if (b->pieces[i].kind == SEG_MODULE) {
			const struct load_module *m = &b->req->modules[n];

			out[n++] = (struct multiboot_info_module){
				.at = b->pieces[i].place.at, .len = m->data.len, .line = m->line};
		}
}

/* The information, for where everything lies now: nowhere, before placing. */
static int make_info(const struct boot *b, const struct mem_map *map, uint64_t at, struct buf *out,
		     struct err *err)
{
	struct multiboot_info_module modules[MODULES_MAX];
	struct buf line = BUF_INIT;
	struct multiboot_info_in in = {
		.version = b->image->format == IMAGE_MULTIBOOT2 ? 2 : 1,
		.map = map,
		.modules = modules,
		.nmodules = b->req->nmodules,
		.relocatable = b->image->relocatable,
		.load_base = boot_find(b, SEG_KERNEL)->place.at,
	};
	int r = add_line(b, &line);

	find_modules(b, modules);
	in.cmdline = buf_span(&line);
	r = r < 0 ? fail(err, ENOMEM, "no memory for the command line")
		  : multiboot_info_write(&in, at, out, err);
	buf_done(&line);
	return r;
}

/* Of 32 bits is what tells where it lies and ends; below 1 MiB the BIOS has its data, and CPUs
 * start. */
static struct boot_piece *add_told(struct boot *b, enum segment_kind kind, const char *what,
				   uint64_t size)
{
	struct boot_piece *p = boot_add_pages(b, kind, what, size);

	if (!p)
		return NULL;
	p->place.within = (struct range){MIB, GIB4 - b->m->page_size};
	p->place.why = "between 1 MiB and 4 GiB";
	return p;
}

static int add_modules(struct boot *b, struct err *err)
{
	if (b->req->nmodules > MODULES_MAX)
		return fail(err, EINVAL, "'--module': %zu of them, one load has room for %d",
			    b->req->nmodules, MODULES_MAX);
	for (size_t i = 0; i < b->req->nmodules; i++) {
		struct span data = b->req->modules[i].data;
		struct boot_piece *p = add_told(b, SEG_MODULE, "module", data.len);

		if (!p)
			return boot_no_piece(err);
		p->borrowed = data;
		p->place.dir = PLACE_HIGHEST;
	}
	return 0;
}

int x86_add_multiboot_info(struct boot *b, struct err *err)
{
	struct mem_map map = {0};
	struct buf info = BUF_INIT;
	int r = add_modules(b, err);

	if (!r)
		r = x86_make_map(b, &map, err);
	if (!r)
		r = make_info(b, &map, 0, &info, err);
	if (!r && !add_told(b, SEG_MULTIBOOT_INFO, "multiboot_info", info.len))
		r = boot_no_piece(err);
	vec_done(&map);
	buf_done(&info);
	return r;
}

int x86_fill_multiboot_kernel(struct boot *b, struct err *err)
{
	struct boot_piece *k = boot_find(b, SEG_KERNEL);
	struct multiboot m;
	int r = multiboot_read(b->image->file, &m, err);

	if (r < 0)
		return r;
	if (buf_zero(&k->data, (size_t)before_kernel(b)) < 0 || multiboot_memory(&m, &k->data) < 0)
		return fail(err, ENOMEM, "no memory for the kernel");
	return 0;
}

int x86_fill_multiboot_info(struct boot *b, const struct mem_map *map, struct err *err)
{
	struct boot_piece *p = boot_find(b, SEG_MULTIBOOT_INFO);

	return make_info(b, map, p->place.at, &p->data, err);
}

uint64_t x86_multiboot_entry(const struct boot *b)
{
	const struct image *im = b->image;

	return boot_find(b, SEG_KERNEL)->place.at + before_kernel(b) + im->entry32 - im->preferred;
}

uint32_t x86_multiboot_magic(const struct boot *b)
{
	if (!image_is_multiboot(b->image))
		return 0;
	return b->image->format == IMAGE_MULTIBOOT2 ? MB2_ENTERED : MB1_ENTERED;
}
