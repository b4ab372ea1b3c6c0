/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table of options per command: it parses them, and it is the help text. Options and operands
 * in any order,
 * "--x=y" and "--x y", clusters of short options, "--" ends the options, unambiguous abbreviations.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "core/err.h"
#include "core/vec.h"
#include "machine/ranges.h"

enum opt_kind {
	OPT_FLAG,   /* bool * */
	OPT_STRING, /* const char **: the last one wins */
	OPT_LIST,   /* struct words *: one more word each time */
	OPT_NUMBER, /* struct number * */
	OPT_RANGE,  /* struct range_list *: A-B inclusive, stored half-open */
	OPT_CHOICE, /* int *: index of the word in @arg ("auto|load|file") */
	OPT_IGNORE, /* accepted without effect; struct words * gets the name, so that the user can
		       be told */
	OPT_IGNORE_ARG, /* the same, with a value */
};

struct words VEC_BODY(const char *);

struct number {
	bool set;
	uint64_t value;
};

struct opt {
	const char *name; /* long, without "--"; NULL = only short */
	int ch;           /* short; 0 = only long */
	enum opt_kind kind;
	void *to;
	const char *arg;  /* "FILE", for the help text; the words of a choice */
	const char *help; /* NULL: not shown in the help */
};

/* 0 | -EINVAL: a usage error, with its reason. @operands in their order. @argv[0] is skipped. */
int opts_parse(const struct opt *o, size_t n, int argc, char **argv, struct words *operands,
	       struct err *err);

/* One line per option, in the order of the table. */
void opts_help(const struct opt *o, size_t n, FILE *to);

/* Decimal or 0x…, then nothing or K M G T (binary). False: no such number. */
bool opts_number(const char *s, uint64_t *out);
