/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running machine's device tree says of its firmware, CPUs and terminals. */
#include <string.h>

#include "arch/ppc64/ppc64.h"

/*
 * PAPR B.6.2.3, option vector 5, as negotiated (/chosen/ibm,architecture-vec-5). Byte 24, bits 0-1:
 * 0 hash, 1 radix page tables (Linux arch/powerpc/include/asm/prom.h, OV5_MMU_SUPPORT).
 */
enum { VEC5_MMU = 24, VEC5_MMU_MASK = 0xc0, VEC5_MMU_RADIX = 0x40 };

static int open_tree(const struct machine *m, struct edit *e, struct err *err)
{
	struct tree t;
	int r = tree_open(buf_span(&m->fdt), &t, err);

	return r ? r : edit_open(&t, e, err);
}

/* @version: the cpu-version property; a logical one of PAPR (0x0f00000X), or a real PVR. */
static bool has_isa_207(uint64_t version)
{
	/* POWER8E, POWER8NVL, POWER8, POWER9, POWER10, POWER11. */
	static const uint16_t real[] = {0x4b, 0x4c, 0x4d, 0x4e, 0x80, 0x82};

	if (version >> 24 == 0x0f)
		return (version & 0xffff) >= 4;
	for (size_t i = 0; i < sizeof(real) / sizeof(*real); i++)
		if (version >> 16 == real[i])
			return true;
	return false;
}

static bool all_have_vectors(const struct edit *e)
{
	const struct edit_node *cpus = edit_find(e, "/cpus");
	bool any = false;

	for (const struct edit_node *n = cpus ? cpus->child : NULL; n; n = n->next) {
		uint64_t version, vmx;

		if (!dtb_is_cpu(n))
			continue;
		/* ibm,vmx: 1 = VMX, 2 = VSX too. */
		if (!edit_get_number(n, "cpu-version", &version) || !has_isa_207(version) ||
		    !edit_get_number(n, "ibm,vmx", &vmx) || vmx < 2)
			return false;
		any = true;
	}
	return any;
}

int ppc64_firmware(const struct machine *m, struct ppc64_firmware *out, struct err *err)
{
	struct edit e;
	const struct edit_node *rtas, *chosen;

	memset(out, 0, sizeof(*out));
	if (!m->fdt.len)
		return 0;
	int r = open_tree(m, &e, err);
	if (r)
		return r == -ENOEXEC ? fail(err, EBADMSG, "the device tree is none") : r;
	rtas = edit_find(&e, "/rtas");
	chosen = edit_find(&e, "/chosen");
	if (rtas && edit_get_number(rtas, "linux,rtas-base", &out->rtas_base) &&
	    edit_get_number(rtas, "linux,rtas-entry", &out->rtas_entry)) {
		out->rtas = true;
		(void)edit_get_number(rtas, "system-reboot", &out->reboot);
	}
	struct span vec5 = chosen ? edit_get(chosen, "ibm,architecture-vec-5") : (struct span){0};
	out->radix = vec5.len > VEC5_MMU && (vec5.ptr[VEC5_MMU] & VEC5_MMU_MASK) == VEC5_MMU_RADIX;
	out->vector = all_have_vectors(&e);
	edit_done(&e);
	return 0;
}

/* "hvc3" -> 3. hvc alone is the first one. False: another name. */
static bool hvc_number(struct span name, unsigned *number)
{
	*number = 0;
	if (name.len < 3 || name.len > 5 || memcmp(name.ptr, "hvc", 3))
		return false;
	for (size_t i = 3; i < name.len; i++) {
		if (name.ptr[i] < '0' || name.ptr[i] > '9')
			return false;
		*number = *number * 10 + (unsigned)(name.ptr[i] - '0');
	}
	return true;
}

/*
 * A terminal that takes plain text. drivers/tty/hvc/hvc_vio.c and hvc_opal.c, Linux 6.1; the other
 * kinds wrap it in packets.
 */
static bool is_terminal(const struct edit_node *n, bool opal)
{
	const char *kind = opal ? "ibm,opal-console-raw" : "hvterm1";
	struct span have = edit_get_text(n, "compatible");

	return have.len == strlen(kind) && !memcmp(have.ptr, kind, have.len);
}

/* The node of /chosen's stdout, which Linux makes hvc0; NULL if that is another kind of device. */
static const struct edit_node *stdout_node(const struct edit *e)
{
	static const char *const names[] = {"linux,stdout-path", "stdout-path"};
	const struct edit_node *chosen = edit_find(e, "/chosen");
	char path[128];

	for (size_t i = 0; chosen && i < 2; i++) {
		struct span s = edit_get_text(chosen, names[i]);

		if (!s.len || s.len >= sizeof(path))
			continue;
		memcpy(path, s.ptr, s.len);
		path[s.len] = '\0';
		return edit_find(e, path);
	}
	return NULL;
}

static const struct edit_node *find_terminal(const struct edit *e, bool opal, unsigned number)
{
	const struct edit_node *home = edit_find(e, opal ? "/ibm,opal/consoles" : "/vdevice");
	const struct edit_node *first = stdout_node(e);

	if (first && is_terminal(first, opal)) {
		if (!number)
			return first;
		number--;
	} else {
		first = NULL;
	}
	for (const struct edit_node *n = home ? home->child : NULL; n; n = n->next)
		if (n != first && is_terminal(n, opal) && !number--)
			return n;
	return NULL;
}

bool ppc64_console(const struct boot *b, struct span name, struct handoff *h)
{
	bool opal = b->m->ppc64.powernv;
	const struct edit_node *n;
	unsigned number = 0;
	uint64_t reg = 0;
	struct edit e;

	if ((name.len && !hvc_number(name, &number)) || !b->m->fdt.len || open_tree(b->m, &e, NULL))
		return false;
	n = find_terminal(&e, opal, number);
	bool found = n && edit_get_number(n, "reg", &reg);
	edit_done(&e);
	if (!found)
		return false;
	h->console = opal ? HANDOFF_CONSOLE_OPAL : HANDOFF_CONSOLE_PAPR;
	h->console_addr = reg;
	h->console_stride = 1;
	return true;
}
