/* zstd - frames by libzstd */
#include "io/pack_parts.h"

#include <assert.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "base/alloc.h"

void *
pack_zstd_new(void)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();

	if (z == NULL)
		alloc_failed();
	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	return z;
}

void
pack_zstd_free(void *state)
{
	ZSTD_freeCCtx(state);
}

void
pack_zstd_frame(void *state, struct span bytes, struct buf *to)
{
	size_t bound = ZSTD_compressBound(bytes.n);
	size_t n = ZSTD_compress2(state, buf_reserve(to, bound), bound, bytes.p, bytes.n);

	if (ZSTD_isError(n) && ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation)
		alloc_failed();
	assert(!ZSTD_isError(n));
	to->n += n;
}

const char *
pack_zstd_library(void)
{
	return "zstd " ZSTD_VERSION_STRING;
}
