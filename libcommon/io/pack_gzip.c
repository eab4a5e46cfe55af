/* gzip - members by zlib */
#include "io/pack_parts.h"

#include <assert.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/alloc.h"

enum {
	WINDOW_BITS = 15,
	WITH_GZIP_HEADER = 16,
	MEMORY_LEVEL = 8,
	PIECE_BYTES = 1 << 30        /* zlib counts in unsigned int */
};

void *
pack_gzip_new(void)
{
	z_stream *z = alloc_zeroed(1, sizeof(*z));
	int       r = deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS + WITH_GZIP_HEADER, MEMORY_LEVEL,
	                           Z_DEFAULT_STRATEGY);

	if (r == Z_MEM_ERROR)
		alloc_failed();
	assert(r == Z_OK);
	return z;
}

void
pack_gzip_free(void *state)
{
	deflateEnd(state);
	free(state);
}

void
pack_gzip_frame(void *state, struct span bytes, struct buf *to)
{
	z_stream *z = state;
	size_t    left = bytes.n;
	int       r = Z_OK;

	deflateReset(z);
	z->next_in = (Bytef *)(uintptr_t)bytes.p;
	while (r != Z_STREAM_END) {
		if (z->avail_in == 0) {
			z->avail_in = (uInt)(left < PIECE_BYTES ? left : PIECE_BYTES);
			left -= z->avail_in;
		}
		z->next_out = (Bytef *)buf_reserve(to, 64 * 1024);
		z->avail_out = 64 * 1024;
		r = deflate(z, left == 0 ? Z_FINISH : Z_NO_FLUSH);
		assert(r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR);
		to->n += 64 * 1024 - z->avail_out;
	}
}

const char *
pack_gzip_library(void)
{
	return "zlib " ZLIB_VERSION;
}
