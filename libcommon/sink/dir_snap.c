/*
 * dir_snap - the lines of a snapshot
 *
 *     {"dir":{"next":18,"watermark":1357102799999,"key":".carrier","window_ms":86400000,"tz":"Asia/Tokyo","compress":"zstd"}}
 *     {"done":16,"folder":"key=AA/2013-01-01"}                                     to be published
 *     {"part":17,"folder":"key=UA/2013-01-01","length":4711,"due":…,"opened":…}    open
 *
 * In a delta: the parts that were touched.  Done ones come first, as another part of the same folder may be open.
 */
#include "sink/dir_parts.h"

#include <string.h>

#include "base/when.h"
#include "json/text.h"
#include "json/tree.h"

static struct dir_sink *
dir_of(const struct sink *s)
{
	return (struct dir_sink *)(uintptr_t)s;
}

void
dir_entries(const struct sink *s, uint64_t *all, uint64_t *changed)
{
	const struct dir_sink *d = dir_of(s);

	*all = d->open.n;
	*changed = d->touched.n + d->done.n;
}

static void
put_head(const struct dir_sink *d, struct buf *b)
{
	const struct dir_target *t = &d->target;

	buf_lit(b, "{\"dir\":{\"next\":");
	buf_u64(b, d->next_number);
	buf_lit(b, ",\"watermark\":");
	buf_i64(b, d->watermark_ms);
	buf_lit(b, ",\"key\":");
	if (t->has_key)
		text_quote(b, span_str(t->key.text));
	else
		buf_lit(b, "null");
	buf_lit(b, ",\"window_ms\":");
	buf_i64(b, t->window_ms);
	if (t->offset_ms != 0)
		buf_printf(b, ",\"offset_ms\":%lld", (long long)t->offset_ms);
	if (t->tz != NULL) {
		buf_lit(b, ",\"tz\":");
		text_quote(b, span_str(t->tz));
	}
	buf_lit(b, ",\"compress\":");
	text_quote(b, span_str(pack_names[t->pack]));
	buf_lit(b, "}}");
}

static void
put_part(const struct part *p, struct snap_writer *w)
{
	struct buf *b = &w->buf;

	buf_lit(b, "{\"part\":");
	buf_u64(b, p->number);
	buf_lit(b, ",\"folder\":");
	text_quote(b, span_str(p->folder));
	buf_lit(b, ",\"length\":");
	buf_u64(b, p->length_bytes);
	buf_lit(b, ",\"due\":");
	buf_i64(b, p->due_ms);
	buf_lit(b, ",\"opened\":");
	buf_i64(b, p->opened_ms);
	buf_char(b, '}');
	snap_line(w);
}

void
dir_save(const struct sink *s, bool delta, struct snap_writer *w)
{
	const struct dir_sink *d = dir_of(s);
	const struct part_list *l = delta ? &d->touched : &d->open;

	put_head(d, &w->buf);
	snap_line(w);
	for (size_t i = 0; i < d->done.n; i++) {
		buf_lit(&w->buf, "{\"done\":");
		buf_u64(&w->buf, d->done.parts[i]->number);
		buf_lit(&w->buf, ",\"folder\":");
		text_quote(&w->buf, span_str(d->done.parts[i]->folder));
		buf_char(&w->buf, '}');
		snap_line(w);
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->parts[i]->place < d->open.n && d->open.parts[l->parts[i]->place] == l->parts[i])
			put_part(l->parts[i], w);
}

void
dir_settle(struct sink *s)
{
	dir_untouch_all(dir_of(s));
}

/* ---- loading ---- */

static int
say_changed(const struct dir_sink *d, const char *name, struct span was, const char *is, struct err *err)
{
	return err_set(err, ERR_DATA, "%s: %s was %.*s, is %s; give the old one or a new directory", d->conf.target, name,
	               SPAN_ARGS(was), is);
}

static int
load_head(struct dir_sink *d, const struct tree *t, struct err *err)
{
	const char *key = d->target.has_key ? d->target.key.text : "none";
	const char *pack = pack_names[d->target.pack], *tz = d->target.tz == NULL ? "none" : d->target.tz;
	struct span was_key = SPAN_LIT("none"), was_tz = SPAN_LIT("none"), was_pack = SPAN_NONE;
	struct buf  was = { 0 }, is = { 0 };
	int64_t     next = -1, window_ms = -1, offset_ms = 0;
	int         r = 0;

	tree_string(t, "key", &was_key);
	if (!tree_i64(t, "next", &next) || !tree_i64(t, "watermark", &d->watermark_ms) || next < 0 ||
	    !tree_i64(t, "window_ms", &window_ms) || !tree_string(t, "compress", &was_pack))
		return err_set(err, ERR_DATA, "not a part's state");
	tree_i64(t, "offset_ms", &offset_ms);
	tree_string(t, "tz", &was_tz);
	d->next_number = (uint64_t)next;
	if (window_ms != d->target.window_ms) {
		when_put_duration(&was, window_ms);
		when_put_duration(&is, d->target.window_ms);
		buf_char(&is, '\0');
		r = say_changed(d, "window", buf_all(&was), is.p, err);
	} else if (offset_ms != d->target.offset_ms) {
		when_put_duration(&was, offset_ms);
		when_put_duration(&is, d->target.offset_ms);
		buf_char(&is, '\0');
		r = say_changed(d, "offset", buf_all(&was), is.p, err);
	} else if (!span_eq(was_tz, span_str(tz))) {
		r = say_changed(d, "tz", was_tz, tz, err);
	} else if (!span_eq(was_key, span_str(key))) {
		r = say_changed(d, "key", was_key, key, err);
	} else if (!span_eq(was_pack, span_str(pack))) {
		r = say_changed(d, "compress", was_pack, pack, err);
	}
	buf_release(&was);
	buf_release(&is);
	return r;
}

static int
load_part(struct dir_sink *d, const struct tree *t, int64_t number, struct err *err)
{
	struct span  folder = SPAN_NONE;
	int64_t      length = -1;
	struct part *p;

	if (!tree_string(t, "folder", &folder) || !tree_i64(t, "length", &length) || number < 0 || length < 0)
		return err_set(err, ERR_DATA, "not a part");
	if ((p = dir_find(d, folder)) == NULL)
		p = dir_add(d, folder);
	p->number = (uint64_t)number;
	p->length_bytes = (uint64_t)length;
	p->is_made = true;
	if (!tree_i64(t, "due", &p->due_ms) || !tree_i64(t, "opened", &p->opened_ms))
		return err_set(err, ERR_DATA, "not a part");
	if (p->due_ms < d->least_due_ms)
		d->least_due_ms = p->due_ms;
	if (p->opened_ms < d->oldest_ms)
		d->oldest_ms = p->opened_ms;
	return 0;
}

static int
load_done(struct dir_sink *d, const struct tree *t, int64_t number, struct err *err)
{
	struct span  folder = SPAN_NONE;
	struct part *p;

	if (!tree_string(t, "folder", &folder) || number < 0)
		return err_set(err, ERR_DATA, "not a part");
	p = dir_find(d, folder);
	if (p == NULL)
		p = dir_add(d, folder);
	p->number = (uint64_t)number;
	dir_finish(d, p);
	return 0;
}

int
dir_load(struct sink *s, struct span line, struct err *err)
{
	struct dir_sink   *d = dir_of(s);
	struct tree       *t = tree_parse(line, err);
	const struct tree *head;
	int64_t            number;
	int                r;

	if (t == NULL)
		return -1;
	d->is_loaded = true;
	if ((head = tree_member(t, "dir")) != NULL)
		r = load_head(d, head, err);
	else if (tree_i64(t, "part", &number))
		r = load_part(d, t, number, err);
	else if (tree_i64(t, "done", &number))
		r = load_done(d, t, number, err);
	else
		r = err_set(err, ERR_DATA, "a line that is no part of this stage's state");
	tree_free(t);
	return r;
}
