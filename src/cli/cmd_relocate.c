/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
#include "session/move_kernel.h"

static int run(struct cli *c);

const struct command cmd_relocate = {
	.name = "relocate",
	.operands = "VMLINUX",
	.summary = "move a linked kernel to other addresses",
	.text = "Writes a vmlinux that runs at another physical address, and with --virtual at "
		"another virtual one,\n"
		"by the relocations that the kernel kept. A bzImage or a compressed file is "
		"unpacked. Module CRCs and\n"
		"absolute symbols stay; OUT can be moved again, and back to what it was.",
	.run = run,
};

static void json_address(struct json *j, const char *key, uint64_t v)
{
	char text[20];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)v);
	json_string(j, key, text);
}

static int told(const struct cli *c, const char *out, const struct relocate_result *res)
{
	struct json j = JSON_INIT;

	if (!c->json) {
		printf("%s: physical 0x%llx (was 0x%llx), virtual 0x%llx (was 0x%llx); %llu fields "
		       "changed; relocations: %s\n",
		       out, (unsigned long long)res->phys, (unsigned long long)res->old_phys,
		       (unsigned long long)res->virt, (unsigned long long)res->old_virt,
		       (unsigned long long)res->changed, relocate_source_name(res->source));
		return fflush(stdout) ? EXIT_REFUSED : EXIT_DONE;
	}
	json_open(&j, NULL, '{');
	json_int(&j, "schema", 1);
	json_open(&j, "relocated", '{');
	json_string(&j, "file", out);
	json_address(&j, "physical", res->phys);
	json_address(&j, "virtual", res->virt);
	json_int(&j, "changed", res->changed);
	json_int(&j, "crcs", res->crcs);
	json_string(&j, "by", relocate_source_name(res->source));
	json_close(&j, '}');
	json_close(&j, '}');
	return cli_put_json(c, &j);
}

static int relocate(const struct cli *c, const struct session_relocate *req)
{
	struct relocate_result res;
	struct err err = ERR_INIT;

	if (session_relocate(req, &res, &err) < 0)
		return cli_fail(c, EXIT_REFUSED, &err);
	return told(c, req->out, &res);
}

static int missing(const struct cli *c, const char *option)
{
	struct err err = ERR_INIT;

	(void)fail(&err, EINVAL, "%s is missing", option);
	return cli_usage(c, &err);
}

static int run(struct cli *c)
{
	struct session_relocate req = {.force = false};
	struct number to = {0}, virtual = {0};
	struct words w = {0};
	int code;
	const struct opt table[] = {
		{"to", 0, OPT_NUMBER, &to, "ADDR", "physical address of the lowest segment"},
		{"virtual", 0, OPT_NUMBER, &virtual, "ADDR",
		 "its virtual address (x86_64: stays by default)"},
		{"output", 'o', OPT_STRING, &req.out, "OUT", "the file to write"},
		{"force", 'f', OPT_FLAG, &req.force, NULL, "replace an existing OUT"},
	};

	if (cli_begin(c, &cmd_relocate, table, 4, &w, &code) && cli_operands(c, &w, 1, 1, &code)) {
		req.image = w.v[0];
		req.to = (struct relocate_request){to.value, virtual.set, virtual.value};
		code = !to.set    ? missing(c, "--to")
		       : !req.out ? missing(c, "--output")
				  : relocate(c, &req);
	}
	vec_done(&w);
	return code;
}
