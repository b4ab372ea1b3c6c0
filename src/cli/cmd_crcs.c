/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "cli/cli.h"
#include "core/cleanup.h"
#include "core/escape.h"
#include "session/crcs.h"

static int run(struct cli *c);

const struct command cmd_crcs = {
	.name = "crcs",
	.operands = "VMLINUX",
	.summary = "list the module CRCs of a kernel, or compare them",
	.text = "Writes a line for every exported symbol, as in Module.symvers: CRC, symbol, "
		"module, kind of\n"
		"export, namespace, with tabs between. With --check only what differs from the "
		"file that\n"
		"--against names, and exit status 1 where anything does.",
	.run = run,
};

/* "0x%08x", or NULL for one that is missing. */
static const char *crc_text(char text[16], bool has, uint32_t crc)
{
	snprintf(text, 16, "0x%08" PRIx32, crc);
	return has ? text : NULL;
}

static int list_json(const struct cli *c, const char *path, const struct crc_list *l)
{
	struct json j = JSON_INIT;
	char crc[16];

	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_string(&j, "file", path);
	json_open(&j, "symbols", '[');
	for (size_t i = 0; i < l->n; i++) {
		const struct crc_symbol *s = &l->v[i];

		json_open(&j, NULL, '{');
		json_string(&j, "crc", crc_text(crc, true, s->crc));
		json_string(&j, "symbol", s->name);
		json_string(&j, "module", "vmlinux");
		json_string(&j, "export", crc_kind_name(s->kind));
		json_string(&j, "namespace", *s->namespace ? s->namespace : NULL);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	return cli_put_json(c, &j);
}

static int list(const struct cli *c, const char *path, const struct crc_list *l)
{
	_cleanup_(buf_done) struct buf out = BUF_INIT;
	int r = 0;

	if (c->json)
		return list_json(c, path, l);
	for (size_t i = 0; i < l->n && !r; i++)
		r = buf_printf(&out, "0x%08" PRIx32 "\t%s\tvmlinux\t%s\t%s\n", l->v[i].crc,
			       l->v[i].name, crc_kind_name(l->v[i].kind), l->v[i].namespace);
	if (r < 0) {
		cli_note(c, "no memory");
		return EXIT_REFUSED;
	}
	return cli_put(c, &out);
}

static int differences_json(const struct cli *c, const char *path, const char *against,
			    const struct crc_differences *d)
{
	struct json j = JSON_INIT;
	char crc[16];

	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_string(&j, "file", path);
	json_string(&j, "against", against);
	json_int(&j, "same", d->same);
	json_open(&j, "differences", '[');
	for (size_t i = 0; i < d->n; i++) {
		const struct crc_difference *x = &d->v[i];

		json_open(&j, NULL, '{');
		json_bytes(&j, "symbol", x->name);
		json_string(&j, "have", crc_text(crc, x->has_have, x->have));
		json_string(&j, "want", crc_text(crc, x->has_want, x->want));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	return cli_put_json(c, &j);
}

static int differences(const struct cli *c, const struct crc_differences *d)
{
	_cleanup_(buf_done) struct buf out = BUF_INIT;
	int r = 0;

	for (size_t i = 0; i < d->n && !r; i++) {
		const struct crc_difference *x = &d->v[i];
		char have[16], want[16];
		const char *h = crc_text(have, x->has_have, x->have);
		const char *w = crc_text(want, x->has_want, x->want);

		r = escape_terminal(x->name, &out);
		if (!r)
			r = buf_printf(&out, " have %s want %s\n", h ? h : "-", w ? w : "-");
	}
	if (r < 0) {
		cli_note(c, "no memory");
		return EXIT_REFUSED;
	}
	return cli_put(c, &out);
}

static int check(const struct cli *c, const char *path, const char *against,
		 const struct crcs *have)
{
	struct crc_differences d = {0};
	struct err err = ERR_INIT;
	int code;

	if (session_crcs_compare(have, against, &d, &err) < 0)
		code = cli_fail(c, EXIT_REFUSED, &err);
	else
		code = c->json ? differences_json(c, path, against, &d) : differences(c, &d);
	if (!code && d.n)
		code = EXIT_REFUSED;
	crc_differences_done(&d);
	return code;
}

static int crcs(const struct cli *c, const char *path, const char *against)
{
	struct crcs have = CRCS_INIT;
	struct err err = ERR_INIT;
	int code;

	if (session_crcs(path, &have, &err) < 0) {
		crcs_done(&have);
		return cli_fail(c, EXIT_REFUSED, &err);
	}
	if (have.list.contradictions)
		cli_note(c,
			 "kernel '%s': the CRCs of %zu symbols ('%s' the first) differ between "
			 "__kcrctab, which is shown, and the symbol table: another tool relocated "
			 "it",
			 path, have.list.contradictions, have.list.first);
	code = against ? check(c, path, against, &have) : list(c, path, &have.list);
	crcs_done(&have);
	return code;
}

static bool options_agree(const struct cli *c, bool checks, const char *against, int *code)
{
	struct err err = ERR_INIT;

	if (checks == !!against)
		return true;
	(void)fail(&err, EINVAL,
		   checks ? "'--check' needs '--against FILE'" : "'--against' needs '--check'");
	*code = cli_usage(c, &err);
	return false;
}

static int run(struct cli *c)
{
	const char *against = NULL;
	struct words w = {0};
	bool checks = false;
	int code;
	const struct opt table[] = {
		{"check", 0, OPT_FLAG, &checks, NULL, "say only what differs from --against"},
		{"against", 0, OPT_STRING, &against, "FILE", "a Module.symvers"},
	};

	if (cli_begin(c, &cmd_crcs, table, 2, &w, &code) && cli_operands(c, &w, 1, 1, &code) &&
	    options_agree(c, checks, against, &code))
		code = crcs(c, w.v[0], against);
	vec_done(&w);
	return code;
}
