/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/crc.h"

#include <inttypes.h>
#include <string.h>

#include "base/cursor.h"
#include "elf/crc_table.h"
#include "elf/symbols.h"

static const char crc_prefix[] = "__crc_";
#define PREFIX_LEN (sizeof(crc_prefix) - 1)
#define PHDRS_MAX  64 /* program headers, which are gone through for each symbol */
/* enum ksym_flags of include/linux/module_symbol.h. */
#define KSYM_FLAG_GPL_ONLY 1u

/* A kernel's tables, copied, and how they are to be read. */
struct reading {
	struct elf elf;
	struct span file, names; /* @names: of all exported symbols; empty: anywhere */
	struct span flags;       /* a byte for each symbol of the first table; empty: none */
	struct crc_tables at;
	struct buf ksymtab[CRC_TABLES], kcrctab[CRC_TABLES];
	struct elf_symbols symbols; /* n = 0: none */
};

/*
 * struct kernel_symbol: value, name and, from 5.4 on, namespace; each a word, or (from 4.19 on,
 * HAVE_ARCH_PREL32_RELOCATIONS) the distance to it in 4 bytes. A CRC took a word until 4.9.
 */
struct layout {
	unsigned field; /* bytes; 4: a distance on CPUs of 64 bits */
	unsigned fields, slot;
	bool distances;
};

const char *crc_kind_name(enum crc_kind k)
{
	static const char *const names[] = {
		"EXPORT_SYMBOL",
		"EXPORT_SYMBOL_GPL",
		"EXPORT_UNUSED_SYMBOL",
		"EXPORT_UNUSED_SYMBOL_GPL",
		"EXPORT_SYMBOL_GPL_FUTURE",
		"(unknown)",
	};

	return names[k <= CRC_EXPORT_UNKNOWN ? k : CRC_EXPORT_UNKNOWN];
}

void crc_slots(const struct elf *e, struct span file, struct crc_slots *out)
{
	struct crc_tables t;

	crc_tables_find(e, file, &t);
	out->n = 0;
	for (unsigned i = 0; i < CRC_TABLES; i++)
		if (!range_empty(t.kcrctab[i]))
			out->v[out->n++] = t.kcrctab[i];
}

void crc_list_done(struct crc_list *l)
{
	vec_done(l);
}

static uint64_t word_at(const struct reading *k, struct span s, uint64_t off, unsigned bytes)
{
	struct cursor c = cursor_at(s, off, k->elf.big);

	return cursor_uint(&c, bytes);
}

static uint32_t entry_count(const struct reading *k, unsigned table, const struct layout *l)
{
	return (uint32_t)(k->kcrctab[table].len / l->slot);
}

/*
 * Field @f of entry @i: an address, or 0 for NULL. A namespace's distance of 0 is NULL too
 * (include/linux/export.h, __KSYMTAB_ENTRY before 5.10).
 */
static uint64_t field_at(const struct reading *k, unsigned table, uint32_t i, unsigned f,
			 const struct layout *l)
{
	uint64_t off = ((uint64_t)i * l->fields + f) * l->field;
	uint64_t v = word_at(k, buf_span(&k->ksymtab[table]), off, l->field);

	if (!l->distances || !v)
		return v;
	v = k->at.ksymtab[table].start + off + (uint64_t)(int64_t)(int32_t)v;
	return k->elf.elf32 ? (uint32_t)v : v;
}

/* The text at @addr: printable, no spaces, ended within ELF_NAME_MAX. NULL: no such text. */
static const char *text_at(const struct reading *k, uint64_t addr)
{
	struct span s = k->names.len && addr >= k->at.strings.start
				? span_from(k->names, addr - k->at.strings.start)
				: (struct span){NULL, 0};

	if (!k->names.len)
		s = crc_memory_from(&k->elf, k->file, addr);
	for (size_t i = 0; i < s.len && i < ELF_NAME_MAX; i++) {
		if (!s.ptr[i])
			return (const char *)s.ptr;
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f)
			break;
	}
	return NULL;
}

static const char *name_at(const struct reading *k, unsigned table, uint32_t i,
			   const struct layout *l)
{
	const char *name = text_at(k, field_at(k, table, i, 1, l));

	return name && *name ? name : NULL;
}

/* "" where there is none, NULL where the field points nowhere. */
static const char *namespace_at(const struct reading *k, unsigned table, uint32_t i,
				const struct layout *l)
{
	uint64_t addr = l->fields > 2 ? field_at(k, table, i, 2, l) : 0;

	return addr ? text_at(k, addr) : "";
}

/* Every table has as many CRCs as symbols, and every symbol a name. */
static bool layout_fits(const struct reading *k, const struct layout *l)
{
	for (unsigned t = 0; t < CRC_TABLES; t++) {
		size_t symbols = k->ksymtab[t].len, crcs = k->kcrctab[t].len;
		size_t n = crcs / l->slot;

		if (crcs % l->slot || symbols != (uint64_t)n * l->fields * l->field)
			return false;
		for (uint32_t i = 0; i < n; i++)
			if (!name_at(k, t, i, l) || !namespace_at(k, t, i, l))
				return false;
	}
	return true;
}

static int find_layout(const struct reading *k, struct layout *out, struct err *err)
{
	const unsigned word = elf_word(&k->elf);
	const struct layout layouts[] = {
		{4, 3, 4, true},     {4, 2, 4, true},     {word, 3, 4, false},
		{word, 2, 4, false}, {word, 2, 8, false},
	};
	uint64_t symbols = 0, crcs = 0;

	for (unsigned t = 0; t < CRC_TABLES; t++) {
		symbols += k->ksymtab[t].len;
		crcs += k->kcrctab[t].len;
	}
	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		if (!layout_fits(k, &layouts[i]))
			continue;
		*out = layouts[i];
		return 0;
	}
	return fail(err, EBADMSG,
		    "__ksymtab (0x%" PRIx64 " bytes) and __kcrctab (0x%" PRIx64
		    ") do not belong together in any layout that Linux had",
		    symbols, crcs);
}

static bool in_a_table(const struct reading *k, uint64_t addr)
{
	for (unsigned t = 0; t < CRC_TABLES; t++)
		if (range_has(k->at.kcrctab[t], addr))
			return true;
	return false;
}

/* Where the slot's distance leads (MODULE_REL_CRCS: __crc_NAME - slot). */
static uint64_t target_of(const struct reading *k, unsigned table, uint32_t i)
{
	uint64_t off = (uint64_t)i * 4;
	uint64_t v = word_at(k, buf_span(&k->kcrctab[table]), off, 4);

	v = k->at.kcrctab[table].start + off + (uint64_t)(int64_t)(int32_t)v;
	return k->elf.elf32 ? (uint32_t)v : v;
}

/* A weak __crc_NAME that nobody defined is at 0, if that is within reach. */
static bool is_absent(uint64_t target)
{
	return !(uint32_t)target;
}

static const char *crc_symbol_name(const struct reading *k, const struct elf_sym *s)
{
	struct span name = span_sub(k->symbols.names, s->name, PREFIX_LEN);

	if (s->shndx == SHN_UNDEF || !name.ptr || memcmp(name.ptr, crc_prefix, PREFIX_LEN) != 0)
		return NULL;
	const char *full = elf_symbol_name(&k->symbols, s);

	return full && full[PREFIX_LEN] ? full + PREFIX_LEN : NULL;
}

/*
 * Kernels of 4.10 to 5.18 kept, on some CPUs, the distances to CRCs in .rodata. A __crc_ symbol
 * tells: it stands for the CRC itself (absolute), for its slot, or for the word in .rodata. Without
 * symbols: a CRC hits an aligned word of the kernel once in hundreds of times, distances always.
 */
static bool are_distances(const struct reading *k, const struct layout *l)
{
	bool any = false;

	if (l->slot != 4)
		return false;
	for (uint64_t i = 1; i < k->symbols.n; i++) {
		struct elf_sym s = elf_symbol_at(&k->symbols, i);

		if (crc_symbol_name(k, &s))
			return s.shndx != SHN_ABS && !in_a_table(k, s.value);
	}
	for (unsigned t = 0; t < CRC_TABLES; t++) {
		for (uint32_t i = 0; i < entry_count(k, t, l); i++) {
			uint64_t at = target_of(k, t, i);

			if (is_absent(at))
				continue;
			if (at % 4 || in_a_table(k, at) || !crc_memory(&k->elf, k->file, at, 4).ptr)
				return false;
			any = true;
		}
	}
	return any;
}

static int read_slot(const struct reading *k, unsigned table, uint32_t i, const struct layout *l,
		     bool distances, uint32_t *out)
{
	uint64_t v = word_at(k, buf_span(&k->kcrctab[table]), (uint64_t)i * l->slot, l->slot);

	if (distances) {
		uint64_t at = target_of(k, table, i);
		struct span s = crc_memory(&k->elf, k->file, at, 4);

		if (!s.ptr && !is_absent(at))
			return -EBADMSG;
		v = s.ptr ? word_at(k, s, 0, 4) : 0;
	}
	*out = (uint32_t)v;
	return v > UINT32_MAX ? -EBADMSG : 0;
}

/* Where there are flags (enum ksym_flags), one table holds both kinds. */
static enum crc_kind kind_of(const struct reading *k, unsigned table, uint32_t i)
{
	if (table == CRC_EXPORT && i < k->flags.len && k->flags.ptr[i] & KSYM_FLAG_GPL_ONLY)
		return CRC_EXPORT_GPL;
	return (enum crc_kind)table;
}

static int read_table(const struct reading *k, unsigned table, const struct layout *l,
		      bool distances, struct crc_list *out, struct err *err)
{
	for (uint32_t i = 0; i < entry_count(k, table, l); i++) {
		struct crc_symbol s = {name_at(k, table, i, l), namespace_at(k, table, i, l), 0,
				       kind_of(k, table, i)};

		if (read_slot(k, table, i, l, distances, &s.crc) < 0)
			return fail(err, EBADMSG,
				    "the slot of '%s', 0x%" PRIx64
				    ", holds no CRC: was the kernel relocated by another tool?",
				    s.name, k->at.kcrctab[table].start + (uint64_t)i * l->slot);
		if (vec_push(out, s) < 0)
			return fail(err, ENOMEM, "no memory for %zu symbols", out->n);
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct crc_symbol *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (int)x->kind - (int)y->kind;
}

static void sort(struct crc_list *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

/* What the symbol itself says: false where it leads to no bytes. */
static bool symbol_crc(const struct reading *k, const struct elf_sym *s, uint32_t *out)
{
	struct span at = crc_memory(&k->elf, k->file, s->value, 4);

	*out = s->shndx == SHN_ABS ? (uint32_t)s->value : (uint32_t)word_at(k, at, 0, 4);
	return s->shndx == SHN_ABS ? s->value <= UINT32_MAX : at.ptr != NULL;
}

static int compare_name(const void *name, const void *symbol)
{
	return strcmp(name, ((const struct crc_symbol *)symbol)->name);
}

/* The two places where a CRC stands. Only a tool that relocated one of them makes them differ. */
static void cross_check(const struct reading *k, struct crc_list *l)
{
	for (uint64_t i = 1; i < k->symbols.n && l->n; i++) {
		struct elf_sym s = elf_symbol_at(&k->symbols, i);
		const char *name = crc_symbol_name(k, &s);
		const struct crc_symbol *have =
			name ? bsearch(name, l->v, l->n, sizeof(*l->v), compare_name) : NULL;
		uint32_t crc;

		if (!have || (symbol_crc(k, &s, &crc) && crc == have->crc))
			continue;
		if (!l->contradictions++)
			l->first = have->name;
	}
}

static int read_tables(struct reading *k, struct crc_list *out, struct err *err)
{
	struct layout l;
	int r = crc_tables_load(&k->elf, k->file, &k->at, k->ksymtab, k->kcrctab, err);

	if (!r)
		r = find_layout(k, &l, err);
	if (r)
		return r;
	bool distances = are_distances(k, &l);

	for (unsigned t = 0; t < CRC_TABLES && !r; t++)
		r = read_table(k, t, &l, distances, out, err);
	if (r)
		return r;
	sort(out);
	cross_check(k, out);
	return 0;
}

/* Without tables: a kernel of another linker script, or a part of one. */
static int read_symbols(const struct reading *k, struct crc_list *out, struct err *err)
{
	for (uint64_t i = 1; i < k->symbols.n; i++) {
		struct elf_sym sym = elf_symbol_at(&k->symbols, i);
		struct crc_symbol s = {crc_symbol_name(k, &sym), "", 0, CRC_EXPORT_UNKNOWN};

		if (!s.name)
			continue;
		if (!symbol_crc(k, &sym, &s.crc))
			return fail(err, EBADMSG, "symbol '__crc_%s', 0x%" PRIx64 ", holds no CRC",
				    s.name, sym.value);
		if (vec_push(out, s) < 0)
			return fail(err, ENOMEM, "no memory for %zu symbols", out->n);
	}
	sort(out);
	return out->n ? 0
		      : fail(err, ENOTSUP,
			     "has neither a section __kcrctab nor a symbol __start___kcrctab or "
			     "__crc_*: nothing tells where its module CRCs are");
}

static bool any_range(const struct range *r)
{
	for (unsigned i = 0; i < CRC_TABLES; i++)
		if (!range_empty(r[i]))
			return true;
	return false;
}

static int read_kernel(struct reading *k, struct crc_list *out, struct err *err)
{
	if (k->elf.type == ET_REL)
		return fail(err, ENOTSUP, "is an object file (a module?), not a linked kernel");
	(void)elf_symbols_find(&k->elf, k->file, SHT_SYMTAB, &k->symbols);
	crc_tables_find(&k->elf, k->file, &k->at);
	k->names = crc_memory(&k->elf, k->file, k->at.strings.start, range_size(k->at.strings));
	k->flags = crc_memory(&k->elf, k->file, k->at.flags.start, range_size(k->at.flags));
	if (any_range(k->at.ksymtab) && any_range(k->at.kcrctab))
		return read_tables(k, out, err);
	if (any_range(k->at.ksymtab))
		return fail(err, ENOTSUP,
			    "exports symbols without CRCs: built without CONFIG_MODVERSIONS");
	return read_symbols(k, out, err);
}

int crc_read(struct span file, struct crc_list *out, struct err *err)
{
	struct reading k = {.file = file};
	int r = elf_parse(file, &k.elf, err);

	if (!r && k.elf.phnum > PHDRS_MAX)
		r = fail_at(err, EBADMSG, k.elf.phoff, "has %u program headers", k.elf.phnum);
	if (!r)
		r = read_kernel(&k, out, err);
	for (unsigned i = 0; i < CRC_TABLES; i++) {
		buf_done(&k.ksymtab[i]);
		buf_done(&k.kcrctab[i]);
	}
	if (r)
		crc_list_done(out);
	return r;
}
