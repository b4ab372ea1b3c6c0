/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/inspect.h"

#include "core/cleanup.h"
#include "image/payload.h"
#include "image/render.h"
#include "image/zimage.h"
#include "session/files.h"

/* The largest kernels in the wild unpack to about 100 MB. */
#define UNPACKED_MAX (256ull << 20)

/* What only the packed kernel tells. A size that proved wrong is unknown. */
static void look_inside(struct image *m, const char *path, struct err *note)
{
	_cleanup_(buf_done) struct buf vmlinux = BUF_INIT;
	int r;

	/* Of a raw Image, a vmlinux, and what zImages unpack to, all is known. */
	if (m->format == IMAGE_LINUX_IMAGE || m->format == IMAGE_VMLINUX)
		return;
	if (m->format == IMAGE_ZIMAGE) {
		if ((r = zimage_measure(m, note)))
			(void)wrap_file(note, r, "kernel", path);
		return;
	}
	r = image_payload(m, UNPACKED_MAX, &vmlinux, note);
	if (r == -EBADMSG)
		m->unpacked_size = 0;
	if (!r)
		r = image_look_inside(m, buf_span(&vmlinux), note);
	if (r)
		(void)wrap_file(note, r, "kernel", path);
}

int session_inspect(const char *path, bool json, struct buf *out, struct err *note,
		    struct err *err)
{
	_cleanup_(buf_done) struct buf file = BUF_INIT;
	_cleanup_(closep) int fd = -1;
	struct image image = {0};
	int r = files_read("kernel", path, SESSION_KERNEL_MAX, &fd, &file, err);

	if (r < 0)
		return r;
	r = image_parse(buf_span(&file), &image, err);
	if (r < 0)
		return wrap_file(err, r, "kernel", path);
	look_inside(&image, path, note);
	r = json ? image_json(&image, path, out) : image_text(&image, path, out);
	return r < 0 ? fail(err, ENOMEM, "no memory") : 0;
}
