/* pack - bytes made smaller, a frame at a time */
#include "io/pack.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "io/pack_parts.h"

const char *const pack_names[N_PACK_KINDS] = { "none", "gzip", "zstd" };
const char *const pack_suffixes[N_PACK_KINDS] = { "", ".gz", ".zst" };

struct pack {
	enum pack_kind kind;
	void          *state;        /* the library's */
};

struct pack *
pack_new(enum pack_kind kind)
{
	struct pack *p = alloc_zeroed(1, sizeof(*p));

	p->kind = kind;
	p->state = kind == PACK_GZIP ? pack_gzip_new() : kind == PACK_ZSTD ? pack_zstd_new() : NULL;
	return p;
}

void
pack_free(struct pack *p)
{
	if (p == NULL)
		return;
	if (p->kind == PACK_GZIP)
		pack_gzip_free(p->state);
	else if (p->kind == PACK_ZSTD)
		pack_zstd_free(p->state);
	free(p);
}

void
pack_frame(struct pack *p, struct span bytes, struct buf *to)
{
	switch (p->kind) {
	case PACK_GZIP: pack_gzip_frame(p->state, bytes, to); break;
	case PACK_ZSTD: pack_zstd_frame(p->state, bytes, to); break;
	default:        buf_span(to, bytes); break;
	}
}
