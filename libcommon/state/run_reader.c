/* run_reader - a stretch of a spilled run, forwards */
#include "state/run_reader.h"

#include <string.h>

void
run_reader_init(struct run_reader *r, struct spill *spill, uint64_t run, uint64_t from, uint64_t to, size_t piece_bytes)
{
	*r = (struct run_reader){ .spill = spill, .run = run, .next = from, .end = to, .piece_bytes = piece_bytes };
}

void
run_reader_release(struct run_reader *r)
{
	buf_release(&r->buf);
}

const char *
run_reader_fill(struct run_reader *r, uint64_t n)
{
	size_t   rest = r->buf.n - r->at;
	uint64_t left = r->end - r->next, more = n - rest;

	if (left < more) {
		spill_say_damaged(r->spill, r->run);
		return NULL;
	}
	if (more < r->piece_bytes)
		more = left < r->piece_bytes ? left : r->piece_bytes;
	if (rest > 0)
		memmove(r->buf.p, r->buf.p + r->at, rest);
	r->buf.n = rest;
	r->at = 0;
	if (!spill_read(r->spill, r->run, r->next, buf_reserve(&r->buf, (size_t)more), (size_t)more))
		return NULL;
	r->buf.n += (size_t)more;
	r->next += more;
	return r->buf.p;
}
