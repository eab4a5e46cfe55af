/* dir_table - which parts are open, by folder; which are done */
#include "sink/dir_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/when.h"

void
dir_part_name(const struct dir_sink *d, const struct part *p, char name[DIR_NAME_BYTES])
{
	snprintf(name, DIR_NAME_BYTES, "part-%08" PRIu64 ".ndjson%s", p->number, pack_suffixes[d->target.pack]);
}

void
dir_temp_name(const struct dir_sink *d, uint64_t number, char name[DIR_TEMP_NAME_BYTES])
{
	snprintf(name, DIR_TEMP_NAME_BYTES, "%" PRIu64 "-%s", number, d->owner);
}

void
dir_list_add(struct part_list *l, struct part *p)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 64 : l->cap * 2;
		l->parts = alloc_resized(l->parts, l->cap, sizeof(*l->parts));
	}
	l->parts[l->n++] = p;
}

static struct part **
bucket_of(const struct dir_sink *d, uint64_t hash)
{
	return &d->buckets[hash & (d->n_buckets - 1)];
}

static void
grow(struct dir_sink *d)
{
	free(d->buckets);
	d->n_buckets = d->n_buckets == 0 ? 256 : d->n_buckets * 2;
	d->buckets = alloc_zeroed(d->n_buckets, sizeof(*d->buckets));
	for (size_t i = 0; i < d->open.n; i++) {
		struct part **b = bucket_of(d, d->open.parts[i]->hash);

		d->open.parts[i]->next = *b;
		*b = d->open.parts[i];
	}
}

static bool
is_of(const struct part *p, uint64_t hash, struct span folder)
{
	return p->hash == hash && span_eq(span_str(p->folder), folder);
}

struct part *
dir_find(const struct dir_sink *d, struct span folder)
{
	uint64_t     hash = hash_sum(folder);
	struct part *p = d->n_buckets == 0 ? NULL : *bucket_of(d, hash);

	while (p != NULL && !is_of(p, hash, folder))
		p = p->next;
	return p;
}

struct part *
dir_add(struct dir_sink *d, struct span folder)
{
	struct part  *p = alloc_zeroed(1, sizeof(*p));
	struct part **b;

	if (d->open.n >= d->n_buckets)
		grow(d);
	p->folder = alloc_string_n(folder.p, folder.n);
	p->hash = hash_sum(folder);
	p->fd = -1;
	p->is_synced = true;
	p->place = d->open.n;
	dir_list_add(&d->open, p);
	b = bucket_of(d, p->hash);
	p->next = *b;
	*b = p;
	return p;
}

/*
 * What comes for a window that is over already waits for the length of another one, so that a late record is not a
 * file.
 */
static int64_t
due_at(const struct dir_sink *d, int64_t end_ms)
{
	if (d->target.window_ms == 0)
		return WHEN_MAX;
	if (d->watermark_ms == WHEN_MIN || end_ms > d->watermark_ms)
		return end_ms;
	return when_add(d->watermark_ms, d->target.window_ms);
}

struct part *
dir_part_of(struct dir_sink *d, struct span folder, int64_t end_ms, int64_t now_ms)
{
	struct part *p = dir_find(d, folder);

	if (p != NULL)
		return p;
	p = dir_add(d, folder);
	p->number = d->next_number++;
	p->due_ms = due_at(d, end_ms);
	p->opened_ms = now_ms;
	if (p->due_ms < d->least_due_ms)
		d->least_due_ms = p->due_ms;
	if (now_ms < d->oldest_ms)
		d->oldest_ms = now_ms;
	return p;
}

void
dir_finish(struct dir_sink *d, struct part *p)
{
	struct part **b = bucket_of(d, p->hash);

	while (*b != p)
		b = &(*b)->next;
	*b = p->next;
	d->open.parts[p->place] = d->open.parts[--d->open.n];
	d->open.parts[p->place]->place = p->place;
	if (d->last == p)
		d->last = NULL;
	dir_list_add(&d->done, p);
}

void
dir_finish_due(struct dir_sink *d)
{
	int64_t next = WHEN_MAX;

	if (d->watermark_ms < d->least_due_ms)
		return;
	for (size_t i = d->open.n; i > 0; i--) {
		struct part *p = d->open.parts[i - 1];

		if (p->due_ms <= d->watermark_ms)
			dir_finish(d, p);
		else if (p->due_ms < next)
			next = p->due_ms;
	}
	d->least_due_ms = next;
}

void
dir_finish_old(struct dir_sink *d, int64_t now_ms)
{
	int64_t oldest = INT64_MAX;

	if (d->conf.roll_ms == 0 || d->open.n == 0 || now_ms < when_add(d->oldest_ms, d->conf.roll_ms))
		return;
	for (size_t i = d->open.n; i > 0; i--) {
		struct part *p = d->open.parts[i - 1];

		if (now_ms >= when_add(p->opened_ms, d->conf.roll_ms))
			dir_finish(d, p);
		else if (p->opened_ms < oldest)
			oldest = p->opened_ms;
	}
	d->oldest_ms = oldest;
}

void
dir_finish_all(struct dir_sink *d)
{
	while (d->open.n > 0)
		dir_finish(d, d->open.parts[d->open.n - 1]);
}

void
dir_touch(struct dir_sink *d, struct part *p)
{
	p->is_synced = false;
	if (p->is_touched || !d->conf.has_checkpoint)
		return;
	p->is_touched = true;
	dir_list_add(&d->touched, p);
}

void
dir_untouch_all(struct dir_sink *d)
{
	for (size_t i = 0; i < d->touched.n; i++)
		d->touched.parts[i]->is_touched = false;
	d->touched.n = 0;
}

void
dir_part_free(struct dir_sink *d, struct part *p)
{
	dir_let_go(d, p);
	d->pending_bytes -= p->pending.n;
	buf_release(&p->pending);
	free(p->folder);
	free(p);
}

void
dir_table_release(struct dir_sink *d)
{
	for (size_t i = 0; i < d->open.n; i++)
		dir_part_free(d, d->open.parts[i]);
	for (size_t i = 0; i < d->done.n; i++)
		dir_part_free(d, d->done.parts[i]);
	free(d->open.parts);
	free(d->done.parts);
	free(d->touched.parts);
	free(d->buckets);
}
