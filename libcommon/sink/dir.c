/* dir - a directory of part files that appear whole */
#include "sink/dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/when.h"
#include "io/clock.h"
#include "io/random.h"
#include "json/text.h"
#include "json/tree.h"
#include "sink/dir_parts.h"

static const char no_owner[] = "once";       /* of temp files that no restart goes on with */

static void
target_free(struct sink *s)
{
	struct dir_sink *d = (struct dir_sink *)s;

	if (d == NULL)
		return;
	dir_table_release(d);
	if (d->lock_fd != -1)
		close(d->lock_fd);
	file_dir_close(&d->temp);
	file_dir_close(&d->root);
	pack_free(d->pack);
	buf_release(&d->frame);
	buf_release(&d->folder);
	dir_target_release(&d->target);
	free(d);
}

/* Nobody else's temp files: what a run without a checkpoint has left is of no use to anybody. */
static int
begin_anew(struct dir_sink *d, struct err *err)
{
	snprintf(d->owner, sizeof(d->owner), "%s", no_owner);
	return dir_roll_back(d, err) == -1 ? -1 : dir_highest_number(d, &d->next_number, err);
}

static struct sink *
target_open(const struct sink_conf *conf, struct err *err)
{
	struct dir_sink *d = alloc_zeroed(1, sizeof(*d));

	d->sink.class = &sink_dir;
	d->conf = *conf;
	d->root = d->temp = (struct file_dir)FILE_DIR_NONE;
	d->lock_fd = -1;
	d->watermark_ms = WHEN_MIN;
	d->least_due_ms = WHEN_MAX;
	d->oldest_ms = INT64_MAX;
	if (dir_target_parse(&d->target, conf->target, err) == -1 || dir_open_folders(d, err) == -1)
		goto fail;
	d->wanted[0] = &d->target.key;
	buf_reserve(&d->folder, 1);          /* the empty name is one, too */
	d->pack = pack_new(d->target.pack);
	/* Under a checkpoint its lock comes first: the lock of the directory names who holds it. */
	if (!conf->has_checkpoint && (dir_lock_target(d, err) == -1 || begin_anew(d, err) == -1))
		goto fail;
	return &d->sink;
fail:
	target_free(&d->sink);
	return NULL;
}

/* The token says whose the temp files are.  Their names and lengths are in the snapshot of the same epoch. */
static int
target_start(struct sink *s, const struct sink_start *start, struct sink_held *held, struct err *err)
{
	struct dir_sink *d = (struct dir_sink *)s;
	struct span      owner = SPAN_NONE;
	struct tree     *t;

	held->epoch = start->epoch;
	if (dir_lock_target(d, err) == -1)
		return -1;
	if (start->token.p == NULL) {
		snprintf(d->owner, sizeof(d->owner), "%016llx", (unsigned long long)random_u64());
	} else {
		if ((t = tree_parse(start->token, err)) == NULL)
			return err_in(err, "commit");
		if (tree_string(t, "parts", &owner) && owner.n < sizeof(d->owner))
			snprintf(d->owner, sizeof(d->owner), "%.*s", SPAN_ARGS(owner));
		tree_free(t);
		if (d->owner[0] == '\0')
			return err_set(err, ERR_DATA, "%s: the checkpoint was made with another kind of sink", d->target.path);
	}
	buf_printf(&held->token, "{\"parts\":\"%s\"}", d->owner);
	return 0;
}

static int
target_resume(struct sink *s, struct err *err)
{
	struct dir_sink *d = (struct dir_sink *)s;

	if (!d->is_loaded && dir_highest_number(d, &d->next_number, err) == -1)
		return -1;
	return dir_publish(d, err) == -1 ? -1 : dir_roll_back(d, err);
}

/* ---- records ---- */

static const struct path *const *
target_wants(const struct sink *s, size_t *n)
{
	const struct dir_sink *d = (const struct dir_sink *)s;

	*n = d->target.has_key;
	return d->wanted;
}

/* $.key is the record's own key, which may stand there in base64. */
static bool
is_record_key(const struct path *p)
{
	return p->in_record && p->n_steps == 1 && !p->steps[0].is_index && span_eq(p->steps[0].name, SPAN_LIT("key"));
}

static const char *
target_refuses(struct sink *s, const struct rec *rec)
{
	const struct dir_sink *d = (const struct dir_sink *)s;

	if (d->target.window_ms > 0 && !rec->has_ts)
		return "no event time: window= needs one";
	if (d->target.has_key && (rec->wanted[0].kind == SCAN_ARRAY || rec->wanted[0].kind == SCAN_OBJECT))
		return "the value for key= is an array or object";
	return NULL;
}

static void
put_key(const struct dir_sink *d, const struct rec *rec, struct buf *to)
{
	const struct scan_value *v = &rec->wanted[0];
	struct buf               text = { 0 };

	if (is_record_key(&d->target.key)) {
		dir_put_key(to, rec->key);
	} else if (v->kind == SCAN_MISSING || v->kind == SCAN_NULL) {
		dir_put_key(to, SPAN_NONE);
	} else if (v->kind == SCAN_STRING && v->escaped) {
		text_decode(&text, span_of(v->p, v->n));
		dir_put_key(to, buf_all(&text));
		buf_release(&text);
	} else {
		dir_put_key(to, span_of(v->p, v->n));
	}
}

/* Where the record belongs; *END_MS: when its window is over. */
static void
place(struct dir_sink *d, const struct rec *rec, int64_t *end_ms)
{
	int64_t size_ms = d->target.window_ms, ts_ms = rec->ts_ms, start_ms;

	buf_reset(&d->folder);
	if (d->target.has_key)
		put_key(d, rec, &d->folder);
	if (size_ms == 0)
		return;
	if (d->target.tz != NULL)
		ts_ms = when_add(ts_ms, zone_offset_ms(&d->target.zone, ts_ms));
	start_ms = when_sub(ts_ms, when_floor_mod(when_sub(ts_ms, d->target.offset_ms), size_ms));
	*end_ms = when_add(start_ms, size_ms);
	if (d->target.tz != NULL)
		*end_ms = zone_instant(&d->target.zone, *end_ms);
	if (d->folder.n > 0)
		buf_char(&d->folder, '/');
	dir_put_window(&d->folder, start_ms, size_ms);
}

static uint64_t
block_bytes(const struct dir_sink *d)
{
	uint64_t most = d->target.pack == PACK_NONE ? DIR_PLAIN_BLOCK_BYTES : DIR_PACKED_BLOCK_BYTES;

	return d->target.size_bytes < most ? d->target.size_bytes : most;
}

/* Of a compressed part what is held back counts once it is compressed. */
static bool
is_full(const struct dir_sink *d, const struct part *p)
{
	return p->length_bytes + (d->target.pack == PACK_NONE ? p->pending.n : 0) >= d->target.size_bytes;
}

static int
put(struct dir_sink *d, struct part *p, const struct rec *rec, struct err *err)
{
	size_t before = p->pending.n;

	if (d->conf.payload_only)
		rec_put_payload(&p->pending, rec);
	else
		rec_put(&p->pending, rec, d->conf.origin);
	d->pending_bytes += p->pending.n - before;
	d->given_bytes += p->pending.n - before;
	dir_touch(d, p);
	if (p->pending.n >= block_bytes(d) && dir_spill(d, p, err) == -1)
		return -1;
	if (is_full(d, p)) {
		if (dir_spill(d, p, err) == -1)
			return -1;
		dir_finish(d, p);
	}
	return d->pending_bytes < DIR_PENDING_BYTES ? 0 : dir_spill_all(d, err);
}

/* Without a checkpoint nothing waits for a commit. */
static int
publish_done(struct dir_sink *d, struct err *err)
{
	if (d->conf.has_checkpoint || d->done.n == 0)
		return 0;
	for (size_t i = 0; i < d->done.n; i++)
		if (dir_spill(d, d->done.parts[i], err) == -1)
			return -1;
	return dir_sync(d, &d->done, err) == -1 ? -1 : dir_publish(d, err);
}

static int
target_write(struct sink *s, const struct rec *recs, size_t n, struct err *err)
{
	struct dir_sink *d = (struct dir_sink *)s;
	int64_t          now_ms = clock_wall_ms();

	for (size_t i = 0; i < n; i++) {
		int64_t end_ms = WHEN_MAX;

		place(d, &recs[i], &end_ms);
		if (d->last == NULL || !span_eq(buf_all(&d->folder), span_str(d->last->folder)))
			d->last = dir_part_of(d, buf_all(&d->folder), end_ms, now_ms);
		if (put(d, d->last, &recs[i], err) == -1)
			return -1;
	}
	return publish_done(d, err);
}

static int
target_watermark(struct sink *s, int64_t ts_ms, struct err *err)
{
	struct dir_sink *d = (struct dir_sink *)s;

	if (ts_ms <= d->watermark_ms)
		return 0;
	d->watermark_ms = ts_ms;
	dir_finish_due(d);
	return publish_done(d, err);
}

/* Nothing shows before its part is whole; but one may have grown old. */
static int
target_flush(struct sink *s, struct err *err)
{
	struct dir_sink *d = (struct dir_sink *)s;

	if (d->conf.has_checkpoint)
		return 0;
	dir_finish_old(d, clock_wall_ms());
	return publish_done(d, err);
}

static int64_t
target_deadline(const struct sink *s)
{
	const struct dir_sink *d = (const struct dir_sink *)s;
	int64_t                left_ms;

	if (d->conf.has_checkpoint || d->conf.roll_ms == 0 || d->open.n == 0)
		return CLOCK_NEVER;
	left_ms = when_sub(when_add(d->oldest_ms, d->conf.roll_ms), clock_wall_ms());
	return when_add(clock_mono_ms(), left_ms < 0 ? 0 : left_ms);
}

/* ---- barriers ---- */

static int
target_seal(struct sink *s, struct err *err)
{
	struct dir_sink *d = (struct dir_sink *)s;

	dir_finish_old(d, clock_wall_ms());
	for (size_t i = 0; i < d->touched.n; i++) {
		if (dir_spill(d, d->touched.parts[i], err) == -1)
			return -1;
		buf_release(&d->touched.parts[i]->pending);
	}
	return dir_sync(d, &d->touched, err);
}

static int
target_commit(struct sink *s, uint64_t epoch, struct buf *token, struct err *err)
{
	const struct dir_sink *d = (const struct dir_sink *)s;

	(void)epoch, (void)err;
	buf_printf(token, "{\"parts\":\"%s\"}", d->owner);
	return 0;
}

static int
target_publish(struct sink *s, struct err *err)
{
	return dir_publish((struct dir_sink *)s, err);
}

static int
target_complete(struct sink *s, struct err *err)
{
	struct dir_sink *d = (struct dir_sink *)s;

	if (d->touched.n > 0)
		return err_set(err, ERR_DATA, "records behind the last barrier: a filter before me holds them back");
	if (d->open.n == 0)
		return 0;
	dir_finish_all(d);
	return 1;
}

static uint64_t
target_given_bytes(const struct sink *s)
{
	return ((const struct dir_sink *)s)->given_bytes;
}

/* Under a checkpoint all that counts is done. */
static int
target_close(struct sink *s, struct err *err)
{
	struct dir_sink *d = (struct dir_sink *)s;
	int              r = 0;

	if (!d->conf.has_checkpoint) {
		dir_finish_all(d);
		r = publish_done(d, err);
	}
	target_free(s);
	return r;
}

static const struct sink_state dir_state = {
	.entries = dir_entries,
	.save = dir_save,
	.settle = dir_settle,
	.load = dir_load,
	.resume = target_resume,
	.seal = target_seal,
	.publish = target_publish,
	.complete = target_complete,
};

const struct sink_class sink_dir = {
	.scheme = "dir",
	.help = "part files that appear whole: dir:PATH?key=PATH&window=DUR&size=SIZE&compress=zstd",
	.level = SINK_EXACTLY_ONCE,
	.open = target_open,
	.start = target_start,
	.write = target_write,
	.flush = target_flush,
	.commit = target_commit,
	.given_bytes = target_given_bytes,
	.close = target_close,
	.free = target_free,
	.state = &dir_state,
	.wants = target_wants,
	.refuses = target_refuses,
	.watermark = target_watermark,
	.deadline = target_deadline,
};
