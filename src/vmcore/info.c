/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmcore/info.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "vmcore/source.h"

enum { NT_PRSTATUS_TYPE = 1 };

/* One name per CPU and byte order. */
static const char *arch_name(const struct elf *e)
{
	switch (e->machine) {
	case EM_X86_64:
		return "x86_64";
	case EM_386:
		return "i386";
	case EM_ARM:
		return "arm";
	case EM_AARCH64:
		return "arm64";
	case EM_PPC64:
		return e->big ? "ppc64" : "ppc64le";
	case EM_S390:
		return "s390x";
	case EM_RISCV:
		return "riscv64";
	default:
		return NULL;
	}
}

/* Why the machine went down: the first line of the best kind. */
static const char *const reasons[] = {
	"Kernel panic - not syncing",
	"sysrq: Trigger a crash",
	"SysRq : Trigger a crash",
	"kernel BUG at",
	"BUG: ",
	"Oops",
	"general protection fault",
	"Unable to handle kernel",
};
enum { NO_REASON = sizeof(reasons) / sizeof(reasons[0]) };

struct search {
	char *line;
	size_t rank;
};

static int look(void *ctx, const char *line, size_t len)
{
	struct search *s = ctx;

	for (size_t rank = 0; rank < s->rank; rank++) {
		const char *at = memmem(line, len, reasons[rank], strlen(reasons[rank]));

		/* Not the end of another word: "DEBUG: ". */
		if (!at || (at > line && isalnum((unsigned char)at[-1])))
			continue;
		char *copy = strndup(at, len - (size_t)(at - line) - (line[len - 1] == '\n'));

		if (!copy)
			return -ENOMEM;
		free(s->line);
		*s = (struct search){copy, rank};
		break;
	}
	return 0;
}

static int read_log(const struct dump *d, struct dump_info *i, struct err *err)
{
	struct search s = {.rank = NO_REASON};
	struct err why = ERR_INIT;
	int r = dmesg_read(d, 0, look, &s, &i->dmesg, &why);

	i->panic = s.line;
	i->has_dmesg = r >= 0;
	if (r == -ENOMEM)
		return fail(err, ENOMEM, "no memory for the kernel log");
	if (r < 0)
		(void)texts_add(&i->problems, "%s", why.text);
	return 0;
}

static int read_notes(const struct dump *d, struct dump_info *i)
{
	for (size_t k = 0; k < d->notes.n; k++) {
		const struct dump_note *n = &d->notes.v[k];
		struct info_note *last = i->notes.n ? &i->notes.v[i->notes.n - 1] : NULL;
		struct info_note one = {.type = n->type, .size = n->size, .count = 1};

		memcpy(one.name, n->name, sizeof(one.name));
		i->cpus += n->type == NT_PRSTATUS_TYPE && !strcmp(n->name, "CORE");
		if (last && last->type == n->type && !strcmp(last->name, n->name)) {
			last->size += n->size;
			last->count++;
		} else if (vec_push(&i->notes, one) < 0) {
			return -ENOMEM;
		}
	}
	return 0;
}

static int read_memory(const struct dump *d, struct dump_info *i)
{
	for (size_t k = 0; k < d->phdrs.n; k++) {
		const struct elf_phdr *p = &d->phdrs.v[k];
		uint64_t none = d->elf.elf32 ? UINT32_MAX : UINT64_MAX;

		if (p->type != PT_LOAD || p->paddr == none || p->memsz > UINT64_MAX - p->paddr)
			continue;
		if (ranges_add(&i->memory, (struct range){p->paddr, p->paddr + p->memsz}) < 0)
			return -ENOMEM;
	}
	ranges_normalise(&i->memory);
	return 0;
}

static void copy_text(char *to, size_t room, const struct dump *d, const char *key)
{
	struct span v = vmcoreinfo_get(buf_span(&d->vmcoreinfo), key);

	/* It is printed and compared: anything but plain characters is not what it says it is. */
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] <= ' ' || v.ptr[i] > '~')
			return;
	if (v.len && v.len < room)
		memcpy(to, v.ptr, v.len);
}

static void judge(const struct dump *d, struct dump_info *i)
{
	if (d->incomplete)
		(void)texts_add(&i->problems, "its writer marked it incomplete");
	if (d->end > i->file_size)
		(void)texts_add(&i->problems,
				"the file ends %llu bytes before its last segment does",
				(unsigned long long)(d->end - i->file_size));
	if (d->bad_loads)
		(void)texts_add(&i->problems, "%llu program headers have sizes that wrap around",
				(unsigned long long)d->bad_loads);
	if (d->notes_damaged)
		(void)texts_add(&i->problems, "some notes are damaged");
	i->complete = !i->problems.n;
	if (!d->vmcoreinfo.len)
		(void)texts_add(&i->problems, "it has no vmcoreinfo");
}

static int gather(const struct dump *d, struct dump_info *i, struct err *err)
{
	i->arch = arch_name(&d->elf);
	i->elf_machine = d->elf.machine;
	i->bits = d->elf.elf32 ? 32 : 64;
	i->big = d->elf.big;
	i->page_size = d->page_size;
	copy_text(i->version, sizeof(i->version), d, "OSRELEASE");
	copy_text(i->build_id, sizeof(i->build_id), d, "BUILD-ID");
	i->has_time = dump_key(d, "CRASHTIME", &i->time);
	judge(d, i);
	if (read_notes(d, i) < 0 || read_memory(d, i) < 0)
		return fail(err, ENOMEM, "no memory for the dump's description");
	return d->vmcoreinfo.len ? read_log(d, i, err) : 0;
}

int vmcore_info(const char *path, struct dump_info *out, struct err *err)
{
	struct dump_info i = {.file = strdup(path)};
	struct source src = SOURCE_INIT;
	struct dump d = {0};
	int r = source_open(path, &src, err);

	if (r < 0) {
		free(i.file);
		return r;
	}
	struct elf_io io = source_io(&src);

	i.file_size = src.size;
	r = i.file ? dump_open(&io, &d, err) : fail(err, ENOMEM, "no memory");
	if (r >= 0)
		r = gather(&d, &i, err);
	dump_done(&d);
	source_close(&src);
	if (r < 0) {
		info_done(&i);
		return wrap_file(err, r, "dump", path);
	}
	*out = i;
	return 0;
}

void info_done(struct dump_info *i)
{
	free(i->file);
	free(i->panic);
	ranges_done(&i->memory);
	vec_done(&i->notes);
	texts_done(&i->problems);
}
