/*
 * sort_spill - the runs that had no room in memory
 *
 * A run is a row of records, each behind its head, in the byte order of the machine.  It is read
 * forwards through a window; a record longer than that passes in pieces.
 */
#include "op/sort_parts.h"

#include <stdlib.h>

#include "base/alloc.h"

static inline struct heads_key
key_of(const struct sort_head *h)
{
	return (struct heads_key){ h->ts_ms, h->number };
}

/* ---- reading one ---- */

static void
fill_window(struct sort *s, struct sort_run *r, uint64_t at)
{
	uint64_t left = r->length_bytes - at;

	if (r->window == NULL)
		r->window = alloc_bytes(s->window_bytes);
	r->window_at = at;
	r->window_n = left < s->window_bytes ? (size_t)left : s->window_bytes;
	if (!spill_read(s->spill, r->run, at, r->window, r->window_n))
		r->window_n = 0;
}

/* Bytes at AT, at least LEAST (no more than a window has) and how many there are.  NULL: failed. */
static const char *
look_at(struct sort *s, struct sort_run *r, uint64_t at, size_t least, size_t *n)
{
	if (r->window == NULL || at < r->window_at || at + least > r->window_at + r->window_n)
		fill_window(s, r, at);
	if (r->window_n < least)
		return NULL;
	*n = r->window_n - (size_t)(at - r->window_at);
	return r->window + (at - r->window_at);
}

static bool
is_whole(const struct sort_run *r, const struct sort_head *h)
{
	uint64_t left = r->length_bytes - r->at_bytes - sizeof(*h);

	return h->n <= left;
}

/* The head at at_bytes. */
static bool
read_head(struct sort *s, struct sort_run *r)
{
	const char *p = NULL;
	size_t      n;

	if (r->length_bytes - r->at_bytes >= sizeof(r->head)) {
		if ((p = look_at(s, r, r->at_bytes, sizeof(r->head), &n)) == NULL)
			return false;
		memcpy(&r->head, p, sizeof(r->head));
	}
	if (p != NULL && is_whole(r, &r->head))
		return true;
	spill_say_damaged(s->spill, r->run);
	return false;
}

/* The line of the record at at_bytes, piece by piece. */
static bool
read_line(struct sort *s, struct sort_run *r, void (*take)(void *cookie, const char *p, size_t n), void *cookie)
{
	uint64_t at = r->at_bytes + sizeof(r->head), left = r->head.n;

	while (left > 0) {
		size_t      n;
		const char *p = look_at(s, r, at, 1, &n);

		if (p == NULL)
			return false;
		n = left < n ? (size_t)left : n;
		take(cookie, p, n);
		at += n;
		left -= n;
	}
	return true;
}

/* ---- places ---- */

static struct sort_run *
new_place(struct sort *s)
{
	size_t i = 0;

	while (i < s->n_places && s->spilled[i].run != 0)
		i++;
	if (i == s->cap_places) {
		s->cap_places = s->cap_places == 0 ? 8 : s->cap_places * 2;
		s->spilled = alloc_resized(s->spilled, s->cap_places, sizeof(*s->spilled));
	}
	if (i == s->n_places)
		s->n_places++;
	s->n_spilled++;
	s->spilled[i] = (struct sort_run){ 0 };
	return &s->spilled[i];
}

static void
leave_place(struct sort *s, struct sort_run *r)
{
	free(r->window);
	*r = (struct sort_run){ 0 };
	s->n_spilled--;
	if (s->n_spilled == 0)
		s->n_places = 0;
}

void
sort_forget_spilled(struct sort *s)
{
	for (size_t i = 0; i < s->n_places; i++)
		free(s->spilled[i].window);
	s->n_places = s->n_spilled = 0;
	s->heads.n = 0;
}

void
sort_know_spilled(struct sort *s, uint64_t run, uint64_t at_bytes, uint64_t length_bytes)
{
	struct sort_run *r = new_place(s);

	r->run = run;
	r->at_bytes = at_bytes;
	r->length_bytes = length_bytes;
	s->is_open = false;
}

/* By their heads, which are known. */
static void
line_up(struct sort *s)
{
	s->heads.n = 0;
	for (size_t i = 0; i < s->n_places; i++)
		if (s->spilled[i].run != 0)
			heads_add(&s->heads, (uint32_t)i, key_of(&s->spilled[i].head));
}

/* Those of a snapshot are known by number only. */
static bool
open_all(struct sort *s)
{
	for (size_t i = 0; i < s->n_places; i++)
		if (s->spilled[i].run != 0 && !read_head(s, &s->spilled[i]))
			return false;
	line_up(s);
	s->is_open = true;
	return true;
}

size_t
sort_windows_bytes(const struct sort *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_places; i++)
		n += s->spilled[i].window != NULL;
	return n * s->window_bytes;
}

/* ---- taking records, in order ---- */

const struct sort_head *
sort_spilled_first(struct sort *s)
{
	if (s->spill->failed || (!s->is_open && !open_all(s)) || s->n_spilled == 0)
		return NULL;
	return &s->spilled[heads_first(&s->heads)->run].head;
}

/* The first run of M goes on behind its first record. */
static bool
go_on(struct sort *s, struct heads *m)
{
	struct sort_run *r = &s->spilled[heads_first(m)->run];

	r->at_bytes += sizeof(r->head) + r->head.n;
	if (r->at_bytes == r->length_bytes) {
		heads_take_first(m);
		spill_drop(s->spill, r->run);
		leave_place(s, r);
		return true;
	}
	if (!read_head(s, r))
		return false;
	heads_replace_first(m, key_of(&r->head));
	return true;
}

static void
append(void *cookie, const char *p, size_t n)
{
	buf_put(cookie, p, n);
}

bool
sort_take_spilled(struct sort *s, struct buf *to)
{
	struct sort_run *r = &s->spilled[heads_first(&s->heads)->run];

	buf_reserve(to, r->head.n + 1);
	if (!read_line(s, r, append, to))
		return false;
	buf_char(to, '\n');
	return go_on(s, &s->heads);
}

/* ---- merging runs ---- */

static void
pass_on(void *cookie, const char *p, size_t n)
{
	spill_put(cookie, p, n);
}

static int
by_length(const void *a, const void *b)
{
	const struct heads_item *x = a, *y = b;

	return heads_before(x->key, y->key) ? -1 : heads_before(y->key, x->key);
}

/*
 * The shorter half, by what is left of them: so each record is written about once for each time the
 * number of runs would have multiplied.
 */
static void
choose(struct sort *s, struct heads *m)
{
	struct heads_item *all = alloc_zeroed(s->n_places, sizeof(*all));
	size_t             n = 0;

	for (size_t i = 0; i < s->n_places; i++) {
		const struct sort_run *r = &s->spilled[i];

		if (r->run != 0)
			all[n++] = (struct heads_item){ { (int64_t)(r->length_bytes - r->at_bytes), i }, (uint32_t)i };
	}
	qsort(all, n, sizeof(*all), by_length);
	for (size_t i = 0; i < n / 2 + 1 && i < n; i++)
		heads_add(m, all[i].run, key_of(&s->spilled[all[i].run].head));
	free(all);
}

static void
merge_some(struct sort *s)
{
	struct heads     m = { 0 };
	struct sort_run  merged = { 0 };
	bool             good = true;

	choose(s, &m);
	merged.head = s->spilled[heads_first(&m)->run].head;
	merged.run = spill_begin(s->spill);
	while (good && heads_first(&m) != NULL) {
		struct sort_run *r = &s->spilled[heads_first(&m)->run];

		spill_put(s->spill, &r->head, sizeof(r->head));
		good = read_line(s, r, pass_on, s->spill) && go_on(s, &m) && !s->spill->failed;
	}
	merged.length_bytes = spill_end(s->spill);
	heads_release(&m);
	*new_place(s) = merged;
	line_up(s);
}

/* ---- spilling ---- */

static uint64_t
write_all(struct sort *s)
{
	const struct runs_rec *rec;
	uint64_t               run = spill_begin(s->spill);

	while ((rec = runs_first(&s->mem)) != NULL && !s->spill->failed) {
		struct sort_head h = { rec->ts_ms, rec->number, rec->n };

		spill_put(s->spill, &h, sizeof(h));
		spill_put(s->spill, rec->bytes, rec->n);
		runs_drop_first(&s->mem);
	}
	return run;
}

void
sort_spill_all(struct sort *s)
{
	const struct runs_rec *first = runs_first(&s->mem);
	struct sort_head       head = { first->ts_ms, first->number, first->n };
	uint64_t               run;
	struct sort_run       *r;

	if (s->spill->failed || (!s->is_open && !open_all(s)))
		return;
	s->n_spilled_recs += s->mem.n;
	run = write_all(s);
	r = new_place(s);
	*r = (struct sort_run){ .run = run, .length_bytes = spill_end(s->spill), .head = head };
	heads_add(&s->heads, (uint32_t)(r - s->spilled), key_of(&head));
	runs_clear(&s->mem);
	s->n_new = 0;
	s->from_number = s->next_number;
	while (s->n_spilled > s->most_spilled && !s->spill->failed)
		merge_some(s);
}
