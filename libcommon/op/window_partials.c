/* window_partials - partial sums of groups, from runs and from memory, merged by key */
#include "op/window_partials.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "op/window_parts.h"

enum { AHEAD = 8 };                      /* entries, so that they are near when it is their turn */

static const uint64_t IS_NULL_KEY = UINT64_MAX;

/* In front of a partial sum's key and accumulators, in a run. */
struct head {
	uint64_t hash;
	int64_t  pane_ms;
	uint64_t first;
	uint64_t key_bytes, acc_bytes;
};

uint64_t
window_hash(struct span key)
{
	return key.p == NULL ? 0 : hash_sum(key);
}

void
window_partial_put(const struct window *w, const struct window_partial *p, struct buf *b)
{
	static const char label[] = "\"acc\":";
	struct head       h = { p->hash, p->pane_ms, p->first, p->key.p == NULL ? IS_NULL_KEY : p->key.n, p->accs.n };
	size_t            at = b->n, from;

	buf_put(b, &h, sizeof(h));
	buf_span(b, p->key);
	from = b->n;
	if (p->value == NULL) {
		buf_span(b, p->accs);
		return;
	}
	window_save_accs(w, p->value, b);
	b->n -= sizeof(label) - 1;
	memmove(b->p + from, b->p + from + sizeof(label) - 1, b->n - from);
	h.acc_bytes = b->n - from;
	memcpy(b->p + at, &h, sizeof(h));
}

bool
window_partial_load(const struct window *w, struct span accs, char *value, struct arena *arena)
{
	struct scan_value v = { .p = accs.p, .n = (uint32_t)accs.n, .kind = SCAN_ARRAY };

	return accs.n >= 2 && accs.n <= UINT32_MAX && window_load_accs(w, &v, value, arena);
}

/* ---- sources ---- */

void
window_partials_init(struct window_partials *p, struct window *w, int64_t from_ms, int64_t to_ms, bool by_pane)
{
	*p = (struct window_partials){ .w = w, .from_ms = from_ms, .to_ms = to_ms, .by_pane = by_pane };
}

void
window_partials_release(struct window_partials *p)
{
	for (size_t i = 0; i < p->n_sources; i++)
		run_reader_release(&p->sources[i].reader);
	free(p->sources);
	free(p->memory.panes);
	free(p->memory.from);
	ranks_release(&p->memory.order);
	heads_release(&p->heads);
	arena_release(&p->arena);
	free(p->groups);
}

static struct window_source *
new_source(struct window_partials *p)
{
	if (p->n_sources == p->cap_sources) {
		p->cap_sources = p->cap_sources == 0 ? 8 : p->cap_sources * 2;
		p->sources = alloc_resized(p->sources, p->cap_sources, sizeof(*p->sources));
	}
	p->sources[p->n_sources] = (struct window_source){ 0 };
	return &p->sources[p->n_sources++];
}

static void
know_pane(struct window_in_memory *m, const struct store_space *pane, uint64_t from)
{
	if (m->n == m->cap) {
		m->cap = m->cap == 0 ? 8 : m->cap * 2;
		m->panes = alloc_resized(m->panes, m->cap, sizeof(*m->panes));
		m->from = alloc_resized(m->from, m->cap, sizeof(*m->from));
	}
	m->panes[m->n] = pane;
	m->from[m->n++] = from;
}

/* Entries are known by their pane's place in the list, and their number. */
void
window_partials_add_memory(struct window_partials *p, const struct store_space *pane)
{
	struct window_in_memory *m = &p->memory;
	struct store_entry       e;
	uint64_t                 walk = 0;

	if (m->n == 0)
		new_source(p)->is_memory = true;
	while (store_next(p->w->store, pane, &walk, &e))
		ranks_add(&m->order, window_hash(e.key), (uint64_t)m->n << 32 | e.number);
	know_pane(m, pane, window_spill_next(p->w, pane->id));
}

void
window_partials_add_run(struct window_partials *p, uint64_t run, uint64_t from, uint64_t to)
{
	struct window_spill *s = &p->w->spill;

	run_reader_init(&new_source(p)->reader, s->spill, run, from, to, s->piece_bytes);
}

/* ---- one after the other ---- */

static struct store_entry
memory_entry(const struct window_partials *p, size_t i, size_t *pane)
{
	const struct window_in_memory *m = &p->memory;
	uint64_t                       number = m->order.all[i].what & UINT32_MAX;
	struct store_entry             e;

	*pane = (size_t)(m->order.all[i].what >> 32);
	store_next(p->w->store, m->panes[*pane], &number, &e);
	return e;
}

static bool
look_in_memory(struct window_partials *p, struct window_source *s)
{
	struct window_in_memory *m = &p->memory;
	struct store_entry       e;
	size_t                   pane;

	if (m->at == m->order.n)
		return false;
	if (m->at + AHEAD < m->order.n)
		__builtin_prefetch(memory_entry(p, m->at + AHEAD, &pane).value);
	e = memory_entry(p, m->at, &pane);
	s->now = (struct window_partial){ m->order.all[m->at].by, m->panes[pane]->id, m->from[pane] + e.number, e.key, SPAN_NONE, e.value, NULL };
	if (p->w->head_bytes > 0)
		s->now.first = ((const struct window_head *)e.value)->first;
	return true;
}

bool
window_partial_look(struct run_reader *r, struct window_partial *partial, size_t *bytes)
{
	struct head h;
	const char *p;
	size_t      key_bytes;

	if (run_reader_is_done(r) || (p = run_reader_look(r, sizeof(h))) == NULL)
		return false;
	memcpy(&h, p, sizeof(h));
	key_bytes = h.key_bytes == IS_NULL_KEY ? 0 : (size_t)h.key_bytes;
	if (key_bytes > r->end || h.acc_bytes > r->end) {
		spill_say_damaged(r->spill, r->run);
		return false;
	}
	*bytes = sizeof(h) + key_bytes + (size_t)h.acc_bytes;
	if ((p = run_reader_look(r, *bytes)) == NULL)
		return false;
	p += sizeof(h);
	*partial = (struct window_partial){ h.hash, h.pane_ms, h.first, h.key_bytes == IS_NULL_KEY ? SPAN_NONE : span_of(p, key_bytes),
	                                    span_of(p + key_bytes, (size_t)h.acc_bytes), NULL, NULL };
	return true;
}

/* The next one of the source that lies within the panes asked for. */
static bool
look(struct window_partials *p, struct window_source *s)
{
	if (s->is_memory)
		return look_in_memory(p, s);
	while (window_partial_look(&s->reader, &s->now, &s->now_bytes)) {
		if (s->now.pane_ms >= p->from_ms && s->now.pane_ms <= p->to_ms)
			return true;
		run_reader_pass(&s->reader, s->now_bytes);
	}
	return false;
}

static bool
pass(struct window_partials *p, struct window_source *s)
{
	if (s->is_memory)
		p->memory.at++;
	else
		run_reader_pass(&s->reader, s->now_bytes);
	return look(p, s);
}

static struct heads_key
key_of(const struct window_partials *p, size_t i)
{
	return (struct heads_key){ (int64_t)rank_i64((int64_t)p->sources[i].now.hash), i };
}

bool
window_partials_begin(struct window_partials *p)
{
	ranks_sort(&p->memory.order);
	for (size_t i = 0; i < p->n_sources; i++)
		if (look(p, &p->sources[i]))
			heads_add(&p->heads, (uint32_t)i, key_of(p, i));
	return !p->w->spill.spill->failed;
}

/* ---- groups ---- */

static struct window_partial *
find_group(struct window_partials *p, const struct window_partial *part)
{
	for (size_t i = 0; i < p->n; i++) {
		struct window_partial *g = &p->groups[i];

		if ((!p->by_pane || g->pane_ms == part->pane_ms) && span_eq(g->key, part->key))
			return g;
	}
	return NULL;
}

/* What lies in a run goes when the source goes on, so it is copied; most groups have one part and are not looked into. */
static void
add_group(struct window_partials *p, const struct window_partial *part)
{
	struct window_partial *g;

	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 8 : p->cap * 2;
		p->groups = alloc_resized(p->groups, p->cap, sizeof(*p->groups));
	}
	g = &p->groups[p->n++];
	*g = *part;
	g->key = arena_copy(&p->arena, part->key);
	if (part->value == NULL) {
		char *copy = arena_alloc(&p->arena, part->accs.n + BUF_SLACK);

		memcpy(copy, part->accs.p, part->accs.n);
		g->accs = span_of(copy, part->accs.n);
	}
}

static const char *
value_of(struct window_partials *p, const struct window_partial *part)
{
	char *value;

	if (part->value != NULL)
		return part->value;
	value = arena_alloc(&p->arena, p->w->value_bytes);
	memset(value, 0, p->w->value_bytes);
	return window_partial_load(p->w, part->accs, value, &p->arena) ? value : NULL;
}

static bool
merge_group(struct window_partials *p, struct window_partial *g, const struct window_partial *part)
{
	const char *had = g->own != NULL ? NULL : value_of(p, g), *more = value_of(p, part);

	if (more == NULL || (g->own == NULL && had == NULL))
		return false;
	if (g->own == NULL) {
		g->own = arena_alloc(&p->arena, p->w->value_bytes);
		memset(g->own, 0, p->w->value_bytes);
		window_merge(p->w, g->own, had, &p->arena);
	}
	window_merge(p->w, g->own, more, &p->arena);
	g->value = g->own;
	g->first = part->first < g->first ? part->first : g->first;
	return true;
}

static bool
take_part(struct window_partials *p, const struct window_partial *part)
{
	struct window_partial *g = find_group(p, part);

	if (g != NULL)
		return merge_group(p, g, part);
	add_group(p, part);
	return true;
}

bool
window_partials_next(struct window_partials *p)
{
	const struct heads_item *first = heads_first(&p->heads);
	struct spill            *spill = p->w->spill.spill;
	uint64_t                 hash;

	if (first == NULL || spill->failed)
		return false;
	arena_reset(&p->arena);
	p->n = 0;
	hash = p->sources[first->run].now.hash;
	for (; first != NULL && p->sources[first->run].now.hash == hash; first = heads_first(&p->heads)) {
		struct window_source *s = &p->sources[first->run];

		if (!take_part(p, &s->now)) {
			spill_say_damaged(spill, s->reader.run);
			return false;
		}
		if (pass(p, s))
			heads_replace_first(&p->heads, key_of(p, first->run));
		else
			heads_take_first(&p->heads);
	}
	return !spill->failed;
}
