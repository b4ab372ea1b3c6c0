/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A big-endian crash kernel for kexec_file_load. Linux tells its purgatory in 4 bytes that the
 * kernel must stay where it is; the purgatory hands them on with a load of 8
 * (arch/powerpc/purgatory/trampoline_64.S, run_at_load; Linux 6.1), and on a big-endian CPU the
 * kernel gets the 4 bytes behind them. They do not say so: it would move to address 0, over the
 * memory to be saved. So it lies behind 64 KiB that take this word in its place:
 *
 *	start            branch to start + 0x100; then the kernel's own code for the other CPUs
 *	start + 0x100    branch to the kernel, with its address in r4
 *	start + 0x10000  the kernel as kexec_load would have it, told to stay
 */
#include <string.h>

#include "arch/ppc64/ppc64.h"
#include "base/put.h"
#include "elf/writer.h"

#define FRONT 0x10000u /* also where the segment begins in the file */

/* Entered with r3: device tree, r4: start, r5: 0, r8 and r9: OPAL. */
static const uint32_t to_kernel[] = {
	0x3c840001, /* addis r4,r4,1 */
	0x7c8903a6, /* mtctr r4 */
	0x4e800420, /* bctr */
};

static int put_headers(const struct image *im, uint64_t filesz, struct buf *out)
{
	const struct elf e = {.big = true,
			      .type = ET_EXEC,
			      .machine = EM_PPC64,
			      .phoff = ELF64_EHDR_SIZE,
			      .phnum = 1};
	const struct elf_phdr p = {.type = PT_LOAD,
				   .flags = PF_R | PF_W | PF_X,
				   .offset = FRONT,
				   .filesz = FRONT + filesz,
				   .memsz = FRONT + im->footprint_running,
				   .align = FRONT};
	int r = elf_put_header(out, &e);

	if (!r)
		r = elf_put_phdr(out, &e, &p);
	return r ? r : buf_zero(out, FRONT - out->len);
}

static int put_front(struct span kernel, struct buf *out)
{
	uint8_t front[PPC64_SLAVE_CODE + sizeof(to_kernel)];

	put_be(front, 0x48000000 | PPC64_SLAVE_CODE, 4); /* b .+0x100 */
	memcpy(front + 4, kernel.ptr + 4, PPC64_SLAVE_CODE - 4);
	for (size_t i = 0; i < sizeof(to_kernel) / sizeof(*to_kernel); i++)
		put_be(front + PPC64_SLAVE_CODE + 4 * i, to_kernel[i], 4);
	int r = buf_add(out, front, sizeof(front));

	return r ? r : buf_zero(out, FRONT - sizeof(front));
}

int ppc64_file_instead(struct boot *b, struct buf *out, struct err *err)
{
	struct buf kernel = BUF_INIT;

	if (!b->crash)
		return 0;
	if (b->image->align > FRONT)
		return fail(
			err, ENOTSUP,
			"kexec_file_load: the kernel wants a multiple of 0x%llx and would lie 0x%x "
			"behind one; '--syscall load' loads it",
			(unsigned long long)b->image->align, FRONT);
	int r = ppc64_kernel_memory(b, &kernel, err);

	if (!r && kernel.len < PPC64_SLAVE_CODE)
		r = fail(err, EBADMSG, "the kernel has only %zu bytes", kernel.len);
	if (!r &&
	    (put_headers(b->image, kernel.len, out) < 0 || put_front(buf_span(&kernel), out) < 0 ||
	     buf_add(out, kernel.ptr, kernel.len) < 0))
		r = fail(err, ENOMEM, "no memory for the kernel");
	buf_done(&kernel);
	return r;
}
