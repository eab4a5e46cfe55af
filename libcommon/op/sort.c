/* sort - the operator as a whole: records come, time goes on */
#include "op/sort_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/when.h"

enum {
	RUN_MEMORY_BYTES = 64 * 1024,        /* there may be as many spilled runs as this goes into the memory, */
	LEAST_SPILLED = 4,
	MOST_SPILLED = 256,                  /* but each is an open file */
	LEAST_PIECE_BYTES = 256,
	MOST_PIECE_BYTES = 256 * 1024,
	CHUNKS = 32                          /* that the memory is cut into, at least */
};

static const struct sort *
const_sort_of(const struct op *op)
{
	return (const struct sort *)op;
}

/* ---- records come ---- */

static bool
refuse_late(struct op_refusal *r, int64_t late_ms)
{
	*r = (struct op_refusal){ .kind = OP_REFUSED_LATE, .late_ms = late_ms };
	return false;
}

static bool
refuse_timeless(struct op_refusal *r)
{
	*r = (struct op_refusal){ .kind = OP_REFUSED_BAD };
	snprintf(r->reason, sizeof(r->reason), "no event time");
	return false;
}

/* The line that leaves, without its newline. */
static inline struct span
line_of(struct sort *s, const struct rec *rec, const struct rec_origin *origin)
{
	if (rec->is_envelope && !rec->must_rewrite)
		return rec->line;
	buf_reset(&s->scratch);
	rec_put(&s->scratch, rec, origin);
	return span_of(s->scratch.p, s->scratch.n - 1);
}

static inline bool
take(struct sort *s, const struct rec *rec, const struct rec_origin *origin, struct op_refusal *r)
{
	if (__builtin_expect(!rec->has_ts, 0))
		return refuse_timeless(r);
	if (__builtin_expect(rec->ts_ms < s->watermark_ms || s->watermark_ms == WHEN_MAX, 0))
		return refuse_late(r, when_sub(s->watermark_ms, rec->ts_ms));
	runs_add(&s->mem, rec->ts_ms, s->next_number++, line_of(s, rec, origin));
	s->n_new++;
	if (__builtin_expect(runs_bytes(&s->mem) > s->limit_bytes, 0)) {
		if (!runs_compact(&s->mem) || runs_bytes(&s->mem) > s->limit_bytes)
			sort_spill_all(s);
	}
	return true;
}

static size_t
sort_feed(struct op *op, unsigned input, const struct rec *recs, size_t n, struct emit *e, struct op_refusal *r)
{
	struct sort *s = (struct sort *)op;

	(void)input;
	for (size_t i = 0; i < n; i++)
		if (!take(s, &recs[i], e->origin, r))
			return i;
	return n;
}

/* ---- time goes on ---- */

static inline bool
has_passed(const struct sort *s, int64_t ts_ms)
{
	return ts_ms < s->watermark_ms || s->watermark_ms == WHEN_MAX;
}

static void
give_kept(struct sort *s, const struct runs_rec *rec, struct buf *out)
{
	char *to = buf_reserve(out, rec->n + (size_t)1);

	memcpy(to, rec->bytes, rec->n);
	to[rec->n] = '\n';
	out->n += rec->n + (size_t)1;
	if (rec->number >= s->settled_number)
		s->n_new--;
	runs_drop_first(&s->mem);
}

/* The next record, from memory or from a run.  False: its time has not passed, or there is none. */
static bool
give_next(struct sort *s, struct buf *out)
{
	const struct runs_rec  *kept = runs_first(&s->mem);
	const struct sort_head *spilled = s->n_spilled == 0 ? NULL : sort_spilled_first(s);

	if (spilled != NULL && (kept == NULL || heads_before((struct heads_key){ spilled->ts_ms, spilled->number },
	    (struct heads_key){ kept->ts_ms, kept->number })))
		return has_passed(s, spilled->ts_ms) && sort_take_spilled(s, out);
	if (kept == NULL || !has_passed(s, kept->ts_ms) || s->spill->failed)
		return false;
	give_kept(s, kept, out);
	return true;
}

static void
sort_watermark(struct op *op, int64_t ts_ms, struct emit *e)
{
	struct sort *s = (struct sort *)op;

	if (ts_ms <= s->watermark_ms)
		return;
	s->watermark_ms = ts_ms;
	while (!e->is_cut && give_next(s, e->out))
		if (e->drain != NULL && e->out->n > EMIT_DRAIN_BYTES)
			e->drain(e);
	runs_tidy(&s->mem);
}

/* ---- life ---- */

static const struct path *const *
sort_wants(const struct op *op, unsigned input, size_t *n)
{
	(void)op;
	(void)input;
	*n = 0;
	return NULL;
}

static void
sort_entries(const struct op *op, uint64_t *all, uint64_t *changed)
{
	*all = 1 + const_sort_of(op)->mem.n;
	*changed = 1 + const_sort_of(op)->n_new;
}

static uint64_t
sort_bytes(const struct op *op)
{
	return runs_bytes(&const_sort_of(op)->mem) + sort_windows_bytes(const_sort_of(op));
}

static const struct op_count *
sort_counts(struct op *op, size_t *n)
{
	struct sort *s = (struct sort *)op;

	s->count = (struct op_count){ "spilled", "spilled", "Records that had no room in memory and went to disk.",
	                              s->n_spilled_recs, s->n_spilled_recs - s->n_spilled_loaded };
	*n = 1;
	return &s->count;
}

static void
sort_settle(struct op *op)
{
	struct sort *s = (struct sort *)op;

	s->settled_number = s->next_number;
	s->n_new = 0;
}

static void
sort_free(struct op *op)
{
	struct sort *s = (struct sort *)op;

	sort_forget_spilled(s);
	free(s->spilled);
	heads_release(&s->heads);
	runs_release(&s->mem);
	buf_release(&s->scratch);
	scan_free(s->scan);
	free(s);
}

static const struct op_class sort_class = {
	.name = "sort",
	.version = 1,
	.n_inputs = 1,
	.wants = sort_wants,
	.feed = sort_feed,
	.watermark = sort_watermark,
	.entries = sort_entries,
	.bytes = sort_bytes,
	.counts = sort_counts,
	.save = sort_save,
	.settle = sort_settle,
	.load = sort_load,
	.free = sort_free,
};

static size_t
between(uint64_t n, size_t least, size_t most)
{
	return n < least ? least : n > most ? most : (size_t)n;
}

struct op *
sort_new(uint64_t memory_bytes, struct spill *spill)
{
	struct sort *s = alloc_zeroed(1, sizeof(*s));
	uint64_t     windows_bytes = memory_bytes / 4;

	assert(memory_bytes >= SORT_MEMORY_MIN_BYTES);
	s->op = (struct op){ .class = &sort_class, .needs_time = true, .late_words = "the watermark passed it" };
	s->spill = spill;
	s->limit_bytes = (size_t)(memory_bytes - windows_bytes);
	s->most_spilled = between(memory_bytes / RUN_MEMORY_BYTES, LEAST_SPILLED, MOST_SPILLED);
	s->window_bytes = between(windows_bytes / s->most_spilled, LEAST_PIECE_BYTES, MOST_PIECE_BYTES);
	s->watermark_ms = WHEN_MIN;
	s->is_open = true;
	runs_init(&s->mem, between(s->limit_bytes / CHUNKS, LEAST_PIECE_BYTES, MOST_PIECE_BYTES));
	return &s->op;
}
