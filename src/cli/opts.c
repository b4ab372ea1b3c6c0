/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/opts.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"

#define LONG_ONLY   256 /* getopt's value of an option without a letter: this + its index */
#define HELP_COLUMN 30

bool opts_number(const char *s, uint64_t *out)
{
	static const char units[] = "KMGT";
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	const char *digits = hex ? s + 2 : s;
	size_t len = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
	char *end;

	if (!len)
		return false;
	errno = 0;
	uint64_t v = strtoull(digits, &end, hex ? 16 : 10);
	if (errno)
		return false;
	if (*end) {
		char c = (char)(*end >= 'a' ? *end - 'a' + 'A' : *end);
		const char *unit = strchr(units, c);

		if (!unit || end[1] || v > UINT64_MAX >> (10 * (unit - units + 1)))
			return false;
		v <<= 10 * (unit - units + 1);
	}
	*out = v;
	return true;
}

static int take_range(struct range_list *to, const char *arg, struct err *err)
{
	char low[64];
	const char *dash = strchr(arg, '-');
	struct range r;

	if (!dash || (size_t)(dash - arg) >= sizeof(low))
		return fail(err, EINVAL, "'%s' is no range A-B", arg);
	memcpy(low, arg, (size_t)(dash - arg));
	low[dash - arg] = 0;
	if (!opts_number(low, &r.start) || !opts_number(dash + 1, &r.end))
		return fail(err, EINVAL,
			    "'%s' is no range A-B of numbers (decimal or 0x…, K M G T)", arg);
	if (r.end < r.start)
		return fail(err, EINVAL, "range '%s' ends before it begins", arg);
	/* The last byte of the 64-bit space cannot be said half-open; no memory is there. */
	if (r.end != UINT64_MAX)
		r.end++;
	return vec_push(to, r) < 0 ? fail(err, ENOMEM, "no memory") : 0;
}

static int take_choice(int *to, const char *name, const char *words, const char *arg,
		       struct err *err)
{
	size_t len = strlen(arg);
	int i = 0;

	for (const char *w = words; *w; i++) {
		size_t wl = strcspn(w, "|");

		if (wl == len && !memcmp(w, arg, len)) {
			*to = i;
			return 0;
		}
		w += wl + (w[wl] == '|');
	}
	return fail(err, EINVAL, "'--%s' takes %s, not '%s'", name, words, arg);
}

static int take(const struct opt *o, const char *arg, struct err *err)
{
	struct number *num = o->to;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->to = true;
		return 0;
	case OPT_STRING:
		*(const char **)o->to = arg;
		return 0;
	case OPT_LIST:
		return vec_push((struct words *)o->to, arg) < 0 ? fail(err, ENOMEM, "no memory")
								: 0;
	case OPT_IGNORE:
	case OPT_IGNORE_ARG:
		return vec_push((struct words *)o->to, o->name) < 0 ? fail(err, ENOMEM, "no memory")
								    : 0;
	case OPT_NUMBER:
		num->set = opts_number(arg, &num->value);
		if (!num->set)
			return fail(err, EINVAL,
				    "'--%s %s' is no number (decimal or 0x…, with K M G T)",
				    o->name, arg);
		return 0;
	case OPT_RANGE:
		return wrap(err, take_range(o->to, arg, err), "'--%s'", o->name);
	case OPT_CHOICE:
		return take_choice(o->to, o->name, o->arg, arg, err);
	}
	return 0;
}

static bool has_arg(const struct opt *o)
{
	return o->kind != OPT_FLAG && o->kind != OPT_IGNORE;
}

struct tables {
	struct option *longs;
	char *shorts;
};

static void tables_done(struct tables *t)
{
	free(t->longs);
	free(t->shorts);
}

static int tables_make(struct tables *t, const struct opt *o, size_t n)
{
	size_t nl = 0, ns = 0;

	t->longs = calloc(n + 1, sizeof(*t->longs));
	t->shorts = calloc(1, 2 * n + 3);
	if (!t->longs || !t->shorts)
		return -ENOMEM;
	/* '-': operands come in their place, also under POSIXLY_CORRECT; ':': we tell what is
	 * missing. */
	t->shorts[ns++] = '-';
	t->shorts[ns++] = ':';
	for (size_t i = 0; i < n; i++) {
		int val = o[i].ch ? o[i].ch : LONG_ONLY + (int)i;

		if (o[i].name)
			t->longs[nl++] = (struct option){o[i].name, has_arg(&o[i]), NULL, val};
		if (!o[i].ch)
			continue;
		t->shorts[ns++] = (char)o[i].ch;
		if (has_arg(&o[i]))
			t->shorts[ns++] = ':';
	}
	return 0;
}

static const struct opt *by_value(const struct opt *o, size_t n, int value)
{
	if (value >= LONG_ONLY)
		return (size_t)(value - LONG_ONLY) < n ? &o[value - LONG_ONLY] : NULL;
	for (size_t i = 0; i < n; i++)
		if (o[i].ch == value)
			return &o[i];
	return NULL;
}

static int misuse(const struct opt *o, size_t n, int what, char **argv, struct err *err)
{
	const struct opt *known = optopt ? by_value(o, n, optopt) : NULL;
	const char *word = argv[optind - 1];

	if (what == ':')
		return fail(err, EINVAL, "option '%s' needs a value", word);
	if (known && !strncmp(word, "--", 2))
		return fail(err, EINVAL, "option '--%s' takes no value", known->name);
	if (optopt && strncmp(word, "--", 2) != 0)
		return fail(err, EINVAL, "unknown option '-%c'", optopt);
	return fail(err, EINVAL, "unknown or ambiguous option '%s'", word);
}

int opts_parse(const struct opt *o, size_t n, int argc, char **argv, struct words *operands,
	       struct err *err)
{
	struct tables t = {0};
	int r = tables_make(&t, o, n) < 0 ? fail(err, ENOMEM, "no memory") : 0;
	int got;

	optind = 0; /* glibc: start afresh */
	opterr = 0;
	/* An unknown short option stands in optopt; it must not be the one of an earlier call. */
	optopt = 0;
	while (!r && (got = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		const struct opt *hit;

		if (got == 1)
			r = vec_push(operands, (const char *)optarg) < 0
				    ? fail(err, ENOMEM, "no memory")
				    : 0;
		else if (got == '?' || got == ':')
			r = misuse(o, n, got, argv, err);
		else if ((hit = by_value(o, n, got)))
			r = take(hit, optarg, err);
	}
	for (; !r && optind < argc; optind++)
		if (vec_push(operands, (const char *)argv[optind]) < 0)
			r = fail(err, ENOMEM, "no memory");
	tables_done(&t);
	return r;
}

void opts_help(const struct opt *o, size_t n, FILE *to)
{
	for (size_t i = 0; i < n; i++) {
		char left[80];
		int len;

		if (!o[i].help)
			continue;
		len = o[i].ch ? snprintf(left, sizeof(left), "  -%c%s", o[i].ch,
					 o[i].name ? ", " : "")
			      : snprintf(left, sizeof(left), "      ");
		if (o[i].name)
			len += snprintf(left + len, sizeof(left) - (size_t)len, "--%s", o[i].name);
		if (has_arg(&o[i]) && o[i].arg)
			len += snprintf(left + len, sizeof(left) - (size_t)len, " %s", o[i].arg);
		fprintf(to, "%s", left);
		if (len >= HELP_COLUMN - 1)
			fprintf(to, "\n%*s", HELP_COLUMN, "");
		else
			fprintf(to, "%*s", HELP_COLUMN - len, "");
		/* A newline in the text goes on in the same column. */
		for (const char *c = o[i].help; *c; c++)
			*c == '\n' ? fprintf(to, "\n%*s", HELP_COLUMN, "") : putc(*c, to);
		putc('\n', to);
	}
}
