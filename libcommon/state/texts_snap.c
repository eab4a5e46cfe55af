/* texts_snap - which segments are on disk, as lines, and how all of them come back */
#include "state/texts.h"

#include <stdlib.h>

#include "base/alloc.h"

/* A segment that holds more than one text is never longer. */
enum { MOST_SHARED_BYTES = 1024 * 1024 };

/* ---- save ---- */

void
texts_save(const struct texts *t, bool delta, struct snap_writer *out)
{
	struct buf *b = &out->buf;

	for (const struct text_segment *s = t->first; s != NULL; s = s->next) {
		if (s->run == 0 || (delta && !s->has_moved))
			continue;
		buf_lit(b, "{\"seg\":");
		buf_u64(b, s->number);
		buf_lit(b, ",\"run\":");
		buf_u64(b, s->run);
		buf_lit(b, ",\"from\":");
		buf_u64(b, s->from_bytes);
		buf_lit(b, ",\"length\":");
		buf_u64(b, s->n);
		buf_char(b, '}');
		snap_line(out);
	}
}

size_t
texts_lines(const struct texts *t, bool delta)
{
	return delta ? t->n_moved : t->n_on_disk;
}

void
texts_settle(struct texts *t)
{
	for (struct text_segment *s = t->n_moved > 0 ? t->first : NULL; s != NULL; s = s->next)
		s->has_moved = false;
	t->n_moved = 0;
}

/* ---- load ---- */

bool
texts_load_next(struct texts *t, uint64_t next)
{
	t->is_frozen = true;
	if (next < t->next || next >> TEXT_SEGMENT_BITS != 0)
		return false;
	t->next = next;
	return true;
}

/* Those that are not known yet are made: they may have gone, and have no number, since NEXT was said. */
static struct text_segment *
known_segment(struct texts *t, uint64_t number)
{
	struct text_segment *s;

	if (!t->is_frozen || number == 0 || number >= t->next)
		return NULL;
	s = texts_segment(t, number);
	return s != NULL ? s : texts_make_segment(t, number);
}

static void
set_length(struct texts *t, struct text_segment *s, uint32_t n)
{
	*(s->run == 0 ? &t->memory_bytes : &t->disk_bytes) += n - s->n;
	s->n = n;
}

bool
texts_load_segment(struct texts *t, uint64_t number, uint64_t run, uint64_t from_bytes, uint64_t length_bytes)
{
	struct text_segment *s = known_segment(t, number);

	if (s == NULL || run == 0 || length_bytes > UINT32_MAX || length_bytes < s->n || from_bytes > UINT64_MAX - UINT32_MAX)
		return false;
	if (s->run == 0) {
		t->memory_bytes -= s->n;
		t->disk_bytes += s->n;
		t->n_on_disk++;
		free(s->bytes);
		s->bytes = NULL;
		s->cap = 0;
	}
	s->run = run;
	s->from_bytes = from_bytes;
	set_length(t, s, (uint32_t)length_bytes);
	return true;
}

/* What is between texts has been given: it is zero, so that nothing of ours goes to disk. */
static void
grow(struct text_segment *s, size_t n)
{
	size_t cap = s->cap < 256 ? 256 : s->cap;

	if (n <= s->cap)
		return;
	while (cap < n)
		cap *= 2;
	s->bytes = alloc_resized(s->bytes, cap, 1);
	memset(s->bytes + s->cap, 0, cap - s->cap);
	s->cap = (uint32_t)cap;
}

static void
count(struct texts *t, struct text_segment *s, size_t n)
{
	s->n_live++;
	s->live_bytes += n;
	t->live_bytes += n;
}

/* Texts have no zero byte: is nothing there yet? */
static bool
is_free(const char *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

bool
texts_load_text(struct texts *t, struct text_place place, struct span text)
{
	struct text_segment *s = known_segment(t, place.segment);

	if (s == NULL || s->run != 0 || text.n == 0 || text.n > UINT32_MAX / 2 ||
	    (place.at > 0 && (place.at > MOST_SHARED_BYTES || text.n > MOST_SHARED_BYTES - (size_t)place.at)))
		return false;
	grow(s, (size_t)place.at + text.n);
	if (!is_free(s->bytes + place.at, text.n))
		return false;
	memcpy(s->bytes + place.at, text.p, text.n);
	if (place.at + text.n > s->n)
		set_length(t, s, (uint32_t)(place.at + text.n));
	count(t, s, text.n);
	return true;
}

bool
texts_load_place(struct texts *t, struct text_place place, uint64_t n)
{
	struct text_segment *s = known_segment(t, place.segment);

	if (s == NULL || s->run == 0 || n == 0 || place.at > s->n || n > s->n - place.at)
		return false;
	count(t, s, (size_t)n);
	return true;
}

static int
by_number(const void *a, const void *b)
{
	const struct text_segment *const *x = a, *const *y = b;

	return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

/* They came in any order. */
static void
put_in_order(struct texts *t)
{
	struct text_segment **all = alloc_zeroed(t->n_segments + 1, sizeof(struct text_segment *));
	size_t                n = 0;

	for (struct text_segment *s = t->first; s != NULL; s = s->next)
		all[n++] = s;
	qsort(all, n, sizeof(struct text_segment *), by_number);
	for (size_t i = 0; i < n; i++) {
		all[i]->previous = i == 0 ? NULL : all[i - 1];
		all[i]->next = all[i + 1];
	}
	t->first = all[0];
	t->last = n == 0 ? NULL : all[n - 1];
	free(all);
}

void
texts_loaded(struct texts *t)
{
	if (!t->is_frozen)
		return;
	for (struct text_segment *s = t->first, *next; s != NULL; s = next) {
		next = s->next;
		if (s->n_live == 0) {
			texts_remove_segment(t, s);      /* its run went with the last text in it, before the snapshot */
		} else if (s->run != 0) {
			struct text_run *r = texts_run(t, s->run);

			r->bytes += s->n;
			r->n_segments++;
		}
	}
	put_in_order(t);
	t->is_frozen = false;
}
