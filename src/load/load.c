/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/crash.h"
#include "base/align.h"
#include "load/console.h"
#include "load/doubts.h"
#include "load/line.h"
#include "load/parts.h"
#include "load/seal.h"
#include "load/size.h"

static void boot_done(struct boot *b)
{
	for (size_t i = 0; i < b->npieces; i++)
		buf_done(&b->pieces[i].data);
	ranges_done(&b->usable);
}

static int check_request(const struct machine *m, const struct load_request *req,
			 const struct image *image, struct err *err)
{
	const struct arch *arch = req->arch;

	/* kexec_file_load gets containers as they are, and tells of them by itself. */
	if (image->arch && strcmp(image->arch, arch->name) &&
	    (!arch->also || strcmp(image->arch, arch->also)))
		return fail(err, EINVAL, "is a kernel for %s, wanted one for %s", image->arch,
			    req->arch->name);
	if (req->nmodules && !image_is_multiboot(image))
		return fail(err, EINVAL,
			    "'--module': only a multiboot kernel takes modules, not a %s",
			    image_format_name(image->format));
	if (req->initrd.len && image_is_multiboot(image))
		return fail(
			err, EINVAL,
			"'--initrd': a multiboot kernel takes modules, '--module \"FILE ARGS\"' "
			"(Xen: first its kernel, then the initrd of that)");
	if (m->addresses_hidden && req->syscall == PLAN_LOAD)
		return fail(err, EPERM,
			    "/proc/iomem hides its addresses from this user; root sees them");
	if (req->crash && !m->crash.n)
		return fail(err, EADDRNOTAVAIL,
			    "no crash kernel region is reserved (crashkernel= is missing on the "
			    "running kernel's command line)");
	return 0;
}

/*
 * Where segments may lie. A crash load goes into the highest region alone: it is the kernel's
 * crashk_res, a lower one is only DMA memory for the capture kernel (kernel/kexec_core.c
 * sanity_check_segment_list, Linux 6.1). RAM above the CPU's destination limit is nobody's place.
 */
static int usable_ranges(struct boot *b, struct err *err)
{
	const struct load_request *req = b->req;
	struct range_list window = {0}, base = {0}, kept = {0}, limited = {0};
	struct range reach = {0, req->arch->dest_limit + 1};
	int r = ranges_add(&window, range_meet(req->window, reach));

	ranges_normalise(&window);
	if (!r)
		r = b->crash ? machine_boot_crash(b->m, &base) : machine_boot_ram(b->m, &base);
	if (!r)
		r = ranges_subtract(&kept, &base, &b->avoid);
	if (!r)
		r = ranges_meet(&limited, &kept, &window);
	if (!r)
		b->usable = limited;
	else
		ranges_done(&limited);
	ranges_done(&window);
	ranges_done(&base);
	ranges_done(&kept);
	return r < 0 ? fail(err, ENOMEM, "no memory for the memory map") : 0;
}

static int avoided_ranges(struct boot *b, struct err *err)
{
	const struct load_request *req = b->req;
	int r = ranges_copy(&b->avoid, &req->avoid);

	for (size_t i = 0; !r && i < b->m->poison.n; i++)
		r = ranges_add(&b->avoid, b->m->poison.v[i]);
	if (r < 0)
		return fail(err, ENOMEM, "no memory for the memory map");
	ranges_normalise(&b->avoid);
	return 0;
}

static int place_all(struct boot *b, struct err *err)
{
	struct place all[BOOT_PIECES + 1];
	uint64_t page = b->m->page_size;

	for (size_t i = 0; i < b->npieces; i++) {
		all[i] = b->pieces[i].place;
		all[i].size = align_up(all[i].size, page);
	}
	all[b->npieces] = b->purgatory;
	int r = space_place(&b->usable, all, b->npieces + 1, &b->plan->explain, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < b->npieces; i++) {
		b->pieces[i].place = all[i];
		b->pieces[i].place.at += b->pieces[i].lead;
		b->pieces[i].place.size -= b->pieces[i].lead;
	}
	b->purgatory = all[b->npieces];
	return 0;
}

static int add_segment(struct plan *p, enum segment_kind kind, const struct place *place,
		       struct span data, uint64_t hashed)
{
	struct plan_segment s = {.kind = kind,
				 .mem = place->at,
				 .memsz = place->size,
				 .data = data,
				 .hashed = hashed};

	snprintf(s.reason, sizeof(s.reason), "%s", place->reason);
	return vec_push(&p->segments, s);
}

static int by_mem(const void *a, const void *b)
{
	const struct plan_segment *x = a, *y = b;

	return x->mem < y->mem ? -1 : x->mem > y->mem;
}

static int take_segments(struct boot *b, struct buf *purgatory, struct err *err)
{
	struct plan *p = b->plan;
	int r = 0;

	for (size_t i = 0; !r && i < b->npieces; i++) {
		struct boot_piece *piece = &b->pieces[i];
		struct span data = piece->borrowed;

		if (piece->data.ptr)
			r = plan_own(p, &piece->data, &data);
		if (!r)
			r = add_segment(p, piece->kind, &piece->place, data, piece->hashed);
	}
	struct span data = {0};
	if (!r)
		r = plan_own(p, purgatory, &data);
	if (!r)
		r = add_segment(p, SEG_PURGATORY, &b->purgatory, data, 0);
	if (r < 0)
		return fail(err, ENOMEM, "no memory for the plan");
	qsort(p->segments.v, p->segments.n, sizeof(*p->segments.v), by_mem);
	return 0;
}

/* What the running kernel rewrites after the load cannot be covered by a digest. */
static void allow_hotplug(struct boot *b)
{
	const struct arch *arch = b->req->arch;

	if (!boot_crash_hotplug(b))
		return;
	b->plan->kexec_flags |= arch->hotplug_flag;
	for (size_t i = 0; i < b->npieces; i++) {
		enum segment_kind kind = b->pieces[i].kind;

		if (kind == SEG_ELFCOREHDR || (kind == SEG_DTB && arch->hotplug_tree))
			b->pieces[i].hashed = 0;
	}
}

/* --explain says where a figure is none of the file's. */
static int tell_bounds(struct boot *b, struct err *err)
{
	const struct image *im = b->image;

	if (!im->guessed ||
	    !buf_printf(&b->plan->explain,
			"kernel: the file does not tell all of the room that it takes: a bound is "
			"kept free, 0x%llx bytes while it unpacks\n",
			(unsigned long long)im->footprint_unpacking))
		return 0;
	return fail(err, ENOMEM, "no memory for the plan");
}

/* Everything from the laid out pieces to the finished plan. */
static int complete(struct boot *b, const struct link *l, struct err *err)
{
	struct buf purgatory = BUF_INIT;
	int r = tell_bounds(b, err);

	if (!r)
		r = place_all(b, err);
	if (!r)
		r = b->req->arch->fill(b, err);
	if (!r)
		r = console_choose(b, err);
	if (!r)
		allow_hotplug(b);
	if (!r && !b->req->no_checks)
		r = seal_regions(b, arch_host_sha256(NULL), err);
	if (!r)
		r = seal_purgatory(b, l, &purgatory, &b->plan->entry, err);
	if (!r) {
		b->plan->kernel_entry = b->handoff.entry;
		b->plan->verified_by = b->req->no_checks ? VERIFIED_NONE : VERIFIED_BATON;
		r = take_segments(b, &purgatory, err);
	}
	buf_done(&purgatory);
	return r;
}

static int validate(struct boot *b, struct err *err)
{
	struct plan_limits lim = {
		.page_size = b->m->page_size,
		.mem_total = b->m->mem_total,
		.dest_limit = b->req->arch->dest_limit,
		.max_segments = 16,
	};

	int r = doubts_warn(b, err);

	return r < 0 ? r : plan_validate(b->plan, &lim, &b->usable, err);
}

static int plan_by_load(struct boot *b, struct err *err)
{
	const struct load_request *req = b->req;
	struct span obj = req->purgatory.ptr ? req->purgatory : req->arch->purgatory();
	uint64_t page = b->m->page_size;
	struct link l = {0};
	int r = link_open(obj, req->arch->rules, &l, err);

	if (r < 0)
		return wrap_file(err, r, "purgatory",
				 req->purgatory_path ? req->purgatory_path : "built in");
	b->handoff.on_mismatch = req->on_mismatch;
	b->purgatory = (struct place){.what = "purgatory",
				      .size = align_up(l.size, page),
				      .align = l.align > page ? l.align : page};
	r = req->arch->layout(b, err);
	if (!r)
		r = complete(b, &l, err);
	if (!r)
		r = validate(b, err);
	link_done(&l);
	return r;
}

/* Found out here, because a crash load costs the armed image before the kernel looks. */
static int check_line(const struct boot *b, struct err *err)
{
	const struct arch *arch = b->req->arch;
	uint64_t most = arch->file_line_max ? arch->file_line_max(b->image, b->crash) : UINT64_MAX;

	if (b->plan->cmdline.len <= most)
		return 0;
	return fail(err, EINVAL,
		    "the command line has %zu bytes, kexec_file_load takes at most %llu for this "
		    "kernel",
		    b->plan->cmdline.len, (unsigned long long)most);
}

/*
 * For the same reason: the kernel's own placement needs init_size for the kernel and the whole
 * initrd inside the one region. Necessary, not sufficient.
 */
static int check_room(const struct boot *b, struct err *err)
{
	uint64_t page = b->m->page_size;
	uint64_t kernel = align_up(size_of_kernel(b->image), page);
	uint64_t initrd = align_up(b->req->initrd.len, page);
	uint64_t room = b->crash ? range_size(b->m->crash.v[b->m->crash.n - 1]) : UINT64_MAX;

	if (kernel <= room && initrd <= room - kernel)
		return 0;
	return fail(err, ENOSPC,
		    "the crash region has 0x%llx bytes, the kernel needs 0x%llx%s and the initrd "
		    "0x%llx",
		    (unsigned long long)room, (unsigned long long)kernel,
		    b->image->footprint_unpacking ? " while it unpacks" : "",
		    (unsigned long long)initrd);
}

/* The user's file, or what goes to the running kernel in its place. */
static int file_kernel(struct boot *b, struct span *out, struct err *err)
{
	struct buf made = BUF_INIT;
	int r = b->req->arch->file_instead ? b->req->arch->file_instead(b, &made, err) : 0;

	*out = b->req->image;
	if (!r && made.len &&
	    (plan_own(b->plan, &made, out) < 0 ||
	     plan_warn(b->plan,
		       "the running kernel's kexec_file_load would not load this kernel right: it "
		       "gets another file with the kernel in it, without a signature") < 0))
		r = fail(err, ENOMEM, "no memory for the kernel");
	buf_done(&made);
	return r;
}

/* kexec_file_load: the kernel places, verifies and adds elfcorehdr= by itself. */
static int plan_by_file(struct boot *b, struct err *err)
{
	const struct load_request *req = b->req;
	struct plan *p = b->plan;
	const char *why = "";
	struct plan_segment kernel = {.kind = SEG_KERNEL};
	struct plan_segment initrd = {.kind = SEG_INITRD, .data = req->initrd};

	if (!req->arch->file_load_ok || !req->arch->file_load_ok(b->m, b->image, req->crash, &why))
		return fail(err, ENOTSUP, "kexec_file_load cannot take it: %s", why);
	int r = check_line(b, err);
	if (!r)
		r = check_room(b, err);
	if (!r)
		r = file_kernel(b, &kernel.data, err);
	if (r < 0)
		return r;
	r = vec_push(&p->segments, kernel);
	if (!r && req->initrd.len)
		r = vec_push(&p->segments, initrd);
	if (r < 0)
		return fail(err, ENOMEM, "no memory for the plan");
	p->verified_by = VERIFIED_KERNEL;
	return 0;
}

static int describe(const struct machine *m, const struct load_request *req,
		    const struct image *image, struct plan *p)
{
	int r = ranges_copy(&p->crash_regions, m->alias.crash.n ? &m->alias.crash : &m->crash);

	for (size_t i = 0; !r && i < m->firmware.n; i++)
		r = vec_push(&p->memory, m->firmware.v[i]);
	snprintf(p->arch, sizeof(p->arch), "%s", req->arch->name);
	snprintf(p->image_file, sizeof(p->image_file), "%s", req->image_path);
	if (!p->image_format[0])
		snprintf(p->image_format, sizeof(p->image_format), "%s",
			 image_format_name(image->format));
	snprintf(p->image_version, sizeof(p->image_version), "%s", image->version);
	p->crash = req->crash;
	p->syscall = req->syscall;
	p->kexec_arch = req->arch->kexec_arch;
	return r;
}

static int plan_image(const struct machine *m, const struct load_request *req,
		      const struct image *image, struct plan *out, struct err *err)
{
	struct boot b = {.m = m, .image = image, .req = req, .crash = req->crash, .plan = out};
	int r = check_request(m, req, image, err);

	if (r < 0)
		return wrap_file(err, r, "kernel", req->image_path);
	b.initrd = req->initrd;
	if (describe(m, req, image, out) < 0)
		r = fail(err, ENOMEM, "no memory for the plan");
	if (!r)
		r = line_start(m, req, out, err);
	if (!r)
		r = avoided_ranges(&b, err);
	if (!r)
		r = usable_ranges(&b, err);
	if (!r)
		r = req->syscall == PLAN_FILE ? plan_by_file(&b, err) : plan_by_load(&b, err);
	ranges_done(&b.avoid);
	boot_done(&b);
	return r;
}

/* The kernel and what came with it, and their bytes given to the plan. */
static int open_kernel(struct load_request *req, struct image *image, struct plan *out,
		       struct err *err)
{
	struct unwrapped u = {.choice = &req->choice};
	struct span owned;
	int r = unwrap_kernel(req->image, &u, err);

	if (r < 0)
		return r;
	*image = u.kernel;
	if (u.outer.format != u.kernel.format)
		snprintf(out->image_format, sizeof(out->image_format), "%s",
			 image_format_name(u.outer.format));
	r = parts_take(&u, req, out, err);
	for (unsigned i = 0; !r && i < u.levels; i++)
		if (plan_own(out, &u.bytes[i], &owned) < 0)
			r = fail(err, ENOMEM, "no memory for the plan");
	unwrapped_done(&u);
	return r;
}

int load_plan(const struct machine *m, const struct load_request *req, struct plan *out,
	      struct err *err)
{
	struct load_request full = *req;
	struct image image = {0};
	int r;

	*out = (struct plan)PLAN_INIT;
	/* kexec_file_load gets the file as it is. */
	r = req->syscall == PLAN_FILE ? image_parse(req->image, &image, err)
				      : open_kernel(&full, &image, out, err);
	if (r < 0)
		r = wrap_file(err, r, "kernel", req->image_path);
	else
		r = plan_image(m, &full, &image, out, err);
	if (r < 0)
		plan_done(out);
	return r;
}
