/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans many loads in one process, for random_machines.py. Each line of standard input is one load,
 * fields between tabs ("-" for no limit, "A-B,A-B" inclusive):
 *   ROOT IMAGE INITRD_BYTES CRASH(0|1) MEM_MIN MEM_MAX AVOID
 * and gives one line of standard output: the plan as JSON, or {"error":"ENOSPC","reason":"..."}.
 * The initrd is that many zero bytes, which are never read: the digests are left out.
 * ROOT/loaded/KIND gets the bytes of each segment but the kernel and the initrd, for the models
 * that read them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "core/cleanup.h"
#include "core/file.h"
#include "host/facts.h"
#include "load/load.h"

enum { FIELDS = 7, IMAGES = 100 };
#define INITRD_MAX ((size_t)256 << 20)
#define IMAGE_MAX  (64u << 20)

static int avoid(char *list, struct range_list *out)
{
	char *save = NULL;
	int r = 0;

	if (!strcmp(list, "-"))
		return 0;
	for (char *w = strtok_r(list, ",", &save); w && !r; w = strtok_r(NULL, ",", &save)) {
		char *dash = NULL;
		uint64_t first = strtoull(w, &dash, 0);

		if (*dash != '-')
			return -EINVAL;
		r = ranges_add(out, (struct range){first, strtoull(dash + 1, NULL, 0) + 1});
	}
	ranges_normalise(out);
	return r;
}

/* Kernels are few and large: each is read once, and never freed. */
static int read_image(const char *path, struct span *out, struct err *err)
{
	static struct {
		char *path;
		struct buf bytes;
	} known[IMAGES];
	size_t i = 0;
	int r = 0;

	while (i < IMAGES && known[i].path && strcmp(known[i].path, path) != 0)
		i++;
	if (i == IMAGES)
		return fail(err, EINVAL, "more than %d kernels", IMAGES);
	if (!known[i].path)
		r = file_read(AT_FDCWD, path, IMAGE_MAX, &known[i].bytes, err);
	if (!r && !known[i].path && !(known[i].path = strdup(path)))
		r = fail(err, ENOMEM, "no memory");
	*out = buf_span(&known[i].bytes);
	return r;
}

static int keep_one(const char *root, const struct plan_segment *s)
{
	_cleanup_(closep) int fd = -1;
	char path[4096];

	snprintf(path, sizeof(path), "%s/loaded/%s", root, segment_kind_name(s->kind));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : file_write_all(fd, s->data);
}

static int keep(const char *root, const struct plan *p)
{
	char path[4096];
	int r;

	snprintf(path, sizeof(path), "%s/loaded", root);
	r = mkdir(path, 0755) < 0 ? -errno : 0;
	for (size_t i = 0; i < p->segments.n && !r; i++) {
		const struct plan_segment *s = &p->segments.v[i];

		if (s->kind != SEG_KERNEL && s->kind != SEG_INITRD)
			r = keep_one(root, s);
	}
	return r;
}

static int plan_one(char *const f[FIELDS], const void *zeros, struct buf *out, struct err *err)
{
	struct load_request req = {.image_path = f[1],
				   .no_checks = true,
				   .window = {0, UINT64_MAX},
				   .append = "quiet",
				   .purgatory_console = "none"};
	struct machine m = MACHINE_INIT;
	struct plan plan = PLAN_INIT;
	int r = read_image(f[1], &req.image, err);

	req.initrd = span_of(zeros, (size_t)strtoull(f[2], NULL, 0));
	if (!req.initrd.len)
		req.initrd.ptr = NULL;
	req.crash = f[3][0] == '1';
	if (strcmp(f[4], "-"))
		req.window.start = strtoull(f[4], NULL, 0);
	if (strcmp(f[5], "-"))
		req.window.end = strtoull(f[5], NULL, 0) + 1;
	if (r >= 0 && req.initrd.len > INITRD_MAX)
		r = fail(err, EINVAL, "initrd too large for this test");
	if (r >= 0)
		r = avoid(f[6], &req.avoid);
	if (r >= 0)
		r = host_facts(f[0], &m, err);
	if (r >= 0 && !(req.arch = arch_by_name(m.arch)))
		r = fail(err, ENOTSUP, "'%s' is no CPU that baton knows", m.arch);
	if (r >= 0)
		r = load_plan(&m, &req, &plan, err);
	if (r >= 0)
		r = keep(f[0], &plan);
	if (r >= 0)
		r = plan_json(&plan, out);
	plan_done(&plan);
	machine_done(&m);
	ranges_done(&req.avoid);
	return r;
}

static void say_refusal(int code, const struct err *err)
{
	struct json_object *o = json_object_new_object();
	const char *name = strerrorname_np(code);

	json_object_object_add(o, "error", json_object_new_string(name ? name : "?"));
	json_object_object_add(o, "reason", json_object_new_string(err->text));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

int main(void)
{
	void *zeros = mmap(NULL, INITRD_MAX, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			   -1, 0);
	size_t cap = 0, n;
	char *line = NULL;

	if (zeros == MAP_FAILED)
		return 1;
	while (getline(&line, &cap, stdin) > 0) {
		char *f[FIELDS], *rest = line;
		struct buf out = BUF_INIT;
		struct err err = ERR_INIT;
		int r;

		line[strcspn(line, "\n")] = '\0';
		for (n = 0; n < FIELDS && rest; n++)
			f[n] = strsep(&rest, "\t");
		if (n != FIELDS || rest) {
			fprintf(stderr, "many_plans: a line needs %d fields\n", FIELDS);
			return 2;
		}
		r = plan_one(f, zeros, &out, &err);
		if (r < 0)
			say_refusal(-r, &err);
		else
			fputs(buf_str(&out), stdout);
		buf_done(&out);
	}
	free(line);
	munmap(zeros, INITRD_MAX);
	return 0;
}
