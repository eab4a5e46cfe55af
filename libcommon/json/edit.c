/* edit - a JSON text with one part set, with parts left out, or with some parts alone */
#include "json/edit.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "json/scan.h"
#include "json/text.h"

/* ---- going through an object or array ---- */

/* A member or an item: [from, end) with its name, the value at value.p. */
struct part {
	const char *from, *value, *end;
	struct span name;                /* escaped; SPAN_NONE: an item */
	uint64_t    place;               /* 0, 1, … */
};

struct walk {
	const char *at;
	uint64_t    n;
	bool        in_object;
};

static bool
has_parts(const char *text)
{
	return *text == '{' || *text == '[';
}

static struct walk
walk_into(const char *text)
{
	return (struct walk){ .at = text + 1, .in_object = *text == '{' };
}

/* At the end, walk.at is at the closing bracket. */
static bool
next_part(struct walk *w, struct part *p)
{
	struct scan_value v;

	p->name = SPAN_NONE;
	if (!(w->in_object ? scan_member(&w->at, &p->name, &v) : scan_item(&w->at, &v)))
		return false;
	p->value = v.kind == SCAN_STRING ? v.p - 1 : v.p;
	p->from = w->in_object ? p->name.p - 1 : p->value;
	p->end = w->at;
	p->place = w->n++;
	return true;
}

static bool
is_at(const struct part *p, const struct path_step *step)
{
	if (p->name.p == NULL)
		return step->is_index && p->place == step->index;
	return !step->is_index && text_equal(p->name, step->name);
}

static void
put_between(struct buf *to, const char *from, const char *end)
{
	buf_put(to, from, (size_t)(end - from));
}

/* ---- set ---- */

struct setting {
	struct buf        *to;
	const struct path *path;
	struct span        value;
	char              *reason;
	size_t             cap;
};

static const char *
kind_name(char first)
{
	switch (first) {
	case '{': return "object";
	case '[': return "array";
	case '"': return "string";
	case 't':
	case 'f': return "boolean";
	default:  return "number";
	}
}

static int
cannot_index(const struct setting *s, char first, const struct path_step *step)
{
	if (step->is_index)
		snprintf(s->reason, s->cap, "Cannot index %s with number", kind_name(first));
	else
		snprintf(s->reason, s->cap, "Cannot index %s with \"%.*s\"", kind_name(first), (int)(step->name.n > 60 ? 0 : step->name.n), step->name.p);
	return -1;
}

/* N items of nothing, with a comma behind each. */
static int
put_nulls(const struct setting *s, uint64_t n)
{
	if (n > EDIT_MAX_ITEMS) {
		snprintf(s->reason, s->cap, "an index more than %d behind the end of the array", EDIT_MAX_ITEMS);
		return -1;
	}
	for (; n > 0; n--)
		buf_lit(s->to, "null,");
	return 0;
}

/* The value with all that PATH wants around it from the step on. */
static int
put_made(const struct setting *s, size_t step)
{
	const struct path *path = s->path;

	for (size_t i = step; i < path->n_steps; i++) {
		buf_char(s->to, path->steps[i].is_index ? '[' : '{');
		if (!path->steps[i].is_index) {
			text_quote(s->to, path->steps[i].name);
			buf_char(s->to, ':');
		} else if (put_nulls(s, path->steps[i].index) == -1) {
			return -1;
		}
	}
	buf_span(s->to, s->value);
	for (size_t i = path->n_steps; i-- > step; )
		buf_char(s->to, path->steps[i].is_index ? ']' : '}');
	return 0;
}

/* A new part behind the last one, of which there are N. */
static int
put_added(const struct setting *s, const struct path_step *step, size_t depth, uint64_t n)
{
	if (n > 0)
		buf_char(s->to, ',');
	if (!step->is_index) {
		text_quote(s->to, step->name);
		buf_char(s->to, ':');
	} else if (put_nulls(s, step->index - n) == -1) {
		return -1;
	}
	return put_made(s, depth + 1);
}

/* [text, end) is a value; the step DEPTH goes into it.  At most PATH_MAX_STEPS deep. */
static int
set_in(const struct setting *s, const char *text, const char *end, size_t depth)
{
	const struct path_step *step = &s->path->steps[depth];
	struct part             p, found = { 0 };
	struct walk             w;
	const char             *last_end = text + 1;

	if (depth == s->path->n_steps || *text == 'n')
		return put_made(s, depth);
	if (*text != (step->is_index ? '[' : '{'))
		return cannot_index(s, *text, step);
	for (w = walk_into(text); next_part(&w, &p); last_end = p.end)
		if (is_at(&p, step))
			found = p;
	if (found.from != NULL) {
		put_between(s->to, text, found.value);
		if (set_in(s, found.value, found.end, depth + 1) == -1)
			return -1;
		put_between(s->to, found.end, end);
		return 0;
	}
	put_between(s->to, text, last_end);
	if (put_added(s, step, depth, w.n) == -1)
		return -1;
	put_between(s->to, last_end, end);
	return 0;
}

int
edit_set(struct buf *to, struct span text, const struct path *path, struct span value, char *reason, size_t cap)
{
	struct setting s = { to, path, value, reason, cap };
	size_t         from = to->n;

	if (set_in(&s, text.p, text.p + text.n, 0) == 0)
		return 0;
	to->n = from;
	return -1;
}

/* ---- drop, pick: paths as bits of a mask ---- */

static uint64_t
all_of(size_t n)
{
	return n == EDIT_MAX_PATHS ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/* Which of the paths of MASK go through the part, or end there. */
static uint64_t
paths_at(const struct part *p, const struct path *paths, uint64_t mask, size_t depth)
{
	uint64_t at = 0;

	for (uint64_t left = mask; left != 0; left &= left - 1) {
		int i = __builtin_ctzll(left);

		if (is_at(p, &paths[i].steps[depth]))
			at |= UINT64_C(1) << i;
	}
	return at;
}

static bool
ends(const struct path *paths, uint64_t mask, size_t depth)
{
	for (; mask != 0; mask &= mask - 1)
		if (paths[__builtin_ctzll(mask)].n_steps == depth + 1)
			return true;
	return false;
}

static void
drop_in(struct buf *to, const char *text, const char *end, const struct path *paths, uint64_t mask, size_t depth)
{
	struct walk w;
	struct part p;
	const char *before = text + 1, *first = NULL;    /* behind the part before; the first part */
	bool        any = false;

	if (mask == 0 || !has_parts(text)) {
		put_between(to, text, end);
		return;
	}
	buf_char(to, *text);
	for (w = walk_into(text); next_part(&w, &p); before = p.end) {
		uint64_t at = paths_at(&p, paths, mask, depth);

		first = first == NULL ? p.from : first;
		if (ends(paths, at, depth))
			continue;
		/* The first that stays stands where the first one stood; the others bring their comma. */
		put_between(to, any ? before : text + 1, any ? p.from : first);
		put_between(to, p.from, p.value);
		drop_in(to, p.value, p.end, paths, at, depth + 1);
		any = true;
	}
	put_between(to, before, end);
}

void
edit_drop(struct buf *to, struct span text, const struct path *paths, size_t n)
{
	drop_in(to, text.p, text.p + text.n, paths, all_of(n), 0);
}

static bool pick_in(struct buf *to, const char *text, const char *end, const struct path *paths, uint64_t mask, size_t depth);

/* In front of the part at PLACE, when N parts are there already. */
static void
put_gap(struct buf *to, const struct part *p, uint64_t n)
{
	if (p->name.p != NULL) {
		if (n > 0)
			buf_char(to, ',');
		put_between(to, p->from, p->value);
		return;
	}
	if (n > 0)
		buf_char(to, ',');
	for (; n < p->place; n++)
		buf_lit(to, "null,");
}

/* False: nothing of it is wanted, and TO is as it was. */
static bool
pick_part(struct buf *to, const struct part *p, const struct path *paths, uint64_t at, size_t depth, uint64_t n)
{
	size_t from = to->n;

	put_gap(to, p, n);
	if (ends(paths, at, depth)) {
		put_between(to, p->value, p->end);
		return true;
	}
	if (pick_in(to, p->value, p->end, paths, at, depth + 1))
		return true;
	to->n = from;
	return false;
}

/* Of each path of MASK in which part it stands: the last of its name. */
static void
find_places(const char *text, const struct path *paths, uint64_t mask, size_t depth, uint64_t *places)
{
	struct part p;

	for (struct walk w = walk_into(text); next_part(&w, &p); )
		for (uint64_t at = paths_at(&p, paths, mask, depth); at != 0; at &= at - 1)
			places[__builtin_ctzll(at)] = p.place;
}

/* False: none of the paths is there, and TO is as it was. */
static bool
pick_in(struct buf *to, const char *text, const char *end, const struct path *paths, uint64_t mask, size_t depth)
{
	uint64_t    places[EDIT_MAX_PATHS], n = 0;
	size_t      from = to->n;
	struct walk w;
	struct part p;

	if (!has_parts(text))
		return false;
	memset(places, 0xFF, sizeof(places));
	find_places(text, paths, mask, depth, places);
	buf_char(to, *text);
	for (w = walk_into(text); next_part(&w, &p); ) {
		uint64_t at = 0;

		for (uint64_t left = mask; left != 0; left &= left - 1)
			if (places[__builtin_ctzll(left)] == p.place)
				at |= left & -left;
		if (at != 0 && pick_part(to, &p, paths, at, depth, n))
			n = w.in_object ? n + 1 : p.place + 1;
	}
	buf_char(to, end[-1]);
	if (n == 0)
		to->n = from;
	return n > 0;
}

int
edit_pick(struct buf *to, struct span text, const struct path *paths, size_t n)
{
	if (*text.p == 'n') {
		buf_lit(to, "null");
		return 0;
	}
	if (!has_parts(text.p))
		return -1;
	if (!pick_in(to, text.p, text.p + text.n, paths, all_of(n), 0))
		buf_str(to, *text.p == '{' ? "{}" : "[]");
	return 0;
}
