/* unpack: the bytes that were compressed, at any size of reads and writes; cut or damaged, an error and never other bytes */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "io/unpack.h"
#include "random.h"

static const enum unpack_kind kinds[] = { UNPACK_GZIP, UNPACK_ZSTD };

/* Text that packs well, or bytes that do not. */
static void
make_content(uint64_t *seed, struct buf *b, size_t n)
{
	bool is_text = random_below(seed, 3) > 0;

	while (n-- > 0)
		buf_char(b, (char)(is_text ? 'a' + (int)random_below(seed, 3) : (int)random_below(seed, 256)));
}

static void
pack_gzip(struct buf *to, struct span content)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	buf_reserve(to, deflateBound(&z, content.n) + 64);
	z.next_in = (Bytef *)content.p;
	z.avail_in = (uInt)content.n;
	z.next_out = (Bytef *)to->p + to->n;
	z.avail_out = (uInt)(deflateBound(&z, content.n) + 64);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	to->n += z.total_out;
	deflateEnd(&z);
}

static void
pack_zstd(struct buf *to, struct span content)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t     n;

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	buf_reserve(to, ZSTD_compressBound(content.n));
	n = ZSTD_compress2(c, to->p + to->n, ZSTD_compressBound(content.n), content.p, content.n);
	assert_false(ZSTD_isError(n));
	to->n += n;
	ZSTD_freeCCtx(c);
}

static void
pack(enum unpack_kind kind, struct buf *to, struct span content)
{
	if (content.p == NULL)
		content = SPAN_LIT("");
	if (kind == UNPACK_GZIP)
		pack_gzip(to, content);
	else
		pack_zstd(to, content);
}

/* A file without a name that holds so much, at its beginning. */
static int
file_of(struct span bytes)
{
	char path[] = "/tmp/test_unpack.XXXXXX";
	int  fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(bytes.n == 0 ? 0 : write(fd, bytes.p, bytes.n), bytes.n);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* All of it, in reads of up to MOST bytes.  0: to the end; -1: err. */
static int
read_all(struct unpack *u, uint64_t *seed, size_t most, struct buf *to, struct err *err)
{
	for (;;) {
		size_t  n = 1 + random_below(seed, most);
		ssize_t got;

		buf_reserve(to, n);
		assert_true(unpack_ready(u));
		got = unpack_read(u, to->p + to->n, n, err);
		if (got <= 0)
			return (int)got;
		assert_true((size_t)got <= n);
		to->n += (size_t)got;
	}
}

static int
unpacked(enum unpack_kind kind, struct span packed, uint64_t *seed, size_t most, struct buf *to, struct err *err)
{
	int            fd = file_of(packed), r;
	struct unpack *u = unpack_new(kind, fd, "x", err);

	assert_non_null(u);
	r = read_all(u, seed, most, to, err);
	unpack_free(u);
	close(fd);
	return r;
}

static void
assert_same(struct span a, struct span b)
{
	assert_int_equal(a.n, b.n);
	assert_true(a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static void
several_members_are_one_file_at_any_size_of_reads(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 120; round++) {
		enum unpack_kind kind = kinds[round % 2];
		struct buf       content = { 0 }, packed = { 0 }, out = { 0 };
		struct err       err = ERR_INIT;
		size_t           most = (size_t)1 << random_below(&seed, 18);

		for (uint64_t members = 1 + random_below(&seed, 4); members > 0; members--) {
			size_t from = content.n;

			make_content(&seed, &content, random_below(&seed, 5) == 0 ? 0 : random_below(&seed, most < 16 ? 2000 : 300000));
			pack(kind, &packed, span_of(content.p + from, content.n - from));
		}
		assert_int_equal(unpacked(kind, buf_all(&packed), &seed, most, &out, &err), 0);
		assert_same(buf_all(&out), buf_all(&content));
		buf_release(&content);
		buf_release(&packed);
		buf_release(&out);
	}
}

/* What a pipe has not given yet is waited for; nothing comes twice and nothing is missing. */
static void
a_pipe_gives_what_is_there(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < 40; round++) {
		enum unpack_kind kind = kinds[round % 2];
		struct buf       content = { 0 }, packed = { 0 }, out = { 0 };
		struct err       err = ERR_INIT;
		struct unpack   *u;
		int              ends[2];
		size_t           at = 0;
		ssize_t          got = UNPACK_LATER;

		make_content(&seed, &content, random_below(&seed, 20000));
		pack(kind, &packed, buf_all(&content));
		assert_int_equal(pipe(ends), 0);
		u = unpack_new(kind, ends[0], "x", &err);
		while (got != 0) {
			buf_reserve(&out, 5000);
			got = unpack_read(u, out.p + out.n, 1 + random_below(&seed, 5000), &err);
			assert_int_not_equal(got, -1);
			if (got > 0)
				out.n += (size_t)got;
			if (got != UNPACK_LATER)
				continue;
			assert_true(at < packed.n);              /* it waits only for what is not there */
			size_t n = 1 + random_below(&seed, packed.n - at);
			assert_int_equal(write(ends[1], packed.p + at, n), n);
			if ((at += n) == packed.n)
				close(ends[1]);
		}
		assert_same(buf_all(&out), buf_all(&content));
		unpack_free(u);
		close(ends[0]);
		buf_release(&content);
		buf_release(&packed);
		buf_release(&out);
	}
}

static void
what_is_cut_short_is_an_error_but_between_members(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct buf content = { 0 }, packed = { 0 };
		size_t     first_packed, first;

		make_content(&seed, &content, 200);
		first = content.n;
		pack(kinds[k], &packed, buf_all(&content));
		first_packed = packed.n;
		make_content(&seed, &content, 300);
		pack(kinds[k], &packed, span_of(content.p + first, content.n - first));
		for (size_t cut = 0; cut < packed.n; cut++) {
			struct buf out = { 0 };
			struct err err = ERR_INIT;
			int        r = unpacked(kinds[k], span_of(packed.p, cut), &seed, 64, &out, &err);

			assert_int_equal(r, cut == first_packed ? 0 : -1);
			if (r == -1) {
				assert_int_equal(err.kind, ERR_DATA);
				assert_non_null(strstr(err.text, "x: cut short"));
			}
			assert_true(out.n <= content.n && memcmp(out.p == NULL ? "" : out.p, content.p, out.n) == 0);
			buf_release(&out);
		}
		buf_release(&content);
		buf_release(&packed);
	}
}

static void
garbage_behind_the_end_is_damage(void **state)
{
	uint64_t seed = 4;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct buf packed = { 0 }, out = { 0 };
		struct err err = ERR_INIT;

		pack(kinds[k], &packed, SPAN_LIT("{}\n"));
		buf_lit(&packed, "this is no member and no frame");
		assert_int_equal(unpacked(kinds[k], buf_all(&packed), &seed, 64, &out, &err), -1);
		assert_non_null(strstr(err.text, "x: damaged: "));
		assert_same(buf_all(&out), SPAN_LIT("{}\n"));
		buf_release(&packed);
		buf_release(&out);
	}
}

/* A check sum stands behind it: whatever bit turns, what comes out is not taken for the whole if it is not. */
static void
a_turned_bit_never_gives_other_bytes_to_the_end(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct buf content = { 0 }, packed = { 0 };

		make_content(&seed, &content, 400);
		pack(kinds[k], &packed, buf_all(&content));
		for (size_t bit = 0; bit < 8 * packed.n; bit++) {
			struct buf out = { 0 };
			struct err err = ERR_INIT;

			packed.p[bit / 8] ^= (char)(1 << bit % 8);
			if (unpacked(kinds[k], buf_all(&packed), &seed, 1000, &out, &err) == 0)
				assert_same(buf_all(&out), buf_all(&content));
			else
				assert_int_equal(err.kind, ERR_DATA);
			packed.p[bit / 8] ^= (char)(1 << bit % 8);
			buf_release(&out);
		}
		buf_release(&content);
		buf_release(&packed);
	}
}

static void
it_can_begin_anew(void **state)
{
	uint64_t seed = 6;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct buf     content = { 0 }, packed = { 0 }, out = { 0 };
		struct err     err = ERR_INIT;
		struct unpack *u;
		char           some[777];
		int            fd;

		make_content(&seed, &content, 50000);
		pack(kinds[k], &packed, buf_all(&content));
		fd = file_of(buf_all(&packed));
		u = unpack_new(kinds[k], fd, "x", &err);
		assert_true(unpack_read(u, some, sizeof(some), &err) > 0);
		lseek(fd, 0, SEEK_SET);
		unpack_restart(u);
		assert_int_equal(read_all(u, &seed, 5000, &out, &err), 0);
		assert_same(buf_all(&out), buf_all(&content));
		unpack_free(u);
		close(fd);
		buf_release(&content);
		buf_release(&packed);
		buf_release(&out);
	}
}

static void
the_suffix_tells(void **state)
{
	(void)state;
	assert_int_equal(unpack_kind_of("a.ndjson.gz"), UNPACK_GZIP);
	assert_int_equal(unpack_kind_of("a.zst"), UNPACK_ZSTD);
	assert_int_equal(unpack_kind_of("a.gz.1"), UNPACK_NONE);
	assert_int_equal(unpack_kind_of(".gz"), UNPACK_NONE);
	assert_int_equal(unpack_kind_of(""), UNPACK_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_members_are_one_file_at_any_size_of_reads),
		cmocka_unit_test(a_pipe_gives_what_is_there),
		cmocka_unit_test(what_is_cut_short_is_an_error_but_between_members),
		cmocka_unit_test(garbage_behind_the_end_is_damage),
		cmocka_unit_test(a_turned_bit_never_gives_other_bytes_to_the_end),
		cmocka_unit_test(it_can_begin_anew),
		cmocka_unit_test(the_suffix_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
