/* scan - one pass over a line: is it JSON, and where are the values that are wanted */
#include "json/scan.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "json/check.h"
#include "json/template.h"
#include "json/utf8.h"
#include "json/want.h"

enum {
	N_TEMPLATES    = 4,      /* more cost more in tries than they bring in hits */
	LEARN_INTERVAL = 256     /* misses not learnt from: no place is free, or a line made none */
};

struct scan {
	struct want     want;
	utf8_check     *is_utf8;
	unsigned        first;                             /* to be tried first: what fitted last */
	unsigned        n_templates;
	unsigned        wait;                              /* misses until one is learnt from */
	uint8_t         common[N_TEMPLATES][N_TEMPLATES];  /* leading pieces two have in common */
	struct template templates[N_TEMPLATES];
	struct template draft;
	struct check    check;
};

struct scan *
scan_new(const struct path *const *paths, size_t n_paths)
{
	struct scan *s = alloc_zeroed(1, sizeof(*s));
	size_t       n;

	want_init(&s->want, paths, n_paths);
	check_init(&s->check, s->want.nodes);
	s->is_utf8 = utf8_forms(&n)[0].check;
	return s;
}

void
scan_free(struct scan *s)
{
	if (s == NULL)
		return;
	want_release(&s->want);
	free(s);
}

static void
set_missing(struct scan_value *values, uint64_t paths)
{
	for (; paths != 0; paths &= paths - 1)
		values[__builtin_ctzll(paths)] = (struct scan_value){ .kind = SCAN_MISSING };
}

static void
set_aliases(const struct want *w, struct scan_value *values)
{
	for (size_t i = 0; i < w->n_aliases; i++)
		values[w->aliases[i].path] = values[w->aliases[i].of];
}

static __attribute__((noinline)) void
set_bad(struct scan_result *r, const char *at, const char *reason)
{
	r->verdict = SCAN_BAD;
	r->bad = at;
	r->reason = reason;
	r->newline = rawmemchr(at, '\n');
	r->start = r->end = NULL;
}

/* --- templates: keeping them --- */

static unsigned
least_used(const struct scan *s)
{
	unsigned least = 0;

	for (unsigned i = 1; i < N_TEMPLATES; i++)
		if (s->templates[i].hits < s->templates[least].hits)
			least = i;
	return least;
}

/* The draft becomes a template: in a free place, or in the least used one's. */
static void
keep_draft(struct scan *s)
{
	unsigned slot = s->n_templates < N_TEMPLATES ? s->n_templates++ : least_used(s);

	s->templates[slot] = s->draft;
	s->first = slot;
	for (unsigned i = 0; i < s->n_templates; i++) {
		unsigned n = template_common(&s->templates[i], &s->templates[slot]);

		s->templates[i].hits /= 2;       /* what was good long ago makes room */
		s->common[i][slot] = s->common[slot][i] = (uint8_t)n;
	}
}

/* A line has fitted nowhere: is it to become a template? */
static void
consider_learning(struct scan *s, const char *line)
{
	if (s->wait > 0) {
		s->wait--;
		return;
	}
	if (template_learn(&s->draft, &s->want, line)) {
		keep_draft(s);
		if (s->n_templates < N_TEMPLATES)
			return;
	}
	s->wait = LEARN_INTERVAL;
}

/* --- templates: leaving one --- */

/* Rebuild what the validator has open inside of CONTAINER (whose current item is INDEX). */
static void
open_frames(struct scan *s, const struct template *t, uint8_t container, uint32_t index)
{
	struct check *c = &s->check;
	uint32_t      depth = 0;

	for (uint8_t i = container; i != TEMPLATE_NO_CONTAINER; i = t->containers[i].parent)
		depth++;
	c->depth = depth;
	for (uint8_t i = container; i != TEMPLATE_NO_CONTAINER; i = t->containers[i].parent) {
		const struct template_container *k = &t->containers[i];

		c->frames[depth--] = (struct check_frame){
			.start = t->pieces[k->open_piece].at + k->open_at,
			.index = index, .node = k->node, .inside = k->inside
		};
		index = k->index;
	}
}

/* Take down the wanted containers that are closed in pieces up to LAST. */
static void
take_spans(const struct template *t, unsigned last, struct scan_value *values)
{
	for (unsigned i = 0; i < t->n_spans && t->spans[i].close_piece <= last; i++) {
		const struct template_span *sp = &t->spans[i];

		check_take(&values[sp->path], t->pieces[sp->open_piece].at + sp->open_at,
		    t->pieces[sp->close_piece].at + sp->close_behind, sp->kind, false);
	}
}

/* What is left to do when the validator has come to the line's end, or (NULL) has not. */
static void
finish_slow(struct scan *s, const char *line, const char *newline, struct scan_result *r)
{
	struct check *c = &s->check;

	if (newline == NULL) {
		set_bad(r, c->lex.bad, c->lex.reason);
		return;
	}
	r->start = c->start;
	r->end = c->end;
	r->newline = newline;
	if (c->start == c->end) {
		r->verdict = SCAN_EMPTY;
		return;
	}
	if (c->lex.high && !s->is_utf8(c->start, (size_t)(c->end - c->start))) {
		set_bad(r, utf8_find_bad(c->start, (size_t)(c->end - c->start)), "invalid UTF-8");
		return;
	}
	r->verdict = SCAN_OK;
	set_missing(c->values, s->want.all & ~c->set);
	if (s->want.n_aliases > 0)
		set_aliases(&s->want, c->values);
	consider_learning(s, line);
}

/* A line of which nothing is known: no template yet. */
static __attribute__((noinline)) void
scan_without(struct scan *s, const char *line, struct scan_result *r)
{
	finish_slow(s, line, check_line(&s->check, line), r);
}

/* Another template that goes the same way up to piece K and fits there; NULL: none. */
static struct template *
another(struct scan *s, const struct template *t, unsigned k, const char *p)
{
	const uint8_t *common = s->common[t - s->templates];

	for (unsigned i = 0; i < s->n_templates; i++) {
		struct template *u = &s->templates[i];

		if (common[i] != k || !template_fits(u, &u->pieces[k], p))
			continue;
		for (unsigned j = 0; j <= k; j++)
			u->pieces[j].at = t->pieces[j].at;
		u->prefix.is_torn |= t->prefix.is_torn;
		return u;
	}
	return NULL;
}

/* Tell the validator how things stand behind piece K - 1 of T and its value; or K, at its value. */
static const struct template_place *
hand_over(struct scan *s, const struct template *t, unsigned k, bool at_value)
{
	const struct template_place *place = &t->places[at_value ? k : k - 1];
	uint64_t                     last = at_value ? 0 : s->want.nodes[place->node].bit;

	s->check.start = t->pieces[0].at + t->start;
	s->check.set = place->set | last;
	open_frames(s, t, place->container, place->index);
	take_spans(t, at_value ? k : k - 1, s->check.values);
	return place;
}

/*
 * The line parts from T where piece K should stand; or behind that, at VALUE.  Inside of a
 * container in which nothing is wanted, only what is left of that is for the validator, and T may
 * fit again behind it: the piece to go on with, with its place (as if its first bytes were there).
 * Else NULL, and *R is the answer.
 */
static __attribute__((noinline)) struct template_piece *
part(struct scan *s, struct template *t, unsigned k, const char *value, struct scan_result *r)
{
	const struct template_place     *place;
	const struct template_container *around;
	const char                      *p = value != NULL ? value : t->pieces[k].at;
	enum check_at                    at = value != NULL ? CHECK_AT_VALUE : CHECK_BEHIND_VALUE;

	if (t->n_containers == 0 || (k == 0 && value == NULL)) {
		scan_without(s, t->pieces[0].at, r);
		return NULL;
	}
	place = hand_over(s, t, k, value != NULL);
	around = &t->containers[place->container];
	if (around->unwanted != TEMPLATE_NO_CONTAINER) {
		around = &t->containers[around->unwanted];
		p = check_on(&s->check, p, at, place->node, around->depth);
		k = around->close_piece;
		if (p != NULL && template_rest_fits(t, &t->pieces[k], around->close_behind, p)) {
			t->pieces[k].at = p - around->close_behind;
			t->prefix.is_torn = true;
			return &t->pieces[k];
		}
		at = CHECK_BEHIND_VALUE;
	}
	if (p != NULL)
		p = check_on(&s->check, p, at, place->node, 0);
	finish_slow(s, t->pieces[0].at, p, r);
	return NULL;
}

static __attribute__((noinline)) void
surprise(struct template *t, struct template_piece *piece, size_t n)
{
	piece->usual = (uint32_t)n;
	if (++piece->surprises > 16 + t->hits / 16)
		piece->usual = TEMPLATE_VARIES;
}

/*
 * Values of one column often have one length.  The processor goes on where that ends, without
 * waiting for the masks that find END; whether it was right is checked behind its back.  For that
 * the result must come from the length and over a branch: the first asm hides from the compiler
 * that both are the same, the second one keeps it from a conditional move.
 */
vec_inline const char *
ahead(struct template *t, struct template_piece *piece, const char *from, const char *end)
{
	const char *usual = (const char *)((uintptr_t)from + piece->usual), *hidden;

	__asm__ volatile("" : "=r"(hidden) : "0"(usual));
	if (usual == end) {
		__asm__ volatile("" : "+r"(hidden));
		return hidden;
	}
	if (unlikely(piece->usual != TEMPLATE_VARIES))
		surprise(t, piece, (size_t)(end - from));
	return end;
}

/* What is left to do when all pieces have fitted; P is where the last one stands. */
vec_inline void
finish_fast(struct scan *s, struct template *t, const char *p, bool high,
    struct scan_value *values, struct scan_result *r)
{
	t->hits++;
	s->first = (unsigned)(t - s->templates);
	r->start = t->pieces[0].at + t->start;
	r->end = p + t->end;
	r->newline = p + t->pieces[t->n_values].n - 1;
	if (unlikely(high) && !s->is_utf8(r->start, (size_t)(r->end - r->start))) {
		set_bad(r, utf8_find_bad(r->start, (size_t)(r->end - r->start)), "invalid UTF-8");
		return;
	}
	r->verdict = SCAN_OK;
	take_spans(t, t->n_values, values);
	for (unsigned i = 0; i < t->n_missing; i++)
		values[t->missing[i]] = (struct scan_value){ .kind = SCAN_MISSING };
	if (unlikely(t->hits >= t->prefix.study_at))
		template_study_prefix(t, values);
	if (unlikely(s->want.n_aliases > 0))
		set_aliases(&s->want, values);
}

/* LINE begins with the prefix: the piece that ends it. */
vec_inline struct template_piece *
pass_prefix(struct template *t, const char *line, struct scan_value *values)
{
	const struct template_prefix *x = &t->prefix;

	for (unsigned i = 0; i <= x->n_values; i++)
		t->pieces[i].at = line + x->places[i];
	for (const struct template_kept *k = x->kept, *end = k + x->n_kept; k < end; k++)
		values[k->path] = (struct scan_value){ line + k->at, k->n, k->kind, k->escaped };
	return &t->pieces[x->n_values];
}

/*
 * The value behind PIECE, at P, if it is wanted; what follows it.  NULL: there is none.  A branch for each kind, for what
 * kind it is the next steps would ask again.
 */
vec_inline const char *
pass_value(struct scan *s, struct template *t, struct template_piece *piece, const char *p, vec *high,
    struct scan_value *values)
{
	struct lex    *lex = &s->check.lex;
	const char    *end;
	enum scan_kind kind;
	bool           escaped;

	if (*p == '"') {
		end = lex_string(lex, ++p, high, &escaped);
		if (unlikely(end == NULL))
			return NULL;
		if (piece->path != WANT_NO_PATH)
			check_take(&values[piece->path], p, end, SCAN_STRING, escaped);
		return ahead(t, piece, p, end) + 1;
	}
	if (lex_begins_number(*p)) {
		end = lex_number(lex, p, piece[1].head[0]);
		if (unlikely(end == NULL))
			return NULL;
		if (piece->path != WANT_NO_PATH)
			check_take(&values[piece->path], p, end, SCAN_NUMBER, false);
		return ahead(t, piece, p, end);
	}
	end = lex_word(lex, p, &kind);
	if (piece->path != WANT_NO_PATH && end != NULL)
		check_take(&values[piece->path], p, end, kind, false);
	return end;
}

/*
 * The fast path.  What a line costs is few instructions for each value, and branches that go the
 * same way line after line.
 */
void
scan_line(struct scan *s, const char *line, struct scan_value *values, struct scan_result *r)
{
	struct template       *t = &s->templates[s->first];
	struct template_piece *piece = t->pieces;
	const char            *p = line, *behind;
	vec                    high = vec_zero();

	s->check.values = values;
	s->check.lex.high = false;
	if (unlikely(s->n_templates == 0)) {
		scan_without(s, line, r);
		return;
	}
	if (t->prefix.n != 0) {
		if (likely(template_prefix_fits(&t->prefix, line))) {
			piece = pass_prefix(t, line, values);
			p = piece->at;
			goto fits;
		}
		template_miss_prefix(t, line);
	}
	for (;; piece++) {
		piece->at = p;
		if (unlikely(!template_fits(t, piece, p))) {
			unsigned         k = (unsigned)(piece - t->pieces);
			struct template *u = another(s, t, k, p);

			if (u == NULL)
				goto parted;
			t = u;
			piece = &t->pieces[k];
		}
fits:
		if (unlikely(piece->is_special) && piece == &t->pieces[t->n_values])
			break;
		p += piece->n;
		behind = pass_value(s, t, piece, p, &high, values);
		if (unlikely(behind == NULL))
			goto parted;
		p = behind;
	}
	finish_fast(s, t, p, vec_any_high(high) || s->check.lex.high, values, r);
	return;

parted:
	s->check.lex.high |= vec_any_high(high);
	piece = part(s, t, (unsigned)(piece - t->pieces), p == piece->at ? NULL : p, r);
	if (piece != NULL) {
		p = piece->at;
		goto fits;
	}
}
