/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/cpus.h"

#include <stdlib.h>
#include <string.h>

static bool take_comma(struct span *s)
{
	if (!s->len || s->ptr[0] != ',')
		return false;
	*s = span_from(*s, 1);
	return true;
}

static int parse(struct span s, struct cpu_list *out)
{
	uint64_t first, last, next = 0;

	do {
		if (!text_take_u64(&s, 10, &first))
			return -EBADMSG;
		last = first;
		if (s.len && s.ptr[0] == '-') {
			s = span_from(s, 1);
			if (!text_take_u64(&s, 10, &last))
				return -EBADMSG;
		}
		if (first < next || last < first || last >= CPU_MAX)
			return -EBADMSG;
		for (next = first; next <= last; next++)
			if (vec_push(out, (uint32_t)next) < 0)
				return -ENOMEM;
	} while (take_comma(&s));
	return s.len ? -EBADMSG : 0;
}

int cpus_parse(struct span text, struct cpu_list *out, struct err *err)
{
	text = text_trim(text);
	int r = text.len ? parse(text, out) : 0;

	if (r < 0)
		vec_done(out);
	if (r == -EBADMSG)
		return fail(err, EBADMSG, "is not a list of CPU numbers");
	return r < 0 ? fail(err, ENOMEM, "no memory for a list of CPUs") : 0;
}

/* The value of "key<blanks>: value"; NULL ptr if there is no such line. */
static struct span cpuinfo_value(struct span text, const char *key)
{
	size_t n = strlen(key);
	struct span line;

	while (text_line(&text, &line)) {
		if (!text_starts(line, key))
			continue;
		line = text_trim(span_from(line, n));
		if (line.len && line.ptr[0] == ':')
			return text_trim(span_from(line, 1));
	}
	return (struct span){NULL, 0};
}

bool cpuinfo_flag(struct span cpuinfo, const char *key, const char *flag)
{
	struct span words = cpuinfo_value(cpuinfo, key), word;

	while (text_word(&words, &word))
		if (text_is(word, flag))
			return true;
	return false;
}

/* "POWER9 (architected), altivec supported" */
static bool power_sha(struct span cpuinfo)
{
	struct span cpu = cpuinfo_value(cpuinfo, "cpu");
	uint64_t generation;

	if (!text_starts(cpu, "POWER"))
		return false;
	cpu = span_from(cpu, 5);
	return text_take_u64(&cpu, 10, &generation) && generation >= 8;
}

/* "rv64imafdc_zicbom_zknh": Documentation/devicetree/bindings/riscv/extensions.yaml */
static bool riscv_sha(struct span cpuinfo)
{
	struct span isa = cpuinfo_value(cpuinfo, "isa");

	while (isa.len) {
		const uint8_t *end = memchr(isa.ptr, '_', isa.len);
		size_t n = end ? (size_t)(end - isa.ptr) : isa.len;
		struct span word = span_sub(isa, 0, n);

		if (text_is(word, "zknh") || text_is(word, "zkn") || text_is(word, "zk"))
			return true;
		isa = span_from(isa, end ? n + 1 : n);
	}
	return false;
}

bool cpuinfo_sha(struct span cpuinfo, const char *arch)
{
	if (!strcmp(arch, "x86_64") || !strcmp(arch, "i386"))
		return cpuinfo_flag(cpuinfo, "flags", "sha_ni") &&
		       cpuinfo_flag(cpuinfo, "flags", "ssse3") &&
		       cpuinfo_flag(cpuinfo, "flags", "sse4_1");
	if (!strncmp(arch, "arm", 3))
		return cpuinfo_flag(cpuinfo, "Features", "sha2");
	if (!strcmp(arch, "s390x"))
		return cpuinfo_flag(cpuinfo, "features", "msa");
	if (!strncmp(arch, "ppc64", 5))
		return power_sha(cpuinfo);
	return !strcmp(arch, "riscv64") && riscv_sha(cpuinfo);
}

const char *cpuinfo_arch(struct span cpuinfo)
{
	struct span isa = cpuinfo_value(cpuinfo, "isa");

	if (cpuinfo_value(cpuinfo, "flags").ptr)
		return cpuinfo_flag(cpuinfo, "flags", "lm") ? "x86_64" : "i386";
	if (cpuinfo_value(cpuinfo, "CPU architecture").ptr)
		return text_is(cpuinfo_value(cpuinfo, "CPU architecture"), "8") ? "arm64" : "arm";
	if (text_starts(cpuinfo_value(cpuinfo, "vendor_id"), "IBM/S390"))
		return "s390x";
	if (text_starts(cpuinfo_value(cpuinfo, "cpu"), "POWER"))
		return "ppc64le";
	return isa.ptr && text_starts(isa, "rv64") ? "riscv64" : NULL;
}

const char *cpus_arch_of_uname(const char *machine)
{
	static const char *const same[] = {"x86_64", "ppc64le", "ppc64", "s390x", "riscv64"};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (!strcmp(machine, same[i]))
			return same[i];
	if (!strcmp(machine, "aarch64"))
		return "arm64";
	/* armv7l; armv8l: 32 bits of an ARMv8. Older ones cannot run the purgatory. */
	if (!strncmp(machine, "armv7", 5) || !strncmp(machine, "armv8", 5))
		return "arm";
	if (strlen(machine) == 4 && machine[0] == 'i' && !strcmp(machine + 2, "86"))
		return "i386";
	return NULL;
}
