/* dedup - the operator as a whole, and the first record by arrival */
#include "op/dedup.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "json/text.h"
#include "op/dedup_parts.h"

enum { LOOKS_PER_RECORD = 16, LOOKS_PER_WATERMARK = 1024 };

/* ---- time of an id ---- */

bool
dedup_is_known(const struct dedup *d, const uint64_t *entry)
{
	if (!d->has_horizon || (entry[IDS_FLAGS] & DEDUP_HELD) != 0)
		return true;
	return d->watermark_ms < when_add((int64_t)entry[IDS_VALUE], d->conf.within_ms);
}

/* It comes back to memory: what is there counts. */
void
dedup_refresh_cold(struct dedup *d, struct hash_print p, const struct dedup_cold *cold, int64_t ts_ms)
{
	bool      is_new;
	uint64_t *entry;

	if (cold->ts_ms >= ts_ms)
		return;
	entry = ids_add(d->ids, p, &is_new);
	dedup_set_time(d, entry, is_new, ts_ms);
	dedup_changed(d, p, entry);
}

bool
dedup_is_live(const void *dedup, const uint64_t *entry)
{
	const struct dedup *d = dedup;

	if (!d->has_horizon || (entry[IDS_FLAGS] & DEDUP_HELD) != 0)
		return true;
	return !horizon_is_gone(&d->horizon, horizon_step(&d->horizon, (int64_t)entry[IDS_VALUE]));
}

void
dedup_forget_time(struct dedup *d, const uint64_t *entry, bool is_new)
{
	if (!is_new && d->has_horizon && (entry[IDS_FLAGS] & DEDUP_HELD) == 0 && dedup_is_live(d, entry))
		horizon_take(&d->horizon, (int64_t)entry[IDS_VALUE]);
}

void
dedup_set_time(struct dedup *d, uint64_t *entry, bool is_new, int64_t ts_ms)
{
	if (!d->has_horizon)
		return;
	dedup_forget_time(d, entry, is_new);
	entry[IDS_VALUE] = (uint64_t)ts_ms;
	if (dedup_is_live(d, entry))
		horizon_add(&d->horizon, ts_ms);
}

void
dedup_refresh(struct dedup *d, struct hash_print p, uint64_t *entry, int64_t ts_ms)
{
	if ((int64_t)entry[IDS_VALUE] >= ts_ms)
		return;
	dedup_set_time(d, entry, false, ts_ms);
	dedup_changed(d, p, entry);
}

/* ---- records ---- */

/* Lines that leave as they came and stand behind one another: copied as one. */
struct stretch {
	const char *from, *end;      /* without the last newline; NULL: none */
};

static void
put_stretch(struct stretch *s, struct emit *e)
{
	if (s->from == NULL)
		return;
	buf_put(e->out, s->from, (size_t)(s->end - s->from));
	buf_char(e->out, '\n');
	s->from = NULL;
}

static void
pass(struct stretch *s, const struct rec *rec, struct emit *e)
{
	if (!rec->is_envelope || rec->must_rewrite) {
		put_stretch(s, e);
		rec_put(e->out, rec, e->origin);
		return;
	}
	if (s->from == NULL || rec->line.p != s->end + 1 || *s->end != '\n') {
		put_stretch(s, e);
		s->from = rec->line.p;
	}
	s->end = rec->line.p + rec->line.n;
}

static bool
refuse(struct op_refusal *r, const char *why)
{
	*r = (struct op_refusal){ .kind = OP_REFUSED_BAD };
	memcpy(r->reason, why, strlen(why) + 1);
	return false;
}

static bool
is_retraction(const struct scan_value *pane)
{
	return pane->kind == SCAN_STRING && text_equal(span_of(pane->p, pane->n), SPAN_LIT("retract"));
}

/* Bad is judged before late. */
static bool
check(struct dedup *d, const struct rec *rec, enum dedup_id *id, struct hash_print *p, struct op_refusal *r)
{
	if (__builtin_expect(rec->wanted[0].kind != SCAN_MISSING && is_retraction(&rec->wanted[0]), 0))
		return refuse(r, "retraction: upstream must emit final");
	if (__builtin_expect(d->op.needs_time && !rec->has_ts, 0))
		return refuse(r, "no event time");
	if ((*id = dedup_print(d, rec, p, r)) == DEDUP_BAD_ID)
		return false;
	if (d->op.needs_time && rec->ts_ms < d->watermark_ms) {
		*r = (struct op_refusal){ .kind = OP_REFUSED_LATE, .late_ms = when_sub(d->watermark_ms, rec->ts_ms) };
		return false;
	}
	return true;
}

/* Is it the first of its id? */
static bool
take_first(struct dedup *d, const struct rec *rec, struct hash_print p, const struct dedup_cold *cold)
{
	bool      is_new;
	uint64_t *entry;

	if (dedup_cold_is_known(d, cold, p)) {
		if (d->conf.refresh)
			dedup_refresh_cold(d, p, cold, rec->ts_ms);
		d->n_duplicates++;
		return false;
	}
	entry = ids_add(d->ids, p, &is_new);
	if (is_new || !dedup_is_known(d, entry)) {
		dedup_set_time(d, entry, is_new, rec->ts_ms);
		dedup_changed(d, p, entry);
		return true;
	}
	if (d->conf.refresh)
		dedup_refresh(d, p, entry, rec->ts_ms);
	d->n_duplicates++;
	return false;
}

static void
take(struct dedup *d, const struct rec *rec, enum dedup_id id, struct hash_print p, const struct dedup_cold *cold, struct stretch *s,
     struct emit *e)
{
	if (id == DEDUP_NO_ID)
		d->n_without_id++;
	else if (d->conf.keep != DEDUP_FIRST)
		return dedup_wait_take(d, rec, p, cold, e);
	else if (!take_first(d, rec, p, cold)) {
		if (e->aside != NULL)
			rec_put(e->aside, rec, e->origin);
		return;
	}
	pass(s, rec, e);
}

static size_t
dedup_feed(struct op *op, unsigned input, const struct rec *recs, size_t n, struct emit *e, struct op_refusal *r)
{
	struct dedup     *d = (struct dedup *)op;
	struct hash_print prints[DEDUP_GROUP];
	struct dedup_cold colds[DEDUP_GROUP];
	enum dedup_id     ids[DEDUP_GROUP];
	struct stretch    stretch = { NULL, NULL };
	size_t            done = 0;
	bool              good = true;

	(void)input;
	while (good && done < n) {
		size_t ready = 0;

		for (; ready < DEDUP_GROUP && done + ready < n; ready++) {
			if (!(good = check(d, &recs[done + ready], &ids[ready], &prints[ready], r)))
				break;
			if (ids[ready] == DEDUP_NO_ID)
				prints[ready] = (struct hash_print){ 0, 0 };
		}
		ids_prefetch(d->ids, prints, ready);
		if (d->conf.shelf != NULL)
			dedup_cold_find(d, prints, ready, colds);
		if (d->conf.shelf != NULL && d->conf.shelf->failed) {
			put_stretch(&stretch, e);        /* nobody can tell who is the first */
			return n;
		}
		for (size_t i = 0; i < ready; i++)
			take(d, &recs[done + i], ids[i], prints[i], d->conf.shelf == NULL ? NULL : &colds[i], &stretch, e);
		done += ready;
	}
	put_stretch(&stretch, e);
	if (d->has_horizon)
		horizon_sweep(&d->horizon, d->ids, d->horizon.n + d->held.n, done * LOOKS_PER_RECORD, dedup_is_live, d);
	if (d->conf.shelf != NULL)
		dedup_shelve(d);
	return done;
}

static void
dedup_watermark(struct op *op, int64_t ts_ms, struct emit *e)
{
	struct dedup *d = (struct dedup *)op;

	if (ts_ms <= d->watermark_ms)
		return;
	d->watermark_ms = ts_ms;
	if (d->has_horizon)
		horizon_watermark(&d->horizon, ts_ms);
	if (d->conf.keep != DEDUP_FIRST)
		dedup_wait_watermark(d, e);
	if (d->has_horizon)
		horizon_sweep(&d->horizon, d->ids, d->horizon.n + d->held.n, LOOKS_PER_WATERMARK, dedup_is_live, d);
}

/* ---- life ---- */

static const struct path *const *
dedup_wants(const struct op *op, unsigned input, size_t *n)
{
	(void)input;
	*n = ((const struct dedup *)op)->n_wants;
	return ((const struct dedup *)op)->wants;
}

static uint64_t
dedup_bytes(const struct op *op)
{
	const struct dedup *d = (const struct dedup *)op;

	return ids_bytes(d->ids) + held_bytes(&d->held) + dedup_log_bytes(d) + (d->conf.shelf == NULL ? 0 : d->conf.shelf->memory_bytes);
}

static const struct op_count *
dedup_counts(struct op *op, size_t *n)
{
	struct dedup *d = (struct dedup *)op;

	d->counts[0] = (struct op_count){ "duplicate", "duplicates", "Records whose id had come before.",
	                                  d->n_duplicates, d->n_duplicates - d->n_duplicates_loaded };
	d->counts[1] = (struct op_count){ "without_id", "without an id", "Records that passed because they have no id.",
	                                  d->n_without_id, d->n_without_id - d->n_without_id_loaded };
	d->counts[2] = (struct op_count){ "shelved", "ids moved to disk", "Ids for which there was no room in memory.",
	                                  d->n_shelved, d->n_shelved - d->n_shelved_loaded };
	*n = d->conf.shelf == NULL || (d->conf.memory_bytes == UINT64_MAX && d->conf.shelf->n_tables == 0) ? 2 : 3;
	return d->counts;
}

static void
dedup_free(struct op *op)
{
	struct dedup *d = (struct dedup *)op;

	held_release(&d->held);
	horizon_release(&d->horizon);
	d->logs_values = true;                   /* nobody asks for marks any more */
	dedup_log_clear(d);
	ids_free(d->ids);
	for (size_t i = 0; i < 3; i++)
		path_release(&d->id_paths[i]);
	path_release(&d->pane_path);
	free(d->wants);
	buf_release(&d->scratch);
	scan_free(d->scan);
	free(d);
}

static const struct op_class dedup_class = {
	.name = "dedup", .version = 1, .n_inputs = 1,
	.wants = dedup_wants,
	.feed = dedup_feed,
	.watermark = dedup_watermark,
	.entries = dedup_entries,
	.bytes = dedup_bytes,
	.counts = dedup_counts,
	.save = dedup_save,
	.settle = dedup_settle,
	.load = dedup_load,
	.expect = dedup_expect,
	.free = dedup_free,
};

static void
set_wants(struct dedup *d)
{
	static const char *const id_texts[] = { "$.topic", "$.partition", "$.offset" };
	struct err               err = ERR_INIT;
	int                      failed = path_parse(&d->pane_path, "$.pane", &err);

	d->wants = alloc_zeroed(1 + d->conf.n_by + 3, sizeof(*d->wants));
	d->wants[d->n_wants++] = &d->pane_path;
	for (size_t i = 0; i < d->conf.n_by; i++)
		d->wants[d->n_wants++] = &d->conf.by[i];
	for (size_t i = 0; d->conf.by_id && i < 3; i++) {
		failed |= path_parse(&d->id_paths[i], id_texts[i], &err);
		d->wants[d->n_wants++] = &d->id_paths[i];
	}
	assert(failed == 0);
}

struct op *
dedup_new(const struct dedup_conf *conf)
{
	struct dedup *d = alloc_zeroed(1, sizeof(*d));

	assert(conf->within_ms > 0 && !(conf->by_id && conf->n_by > 0));
	d->conf = *conf;
	d->has_horizon = conf->within_ms != WHEN_MAX && conf->keep != DEDUP_LATEST;
	d->has_values = d->has_horizon || conf->keep != DEDUP_FIRST;
	d->logs_values = conf->keep == DEDUP_FIRST && !conf->refresh;
	d->op = (struct op){ .class = &dedup_class, .needs_time = conf->within_ms != WHEN_MAX || conf->keep != DEDUP_FIRST,
	                     .key_option = { conf->by_id || conf->n_by > 0 ? NULL : "--by" },
	                     .late_words = "the watermark passed it",
	                     .lag_ms = conf->keep == DEDUP_LATEST ? conf->within_ms : 0 };
	d->watermark_ms = d->cleared_ms = WHEN_MIN;
	d->ids = ids_new(d->has_values);
	horizon_init(&d->horizon, conf->within_ms);
	set_wants(d);
	return &d->op;
}
