/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <string.h>

#include "machine/lowmem.h"

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

static const char with_highmem[] = "Node 0, zone   Normal\n"
				   "  pages free     181062\n"
				   "  start_pfn:           262144\n"
				   "Node 0, zone  HighMem\n"
				   "  pages free     64000\n"
				   "        protection: (0, 0)\n"
				   "  start_pfn:           458752\n"
				   "Node 0, zone  Movable\n"
				   "  pages free     0\n";

static void zones(void **state)
{
	(void)state;
	assert_int_equal(lowmem_parse(text(with_highmem)), 458752);
	assert_int_equal(lowmem_parse(text("Node 0, zone  HighMem\n  pages free 0\n"
					   "Node 0, zone  Movable\n  start_pfn: 7\n")),
			 0);
	assert_int_equal(lowmem_parse(text("")), 0);
}

static void begin(struct machine *m, const char *arch)
{
	*m = (struct machine)MACHINE_INIT;
	strcpy(m->arch, arch);
}

/* QEMU's virt with 1 GiB: PAGE_OFFSET 3 GiB, RAM from 1 GiB. */
static void arm(void **state)
{
	(void)state;
	struct machine m;

	begin(&m, "arm");
	assert_int_equal(lowmem_end(&m, text(with_highmem)), 0x70000000);
	assert_int_equal(lowmem_end(&m, text("")), 0);
	m.kernel = (struct range){0x40208000, 0x41607588};
	m.stext_va = 0xc0300000;
	assert_int_equal(lowmem_end(&m, text("")), 0x70000000);
	assert_int_equal(buf_puts(&m.cmdline, "quiet vmalloc=512M"), 0);
	assert_int_equal(lowmem_end(&m, text("")), 0x5f000000);
	m.cmdline.len = 0;
	assert_int_equal(buf_puts(&m.cmdline, "vmalloc=1"), 0);
	assert_int_equal(lowmem_end(&m, text("")), 0x7e000000);
	machine_done(&m);
}

static void i386(void **state)
{
	(void)state;
	struct machine m;

	begin(&m, "i386");
	assert_int_equal(vec_push(&m.kcore,
				  ((struct kernel_map){0xf73fe000, UINT64_MAX, 0x7800000})),
			 0);
	assert_int_equal(lowmem_end(&m, text("")), 0);
	assert_int_equal(vec_push(&m.kcore, ((struct kernel_map){0xc0000000, 0, 0x36bfe000})), 0);
	assert_int_equal(lowmem_end(&m, text("")), 0x36bfe000);
	strcpy(m.arch, "x86_64");
	assert_int_equal(lowmem_end(&m, text(with_highmem)), 0);
	machine_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones),
		cmocka_unit_test(arm),
		cmocka_unit_test(i386),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
