/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/load_opts.h"

#include <limits.h>
#include <string.h>

#include "arch/known.h"

#define LOAD_OPTS 24
#define WORD(cpu) " " #cpu

/* Fills @o, of LOAD_OPTS entries, with the table. Returns how many. */
static size_t load_opts_table(struct load_opts *l, struct opt *o)
{
	const struct opt table[] = {
		{"crash", 'p', OPT_FLAG, &l->crash, NULL,
		 "for the crash kernel that runs after a panic"},
		{"initrd", 0, OPT_LIST, &l->initrds, "FILE",
		 "initial RAM disk; may repeat, they are joined"},
		{"module", 0, OPT_LIST, &l->modules, "\"FILE ARGS\"",
		 "for a multiboot kernel; may repeat (Xen: kernel, initrd)"},
		{"dtb", 0, OPT_STRING, &l->dtb, "FILE",
		 "device tree for the next kernel, instead of this machine's"},
		{"append", 0, OPT_LIST, &l->append, "TEXT",
		 "command line; may repeat, joined by a blank"},
		{"reuse-cmdline", 0, OPT_FLAG, &l->reuse_cmdline, NULL,
		 "begin with the running kernel's command line"},
		{"config", 0, OPT_STRING, &l->config, "NAME",
		 "take this configuration of a FIT image"},
		{"profile", 0, OPT_NUMBER, &l->profile, "N",
		 "take this profile of a unified kernel image"},
		{"vendor-boot", 0, OPT_STRING, &l->vendor_boot, "FILE",
		 "the vendor_boot.img that goes with an Android boot.img"},
		{"load-address", 0, OPT_NUMBER, &l->load_address, "ADDR",
		 "put the kernel exactly there"},
		{"avoid", 0, OPT_RANGE, &l->avoid, "A-B",
		 "faulty memory, B included: nothing goes there,\nand the next kernel does not use "
		 "it"},
		{"mem-min", 0, OPT_NUMBER, &l->mem_min, "ADDR", "nothing below this address"},
		{"mem-max", 0, OPT_NUMBER, &l->mem_max, "ADDR",
		 "nothing above this address (the last usable byte)"},
		{"entry", 0, OPT_CHOICE, &l->entry, "auto|64|32|16|pvh",
		 "which entry of the kernel is jumped to"},
		{"syscall", 0, OPT_CHOICE, &l->call, "auto|load|file",
		 "kexec_load (we place and verify) or kexec_file_load\n(the kernel does); auto: "
		 "load where it is allowed"},
		{"on-mismatch", 0, OPT_CHOICE, &l->on_mismatch, "reset|halt",
		 "what to do when the image is found damaged"},
		{"purgatory", 0, OPT_STRING, &l->purgatory, "FILE",
		 "another purgatory than the built-in one"},
		{"purgatory-console", 0, OPT_STRING, &l->console, "CONSOLE",
		 "auto, none, 0xPORT[,BAUD], or a console's name (ttyS0,\nttyAMA0, hvc0): where "
		 "the purgatory speaks"},
		{"arch", 0, OPT_STRING, &l->arch, "CPU",
		 "plan for this CPU instead;\nany of" ARCH_CPUS(WORD)},
		{"sysroot", 0, OPT_STRING, &l->sysroot, "DIR",
		 "take the facts of a machine from a snapshot"},
		{"explain", 0, OPT_FLAG, &l->explain, NULL, "say why each segment is where it is"},
		{"svg", 0, OPT_STRING, &l->svg, "FILE", "draw the plan into FILE"},
		{"dry-run", 'n', OPT_FLAG, &l->dry_run, NULL, "plan and check, load nothing"},
	};
	size_t n = sizeof(table) / sizeof(table[0]);

	_Static_assert(sizeof(table) / sizeof(table[0]) <= LOAD_OPTS, "LOAD_OPTS is too small");
	memcpy(o, table, sizeof(table));
	return n;
}

static void load_opts_done(struct load_opts *l)
{
	vec_done(&l->initrds);
	vec_done(&l->modules);
	vec_done(&l->append);
	vec_done(&l->operands);
	vec_done(&l->avoid);
	buf_done(&l->joined);
}

int load_opts_run(struct cli *c, const struct command *cmd,
		  int (*act)(const struct cli *c, struct load_opts *l))
{
	struct load_opts l = {.crash = false};
	struct opt table[LOAD_OPTS];
	size_t n = load_opts_table(&l, table);
	int code;

	if (cli_begin(c, cmd, table, n, &l.operands, &code) &&
	    cli_operands(c, &l.operands, 1, 1, &code))
		code = act(c, &l);
	load_opts_done(&l);
	return code;
}

int load_opts_window(const struct number *min, const struct number *max, struct range *out,
		     struct err *err)
{
	*out = (struct range){0, UINT64_MAX};
	if (min->set)
		out->start = min->value;
	if (max->set && max->value != UINT64_MAX)
		out->end = max->value + 1;
	if (range_empty(*out))
		return fail(err, EINVAL, "'--mem-min' 0x%llx lies above '--mem-max' 0x%llx",
			    (unsigned long long)min->value, (unsigned long long)max->value);
	return 0;
}

int load_opts_join(const struct words *w, struct buf *out, const char **text)
{
	*text = NULL;
	for (size_t i = 0; i < w->n; i++)
		if ((i && buf_puts(out, " ") < 0) || buf_puts(out, w->v[i]) < 0)
			return -ENOMEM;
	if (w->n)
		*text = buf_str(out);
	return 0;
}

/* Only our own loader places and verifies: the first option of that kind, or NULL. */
static const char *needs_load(const struct load_opts *l)
{
	return l->load_address.set ? "--load-address"
	       : l->avoid.n        ? "--avoid"
	       : l->modules.n      ? "--module"
	       : l->config         ? "--config"
	       : l->profile.set    ? "--profile"
	       : l->vendor_boot    ? "--vendor-boot"
	       : l->mem_min.set    ? "--mem-min"
	       : l->mem_max.set    ? "--mem-max"
	       : l->entry          ? "--entry"
	       : l->purgatory      ? "--purgatory"
	       : l->console        ? "--purgatory-console"
	       : l->on_mismatch    ? "--on-mismatch"
				   : NULL;
}

struct image_choice load_opts_choice(const char *config, const struct number *profile)
{
	return (struct image_choice){
		.config = config,
		.has_profile = profile->set,
		/* What passes the type is no profile of any image either. */
		.profile = profile->value < UINT_MAX ? (unsigned)profile->value : UINT_MAX,
	};
}

int load_opts_job(struct load_opts *l, struct job_options *out, struct err *err)
{
	static const enum choose_want wants[] = {CHOOSE_AUTO, CHOOSE_LOAD, CHOOSE_FILE};
	const char *text;

	if (load_opts_join(&l->append, &l->joined, &text) < 0)
		return fail(err, ENOMEM, "no memory");
	*out = (struct job_options){
		.root = l->sysroot ? l->sysroot : "/",
		.arch = l->arch,
		.image = l->operands.v[0],
		.initrds = l->initrds.v,
		.ninitrds = l->initrds.n,
		.vendor_boot = l->vendor_boot,
		.modules = l->modules.v,
		.nmodules = l->modules.n,
		.dtb = l->dtb,
		.append = text,
		.purgatory = l->purgatory,
		.want = wants[l->call],
		.needs_load = needs_load(l),
		.request =
			{
				.crash = l->crash,
				.reuse_cmdline = l->reuse_cmdline,
				.choice = load_opts_choice(l->config, &l->profile),
				.has_load_address = l->load_address.set,
				.load_address = l->load_address.value,
				.avoid = l->avoid,
				.entry = (enum boot_entry)l->entry,
				.purgatory_console = l->console,
				.on_mismatch = (enum handoff_mismatch)l->on_mismatch,
			},
	};
	return load_opts_window(&l->mem_min, &l->mem_max, &out->request.window, err);
}
