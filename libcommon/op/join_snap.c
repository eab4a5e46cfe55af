/*
 * join_snap - the join's state as lines
 *
 *     {"join":"within","kind":"left","watermark":17,"left":20,"right":17,"next_offset":842,"arrived":8832}
 *     {"of":"left","gone":25,"ts":16,"key":"UA"}
 *     {"of":"left","matched":26,"ts":18,"key":"UA"}
 *     {"seg":7,"run":3,"from":0,"length":65536}
 *     {"of":"left","n":27,"ts":18,"key":"UA","matched":true,"seg":8,"at":812,"text":{…}}
 *     {"of":"left","n":12,"ts":11,"key":"AA","seg":7,"at":4021,"length":240}
 *
 * First the scalars (a watermark is null before the first, "max" after the last); then the segments of texts that are
 * on disk, in a delta those that went there (state/texts.h); then records: those
 * that are there, in order of their numbers; in a delta those that went before their time, those that
 * have a partner now, and those that are new, or whose text has "moved".  What the watermark makes go is not said: loading its
 * line makes it go again.  `text` is what the record leaves as: the payload, of semi and anti the left
 * record whole, absent where only its time counts, or where it is on disk.  `from`, `void` and `deletes`, where they stand, are
 * join_parts.h's KEPT_FROM, _VOID, _DELETES.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "op/join_parts.h"
#include "op/line.h"

static const char *const side_names[] = { "left", "right" };

/* ---- save ---- */

static void
save_scalars(const struct join *j, struct snap_writer *out)
{
	struct buf *b = &out->buf;

	buf_lit(b, "{\"join\":\"");
	buf_str(b, join_mode_name(j->conf.mode));
	buf_lit(b, "\",\"kind\":\"");
	buf_str(b, join_kind_name(j->conf.kind));
	buf_lit(b, "\",\"watermark\":");
	line_put_ms(b, j->watermark_ms);
	buf_lit(b, ",\"left\":");
	line_put_ms(b, j->own_ms[LEFT]);
	buf_lit(b, ",\"right\":");
	line_put_ms(b, j->own_ms[RIGHT]);
	buf_lit(b, ",\"next_offset\":");
	buf_u64(b, j->next_offset);
	buf_lit(b, ",\"arrived\":");
	buf_u64(b, j->n_arrived);
	if (j->conf.combine) {
		buf_lit(b, ",\"clashes\":");
		buf_u64(b, j->n_clashes);
	}
	if (j->texts != NULL) {
		buf_lit(b, ",\"segments\":");
		buf_u64(b, j->texts->next);
		buf_lit(b, ",\"spilled\":");
		buf_u64(b, j->texts->n_spilled);
	}
	buf_char(b, '}');
	snap_line(out);
}

static void
put_place(struct buf *b, const char *what, const struct holder *h, enum join_side side, const struct kept *k)
{
	buf_lit(b, "{\"of\":\"");
	buf_str(b, side_names[side]);
	buf_lit(b, "\",\"");
	buf_str(b, what);
	buf_lit(b, "\":");
	buf_u64(b, kept_number(k));
	buf_lit(b, ",\"ts\":");
	buf_i64(b, k->at.ts_ms);
	buf_char(b, ',');
	rec_put_key(b, holder_key(h));
}

void
join_put_gone(struct join *j, const struct holder *h, enum join_side side, const struct kept *k)
{
	put_place(&j->gone, "gone", h, side, k);
	buf_lit(&j->gone, "}\n");
	j->n_gone++;
}

static void
save_text(const struct join *j, enum join_side side, const struct kept *k, struct buf *b)
{
	struct text_place place;

	if (j->texts != NULL) {
		place = kept_text_place(j, side, k);
		buf_lit(b, ",\"seg\":");
		buf_u64(b, place.segment);
		buf_lit(b, ",\"at\":");
		buf_u64(b, place.at);
		if (!texts_is_in_memory(j->texts, place)) {
			buf_lit(b, ",\"length\":");
			buf_u64(b, k->n);
			return;
		}
	}
	buf_lit(b, ",\"text\":");
	buf_span(b, join_text_of(j, side, k));
}

static void
save_record(const struct join *j, const struct holder *h, enum join_side side, const struct kept *k,
            struct snap_writer *out)
{
	struct buf *b = &out->buf;

	put_place(b, "n", h, side, k);
	if (kept_is(k, KEPT_MATCHED))
		buf_lit(b, ",\"matched\":true");
	if (kept_is(k, KEPT_VOID))
		buf_lit(b, ",\"void\":true");
	if (kept_is(k, KEPT_DELETES))
		buf_lit(b, ",\"deletes\":true");
	if (kept_is(k, KEPT_FROM)) {
		buf_lit(b, ",\"from\":");
		line_put_ms(b, kept_from_ms(k));
	}
	if (kept_is(k, KEPT_MOVED))
		buf_lit(b, ",\"moved\":true");
	if (k->n > 0)
		save_text(j, side, k, b);
	buf_char(b, '}');
	snap_line(out);
}

/* Which side a record is of, its holder knows. */
static enum join_side
side_of(const struct holder *h, const struct kept *k)
{
	return lane_find(&h->lanes[LEFT], k->at.ts_ms, k->at.order) == &k->at ? LEFT : RIGHT;
}

static void
save_changed(const struct join *j, struct snap_writer *out)
{
	for (const char *p = j->gone.p, *end = p + j->gone.n, *newline; p < end; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(end - p));
		buf_put(&out->buf, p, (size_t)(newline - p));
		snap_line(out);
	}
	for (size_t i = 0; i < j->n_changed; i++) {
		const struct kept   *k = j->changed[i].kept;
		const struct holder *h = j->changed[i].holder;

		if (kept_is(k, KEPT_NEW) || kept_is(k, KEPT_MOVED)) {
			save_record(j, h, side_of(h, k), k, out);
			continue;
		}
		put_place(&out->buf, "matched", h, side_of(h, k), k);
		buf_char(&out->buf, '}');
		snap_line(out);
	}
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct join_due *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void
save_all(const struct join *j, struct snap_writer *out)
{
	struct join_due    *all = alloc_bytes(j->n_kept * sizeof(*all));
	struct chains_walk  walk = { 0, NULL };
	struct chain_link  *link;
	size_t              n = 0;

	while ((link = chains_walk(&j->holders, &walk)) != NULL) {
		struct holder *h = (struct holder *)link;

		for (int side = LEFT; side <= RIGHT; side++) {
			struct lane_place  p = { 0, 0 };
			struct lane_item  *item;

			while ((item = lane_next(&h->lanes[side], &p)) != NULL)
				all[n++] = (struct join_due){ 0, kept_number(kept_of(item)), h, kept_of(item), (enum join_side)side };
		}
	}
	qsort(all, n, sizeof(*all), compare_numbers);
	for (size_t i = 0; i < n; i++)
		save_record(j, all[i].holder, all[i].side, all[i].kept, out);
	free(all);
}

void
join_save(const struct op *op, bool delta, struct snap_writer *out)
{
	const struct join *j = (const struct join *)op;

	save_scalars(j, out);
	if (j->conf.mode == JOIN_TABLE)
		return;
	if (j->texts != NULL)
		texts_save(j->texts, delta && j->is_tracking, out);
	if (delta && j->is_tracking)
		save_changed(j, out);
	else
		save_all(j, out);
}

/* ---- load ---- */

enum member {
	M_JOIN, M_KIND, M_WATERMARK, M_LEFT, M_RIGHT, M_NEXT_OFFSET, M_ARRIVED, M_CLASHES, M_SIDE, M_N, M_GONE, M_MATCHED, M_TS, M_KEY,
	M_KEY_BASE64, M_VOID, M_DELETES, M_FROM, M_TEXT, M_SEGMENTS, M_SPILLED, M_SEG, M_RUN, M_AT, M_LENGTH, M_MOVED, MEMBERS
};

static const struct path member_paths[MEMBERS] = {
	[M_JOIN] = LINE_MEMBER("join"),
	[M_KIND] = LINE_MEMBER("kind"),
	[M_WATERMARK] = LINE_MEMBER("watermark"),
	[M_LEFT] = LINE_MEMBER("left"),
	[M_RIGHT] = LINE_MEMBER("right"),
	[M_NEXT_OFFSET] = LINE_MEMBER("next_offset"),
	[M_ARRIVED] = LINE_MEMBER("arrived"),
	[M_CLASHES] = LINE_MEMBER("clashes"),
	[M_SIDE] = LINE_MEMBER("of"),
	[M_N] = LINE_MEMBER("n"),
	[M_GONE] = LINE_MEMBER("gone"),
	[M_MATCHED] = LINE_MEMBER("matched"),
	[M_TS] = LINE_MEMBER("ts"),
	[M_KEY] = LINE_MEMBER("key"),
	[M_KEY_BASE64] = LINE_MEMBER("key_base64"),
	[M_VOID] = LINE_MEMBER("void"),
	[M_DELETES] = LINE_MEMBER("deletes"),
	[M_FROM] = LINE_MEMBER("from"),
	[M_TEXT] = LINE_MEMBER("text"),
	[M_SEGMENTS] = LINE_MEMBER("segments"),
	[M_SPILLED] = LINE_MEMBER("spilled"),
	[M_SEG] = LINE_MEMBER("seg"),
	[M_RUN] = LINE_MEMBER("run"),
	[M_AT] = LINE_MEMBER("at"),
	[M_LENGTH] = LINE_MEMBER("length"),
	[M_MOVED] = LINE_MEMBER("moved"),
};

static bool
load_scalars(struct join *j, const struct scan_value *v)
{
	int64_t  before_ms = j->watermark_ms;
	uint64_t arrived_before = j->n_arrived;

	if (!line_is(&v[M_JOIN], join_mode_name(j->conf.mode)) || !line_is(&v[M_KIND], join_kind_name(j->conf.kind)) ||
	    !line_ms(&v[M_WATERMARK], &j->watermark_ms) || !line_ms(&v[M_LEFT], &j->own_ms[LEFT]) ||
	    !line_ms(&v[M_RIGHT], &j->own_ms[RIGHT]) || !line_count(&v[M_NEXT_OFFSET], &j->next_offset) ||
	    !line_count(&v[M_ARRIVED], &j->n_arrived) || j->watermark_ms < before_ms || j->n_arrived < arrived_before)
		return false;
	if (j->conf.combine && !line_count(&v[M_CLASHES], &j->n_clashes))
		return false;
	j->n_clashes_before = j->n_clashes;
	if (j->texts != NULL && v[M_SEGMENTS].kind != SCAN_MISSING) {
		uint64_t next;

		if (!line_count(&v[M_SEGMENTS], &next) || !line_count(&v[M_SPILLED], &j->texts->n_spilled) || !texts_load_next(j->texts, next))
			return false;
		j->n_spilled_before = j->texts->n_spilled;
	}
	j->way->watermark(j, before_ms, NULL);
	return true;
}

static struct kept *
find_kept(const struct holder *h, enum join_side side, int64_t ts_ms, uint64_t number)
{
	struct lane_place  p = lane_seek(&h->lanes[side], ts_ms, number << KEPT_FLAGS_BITS);
	struct lane_item  *item = lane_next(&h->lanes[side], &p);

	return item != NULL && item->ts_ms == ts_ms && kept_number(kept_of(item)) == number ? kept_of(item) : NULL;
}

/* Does this join keep such records of that side?  TEXT {NULL, n}: it is on disk. */
static bool
is_of_ours(const struct join *j, enum join_side side, const struct holder *h, unsigned flags, struct span text)
{
	enum join_mode mode = j->conf.mode;
	unsigned       fits = 0;

	if (mode == JOIN_TABLE || (mode == JOIN_LATEST && (side == LEFT || h->lanes[RIGHT].n > 0)))
		return false;
	fits |= mode == JOIN_WITHIN || mode == JOIN_WINDOW ? KEPT_MATCHED : 0U;
	fits |= mode == JOIN_WINDOW ? KEPT_VOID | KEPT_FROM : 0U;
	fits |= mode == JOIN_AS_OF && side == RIGHT ? KEPT_DELETES | KEPT_FROM : 0U;
	if ((flags & ~fits) != 0 || (text.n > 0) != (j->keeps_text[side] && (flags & KEPT_DELETES) == 0))
		return false;
	if (text.p != NULL && (join_passes(j) ? side == LEFT : j->conf.combine) && text.p[0] != '{')
		return !join_passes(j) && join_is_null(text);
	return true;
}

/* Where the text is; *TEXT {NULL, n}: on disk, {NULL, 0}: there is none. */
static bool
load_text(struct join *j, const struct scan_value *v, struct span *text, struct text_place *place)
{
	const struct scan_value *t = &v[M_TEXT];
	bool                     quoted = t->kind == SCAN_STRING;
	uint64_t                 segment, at, length;

	*text = t->kind == SCAN_MISSING ? SPAN_NONE : span_of(t->p - quoted, t->n + 2 * (size_t)quoted);
	*place = (struct text_place){ 0, 0 };
	if (j->texts == NULL)
		return true;
	if (v[M_SEG].kind == SCAN_MISSING) {
		if (text->n > 0 && j->texts->is_frozen)
			return false;
		*place = text->n > 0 ? texts_add(j->texts, LEFT, *text) : *place;
		return true;
	}
	if (!line_count(&v[M_SEG], &segment) || !line_count(&v[M_AT], &at))
		return false;
	*place = texts_place(segment, at);
	if (text->n > 0)
		return texts_load_text(j->texts, *place, *text);
	if (!line_count(&v[M_LENGTH], &length) || !texts_load_place(j->texts, *place, length))
		return false;
	text->n = (size_t)length;
	return true;
}

static bool
load_new(struct join *j, struct holder *h, enum join_side side, int64_t ts_ms, uint64_t number, const struct scan_value *v)
{
	struct kept       *before = find_kept(h, side, ts_ms, number);
	int64_t            from_ms = WHEN_MIN;
	unsigned           flags = 0;
	struct text_place  place;
	struct span        text;

	if (before != NULL && v[M_MOVED].kind == SCAN_TRUE)
		join_expire(j, h, side, before);
	else if (before != NULL)
		return false;
	if (number >= j->n_arrived || !load_text(j, v, &text, &place) || (v[M_FROM].kind != SCAN_MISSING && !line_ms(&v[M_FROM], &from_ms)))
		return false;
	flags |= v[M_MATCHED].kind == SCAN_TRUE ? KEPT_MATCHED : 0U;
	flags |= v[M_VOID].kind == SCAN_TRUE ? KEPT_VOID : 0U;
	flags |= v[M_DELETES].kind == SCAN_TRUE ? KEPT_DELETES : 0U;
	if (!is_of_ours(j, side, h, flags | (v[M_FROM].kind != SCAN_MISSING ? KEPT_FROM : 0U), text))
		return false;
	if (j->keeps_place && side == LEFT && text.p != NULL) {
		buf_reset(&j->line);
		buf_span(&j->line, text);
		buf_char(&j->line, '\n');
	}
	j->way->loaded(j, side, h, join_keep_at(j, h, side, ts_ms, number, flags, from_ms, text, place));
	return true;
}

static bool
load_segment(struct join *j, const struct scan_value *v)
{
	uint64_t segment, run, from_bytes, length_bytes;

	return j->texts != NULL && line_count(&v[M_SEG], &segment) && line_count(&v[M_RUN], &run) && line_count(&v[M_FROM], &from_bytes) &&
	       line_count(&v[M_LENGTH], &length_bytes) && texts_load_segment(j->texts, segment, run, from_bytes, length_bytes);
}

static bool
load_record(struct join *j, const struct scan_value *v)
{
	enum join_side  side = line_is(&v[M_SIDE], "left") ? LEFT : RIGHT;
	struct join_on  on = { SPAN_NONE, false, 0 };
	uint64_t        number;
	int64_t         ts_ms;
	struct holder  *h;
	struct kept    *k;

	if ((side == RIGHT && !line_is(&v[M_SIDE], "right")) || !line_i64(&v[M_TS], &ts_ms) || !line_key(&v[M_KEY], &v[M_KEY_BASE64], &j->marks, &on.key))
		return false;
	on.hash = on.key.p == NULL ? 0 : hash_bytes(on.key, j->conf.hash_seed);
	if (line_count(&v[M_N], &number)) {
		h = join_hold(j, &j->holders, &on);
		if (load_new(j, h, side, ts_ms, number, v))
			return true;
		join_let_go(j, &j->holders, h);
		return false;
	}
	h = join_find(&j->holders, &on);
	if (line_count(&v[M_GONE], &number)) {
		/* The watermark of this snapshot may have made it go already. */
		k = h == NULL ? NULL : find_kept(h, side, ts_ms, number);
		if (k != NULL)
			join_expire(j, h, side, k);
		if (h != NULL)
			join_let_go(j, &j->holders, h);
		return number < j->n_arrived;
	}
	k = h == NULL || !line_count(&v[M_MATCHED], &number) ? NULL : find_kept(h, side, ts_ms, number);
	if (k != NULL)
		k->at.order |= KEPT_MATCHED;
	return k != NULL;
}

static bool
load_line(struct join *j, const struct scan_value *v)
{
	if (v[M_JOIN].kind != SCAN_MISSING)
		return load_scalars(j, v);
	return v[M_RUN].kind != SCAN_MISSING ? load_segment(j, v) : load_record(j, v);
}

int
join_loaded(struct op *op, struct err *err)
{
	struct join *j = (struct join *)op;

	(void)err;
	if (j->texts != NULL)
		texts_loaded(j->texts);
	return 0;
}

int
join_load(struct op *op, struct span line, struct err *err)
{
	struct join        *j = (struct join *)op;
	struct scan_value   v[MEMBERS];
	struct scan_result  r;

	if (j->scan == NULL)
		j->scan = line_scan(member_paths, MEMBERS);
	j->is_tracking = true;
	scan_line(j->scan, line.p, v, &r);
	if (r.verdict != SCAN_OK || !load_line(j, v))
		return err_set(err, ERR_DATA, "not the state of this stream-join: %.*s", (int)(line.n < 120 ? line.n : 120), line.p);
	return 0;
}
