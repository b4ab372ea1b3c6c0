/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/kexec.h"

#include <string.h>

#include "cli/load_opts.h"
#include "host/sys.h"

static size_t actions(struct kexec_opts *k, struct opt *o)
{
	const struct opt table[] = {
		{"load", 'l', OPT_FLAG, &k->load, NULL, "load KERNEL"},
		{"load-panic", 'p', OPT_FLAG, &k->panic, NULL, "load KERNEL for after a panic"},
		{"unload", 'u', OPT_FLAG, &k->unload, NULL,
		 "forget what is loaded (with -p: the crash kernel)"},
		{"exec", 'e', OPT_FLAG, &k->exec, NULL, "jump into the loaded kernel at once"},
		{"force", 'f', OPT_FLAG, &k->force, NULL,
		 "load KERNEL and jump at once, without a shutdown"},
		{"status", 'S', OPT_FLAG, &k->status, NULL,
		 "exit with 1 if a crash kernel (with -l: a kernel) is loaded,\nwith 0 if not, 255 "
		 "if that cannot be told"},
		{"print-ckr-size", 0, OPT_FLAG, &k->print_size, NULL,
		 "print the size reserved by crashkernel="},
		{"no-ifdown", 'x', OPT_FLAG, &k->no_ifdown, NULL, "leave network interfaces up"},
		{"no-sync", 'y', OPT_FLAG, &k->no_sync, NULL, "do not write buffers back"},
		{"kexec-file-syscall", 's', OPT_FLAG, &k->file_call, NULL, "kexec_file_load only"},
		{"kexec-syscall", 'c', OPT_FLAG, &k->load_call, NULL, "kexec_load only"},
		{"kexec-syscall-auto", 'a', OPT_FLAG, &k->either_call, NULL,
		 "kexec_file_load, else kexec_load (the default)"},
		{"debug", 'd', OPT_FLAG, &k->debug, NULL, "show the plan and why it is so"},
		{"help", 'h', OPT_FLAG, &k->help, NULL, "this text"},
		{"version", 'v', OPT_FLAG, &k->version, NULL, "the version of this program"},
	};

	memcpy(o, table, sizeof(table));
	return sizeof(table) / sizeof(table[0]);
}

static size_t loading(struct kexec_opts *k, struct opt *o)
{
	const struct opt table[] = {
		{"append", 0, OPT_LIST, &k->append, "TEXT", "command line of KERNEL"},
		{"command-line", 0, OPT_LIST, &k->append, "TEXT", "the same"},
		{"reuse-cmdline", 0, OPT_FLAG, &k->reuse_cmdline, NULL,
		 "begin with the running kernel's command line"},
		{"initrd", 0, OPT_LIST, &k->initrds, "FILE", "initial RAM disk"},
		{"ramdisk", 0, OPT_LIST, &k->initrds, "FILE", "the same"},
		{"module", 0, OPT_LIST, &k->modules, "\"FILE ARGS\"",
		 "module of a multiboot KERNEL"},
		{"dtb", 0, OPT_STRING, &k->dtb, "FILE", "device tree for KERNEL"},
		{"devicetreeblob", 0, OPT_STRING, &k->dtb, "FILE", "the same"},
		{"mem-min", 0, OPT_NUMBER, &k->mem_min, "ADDR", "nothing below this address"},
		{"mem-max", 0, OPT_NUMBER, &k->mem_max, "ADDR", "nothing above this address"},
		{"no-checks", 'i', OPT_FLAG, &k->no_checks, NULL,
		 "do not verify the loaded image before the jump"},
		{"type", 't', OPT_STRING, &k->type, "TYPE",
		 "KERNEL must be of this type: bzImage, elf-x86_64 …"},
		{"entry-32bit", 0, OPT_FLAG, &k->entry32, NULL, "jump to the 32-bit entry"},
		{"real-mode", 0, OPT_FLAG, &k->entry16, NULL,
		 "start the kernel's real-mode code, which asks the BIOS"},
		{"serial", 0, OPT_STRING, &k->serial, "PORT",
		 "where the purgatory speaks: ttySN or 0xPORT"},
		{"serial-baud", 0, OPT_NUMBER, &k->baud, "BAUD", "and how fast"},
		{"no-cma", 0, OPT_FLAG, &k->no_cma, NULL, "kexec_file_load: not into CMA memory"},
		{"force-dtb", 0, OPT_FLAG, &k->force_dtb, NULL,
		 "kexec_file_load: carry the device tree over"},
		{"sysroot", 0, OPT_STRING, &k->root, "DIR", NULL},
	};

	memcpy(o, table, sizeof(table));
	return sizeof(table) / sizeof(table[0]);
}

/* Services pass these on every CPU and for every image; what they ask for is the case anyway, or
 * long gone. */
static size_t without_effect(struct kexec_opts *k, struct opt *o)
{
	const struct opt table[] = {
		{"args-linux", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"args-elf", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"args-none", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"elf32-core-headers", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"elf64-core-headers", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"reset-vga", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"console-vga", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"console-serial", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"no-real-mode", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"reuse-video-type", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"pass-memmap-cmdline", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"noefi", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"hotplug", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"dt-no-old-root", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
		{"image-size", 0, OPT_IGNORE_ARG, &k->ignored, "SIZE", NULL},
		{"page-offset", 0, OPT_IGNORE_ARG, &k->ignored, "ADDR", NULL},
		{"atags", 0, OPT_IGNORE, &k->ignored, NULL, NULL},
	};

	memcpy(o, table, sizeof(table));
	return sizeof(table) / sizeof(table[0]);
}

static size_t unsupported(struct kexec_opts *k, struct opt *o)
{
	const struct opt table[] = {
		{"entry", 0, OPT_IGNORE_ARG, &k->unsupported, "ADDR", NULL},
		{"reuseinitrd", 0, OPT_IGNORE, &k->unsupported, NULL, NULL},
		{"load-preserve-context", 0, OPT_IGNORE, &k->unsupported, NULL, NULL},
		{"load-jump-back-helper", 0, OPT_IGNORE, &k->unsupported, NULL, NULL},
		{"load-live-update", 0, OPT_IGNORE, &k->unsupported, NULL, NULL},
		{"exec-live-update", 0, OPT_IGNORE, &k->unsupported, NULL, NULL},
	};

	memcpy(o, table, sizeof(table));
	return sizeof(table) / sizeof(table[0]);
}

size_t kexec_opts_table(struct kexec_opts *k, struct opt *o)
{
	size_t n = actions(k, o);

	n += loading(k, o + n);
	n += without_effect(k, o + n);
	return n + unsupported(k, o + n);
}

void kexec_opts_done(struct kexec_opts *k)
{
	vec_done(&k->initrds);
	vec_done(&k->modules);
	vec_done(&k->append);
	vec_done(&k->operands);
	vec_done(&k->ignored);
	vec_done(&k->unsupported);
	buf_done(&k->joined);
}

/* --serial=ttyS1 --serial-baud=115200 as one word of --purgatory-console. */
static const char *console(struct kexec_opts *k)
{
	if (!k->serial)
		return NULL;
	if (k->baud.set)
		snprintf(k->console, sizeof(k->console), "%s,%llu", k->serial,
			 (unsigned long long)k->baud.value);
	else
		snprintf(k->console, sizeof(k->console), "%s", k->serial);
	return k->console;
}

int kexec_job(struct kexec_opts *k, struct job_options *out, struct err *err)
{
	const char *text;

	if (k->unsupported.n)
		return fail(err, ENOTSUP, "'--%s' is not supported", k->unsupported.v[0]);
	if (k->file_call + k->load_call + k->either_call > 1)
		return fail(err, EINVAL, "only one of '-a', '-c' and '-s' can be asked for");
	if (load_opts_join(&k->append, &k->joined, &text) < 0)
		return fail(err, ENOMEM, "no memory");
	*out = (struct job_options){
		.root = k->root,
		.image = k->operands.v[0],
		.initrds = k->initrds.v,
		.ninitrds = k->initrds.n,
		.modules = k->modules.v,
		.nmodules = k->modules.n,
		.dtb = k->dtb,
		.dtb_if_any = true,
		.append = text,
		.want = k->file_call   ? CHOOSE_FILE
			: k->load_call ? CHOOSE_LOAD
				       : CHOOSE_FILE_FIRST,
		.needs_load = k->mem_min.set   ? "--mem-min"
			      : k->mem_max.set ? "--mem-max"
			      : k->modules.n   ? "--module"
			      : k->entry32     ? "--entry-32bit"
			      : k->entry16     ? "--real-mode"
					       : NULL,
		.needs_file = k->no_cma      ? "--no-cma"
			      : k->force_dtb ? "--force-dtb"
					     : NULL,
		.file_flags = (k->no_cma ? HOST_KEXEC_FILE_NO_CMA : 0) |
			      (k->force_dtb ? HOST_KEXEC_FILE_FORCE_DTB : 0),
		.request =
			{
				.crash = k->panic,
				.reuse_cmdline = k->reuse_cmdline,
				.entry = k->entry16   ? ENTRY_16
					 : k->entry32 ? ENTRY_32
						      : ENTRY_AUTO,
				.no_checks = k->no_checks,
				.purgatory_console = console(k),
			},
	};
	return load_opts_window(&k->mem_min, &k->mem_max, &out->request.window, err);
}
