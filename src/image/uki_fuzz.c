/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/image_fuzz.h"
#include "image/uki.h"

/* All that is taken out lies in the file; a profile that exists can be chosen, the next cannot. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct uki u, v;
	struct image m;
	struct err err = ERR_INIT;
	int r = uki_read(file, 0, &u, &err);

	assert(r != -ENOTSUP);
	fuzz_answer(r, &err);
	fuzz_container(&m, uki_parse(file, &m, NULL), r, file);
	if (r)
		return 0;
	assert(u.kernel.len && u.profiles >= 1 && u.profiles <= UKI_PROFILES_MAX);
	fuzz_inside(u.kernel, file);
	fuzz_inside(u.initrd, file);
	fuzz_inside(u.ucode, file);
	fuzz_inside(u.cmdline, file);
	fuzz_inside(u.dtb, file);
	fuzz_inside(u.uname, file);
	fuzz_inside(u.osrel, file);
	assert(uki_read(file, u.profiles, &v, NULL) == -EINVAL);
	r = uki_read(file, u.profiles - 1, &v, NULL);
	assert(r == 0 || r == -EBADMSG); /* a profile may have an empty kernel of its own */
	return 0;
}
