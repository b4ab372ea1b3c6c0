/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load/line.h"

#include <string.h>

#include "machine/cmdline.h"

/*
 * Parameters that belong to one boot only. Those we add ourselves are among them: the way back from
 * a capture kernel to production must not inherit its elfcorehdr=.
 */
static const char *const once[] = {"BOOT_IMAGE", "elfcorehdr", "acpi_rsdp", "nokaslr", NULL};
static const char *const once_crash[] = {"BOOT_IMAGE", "elfcorehdr",  "acpi_rsdp",
					 "nokaslr",    "crashkernel", NULL};

int line_clean(struct span own, struct buf *line)
{
	const uint8_t *nul = own.len ? memchr(own.ptr, 0, own.len) : NULL;
	size_t n = nul ? (size_t)(nul - own.ptr) : own.len;
	int r = 0;

	while (n && own.ptr[n - 1] <= ' ')
		n--;
	for (size_t i = 0; !r && i < n; i++)
		if (own.ptr[i] > ' ')
			r = buf_add(line, &own.ptr[i], 1);
		else if (line->len)
			r = buf_puts(line, " ");
	return r;
}

int line_start(const struct machine *m, const struct load_request *req, struct plan *p,
	       struct err *err)
{
	struct buf *line = &p->cmdline;
	int r = 0;

	if (req->reuse_cmdline) {
		if (!m->cmdline.ptr)
			return fail(
				err, ENODATA,
				"--reuse-cmdline: the running kernel's command line is unknown");
		r = cmdline_strip(buf_span(&m->cmdline), req->crash ? once_crash : once, line);
	} else {
		r = line_clean(req->own_line, line);
	}
	if (!r && req->append && req->append[0]) {
		if (cmdline_has_end(buf_span(line)))
			r = plan_warn(p, "the reused line ends the kernel's part of it: what "
					 "'--append' adds stands behind its \"--\" and reaches "
					 "init only");
		if (!r && line->len)
			r = buf_puts(line, " ");
		if (!r)
			r = buf_puts(line, req->append);
	}
	return r < 0 ? fail(err, ENOMEM, "no memory for the command line") : 0;
}
