/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every purgatory shares, on the host: the CPU's part is faked, a stop is a longjmp. */
#include "core/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "purgatory/purgatory.h"

enum stopped { RETURNED, RESET, HALT };

static char said[512];
static size_t nsaid;
static bool drained, sha_on, traps_on;
static const char *cannot;
static jmp_buf out;
static uint8_t kernel[1000], initrd[77], low[100], backup[100];

void console_open(const struct handoff *h)
{
	(void)h;
}

void console_put(char c)
{
	assert_true(nsaid < sizeof(said) - 1);
	said[nsaid++] = c;
	drained = false;
}

void console_drain(void)
{
	drained = true;
}

sha256_blocks_fn *cpu_sha256_begin(const char **name)
{
	sha_on = true;
	*name = "toy";
	return sha256_blocks_generic;
}

void cpu_sha256_end(void)
{
	sha_on = false;
}

void cpu_traps(bool on)
{
	assert_int_not_equal(on, traps_on);
	/* What lay in their place is back before the old kernel's memory is copied. */
	assert_memory_not_equal(low, backup, sizeof(low));
	traps_on = on;
}

const char *cpu_cannot_enter(const struct handoff *h)
{
	(void)h;
	return cannot;
}

void cpu_reset(void)
{
	longjmp(out, RESET);
}

void cpu_halt(void)
{
	longjmp(out, HALT);
}

static void digest_of(const void *data, size_t len, uint8_t digest[SHA256_SIZE])
{
	struct sha256 s;

	sha256_init(&s, NULL);
	sha256_update(&s, data, len);
	sha256_final(&s, digest);
}

static void add_region(const char *name, const void *at, size_t len)
{
	struct handoff_region *r = &baton_handoff.regions[baton_handoff.nregions++];

	r->start = (uintptr_t)at;
	r->len = len;
	snprintf(r->name, sizeof(r->name), "%s", name);
	digest_of(at, len, r->digest);
}

static void seal(void)
{
	digest_of(&baton_handoff, offsetof(struct handoff, digest), baton_handoff.digest);
}

/* A machine with two regions and a backup to make. */
static int setup(void **state)
{
	(void)state;
	struct handoff *h = &baton_handoff;

	*h = (struct handoff){
		.magic = HANDOFF_MAGIC, .version = HANDOFF_VERSION, .size = sizeof(*h)};
	memset(kernel, 'k', sizeof(kernel));
	memset(initrd, 'i', sizeof(initrd));
	memset(low, 'l', sizeof(low));
	memset(backup, 0, sizeof(backup));
	add_region("kernel", kernel, sizeof(kernel));
	add_region("initrd", initrd, sizeof(initrd));
	h->backup_src = (uintptr_t)low;
	h->backup_dst = (uintptr_t)backup;
	h->backup_len = sizeof(low);
	seal();
	cannot = NULL;
	return 0;
}

static enum stopped run(void)
{
	memset(said, 0, sizeof(said));
	nsaid = 0;
	traps_on = false;
	int how = setjmp(out);

	if (!how)
		purgatory_main();
	/* Whatever comes next, the line is out and the CPU is as it was. */
	assert_true(drained);
	assert_false(sha_on);
	assert_int_equal(traps_on, how != RETURNED);
	assert_int_equal(memcmp(low, backup, sizeof(low)) == 0, how == RETURNED);
	return (enum stopped)how;
}

static void says_ok_and_makes_the_backup(void **state)
{
	(void)state;
	assert_int_equal(run(), RETURNED);
	assert_string_equal(said, "\r\nbaton: purgatory: 2 regions ok (toy)\r\n");
}

static void says_when_nothing_was_to_be_checked(void **state)
{
	(void)state;
	baton_handoff.nregions = 0;
	seal();
	assert_int_equal(run(), RETURNED);
	assert_string_equal(said, "\r\nbaton: purgatory: not verified\r\n");
}

static void names_the_damaged_region(void **state)
{
	(void)state;
	char want[128];

	initrd[76] ^= 1;
	assert_int_equal(run(), RESET);
	snprintf(want, sizeof(want),
		 "\r\nbaton: purgatory: region 2 initrd at 0x%llx is damaged, resetting\r\n",
		 (unsigned long long)(uintptr_t)initrd);
	assert_string_equal(said, want);
}

static void a_flip_anywhere_in_a_region_is_seen(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof(kernel); bit += 61) {
		kernel[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(run(), RESET);
		assert_non_null(strstr(said, "region 1 kernel at 0x"));
		kernel[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(run(), RETURNED);
}

static void halts_where_that_is_the_policy(void **state)
{
	(void)state;
	baton_handoff.on_mismatch = HANDOFF_HALT;
	seal();
	kernel[0] ^= 0x80;
	assert_int_equal(run(), HALT);
	assert_non_null(strstr(said, "is damaged, halting\r\n"));
}

/* In the middle of the check, once; then while that is told; then in every way to reset. */
static void an_exception_is_told_once_and_never_goes_round(void **state)
{
	(void)state;
	sha_on = traps_on = true;
	memset(said, 0, sizeof(said));
	nsaid = 0;
	int how = setjmp(out);
	if (!how)
		purgatory_exception(0x96000010, 0x1234);
	assert_int_equal(how, RESET);
	assert_true(drained);
	assert_false(sha_on);
	assert_string_equal(said,
			    "\r\nbaton: purgatory: exception 0x96000010 at 0x1234, resetting\r\n");
	size_t first = nsaid;
	for (volatile unsigned i = 0; how == RESET && i < 100; i++) {
		how = setjmp(out);
		if (!how)
			purgatory_exception(1, 2);
	}
	assert_int_equal(how, HALT);
	assert_int_equal(nsaid, first);
}

/* Every byte of the handoff is covered, the table's own digest too. */
static void a_flip_anywhere_in_the_handoff_is_seen(void **state)
{
	(void)state;
	uint8_t *at = (uint8_t *)&baton_handoff;

	for (size_t i = 0; i < sizeof(baton_handoff); i++) {
		at[i] ^= 0x10;
		assert_int_equal(run(), RESET);
		bool version = i >= offsetof(struct handoff, version) &&
			       i < offsetof(struct handoff, on_mismatch);

		assert_non_null(strstr(said, version ? "handoff version"
						     : "region table is damaged, resetting\r\n"));
		at[i] ^= 0x10;
	}
	assert_int_equal(run(), RETURNED);
}

static void more_regions_than_there_are_is_damage(void **state)
{
	(void)state;
	baton_handoff.nregions = HANDOFF_REGIONS + 1;
	seal();
	assert_int_equal(run(), RESET);
	assert_string_equal(said, "\r\nbaton: purgatory: region table is damaged, resetting\r\n");
}

static void another_version_is_refused(void **state)
{
	(void)state;
	baton_handoff.version = 42;
	baton_handoff.on_mismatch = HANDOFF_HALT;
	seal();
	assert_int_equal(run(), HALT);
	assert_string_equal(said,
			    "\r\nbaton: purgatory: handoff version 42 is unknown, halting\r\n");
}

static void says_why_it_cannot_enter(void **state)
{
	(void)state;
	cannot = "the mode of the entry is unknown";
	assert_int_equal(run(), RESET);
	assert_string_equal(
		said, "\r\nbaton: purgatory: the mode of the entry is unknown, resetting\r\n");
}

static void a_name_is_shown_safely(void **state)
{
	(void)state;
	memcpy(baton_handoff.regions[0].name, "\x1b[2Jabcdefghijklm", 16);
	seal();
	kernel[5] ^= 4;
	assert_int_equal(run(), RESET);
	assert_non_null(strstr(said, "region 1 ?[2Jabcdefghijkl at 0x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(says_ok_and_makes_the_backup, setup),
		cmocka_unit_test_setup(says_when_nothing_was_to_be_checked, setup),
		cmocka_unit_test_setup(names_the_damaged_region, setup),
		cmocka_unit_test_setup(a_flip_anywhere_in_a_region_is_seen, setup),
		cmocka_unit_test_setup(halts_where_that_is_the_policy, setup),
		cmocka_unit_test_setup(a_flip_anywhere_in_the_handoff_is_seen, setup),
		cmocka_unit_test_setup(more_regions_than_there_are_is_damage, setup),
		cmocka_unit_test_setup(another_version_is_refused, setup),
		cmocka_unit_test_setup(says_why_it_cannot_enter, setup),
		cmocka_unit_test_setup(a_name_is_shown_safely, setup),
		cmocka_unit_test_setup(an_exception_is_told_once_and_never_goes_round, setup),
	};

	return cmocka_run_group_tests_name("purgatory", tests, NULL, NULL);
}
