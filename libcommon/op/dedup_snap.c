/*
 * dedup_snap - the dedup operator's state as lines
 *
 *     {"dedup":"first","watermark":1357000000000,"seed":"93…","duplicates":12,"without_id":0,"arrived":0}
 *     {"ids":"…","ts":[1357016400000,…]}
 *     {"id":"…","due":1357016400000,"ts":1357016400000,"arrival":7,"record":{…}}
 *     {"id":"…","gone":true}
 *
 * First the scalars (watermark: null before the first, "max" after the last).  Then fingerprints, 16
 * bytes each in base64, some to a line, with the times that their horizons count from, if there is
 * one; and the records that wait.  A whole state is in the order of the fingerprints; a delta has
 * what changed in the order in which it did, of states whose values change one id a line.  What the
 * watermark alone does to the state no delta says.
 */
#include <stdlib.h>

#include "base/num.h"
#include "json/scan.h"
#include "json/text.h"
#include "op/dedup_parts.h"

enum { IDS_PER_LINE = 24, PRINT_BYTES = 16 };

static const char *const keep_names[] = { [DEDUP_FIRST] = "first", [DEDUP_EARLIEST] = "earliest", [DEDUP_LATEST] = "latest" };

/* ---- how many lines ---- */

static uint64_t
lines_of(uint64_t n_ids)
{
	return (n_ids + IDS_PER_LINE - 1) / IDS_PER_LINE;
}

void
dedup_entries(const struct op *op, uint64_t *all, uint64_t *changed)
{
	const struct dedup *d = (const struct dedup *)op;
	uint64_t            plain = d->has_horizon ? d->horizon.n : ids_count(d->ids) - d->held.n;

	*all = 1 + lines_of(plain) + d->held.n;
	*changed = !d->is_logging ? *all : 1 + (d->logs_values ? lines_of(d->log.n) : d->log.n);
}

/* ---- save ---- */

static void
put_print(struct buf *b, struct hash_print p)
{
	char bytes[PRINT_BYTES];

	for (int i = 0; i < 8; i++) {
		bytes[i] = (char)(p.hi >> (56 - 8 * i));
		bytes[8 + i] = (char)(p.lo >> (56 - 8 * i));
	}
	buf_put(b, bytes, sizeof(bytes));
}

static void
save_scalars(const struct dedup *d, struct snap_writer *out)
{
	struct buf *b = &out->buf;

	buf_printf(b, "{\"dedup\":\"%s\",\"watermark\":", keep_names[d->conf.keep]);
	if (d->watermark_ms == WHEN_MIN)
		buf_lit(b, "null");
	else if (d->watermark_ms == WHEN_MAX)
		buf_lit(b, "\"max\"");
	else
		buf_i64(b, d->watermark_ms);
	buf_lit(b, ",\"seed\":\"");
	buf_hex64(b, d->conf.seed);
	buf_lit(b, "\",\"duplicates\":");
	buf_u64(b, d->n_duplicates);
	buf_lit(b, ",\"without_id\":");
	buf_u64(b, d->n_without_id);
	buf_lit(b, ",\"arrived\":");
	buf_u64(b, d->n_arrived);
	buf_char(b, '}');
	snap_line(out);
}

/* Ids on their way to a line. */
struct packet {
	size_t     n;
	struct buf prints, times;
};

static void
put_packet(const struct dedup *d, struct packet *k, struct snap_writer *out)
{
	if (k->n == 0)
		return;
	buf_lit(&out->buf, "{\"ids\":\"");
	text_base64(&out->buf, buf_all(&k->prints));
	buf_char(&out->buf, '"');
	if (d->has_horizon) {
		buf_lit(&out->buf, ",\"ts\":[");
		buf_span(&out->buf, buf_all(&k->times));
		buf_char(&out->buf, ']');
	}
	buf_char(&out->buf, '}');
	snap_line(out);
	buf_reset(&k->prints);
	buf_reset(&k->times);
	k->n = 0;
}

static void
pack(const struct dedup *d, struct packet *k, struct hash_print p, int64_t ts_ms, struct snap_writer *out)
{
	put_print(&k->prints, p);
	if (d->has_horizon) {
		if (k->n > 0)
			buf_char(&k->times, ',');
		buf_i64(&k->times, ts_ms);
	}
	if (++k->n == IDS_PER_LINE)
		put_packet(d, k, out);
}

static void
packet_end(const struct dedup *d, struct packet *k, struct snap_writer *out)
{
	put_packet(d, k, out);
	buf_release(&k->prints);
	buf_release(&k->times);
}

/* An entry alone; NULL: it is gone. */
static void
save_one(struct hash_print p, const uint64_t *entry, struct snap_writer *out)
{
	struct buf *b = &out->buf, print = { 0 };

	put_print(&print, p);
	buf_lit(b, "{\"id\":\"");
	text_base64(b, buf_all(&print));
	buf_release(&print);
	if (entry == NULL) {
		buf_lit(b, "\",\"gone\":true}");
	} else if ((entry[IDS_FLAGS] & DEDUP_HELD) == 0) {
		buf_lit(b, "\",\"ts\":");
		buf_i64(b, (int64_t)entry[IDS_VALUE]);
		buf_char(b, '}');
	} else {
		const struct held *h = dedup_held_of(entry);

		buf_lit(b, "\",\"due\":");
		buf_i64(b, h->due_ms);
		buf_lit(b, ",\"ts\":");
		buf_i64(b, h->ts_ms);
		buf_lit(b, ",\"arrival\":");
		buf_u64(b, h->arrival);
		buf_lit(b, ",\"record\":");
		buf_put(b, h->line, h->n - 1);
		buf_char(b, '}');
	}
	snap_line(out);
}

static void
save_all(const struct dedup *d, struct snap_writer *out)
{
	struct ids_cursor at = { 0 };
	struct packet     k = { 0 };
	struct hash_print p;
	const uint64_t   *e;

	while ((e = ids_next(d->ids, &at, &p)) != NULL)
		if ((e[IDS_FLAGS] & DEDUP_HELD) == 0 && dedup_is_live(d, e))
			pack(d, &k, p, d->has_values ? (int64_t)e[IDS_VALUE] : 0, out);
	packet_end(d, &k, out);
	at = (struct ids_cursor){ 0 };
	while (d->held.n > 0 && (e = ids_next(d->ids, &at, &p)) != NULL)
		if ((e[IDS_FLAGS] & DEDUP_HELD) != 0)
			save_one(p, e, out);
}

static void
save_changed(const struct dedup *d, struct snap_writer *out)
{
	struct dedup_log_walk at = { 0 };
	struct packet         k = { 0 };
	struct hash_print     p;
	int64_t               value;

	while (dedup_log_next(d, &at, &p, &value)) {
		if (d->logs_values)
			pack(d, &k, p, value, out);
		else
			save_one(p, ids_find(d->ids, p), out);
	}
	packet_end(d, &k, out);
}

void
dedup_save(const struct op *op, bool delta, struct snap_writer *out)
{
	const struct dedup *d = (const struct dedup *)op;

	save_scalars(d, out);
	if (delta && d->is_logging)
		save_changed(d, out);
	else
		save_all(d, out);
}

void
dedup_settle(struct op *op)
{
	struct dedup *d = (struct dedup *)op;

	dedup_log_clear(d);
	d->is_logging = true;
}

/* ---- load ---- */

enum { L_DEDUP, L_WATERMARK, L_SEED, L_DUPLICATES, L_WITHOUT_ID, L_ARRIVED, L_IDS, L_TS, L_ID, L_DUE, L_ARRIVAL, L_RECORD, L_GONE, L_COUNT };

#define MEMBER(text) { .n_steps = 1, .steps = { { .name = { text, sizeof(text) - 1 } } } }

static const struct path member_paths[L_COUNT] = {
	[L_DEDUP] = MEMBER("dedup"),
	[L_WATERMARK] = MEMBER("watermark"),
	[L_SEED] = MEMBER("seed"),
	[L_DUPLICATES] = MEMBER("duplicates"),
	[L_WITHOUT_ID] = MEMBER("without_id"),
	[L_ARRIVED] = MEMBER("arrived"),
	[L_IDS] = MEMBER("ids"),
	[L_TS] = MEMBER("ts"),
	[L_ID] = MEMBER("id"),
	[L_DUE] = MEMBER("due"),
	[L_ARRIVAL] = MEMBER("arrival"),
	[L_RECORD] = MEMBER("record"),
	[L_GONE] = MEMBER("gone"),
};

static struct span
text_of(const struct scan_value *v)
{
	return span_of(v->p, v->n);
}

static bool
read_i64(const struct scan_value *v, int64_t *to)
{
	return v->kind == SCAN_NUMBER && num_i64(text_of(v), to);
}

static bool
read_count(const struct scan_value *v, uint64_t *to)
{
	int64_t n;

	if (!read_i64(v, &n) || n < 0)
		return false;
	*to = (uint64_t)n;
	return true;
}

static bool
read_seed(const struct scan_value *v, uint64_t *to)
{
	char  text[17], *end;

	if (v->kind != SCAN_STRING || v->n != 16)
		return false;
	memcpy(text, v->p, 16);
	text[16] = '\0';
	*to = strtoull(text, &end, 16);
	return *end == '\0';
}

static bool
read_watermark(const struct scan_value *v, int64_t *to)
{
	if (v->kind == SCAN_NULL) {
		*to = WHEN_MIN;
		return true;
	}
	if (v->kind == SCAN_STRING) {
		*to = WHEN_MAX;
		return span_eq(text_of(v), SPAN_LIT("max"));
	}
	return read_i64(v, to);
}

static struct hash_print
print_of(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;
	struct hash_print    p = { 0, 0 };

	for (int i = 0; i < 8; i++) {
		p.hi = p.hi << 8 | b[i];
		p.lo = p.lo << 8 | b[8 + i];
	}
	return p;
}

static bool
load_scalars(struct dedup *d, const struct scan_value *v)
{
	uint64_t seed;
	int64_t  watermark_ms;

	if (v[L_DEDUP].kind != SCAN_STRING || !span_eq(text_of(&v[L_DEDUP]), span_str(keep_names[d->conf.keep]))
	    || !read_seed(&v[L_SEED], &seed) || !read_watermark(&v[L_WATERMARK], &watermark_ms)
	    || !read_count(&v[L_DUPLICATES], &d->n_duplicates) || !read_count(&v[L_WITHOUT_ID], &d->n_without_id)
	    || !read_count(&v[L_ARRIVED], &d->n_arrived) || watermark_ms < d->watermark_ms)
		return false;
	if (ids_count(d->ids) > 0 && seed != d->conf.seed)
		return false;
	d->conf.seed = seed;
	d->n_duplicates_loaded = d->n_duplicates;
	d->n_without_id_loaded = d->n_without_id;
	d->watermark_ms = watermark_ms;
	if (d->has_horizon && watermark_ms != WHEN_MIN)
		horizon_watermark(&d->horizon, watermark_ms);
	if (d->conf.keep != DEDUP_FIRST)
		dedup_wait_watermark(d, NULL);
	return true;
}

/* An id of which no record waits. */
static void
load_plain(struct dedup *d, struct hash_print p, int64_t ts_ms)
{
	bool      is_new;
	uint64_t *e;

	/* New in the epoch that is loaded, and forgotten in it. */
	if (d->has_horizon && horizon_is_gone(&d->horizon, horizon_step(&d->horizon, ts_ms)))
		return;
	e = ids_add(d->ids, p, &is_new);
	if (!is_new && (e[IDS_FLAGS] & DEDUP_HELD) != 0) {
		dedup_wait_drop(d, e);
		is_new = true;
	}
	dedup_set_time(d, e, is_new, ts_ms);
}

/* The next of an array of integers; *at behind '[' or the last comma. */
static bool
next_time(const char **at, const char *end, int64_t *ts_ms)
{
	const char *comma = memchr(*at, ',', (size_t)(end - *at));
	const char *stop = comma == NULL ? end : comma;
	bool        ok = num_i64(span_of(*at, (size_t)(stop - *at)), ts_ms);

	*at = comma == NULL ? end : comma + 1;
	return ok;
}

/* Of the fingerprints in the scratch from AT on, so many as save puts on a line. */
static size_t
take_prints(const struct dedup *d, size_t at, struct hash_print prints[IDS_PER_LINE])
{
	size_t n = 0;

	for (; n < IDS_PER_LINE && at < d->scratch.n; at += PRINT_BYTES)
		prints[n++] = print_of(d->scratch.p + at);
	ids_prefetch(d->ids, prints, n);
	return n;
}

static bool
load_ids(struct dedup *d, const struct scan_value *v)
{
	struct hash_print prints[IDS_PER_LINE];
	const char       *at = NULL, *end = NULL;

	if (d->conf.keep == DEDUP_LATEST || v[L_IDS].kind != SCAN_STRING || (v[L_TS].kind == SCAN_ARRAY) != d->has_horizon)
		return false;
	if (d->has_horizon) {
		at = v[L_TS].p + 1;
		end = v[L_TS].p + v[L_TS].n - 1;
	}
	buf_reset(&d->scratch);
	if (text_unbase64(&d->scratch, text_of(&v[L_IDS])) == -1 || d->scratch.n == 0 || d->scratch.n % PRINT_BYTES != 0)
		return false;
	for (size_t i = 0, n; i < d->scratch.n; i += n * PRINT_BYTES) {
		n = take_prints(d, i, prints);
		for (size_t k = 0; k < n; k++) {
			int64_t ts_ms = 0;

			if (d->has_horizon && !next_time(&at, end, &ts_ms))
				return false;
			load_plain(d, prints[k], ts_ms);
		}
	}
	return !d->has_horizon || at == end;
}

static bool
load_held(struct dedup *d, const struct scan_value *v, struct hash_print p)
{
	struct held h = { .word = p.hi };

	if (d->conf.keep == DEDUP_FIRST || v[L_RECORD].kind != SCAN_OBJECT || !read_i64(&v[L_DUE], &h.due_ms)
	    || !read_i64(&v[L_TS], &h.ts_ms) || !read_count(&v[L_ARRIVAL], &h.arrival))
		return false;
	buf_reset(&d->scratch);
	buf_span(&d->scratch, text_of(&v[L_RECORD]));
	buf_char(&d->scratch, '\n');
	dedup_wait_restore(d, p, &h, buf_all(&d->scratch));
	return true;
}

static bool
load_id(struct dedup *d, const struct scan_value *v)
{
	struct hash_print p;
	int64_t           ts_ms;

	buf_reset(&d->scratch);
	if (v[L_ID].kind != SCAN_STRING || text_unbase64(&d->scratch, text_of(&v[L_ID])) == -1
	    || d->scratch.n != PRINT_BYTES)
		return false;
	p = print_of(d->scratch.p);
	if (v[L_GONE].kind != SCAN_MISSING)      /* the watermark has taken it, or it came and went */
		return v[L_GONE].kind == SCAN_TRUE;
	if (v[L_RECORD].kind != SCAN_MISSING)
		return load_held(d, v, p);
	if (!d->has_values || d->conf.keep == DEDUP_LATEST || !read_i64(&v[L_TS], &ts_ms))
		return false;
	load_plain(d, p, ts_ms);
	return true;
}

static bool
load_line(struct dedup *d, const struct scan_value *v)
{
	if (v[L_DEDUP].kind != SCAN_MISSING)
		return load_scalars(d, v);
	return v[L_IDS].kind != SCAN_MISSING ? load_ids(d, v) : load_id(d, v);
}

int
dedup_load(struct op *op, struct span line, struct err *err)
{
	struct dedup      *d = (struct dedup *)op;
	struct scan_value  v[L_COUNT];
	struct scan_result r;
	const struct path *paths[L_COUNT];

	for (size_t i = 0; d->scan == NULL && i < L_COUNT; i++)
		paths[i] = &member_paths[i];
	if (d->scan == NULL)
		d->scan = scan_new(paths, L_COUNT);
	d->is_logging = true;
	scan_line(d->scan, line.p, v, &r);
	if (r.verdict != SCAN_OK || !load_line(d, v))
		return err_set(err, ERR_DATA, "not the state of this stream-dedup: %.*s", (int)(line.n < 120 ? line.n : 120), line.p);
	return 0;
}
