/* dedup_load - the dedup operator's state from the lines of dedup_snap.c */
#include <endian.h>
#include <stdlib.h>

#include "json/text.h"
#include "op/dedup_parts.h"
#include "op/line.h"

enum { L_DEDUP, L_WATERMARK, L_SEED, L_DUPLICATES, L_WITHOUT_ID, L_ARRIVED, L_IDS, L_TS, L_ID, L_DUE, L_ARRIVAL, L_RECORD, L_GONE, L_TABLES,
       L_SHELVED, L_CLEARED, L_MOVED, L_COUNT };

static const struct path member_paths[L_COUNT] = {
	[L_DEDUP] = LINE_MEMBER("dedup"),
	[L_WATERMARK] = LINE_MEMBER("watermark"),
	[L_SEED] = LINE_MEMBER("seed"),
	[L_DUPLICATES] = LINE_MEMBER("duplicates"),
	[L_WITHOUT_ID] = LINE_MEMBER("without_id"),
	[L_ARRIVED] = LINE_MEMBER("arrived"),
	[L_IDS] = LINE_MEMBER("ids"),
	[L_TS] = LINE_MEMBER("ts"),
	[L_ID] = LINE_MEMBER("id"),
	[L_DUE] = LINE_MEMBER("due"),
	[L_ARRIVAL] = LINE_MEMBER("arrival"),
	[L_RECORD] = LINE_MEMBER("record"),
	[L_GONE] = LINE_MEMBER("gone"),
	[L_TABLES] = LINE_MEMBER("tables"),
	[L_SHELVED] = LINE_MEMBER("shelved"),
	[L_CLEARED] = LINE_MEMBER("cleared"),
	[L_MOVED] = LINE_MEMBER("moved"),
};

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

/* As put_print writes it: the first byte is the highest. */
static struct hash_print
print_of(const char *bytes)
{
	uint64_t hi, lo;

	memcpy(&hi, bytes, 8);
	memcpy(&lo, bytes + 8, 8);
	return (struct hash_print){ be64toh(hi), be64toh(lo) };
}

/* None: nothing was moved yet. */
static bool
load_shelf(struct dedup *d, const struct scan_value *v)
{
	uint64_t n_tables = 0;

	if (v[L_TABLES].kind == SCAN_MISSING)
		return d->conf.shelf == NULL || shelf_resume(d->conf.shelf, 0);
	if (!line_count(&v[L_TABLES], &n_tables) || !line_count(&v[L_SHELVED], &d->n_shelved) || !line_ms(&v[L_CLEARED], &d->cleared_ms))
		return false;
	d->n_shelved_loaded = d->n_shelved;
	return d->conf.shelf != NULL && shelf_resume(d->conf.shelf, n_tables);
}

static bool
load_scalars(struct dedup *d, const struct scan_value *v)
{
	uint64_t seed;
	int64_t  watermark_ms;

	if (!line_is(&v[L_DEDUP], dedup_keep_names[d->conf.keep])
	    || !read_seed(&v[L_SEED], &seed) || !line_ms(&v[L_WATERMARK], &watermark_ms)
	    || !line_count(&v[L_DUPLICATES], &d->n_duplicates) || !line_count(&v[L_WITHOUT_ID], &d->n_without_id)
	    || !line_count(&v[L_ARRIVED], &d->n_arrived) || watermark_ms < d->watermark_ms)
		return false;
	if ((ids_count(d->ids) > 0 && seed != d->conf.seed) || !load_shelf(d, v))
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
	e = ids_append(d->ids, p, &is_new);
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
take_prints(const struct dedup *d, size_t at, struct hash_print prints[DEDUP_IDS_PER_LINE])
{
	size_t n = 0;

	for (; n < DEDUP_IDS_PER_LINE && at < d->scratch.n; at += DEDUP_PRINT_BYTES)
		prints[n++] = print_of(d->scratch.p + at);
	if (!ids_follows(d->ids, prints[0]))
		ids_prefetch(d->ids, prints, n);
	return n;
}

static bool
load_ids(struct dedup *d, const struct scan_value *v)
{
	struct hash_print prints[DEDUP_IDS_PER_LINE];
	const char       *at = NULL, *end = NULL;

	if (d->conf.keep == DEDUP_LATEST || v[L_IDS].kind != SCAN_STRING || (v[L_TS].kind == SCAN_ARRAY) != d->has_horizon)
		return false;
	if (d->has_horizon) {
		at = v[L_TS].p + 1;
		end = v[L_TS].p + v[L_TS].n - 1;
	}
	buf_reset(&d->scratch);
	if (text_unbase64(&d->scratch, line_text(&v[L_IDS])) == -1 || d->scratch.n == 0 || d->scratch.n % DEDUP_PRINT_BYTES != 0)
		return false;
	for (size_t i = 0, n; i < d->scratch.n; i += n * DEDUP_PRINT_BYTES) {
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
load_moved(struct dedup *d, const struct scan_value *v)
{
	const char *at = v->p + 1, *end = v->p + v->n - 1;
	int64_t     slice;

	if (v->kind != SCAN_ARRAY || at == end)
		return false;
	while (at < end) {
		if (!next_time(&at, end, &slice) || slice < 0 || slice >= DEDUP_SLICES)
			return false;
		dedup_drop_slice(d, (uint32_t)slice);
	}
	return true;
}

static bool
load_held(struct dedup *d, const struct scan_value *v, struct hash_print p)
{
	struct held h = { .places = ids_places(p) };

	if (d->conf.keep == DEDUP_FIRST || v[L_RECORD].kind != SCAN_OBJECT || !line_i64(&v[L_DUE], &h.due_ms)
	    || !line_i64(&v[L_TS], &h.ts_ms) || !line_count(&v[L_ARRIVAL], &h.arrival))
		return false;
	buf_reset(&d->scratch);
	buf_span(&d->scratch, line_text(&v[L_RECORD]));
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
	if (v[L_ID].kind != SCAN_STRING || text_unbase64(&d->scratch, line_text(&v[L_ID])) == -1
	    || d->scratch.n != DEDUP_PRINT_BYTES)
		return false;
	p = print_of(d->scratch.p);
	if (v[L_GONE].kind != SCAN_MISSING)      /* the watermark has taken it, or it came and went */
		return v[L_GONE].kind == SCAN_TRUE;
	if (v[L_RECORD].kind != SCAN_MISSING)
		return load_held(d, v, p);
	if (!d->has_values || d->conf.keep == DEDUP_LATEST || !line_i64(&v[L_TS], &ts_ms))
		return false;
	load_plain(d, p, ts_ms);
	return true;
}

static bool
load_line(struct dedup *d, const struct scan_value *v)
{
	if (v[L_DEDUP].kind != SCAN_MISSING)
		return load_scalars(d, v);
	if (v[L_MOVED].kind != SCAN_MISSING)
		return load_moved(d, &v[L_MOVED]);
	return v[L_IDS].kind != SCAN_MISSING ? load_ids(d, v) : load_id(d, v);
}

int
dedup_load(struct op *op, struct span line, struct err *err)
{
	struct dedup      *d = (struct dedup *)op;
	struct scan_value  v[L_COUNT];
	struct scan_result r;

	if (d->scan == NULL)
		d->scan = line_scan(member_paths, L_COUNT);
	d->is_logging = true;
	scan_line(d->scan, line.p, v, &r);
	if (r.verdict != SCAN_OK || !load_line(d, v))
		return err_set(err, ERR_DATA, "not the state of this stream-dedup: %.*s", (int)(line.n < 120 ? line.n : 120), line.p);
	return 0;
}

/*
 * Ids come in order, so a set that grew with them would be crowded where they go each time.  So many lines have no more ids
 * than this, nor have so many bytes: 16 of each are 21 and a third of base64.
 */
void
dedup_expect(struct op *op, uint64_t lines, uint64_t bytes)
{
	struct dedup *d = (struct dedup *)op;
	uint64_t      by_lines = lines * DEDUP_IDS_PER_LINE, by_bytes = bytes / 21, n = by_lines < by_bytes ? by_lines : by_bytes;

	/* Half of what they may take: where that is little, some of these have gone to disk since. */
	if (d->conf.keep == DEDUP_FIRST)
		ids_reserve(d->ids, n < d->conf.memory_bytes / 64 ? n : d->conf.memory_bytes / 64);
}
