/* tell - the counts of a run as lines for people */
#include "run/tell.h"

#include <inttypes.h>

uint64_t
tell_n_in(const struct loop *l)
{
	uint64_t n = l->n_recs;

	for (int kind = 0; kind < BAD_VALUE; kind++)
		n += l->life.n_bad[kind];
	return n;
}

uint64_t
tell_bytes_in(const struct loop *l)
{
	uint64_t n = 0;

	for (size_t i = 0; i < l->n_inlets; i++)
		n += input_bytes(&l->inlets[i].in);
	return n;
}

size_t
tell_n_parts(const struct inlet *t)
{
	const struct source *s = t->is_source ? input_source(&t->in) : NULL;

	return s == NULL || s->class->lag == NULL ? 0 : s->class->n_parts(s);
}

bool
tell_lag(const struct inlet *t, size_t i, int64_t wall_ms, struct source_lag *lag, int64_t *behind_ms)
{
	const struct source *s = input_source(&t->in);

	if (!s->class->lag(s, i, lag))
		return false;
	*behind_ms = lag->records == 0 || !lag->has_ts ? 0 : when_sub(wall_ms, lag->ts_ms);
	if (*behind_ms < 0)
		*behind_ms = 0;
	return true;
}

const struct op_count *
tell_op_counts(const struct loop *l, size_t *n)
{
	struct op *op = l->conf->op;

	*n = 0;
	return op == NULL || op->class->counts == NULL ? NULL : op->class->counts(op, n);
}

static uint64_t
all_bad(const struct loop *l)
{
	uint64_t n = 0;

	for (int kind = 0; kind < N_BAD; kind++)
		n += l->life.n_bad[kind];
	return n;
}

/* Three digits are enough: 7, 950, 1.31 M. */
static void
put_short(struct buf *b, double v)
{
	static const char *const units[] = { "", " k", " M", " G", " T" };
	size_t                   unit = 0;

	for (; v >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		v /= 1000;
	buf_printf(b, "%.*f%s", v == (int)v && unit == 0 ? 0 : v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v, units[unit]);
}

/* Seconds are enough. */
static void
put_time(struct buf *b, int64_t ts_ms)
{
	size_t from = b->n;

	when_put(b, when_sub(ts_ms, when_floor_mod(ts_ms, 1000)));
	if (b->n - from > 5 && memcmp(b->p + b->n - 5, ".000Z", 5) == 0) {
		b->n -= 5;
		buf_char(b, 'Z');
	}
}

/* The two largest units are enough: 4551d2h, 5m3s. */
static void
put_lag(struct buf *b, int64_t ms)
{
	enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
	uint64_t n = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
	uint64_t step = n >= DAY ? HOUR : n >= HOUR ? MINUTE : n >= MINUTE ? SECOND : 100;

	if (ms < 0)
		buf_char(b, '-');
	if (n / DAY >= 10000)
		buf_printf(b, "%" PRIu64 "d", n / DAY);
	else
		when_put_duration(b, (int64_t)(n - n % step));
}

static void
put_clock(struct buf *b, double seconds)
{
	uint64_t s = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 0;

	if (s >= 3600)
		buf_printf(b, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60, s % 60);
	else
		buf_printf(b, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
}

enum { SHOWN_PARTS = 4 };

/* The parts that are furthest behind, the furthest first. */
static size_t
furthest(const struct inlet *t, int64_t wall_ms, struct source_lag *to, int64_t *behind_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < tell_n_parts(t); i++) {
		struct source_lag lag;
		int64_t           ms;
		size_t            at;

		if (!tell_lag(t, i, wall_ms, &lag, &ms) || lag.records == 0)
			continue;
		for (at = n; at > 0 && to[at - 1].records < lag.records; at--)
			if (at < SHOWN_PARTS) {
				to[at] = to[at - 1];
				behind_ms[at] = behind_ms[at - 1];
			}
		if (at == SHOWN_PARTS)
			continue;
		to[at] = lag;
		behind_ms[at] = ms;
		n += n < SHOWN_PARTS;
	}
	return n;
}

static void
put_parts(const struct loop *l, int64_t wall_ms, struct buf *b)
{
	for (size_t i = 0; i < l->n_inlets; i++) {
		struct source_lag lags[SHOWN_PARTS];
		int64_t           behind_ms[SHOWN_PARTS];
		size_t            n = furthest(&l->inlets[i], wall_ms, lags, behind_ms);

		for (size_t p = 0; p < n; p++) {
			buf_printf(b, "%s%s[%" PRId64 "] ", p == 0 ? "; behind: " : ", ", lags[p].topic, lags[p].partition);
			put_short(b, (double)lags[p].records);
			if (lags[p].has_ts) {
				buf_char(b, ' ');
				put_lag(b, behind_ms[p]);
			}
		}
	}
}

void
tell_progress(const struct loop *l, bool has_share, int64_t wall_ms, struct buf *b)
{
	const struct life *f = &l->life;

	put_short(b, (double)tell_n_in(l));
	buf_lit(b, " records, ");
	put_short(b, f->recs.per_s);
	buf_lit(b, "/s");
	if (has_share) {
		buf_printf(b, ", %.0f %%", f->share.last * 100);
		if (f->share.per_s > 0 && (1 - f->share.last) / f->share.per_s < 1e8) {
			buf_lit(b, ", ");
			put_clock(b, (1 - f->share.last) / f->share.per_s);
			buf_lit(b, " left");
		}
	}
	if (f->watermark_ms != WHEN_MIN) {
		buf_lit(b, ", watermark ");
		put_time(b, f->watermark_ms);
		buf_lit(b, ", lag ");
		put_lag(b, when_sub(wall_ms, f->watermark_ms));
	}
	if (all_bad(l) > 0)
		buf_printf(b, ", %" PRIu64 " bad", all_bad(l));
	if (f->n_late > 0)
		buf_printf(b, ", %" PRIu64 " late", f->n_late);
	put_parts(l, wall_ms, b);
}

void
tell_status(const struct loop *l, int64_t now_ms, int64_t wall_ms, struct buf *b)
{
	const struct life     *f = &l->life;
	const struct op_count *counts;
	uint64_t               n_in = tell_n_in(l), entries, changed;
	int64_t                ms = now_ms - f->asked_ms;
	size_t                 n;

	buf_printf(b, "%" PRIu64 " records in, %" PRIu64 " out, %" PRIu64 " bad, %" PRIu64 " late; ", n_in, f->n_out, all_bad(l),
	           f->n_late);
	counts = tell_op_counts(l, &n);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%" PRIu64 " %s; ", counts[i].n_own, counts[i].words);
	put_short(b, ms <= 0 ? 0 : (double)(n_in - f->asked_n_in) * 1000 / (double)ms);
	buf_printf(b, "/s; %" PRIu64 " bytes in", tell_bytes_in(l));
	if (f->watermark_ms != WHEN_MIN) {
		buf_lit(b, "; watermark ");
		put_time(b, f->watermark_ms);
		buf_lit(b, ", lag ");
		put_lag(b, when_sub(wall_ms, f->watermark_ms));
	}
	if (l->conf->op != NULL) {
		l->conf->op->class->entries(l->conf->op, &entries, &changed);
		buf_printf(b, "; state %" PRIu64 " entries, %" PRIu64 " bytes", entries, l->conf->op->class->bytes(l->conf->op));
	}
	if (l->ckpt != NULL)
		buf_printf(b, "; epoch %" PRIu64, l->epoch);
	buf_lit(b, "; up ");
	put_lag(b, now_ms - f->start_ms);
}
