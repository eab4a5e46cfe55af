/*
 * dedup_snap - the dedup operator's state as lines
 *
 *     {"dedup":"first","watermark":1357000000000,"seed":"93…","duplicates":12,"without_id":0,"arrived":0}
 *     {"ids":"…","ts":[1357016400000,…]}
 *     {"id":"…","due":1357016400000,"ts":1357016400000,"arrival":7,"record":{…}}
 *     {"id":"…","gone":true}
 *
 * Where ids went to a shelf, the scalars say how many tables it has, how many ids went there, and from which
 * watermark on it was cleared; and a delta says {"moved":[3,4]}: the ids of these slices that the snapshots before it have are there.
 *
 * First the scalars (watermark: null before the first, "max" after the last).  Then fingerprints, 16
 * bytes each in base64, some to a line, with the times that their horizons count from, if there is
 * one; and the records that wait.  A whole state is in the order of the fingerprints; a delta has
 * what changed in the order in which it did, of states whose values change one id a line.  What the
 * watermark alone does to the state no delta says.
 */
#include "json/text.h"
#include "op/dedup_parts.h"
#include "op/line.h"

const char *const dedup_keep_names[] = { [DEDUP_FIRST] = "first", [DEDUP_EARLIEST] = "earliest", [DEDUP_LATEST] = "latest" };

/* ---- how many lines ---- */

static uint64_t
lines_of(uint64_t n_ids)
{
	return (n_ids + DEDUP_IDS_PER_LINE - 1) / DEDUP_IDS_PER_LINE;
}

void
dedup_entries(const struct op *op, uint64_t *all, uint64_t *changed)
{
	const struct dedup *d = (const struct dedup *)op;
	uint64_t            plain = d->has_horizon ? d->horizon.n : ids_count(d->ids) - d->held.n;

	*all = 1 + lines_of(plain) + d->held.n;
	*changed = !d->is_logging ? *all : 1 + (d->moved != 0) + (d->logs_values ? lines_of(d->log.n) : d->log.n);
}

/* ---- save ---- */

static void
put_print(struct buf *b, struct hash_print p)
{
	char bytes[DEDUP_PRINT_BYTES];

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

	buf_printf(b, "{\"dedup\":\"%s\",\"watermark\":", dedup_keep_names[d->conf.keep]);
	line_put_ms(b, d->watermark_ms);
	buf_lit(b, ",\"seed\":\"");
	buf_hex64(b, d->conf.seed);
	buf_lit(b, "\",\"duplicates\":");
	buf_u64(b, d->n_duplicates);
	buf_lit(b, ",\"without_id\":");
	buf_u64(b, d->n_without_id);
	buf_lit(b, ",\"arrived\":");
	buf_u64(b, d->n_arrived);
	if (d->conf.shelf != NULL && d->conf.shelf->n_tables > 0) {
		buf_lit(b, ",\"tables\":");
		buf_u64(b, d->conf.shelf->n_tables);
		buf_lit(b, ",\"shelved\":");
		buf_u64(b, d->n_shelved);
		buf_lit(b, ",\"cleared\":");
		line_put_ms(b, d->cleared_ms);
	}
	buf_char(b, '}');
	snap_line(out);
}

static void
save_moved(const struct dedup *d, struct snap_writer *out)
{
	const char *between = "";

	if (d->moved == 0)
		return;
	buf_lit(&out->buf, "{\"moved\":[");
	for (uint32_t i = 0; i < DEDUP_SLICES; i++) {
		if ((d->moved >> i & 1) == 0)
			continue;
		buf_str(&out->buf, between);
		buf_u64(&out->buf, i);
		between = ",";
	}
	buf_lit(&out->buf, "]}");
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
	if (++k->n == DEDUP_IDS_PER_LINE)
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

	save_moved(d, out);
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
	d->moved = 0;
}
