/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/job.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "session/files.h"
#include "session/move_kernel.h"

#define PURGATORY_MAX (16ull << 20)
#define DTB_MAX       (16ull << 20) /* what is too large for a tree is said by arch/dtb.c */

static int find_arch(const struct job_options *o, struct job *j, struct err *err)
{
	const char *name = o->arch ? o->arch : j->machine.arch;

	j->arch = arch_by_name(name);
	if (!j->arch)
		return fail(err, ENOTSUP, "'%s' is no CPU that this program can load for", name);
	if (j->machine.arch[0] && strcmp(j->arch->name, j->machine.arch) != 0)
		return fail(err, EINVAL, "'--arch %s': the facts in %s are those of a %s machine",
			    name, o->root, j->machine.arch);
	return 0;
}

static bool heeds_dtb(const struct job_options *o, const struct job *j)
{
	return o->dtb && j->arch->device_tree;
}

static int check_dtb(const struct job_options *o, const struct job *j, struct err *err)
{
	if (!o->dtb || heeds_dtb(o, j) || o->dtb_if_any)
		return 0;
	return fail(err, EINVAL, "'--dtb': kernels for %s take no device tree", j->arch->name);
}

static int read_modules(const struct job_options *o, struct job *j, struct err *err)
{
	for (size_t i = 0; i < o->nmodules; i++) {
		struct buf file = BUF_INIT;
		int r = files_module(o->modules[i], SESSION_INITRD_MAX, &file, err);

		if (!r && vec_push(&j->module_files, file) < 0)
			r = fail(err, ENOMEM, "no memory for the modules");
		if (r < 0) {
			buf_done(&file);
			return r;
		}
		if (vec_push(&j->modules, ((struct load_module){buf_span(&file), o->modules[i]})) <
		    0)
			return fail(err, ENOMEM, "no memory for the modules");
	}
	return 0;
}

static int read_files(const struct job_options *o, struct job *j, struct err *err)
{
	int (*initrds)(const char *const *, size_t, uint64_t, int *, struct buf *, struct err *) =
		o->shown_only ? files_initrds_unread : files_initrds;
	int r = files_read("kernel", o->image, SESSION_KERNEL_MAX, &j->image_fd, &j->image, err);

	if (!r && o->vendor_boot)
		r = files_read("vendor_boot", o->vendor_boot, SESSION_KERNEL_MAX,
			       &j->vendor_boot_fd, &j->vendor_boot, err);
	if (!r && o->ninitrds)
		r = initrds(o->initrds, o->ninitrds, SESSION_INITRD_MAX, &j->initrd_fd, &j->initrd,
			    err);
	if (r > 0) {
		j->wrapped_initrds = (unsigned)r;
		r = 0;
	}
	if (!r)
		r = read_modules(o, j, err);
	if (!r && heeds_dtb(o, j))
		r = files_read("dtb", o->dtb, DTB_MAX, &j->dtb_fd, &j->dtb, err);
	if (!r && o->purgatory)
		r = files_read("purgatory", o->purgatory, PURGATORY_MAX, &j->purgatory_fd,
			       &j->purgatory, err);
	return r;
}

/* What --load-address asks of a kernel that does not find out by itself where it is. */
static int move_kernel(const struct job_options *o, struct job *j, struct err *err)
{
	if (!o->request.has_load_address)
		return 0;
	return wrap_file(err, kernel_move_to(&j->image, o->request.load_address, err), "kernel",
			 o->image);
}

static int tri(enum host_answer a)
{
	return a == HOST_UNKNOWN ? -1 : a == HOST_YES;
}

static int choose(const struct job_options *o, struct job *j, struct err *err)
{
	struct image image = {0};
	struct choose_facts f = {
		.want = o->want,
		.load_call = tri(j->policy.has_load),
		.file_call = tri(j->policy.has_file_load),
		.locked_down = j->policy.lockdown > LOCKDOWN_NONE,
		.confidential = j->machine.x86.confidential,
		.hand_over = j->policy.handover == HOST_YES,
		.needs_load = o->needs_load     ? o->needs_load
			      : heeds_dtb(o, j) ? "--dtb"
						: NULL,
		.needs_file = o->needs_file,
	};
	int r = image_parse_as(j->request.image, &j->request.choice, &image, err);

	/* What is in it is for load/ to find, and to judge. */
	if (r == -ENOEXEC && codec_probe(j->request.image) != CODEC_UNKNOWN)
		f.file_why = "it is a compressed file";
	else if (r < 0)
		return wrap_file(err, r, "kernel", o->image);
	else if (parts_find(&image.parts, PART_KERNEL))
		f.file_why = "it is a container, which no kernel opens";
	else
		f.file_ok =
			j->arch->file_load_ok &&
			j->arch->file_load_ok(&j->machine, &image, j->request.crash, &f.file_why);
	r = choose_call(&f, &j->choice, err);
	return r < 0 ? wrap_file(err, r, "kernel", o->image) : 0;
}

static void fill_request(const struct job_options *o, struct job *j)
{
	struct load_request *q = &j->request;

	*q = o->request;
	q->arch = j->arch;
	q->image_path = o->image;
	q->image = buf_span(&j->image);
	q->choice.vendor_boot = buf_span(&j->vendor_boot);
	q->initrd = buf_span(&j->initrd);
	q->modules = j->modules.v;
	q->nmodules = j->modules.n;
	q->dtb = buf_span(&j->dtb);
	q->dtb_path = o->dtb;
	q->append = o->append;
	q->purgatory = buf_span(&j->purgatory);
	q->purgatory_path = o->purgatory;
	j->file_flags = o->file_flags;
	q->no_digests = o->shown_only;
	q->has_rng_seed = getrandom(q->rng_seed, sizeof(q->rng_seed), GRND_NONBLOCK) ==
			  (ssize_t)sizeof(q->rng_seed);
}

/* The user forbids memory: a larger crash region would not help for sure. */
static bool restricted(const struct load_request *q)
{
	return q->avoid.n || q->has_load_address || q->window.start || q->window.end != UINT64_MAX;
}

static int tell_initrds(struct job *j, struct err *err)
{
	if (!j->wrapped_initrds ||
	    !buf_printf(&j->plan.explain,
			"initrd: %u of the files given for it came as a uImage: the checksums are "
			"right, the header is left out\n",
			j->wrapped_initrds))
		return 0;
	return fail(err, ENOMEM, "no memory for the plan");
}

/* Both plans are made before anything is called: a fall back must not find out too late that it has
 * no place. */
static int make_plans(struct job *j, struct err *err)
{
	struct load_request second = j->request;
	int r = load_plan(&j->machine, &j->request, &j->plan, err);

	if (j->request.crash && (r == -EADDRNOTAVAIL || (r == -ENOSPC && !restricted(&j->request))))
		(void)load_crash_size(&j->machine, &j->request, &j->crash_room, NULL);
	if (!r)
		r = tell_initrds(j, err);
	if (r < 0 || !j->choice.may_fall_back)
		return r;
	second.syscall = j->choice.call == PLAN_LOAD ? PLAN_FILE : PLAN_LOAD;
	j->has_second = !load_plan(&j->machine, &second, &j->second, NULL);
	return 0;
}

int job_plan(const struct job_options *o, struct job *j, struct err *err)
{
	*j = (struct job){.machine = MACHINE_INIT,
			  .image_fd = -1,
			  .vendor_boot_fd = -1,
			  .initrd_fd = -1,
			  .dtb_fd = -1,
			  .purgatory_fd = -1};
	int r = host_facts(o->root, &j->machine, err);

	if (!r)
		r = host_policy(o->root, &j->policy, err);
	if (!r)
		r = find_arch(o, j, err);
	if (!r)
		r = check_dtb(o, j, err);
	if (!r)
		r = read_files(o, j, err);
	if (!r)
		r = move_kernel(o, j, err);
	if (r < 0)
		return r;
	fill_request(o, j);
	r = choose(o, j, err);
	j->request.syscall = j->choice.call;
	return r < 0 ? r : make_plans(j, err);
}

static void shut(int fd)
{
	if (fd >= 0)
		close(fd);
}

void job_done(struct job *j)
{
	plan_done(&j->plan);
	plan_done(&j->second);
	machine_done(&j->machine);
	buf_done(&j->image);
	buf_done(&j->vendor_boot);
	buf_done(&j->initrd);
	for (size_t i = 0; i < j->module_files.n; i++)
		buf_done(&j->module_files.v[i]);
	vec_done(&j->module_files);
	vec_done(&j->modules);
	buf_done(&j->dtb);
	buf_done(&j->purgatory);
	shut(j->image_fd);
	shut(j->vendor_boot_fd);
	shut(j->initrd_fd);
	shut(j->dtb_fd);
	shut(j->purgatory_fd);
}
