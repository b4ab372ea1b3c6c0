/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/fit_hash.h"

#include <md5.h>
#include <sha1.h>
#include <sha2.h>
#include <string.h>

#include "base/put.h"
#include "base/sha256.h"
#include "image/crc32.h"

enum { LONGEST = SHA512_DIGEST_LENGTH };

static void crc32(struct span data, uint8_t *out)
{
	put_be(out, crc32_of(0, data), 4);
}

/* libmd's functions differ by their names. */
#define OF_LIBMD(name, prefix, context)                                                            \
	static void name(struct span data, uint8_t *out)                                           \
	{                                                                                          \
		context sum;                                                                       \
                                                                                                   \
		prefix##Init(&sum);                                                                \
		prefix##Update(&sum, data.ptr, data.len);                                          \
		prefix##Final(out, &sum);                                                          \
	}

OF_LIBMD(md5, MD5, MD5_CTX)
OF_LIBMD(sha1, SHA1, SHA1_CTX)
OF_LIBMD(sha384, SHA384, SHA2_CTX)
OF_LIBMD(sha512, SHA512, SHA2_CTX)

static void sha256(struct span data, uint8_t *out)
{
	struct sha256 sum;

	sha256_init(&sum, sha256_blocks_generic);
	sha256_update(&sum, data.ptr, data.len);
	sha256_final(&sum, out);
}

static const struct kind {
	const char *name;
	size_t size; /* bytes */
	void (*of)(struct span data, uint8_t *out);
} kinds[] = {
	{"crc32", 4, crc32},
	{"md5", MD5_DIGEST_LENGTH, md5},
	{"sha1", SHA1_DIGEST_LENGTH, sha1},
	{"sha256", SHA256_SIZE, sha256},
	{"sha384", SHA384_DIGEST_LENGTH, sha384},
	{"sha512", SHA512_DIGEST_LENGTH, sha512},
};

static const struct kind *find_kind(struct span algo)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (algo.len == strlen(kinds[i].name) && !memcmp(algo.ptr, kinds[i].name, algo.len))
			return &kinds[i];
	return NULL;
}

int fit_hash_check(struct span algo, struct span value, struct span data, struct err *err)
{
	const struct kind *k = find_kind(algo);
	uint8_t is[LONGEST];
	const char *more;

	if (!k)
		return 0;
	if (value.len != k->size)
		return fail(err, EBADMSG, "%s has %zu bytes, not %zu", k->name, value.len, k->size);
	k->of(data, is);
	if (!memcmp(is, value.ptr, k->size))
		return 1;
	more = k->size > 4 ? "..." : "";
	return fail(err, EBADMSG, "%s is 0x%08x%s, the file says 0x%08x%s: it is damaged", k->name,
		    (unsigned)get_be(is, 4), more, (unsigned)get_be(value.ptr, 4), more);
}
