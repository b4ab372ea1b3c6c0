/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds on every CPU alike, over one small kernel of each. */
#include "core/unit.h"

#include <string.h>

#include "base/align.h"
#include "elf/reader.h"
#include "fdt/tree_fixture.h"
#include "image/ppc_zimage_make.h"
#include "load/kernels_fixture.h"
#include "load/load.h"

#define MIB (1ull << 20)

static const struct cpu {
	const struct arch *arch;
	void (*make)(uint8_t *p);
	uint64_t ram;       /* where its first GiB begins */
	size_t line;        /* the longest command line that its kernel reads, without NUL */
	size_t file, crash; /* that kexec_file_load takes, for a jump and for a crash; 0 = no such
			       call */
} cpus[] = {
	{&arch_x86_64, make_x86_64, 0, 2047, 2016, 2016},
	{&arch_i386, make_i386, 0, 2047, 0, 0},
	{&arch_arm, make_arm, 1024 * MIB, 1023, 0, 0},
	{&arch_arm64, make_arm64, 1024 * MIB, 2047, 2047, 2047},
	{&arch_ppc64le, make_ppc64le, 0, 2047, 2047, 2017},
	{&arch_ppc64, make_ppc64, 0, 2047, 2047, 2017},
	{&arch_riscv64, make_riscv64, 2048 * MIB, 1023, 1023, 993},
	{&arch_s390x, make_s390x, 0, S390_MAKE_LINE - 1, S390_MAKE_LINE - 2, S390_MAKE_LINE - 2},
};

enum { CPUS = sizeof(cpus) / sizeof(*cpus) };

struct fixture {
	struct machine m;
	uint8_t kernel[FILE_LEN];
	char line[8192];
	struct fixture_tree tree;
	struct load_request req;
	struct plan plan;
	struct err err;
};

/* A GiB of RAM, of which 192 MiB from 640 MiB on are for a crash kernel. */
static void begin(struct fixture *f, const struct cpu *c)
{
	struct range ram = {c->ram, c->ram + 1024 * MIB};
	const struct range crash = {c->ram + 640 * MIB, c->ram + 832 * MIB};

	memset(f, 0, sizeof(*f));
	f->m = (struct machine)MACHINE_INIT;
	strcpy(f->m.arch, c->arch->name);
	strcpy(f->m.release, "6.16.0");
	f->m.mem_total = 1000 * MIB;
	f->m.vmcoreinfo = (struct range){c->ram + 2 * MIB, c->ram + 2 * MIB + 1024};
	assert_int_equal(ranges_add(&f->m.ram, ram), 0);
	assert_int_equal(ranges_add(&f->m.system_ram, ram), 0);
	assert_int_equal(ranges_add(&f->m.crash, crash), 0);
	assert_int_equal(vec_push(&f->m.firmware, ((struct mem_range){ram, MEM_RAM})), 0);
	ram = (struct range){ram.end, ram.end + MIB};
	assert_int_equal(vec_push(&f->m.firmware, ((struct mem_range){ram, MEM_RESERVED})), 0);
	f->m.kernel = (struct range){c->ram + 2 * MIB, c->ram + 24 * MIB};
	if (c->arch->device_tree) {
		struct span blob = fixture_tree(&f->tree);

		assert_int_equal(buf_add(&f->m.fdt, blob.ptr, blob.len), 0);
	}
	c->make(f->kernel);
	f->req = (struct load_request){.arch = c->arch,
				       .image_path = "kernel",
				       .image = span_of(f->kernel, sizeof(f->kernel)),
				       .initrd = span_of("0707", 4),
				       .append = f->line,
				       .window = {0, UINT64_MAX},
				       .has_rng_seed = true};
}

static void forget(struct fixture *f)
{
	machine_done(&f->m);
	free(f);
}

static int plan(struct fixture *f)
{
	f->err = (struct err)ERR_INIT;
	return load_plan(&f->m, &f->req, &f->plan, &f->err);
}

static void planned(struct fixture *f, const struct cpu *c)
{
	if (plan(f) < 0)
		fail_msg("%s: %s", c->arch->name, f->err.text);
}

static void line_of(struct fixture *f, size_t len)
{
	memset(f->line, 'x', len);
	f->line[len] = 0;
}

static void too_long(struct fixture *f, const struct cpu *c)
{
	if (plan(f) != -EINVAL || !strstr(f->err.text, "the command line has "))
		fail_msg("%s: %s", c->arch->name, f->err.text);
}

/* Byte for byte, or refused: never cut. */
static void lines_are_never_cut(void **state)
{
	(void)state;
	for (const struct cpu *c = cpus; c < cpus + CPUS; c++) {
		struct fixture *f = calloc(1, sizeof(*f));

		begin(f, c);
		line_of(f, c->line);
		planned(f, c);
		assert_int_equal(f->plan.cmdline.len, c->line);
		plan_done(&f->plan);
		f->req.crash = true;
		line_of(f, c->line - 60); /* elfcorehdr=, acpi_rsdp= */
		planned(f, c);
		plan_done(&f->plan);
		line_of(f, c->line + 1);
		too_long(f, c);
		f->req.crash = false;
		too_long(f, c);
		forget(f);
	}
}

static void a_line_for_the_tags(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct cpu *c = &cpus[2];

	(void)state;
	begin(f, c);
	f->m.fdt.len = 0;
	line_of(f, c->line);
	planned(f, c);
	plan_done(&f->plan);
	line_of(f, c->line + 1);
	too_long(f, c);
	forget(f);
}

/* The tags of kind @id in the list at @at: how many, and the sum of their first words. */
static unsigned tags(const uint8_t *at, uint32_t id, uint64_t *sum)
{
	unsigned n = 0;

	*sum = 0;
	for (uint64_t words; (words = get_le(at, 4)); at += 4 * words) {
		if (get_le(at + 4, 4) != id)
			continue;
		n++;
		*sum += get_le(at + 8, 4);
	}
	return n;
}

/* There is no tag that reserves memory: what is avoided is not told to be there. */
static void avoided_memory_is_not_in_the_tags(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct cpu *c = &cpus[2];
	const uint32_t mem = 0x54410002;
	uint64_t bytes;

	(void)state;
	begin(f, c);
	f->m.fdt.len = 0;
	for (unsigned i = 0; i < 2; i++) {
		if (i) /* a part of a page, and all of it goes */
			assert_int_equal(
				ranges_add(&f->req.avoid, (struct range){c->ram + 64 * MIB + 5,
									 c->ram + 65 * MIB}),
				0);
		planned(f, c);
		for (size_t k = 0; k < f->plan.segments.n; k++)
			if (f->plan.segments.v[k].kind == SEG_ATAGS)
				assert_int_equal(tags(f->plan.segments.v[k].data.ptr, mem, &bytes),
						 1 + i);
		assert_int_equal(bytes, 1024 * MIB - i * MIB);
		plan_done(&f->plan);
	}
	ranges_done(&f->req.avoid);
	forget(f);
}

static bool warned(const struct plan *p, const char *text)
{
	for (size_t i = 0; i < p->warnings.n; i++)
		if (strstr(p->warnings.v[i], text))
			return true;
	return false;
}

/* riscv64 takes an Image only from 6.16 on, ppc64 only its own byte order. */
static void lines_for_the_file_call(void **state)
{
	(void)state;
	for (const struct cpu *c = cpus; c < cpus + CPUS; c++) {
		struct fixture *f = calloc(1, sizeof(*f));

		begin(f, c);
		f->req.syscall = PLAN_FILE;
		if (!c->file) {
			assert_int_equal(plan(f), -ENOTSUP);
			forget(f);
			continue;
		}
		for (unsigned crash = 0; crash < 2; crash++) {
			size_t most = crash ? c->crash : c->file;

			f->req.crash = crash;
			line_of(f, most);
			planned(f, c);
			/* The user's file, or one instead of it, and then it is said. */
			bool own = f->plan.segments.v[0].data.ptr == f->kernel;

			assert_int_equal(own, !crash || c->arch != &arch_ppc64);
			assert_int_equal(own, !warned(&f->plan, "would not load this kernel"));
			plan_done(&f->plan);
			line_of(f, most + 1);
			too_long(f, c);
		}
		forget(f);
	}
}

static void names_are_found(void **state)
{
	(void)state;
	for (const struct cpu *c = cpus; c < cpus + CPUS; c++)
		assert_ptr_equal(arch_by_name(c->arch->name), c->arch);
	assert_ptr_equal(arch_by_name("amd64"), &arch_x86_64);
	assert_null(arch_by_name("none"));
	assert_null(arch_by_name(NULL));
}

/* A boot wrapper of 32 bits does not tell its kernel's CPU. */
static void no_container_by_the_file_call(void **state)
{
	(void)state;
	struct ppc_make wrapper;

	ppc_make_begin(&wrapper, true, true);
	ppc_make_add(&wrapper, ".kernel:vmlinux.strip", ELFMAG, SELFMAG);
	for (const struct cpu *c = cpus; c < cpus + CPUS; c++) {
		struct fixture *f = calloc(1, sizeof(*f));

		begin(f, c);
		f->req.syscall = PLAN_FILE;
		f->req.image = span_of(wrapper.bytes, sizeof(wrapper.bytes));
		assert_int_equal(plan(f), -ENOTSUP);
		forget(f);
	}
}

/* Only s390x has a kernel that lies at one address. */
static void all_pieces_lie_in_the_window(void **state)
{
	(void)state;
	for (const struct cpu *c = cpus; c < cpus + CPUS; c++) {
		struct fixture *f = calloc(1, sizeof(*f));
		struct range window = {c->ram + 256 * MIB, c->ram + 512 * MIB};

		begin(f, c);
		f->req.window = window;
		if (c->arch == &arch_s390x) {
			assert_int_equal(plan(f), -ENOSPC);
			forget(f);
			continue;
		}
		planned(f, c);
		for (size_t i = 0; i < f->plan.segments.n; i++) {
			const struct plan_segment *s = &f->plan.segments.v[i];

			if (!range_inside((struct range){s->mem, s->mem + s->memsz}, window))
				fail_msg("%s: %s at 0x%llx", c->arch->name,
					 segment_kind_name(s->kind), (unsigned long long)s->mem);
		}
		plan_done(&f->plan);
		forget(f);
	}
}

/* Bytes of the object's stack, which its entry.S skips in .bss or in a section of its own. */
static uint64_t stack_size(struct span object)
{
	struct elf e;
	struct elf_shdr s;

	assert_int_equal(elf_parse(object, &e, NULL), 0);
	if (!elf_find_section(&e, object, ".bss.stack", &s))
		assert_true(elf_find_section(&e, object, ".bss", &s));
	assert_true(s.type == SHT_NOBITS && s.flags & SHF_ALLOC && s.flags & SHF_WRITE);
	return s.size;
}

/* Memory that no segment covers is anybody's: the stack too lies in the one of the purgatory. */
static void the_stack_is_in_a_segment(void **state)
{
	(void)state;
	for (const struct cpu *c = cpus; c < cpus + CPUS; c++) {
		struct span object = c->arch->purgatory();
		struct link l;
		uint64_t stack = stack_size(object);

		assert_int_equal(link_open(object, c->arch->rules, &l, NULL), 0);
		if (stack < 4096 || l.size < stack + l.data_off)
			fail_msg("%s: stack of 0x%llx bytes in 0x%llx", c->arch->name,
				 (unsigned long long)stack, (unsigned long long)l.size);
		uint64_t size = align_up(l.size, 4096);
		struct fixture *f = calloc(1, sizeof(*f));

		begin(f, c);
		planned(f, c);
		for (size_t i = 0; i < f->plan.segments.n; i++)
			if (f->plan.segments.v[i].kind == SEG_PURGATORY)
				assert_int_equal(f->plan.segments.v[i].memsz, size);
		plan_done(&f->plan);
		link_done(&l);
		forget(f);
	}
}

static const struct plan_segment *segment(const struct plan *p, enum segment_kind kind)
{
	for (size_t i = 0; i < p->segments.n; i++)
		if (p->segments.v[i].kind == kind)
			return &p->segments.v[i];
	return NULL;
}

/* A digest covers at least what is in the file, on every CPU. */
static void every_kernel_is_verified(void **state)
{
	(void)state;
	for (const struct cpu *c = cpus; c < cpus + CPUS; c++) {
		struct fixture *f = calloc(1, sizeof(*f));

		for (unsigned crash = 0; crash < 2; crash++) {
			begin(f, c);
			f->req.crash = crash;
			planned(f, c);
			const struct plan_segment *k = segment(&f->plan, SEG_KERNEL);

			if (k->hashed < k->data.len || f->plan.verified_by != VERIFIED_BATON)
				fail_msg("%s: %llu bytes are hashed", c->arch->name,
					 (unsigned long long)k->hashed);
			plan_done(&f->plan);
			machine_done(&f->m);
		}
		free(f);
	}
}

/* A dump of 1,000 pieces of memory has them all. */
static void all_memory_is_in_the_dump(void **state)
{
	enum { PIECES = 1000 };

	(void)state;
	for (const struct cpu *c = cpus; c < cpus + CPUS; c++) {
		struct fixture *f = calloc(1, sizeof(*f));
		struct elf e;

		if (c->arch == &arch_s390x) { /* its capture kernel makes the header itself */
			free(f);
			continue;
		}
		begin(f, c);
		f->req.crash = true;
		for (uint64_t i = 0; i < PIECES; i++) {
			uint64_t at = c->ram + 1200 * MIB + i * 0x20000;

			assert_int_equal(
				ranges_add(&f->m.system_ram, (struct range){at, at + 0x10000}), 0);
		}
		planned(f, c);
		assert_int_equal(elf_parse(segment(&f->plan, SEG_ELFCOREHDR)->data, &e, NULL), 0);
		if (e.phnum < PIECES + 1)
			fail_msg("%s: %u program headers", c->arch->name, e.phnum);
		plan_done(&f->plan);
		forget(f);
	}
}

/* The zImage lies behind what it unpacks to, where there is room for both. */
static void arm_is_placed_by_what_it_unpacks_to(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct cpu *c = &cpus[2];
	const uint64_t unpacked = 0x208000 + UNPACKED + 0x5e4d4;

	(void)state;
	for (unsigned crash = 0; crash < 2; crash++) {
		begin(f, c);
		f->req.crash = crash;
		planned(f, c);
		uint64_t start = crash ? f->m.crash.v[0].start : c->ram;

		assert_int_equal(segment(&f->plan, SEG_KERNEL)->mem,
				 align_up(start + unpacked, 4096));
		plan_done(&f->plan);
		machine_done(&f->m);
	}
	/* Enough for the file, and not for what is in it. */
	begin(f, c);
	f->req.crash = true;
	f->m.crash.v[0].end = f->m.crash.v[0].start + 8 * MIB;
	assert_int_equal(plan(f), -ENOSPC);
	assert_non_null(strstr(f->err.text, "no place for kernel"));
	forget(f);
}

/* Said where it is news: of an x86_64 kernel too old to name its 64-bit entry. */
static void entered_in_32_bits(void **state)
{
	static const struct {
		unsigned machine, kernel; /* of @cpus; CPUS: an old one of x86_64 */
		bool said;
	} t[] = {{0, CPUS, true}, {0, 0, false}, {0, 1, true}, {1, 1, false},
		 {1, 0, false},   {4, 5, false}, {5, 4, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct fixture *f = calloc(1, sizeof(*f));

		begin(f, &cpus[t[i].machine]);
		memset(f->kernel, 0, sizeof(f->kernel));
		if (t[i].kernel < CPUS) {
			cpus[t[i].kernel].make(f->kernel);
		} else {
			make_x86_64(f->kernel);
			put_le(f->kernel + 0x206, 0x20b, 2); /* before Linux 3.8 */
		}
		planned(f, &cpus[t[i].machine]);
		if (warned(&f->plan, "no 64-bit entry") != t[i].said ||
		    warned(&f->plan, "32-bit") != t[i].said)
			fail_msg("row %zu", i);
		plan_done(&f->plan);
		forget(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_never_cut),
		cmocka_unit_test(a_line_for_the_tags),
		cmocka_unit_test(avoided_memory_is_not_in_the_tags),
		cmocka_unit_test(lines_for_the_file_call),
		cmocka_unit_test(no_container_by_the_file_call),
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(all_pieces_lie_in_the_window),
		cmocka_unit_test(the_stack_is_in_a_segment),
		cmocka_unit_test(every_kernel_is_verified),
		cmocka_unit_test(all_memory_is_in_the_dump),
		cmocka_unit_test(arm_is_placed_by_what_it_unpacks_to),
		cmocka_unit_test(entered_in_32_bits),
	};

	return cmocka_run_group_tests_name("load of every CPU", tests, NULL, NULL);
}
