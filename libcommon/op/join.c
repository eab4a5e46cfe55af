/* join - the operator as a whole: what it is asked for, how records come to it, its life */
#include "op/join_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "json/text.h"

static struct join *
join_of(struct op *op)
{
	return (struct join *)op;
}

static const struct join *
const_join_of(const struct op *op)
{
	return (const struct join *)op;
}

const char *
join_kind_name(enum join_kind kind)
{
	static const char *const names[] = {
		[JOIN_INNER] = "inner", [JOIN_LEFT] = "left", [JOIN_RIGHT] = "right", [JOIN_FULL] = "full", [JOIN_SEMI] = "semi",
		[JOIN_ANTI] = "anti"
	};

	return names[kind];
}

const char *
join_mode_name(enum join_mode mode)
{
	static const char *const names[] = {
		[JOIN_WITHIN] = "within", [JOIN_WINDOW] = "window", [JOIN_AS_OF] = "as-of", [JOIN_LATEST] = "latest",
		[JOIN_TABLE] = "table"
	};

	return names[mode];
}

bool
join_fits(enum join_kind kind, enum join_mode mode)
{
	return mode <= JOIN_WINDOW || (kind != JOIN_RIGHT && kind != JOIN_FULL);
}

bool
join_left_alone(enum join_mode mode)
{
	return mode == JOIN_LATEST || mode == JOIN_TABLE;
}

/* ---- records arrive ---- */

static bool __attribute__((noinline))
refuse(struct op_refusal *r, const char *what)
{
	r->kind = OP_REFUSED_BAD;
	snprintf(r->reason, sizeof(r->reason), "%s", what);
	return false;
}

static bool __attribute__((noinline))
refuse_key(const struct join *j, enum join_side side, const struct rec *r, size_t at, struct op_refusal *refusal)
{
	refusal->kind = OP_REFUSED_BAD;
	snprintf(refusal->reason, sizeof(refusal->reason), "%s is an %s, not a key", j->conf.on[side][at].text,
	    r->wanted[1 + at].kind == SCAN_ARRAY ? "array" : "object");
	return false;
}

/* Is it a record that a join can take? */
static bool
check(const struct join *j, enum join_side side, const struct rec *r, struct op_refusal *refusal)
{
	const struct scan_value *pane = &r->wanted[0];

	if (__builtin_expect(pane->kind == SCAN_STRING && text_equal(span_of(pane->p, pane->n), SPAN_LIT("retract")), 0))
		return refuse(refusal, "retraction: upstream must emit final");
	if (__builtin_expect(j->op.needs_time && !r->has_ts, 0))
		return refuse(refusal, "no event time");
	if (__builtin_expect(j->looks_at_payload[side] && r->payload.p == NULL, 0))
		return refuse(refusal, "the payload is not JSON");
	if (__builtin_expect(j->combiner != NULL && r->payload.p[0] != '{' && !join_is_null(r->payload), 0))
		return refuse(refusal, "the payload is not an object: --combine puts members together");
	return true;
}

static bool
find_on(struct join *j, enum join_side side, const struct rec *r, struct join_on *on, struct op_refusal *refusal)
{
	size_t n = j->conf.n_on[side], n_null, bad;

	on->key = r->key;
	n_null = r->key.p == NULL;
	if (n > 0 && !rec_key_of(r->wanted + 1, n, &j->key_room, &j->batch_arena, &on->key, &n_null, &bad))
		return refuse_key(j, side, r, bad, refusal);
	on->is_void = n_null > 0 && !j->conf.null_keys;
	on->hash = on->key.p == NULL ? 0 : hash_bytes(on->key, j->conf.hash_seed);
	return true;
}

static size_t
join_feed(struct op *op, unsigned input, const struct rec *recs, size_t n, struct emit *e, struct op_refusal *refusal)
{
	struct join    *j = join_of(op);
	enum join_side  side = (enum join_side)input;
	size_t          done = 0, ready;
	bool            is_good = true;

	while (done < n && is_good) {
		join_tidy(j);
		if (j->batch_arena.blocks != NULL)
			arena_reset(&j->batch_arena);
		/* Keys first, all of a batch: what they are hashed to is on its way while they are made. */
		for (ready = 0; ready < JOIN_BATCH && done + ready < n && is_good; ready += is_good) {
			const struct rec *r = &recs[done + ready];

			is_good = check(j, side, r, refusal) && find_on(j, side, r, &j->batch[ready], refusal);
			if (is_good)
				chains_prefetch(&j->holders, j->batch[ready].hash);
		}
		join_prefetch(j, j->batch, ready);
		if (j->texts != NULL)
			join_look_at_memory(j);
		for (size_t i = 0; i < ready; i++, done++)
			if (!j->way->take(j, side, &recs[done], &j->batch[i], e, refusal))
				return done;
	}
	return done;
}

static void
join_input_watermark(struct op *op, unsigned input, int64_t ts_ms)
{
	struct join *j = join_of(op);

	if (ts_ms > j->own_ms[input])
		j->own_ms[input] = ts_ms;
}

static void
join_watermark(struct op *op, int64_t ts_ms, struct emit *e)
{
	struct join *j = join_of(op);
	int64_t      before_ms = j->watermark_ms;

	if (ts_ms <= before_ms)
		return;
	j->watermark_ms = ts_ms;
	j->way->watermark(j, before_ms, e);
	join_tidy(j);
}

/* ---- life ---- */

static const struct path *const *
join_wants(const struct op *op, unsigned input, size_t *n)
{
	*n = const_join_of(op)->n_wants[input];
	return const_join_of(op)->wants[input];
}

static void
join_free(struct op *op)
{
	struct join *j = join_of(op);

	if (j->texts != NULL)
		texts_leave(j->texts);
	join_free_holders(j, &j->holders);
	join_free_holders(j, &j->next_table);
	join_spill_release(j);
	slabs_release(&j->slabs);
	wheel_release(&j->wheel);
	join_result_release(j);
	path_release(&j->pane_path);
	rec_key_room_release(&j->key_room);
	arena_release(&j->batch_arena);
	buf_release(&j->gone);
	buf_release(&j->line);
	buf_release(&j->marks);
	scan_free(j->scan);
	scan_free(j->place_scan);
	free(j->wants[LEFT]);
	free(j->wants[RIGHT]);
	free(j->changed);
	free(j->dues);
	free(j->window_dues);
	free(j->woken);
	free(j);
}

static const struct op_count *
join_counts(struct op *op, size_t *n)
{
	struct join *j = join_of(op);

	*n = 0;
	if (j->conf.combine)
		j->counts[(*n)++] = (struct op_count){ "clash", "clashes", "Results in which both sides had a member of one name.",
		                                       j->n_clashes, j->n_clashes - j->n_clashes_before };
	if (j->texts != NULL)
		j->counts[(*n)++] = (struct op_count){ "spilled", "spilled", "Records that had no room in memory and went to disk.",
		                                       j->texts->n_spilled, j->texts->n_spilled - j->n_spilled_before };
	return j->counts;
}

static const struct op_class class = {
	.name = "join",
	.version = 1,
	.n_inputs = 2,
	.wants = join_wants,
	.feed = join_feed,
	.input_watermark = join_input_watermark,
	.watermark = join_watermark,
	.counts = join_counts,
	.entries = join_entries,
	.bytes = join_bytes,
	.save = join_save,
	.settle = join_settle,
	.load = join_load,
	.loaded = join_loaded,
	.free = join_free,
};

static const struct join_way *const ways[] = {
	[JOIN_WITHIN] = &join_within_way, [JOIN_WINDOW] = &join_window_way, [JOIN_AS_OF] = &join_as_of_way,
	[JOIN_LATEST] = &join_latest_way, [JOIN_TABLE] = &join_table_way
};

/* ---- making one ---- */

/* The longest that a window of the grid can be: a civil day may last 25 hours, or 48 where a date was repeated. */
static int64_t
longest_ms(const struct window_conf *w)
{
	static const int64_t day_ms = 86400000;

	switch (w->unit) {
	case WINDOW_DAYS:
		return (w->size + 2) * day_ms;
	case WINDOW_MONTHS:
		return (w->size * 31 + 2) * day_ms;
	case WINDOW_MS:
		break;
	}
	return w->size;
}

static int64_t
lag_ms(const struct join_conf *c)
{
	int64_t above = c->upper_ms > 0 ? c->upper_ms : 0, below = c->lower_ms < 0 ? when_sub(0, c->lower_ms) : 0;

	if (c->mode == JOIN_WINDOW)
		return c->kind == JOIN_SEMI || c->kind == JOIN_ANTI ? longest_ms(&c->window) : 0;
	if (c->mode != JOIN_WITHIN || c->kind == JOIN_INNER)
		return 0;
	if (c->kind == JOIN_RIGHT)
		return below;
	return c->kind == JOIN_FULL && below > above ? below : above;
}

static void
check_conf(const struct join_conf *c)
{
	assert(join_fits(c->kind, c->mode));
	assert(c->mode != JOIN_WITHIN || c->lower_ms <= c->upper_ms);
	assert(c->mode != JOIN_WINDOW || (c->window.kind <= WINDOW_CUMULATIVE && c->window.size > 0));
	assert(c->stage != NULL);
}

/* What of a record is looked at, and what is kept of it. */
static void
decide_payloads(struct join *j)
{
	bool passes = join_passes(j), judges = j->conf.where != NULL;

	j->looks_at_payload[LEFT] = !passes || judges;
	j->looks_at_payload[RIGHT] = !passes || judges || (j->conf.mode >= JOIN_AS_OF);
	j->keeps_text[LEFT] = true;
	j->keeps_text[RIGHT] = !passes || judges;
	j->keeps_place = passes && judges;
}

static void
set_wants(struct join *j)
{
	struct err err = ERR_INIT;
	int        failed = path_parse(&j->pane_path, "$.pane", &err);

	assert(failed == 0);
	(void)failed;
	for (int side = LEFT; side <= RIGHT; side++) {
		j->n_wants[side] = 1 + j->conf.n_on[side];
		j->wants[side] = alloc_zeroed(j->n_wants[side], sizeof(*j->wants[side]));
		j->wants[side][0] = &j->pane_path;
		for (size_t i = 0; i < j->conf.n_on[side]; i++)
			j->wants[side][1 + i] = &j->conf.on[side][i];
	}
}

struct op *
join_new(const struct join_conf *conf)
{
	static const struct path  payload = { .n_steps = 1, .steps = { { .name = { "payload", 7 } } } };
	const struct path        *place_path = &payload;
	struct join              *j = alloc_zeroed(1, sizeof(*j));

	check_conf(conf);
	j->op = (struct op){ .class = &class, .key_option = { conf->n_on[LEFT] > 0 ? NULL : "--on", conf->n_on[RIGHT] > 0 ? NULL : "--on" }, .needs_time = !join_left_alone(conf->mode), .lag_ms = lag_ms(conf),
	                     .late_words = conf->mode == JOIN_WINDOW ? "its window closed" : "the watermark passed it" };
	j->op.moves_time = j->op.moves_key = conf->kind != JOIN_SEMI && conf->kind != JOIN_ANTI;
	j->conf = *conf;
	j->conf.combine = conf->combine && conf->kind != JOIN_SEMI && conf->kind != JOIN_ANTI;
	j->way = ways[conf->mode];
	if (conf->mode == JOIN_WINDOW)
		j->shape = window_shape_of(&conf->window);
	j->wheel.now_ms = WHEN_MIN;
	j->watermark_ms = j->own_ms[LEFT] = j->own_ms[RIGHT] = WHEN_MIN;
	decide_payloads(j);
	set_wants(j);
	join_result_init(j);
	join_spill_init(j);
	if (j->keeps_place)
		j->place_scan = scan_new(&place_path, 1);
	return &j->op;
}

void
join_table_begin(struct op *op)
{
	struct join *j = join_of(op);

	assert(j->conf.mode == JOIN_TABLE);
	join_free_holders(j, &j->next_table);        /* of one that was not read to its end */
	j->is_reading_table = true;
}

void
join_table_end(struct op *op)
{
	struct join *j = join_of(op);

	assert(j->is_reading_table);
	join_free_holders(j, &j->holders);
	j->holders = j->next_table;
	j->next_table = (struct chains){ 0 };
	j->is_reading_table = false;
}
