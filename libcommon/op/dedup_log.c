/* dedup_log - which ids have changed since the last settle */
#include "op/dedup_parts.h"

#include <stdlib.h>

#include "base/alloc.h"

enum { BLOCK = 2048, AHEAD = 64 };

struct logged {
	struct hash_print print;
	int64_t           value;
};

struct dedup_log_block {
	struct dedup_log_block *next;
	size_t                  n;
	struct logged           all[BLOCK];
};

/* The entry is new, or its value has changed. */
void
dedup_changed(struct dedup *d, struct hash_print p, uint64_t *entry)
{
	struct dedup_log       *log = &d->log;
	struct dedup_log_block *b = log->last;

	if (!d->is_logging || (entry[IDS_FLAGS] & DEDUP_CHANGED) != 0)
		return;
	if (b == NULL || b->n == BLOCK) {
		b = alloc_bytes(sizeof(*b));
		b->next = NULL;
		b->n = 0;
		*(log->last == NULL ? &log->first : &log->last->next) = b;
		log->last = b;
	}
	b->all[b->n++] = (struct logged){ p, d->has_values ? (int64_t)entry[IDS_VALUE] : 0 };
	log->n++;
	if (!d->logs_values)
		entry[IDS_FLAGS] |= DEDUP_CHANGED;
}

/* Those from AT on will be looked for. */
static void
look_ahead(const struct dedup *d, const struct dedup_log_block *b, size_t at)
{
	struct hash_print prints[AHEAD];
	size_t            n = b->n - at < AHEAD ? b->n - at : AHEAD;

	for (size_t i = 0; i < n; i++)
		prints[i] = b->all[at + i].print;
	ids_prefetch(d->ids, prints, n);
}

bool
dedup_log_next(const struct dedup *d, struct dedup_log_walk *w, struct hash_print *p, int64_t *value)
{
	if (!w->begun)
		*w = (struct dedup_log_walk){ d->log.first, 0, true };
	while (w->block != NULL && w->at == w->block->n)
		*w = (struct dedup_log_walk){ w->block->next, 0, true };
	if (w->block == NULL)
		return false;
	if (!d->logs_values && w->at % AHEAD == 0)
		look_ahead(d, w->block, w->at);
	*p = w->block->all[w->at].print;
	*value = w->block->all[w->at].value;
	w->at++;
	return true;
}

void
dedup_log_clear(struct dedup *d)
{
	struct dedup_log_block *next;

	for (struct dedup_log_block *b = d->log.first; b != NULL; b = next) {
		next = b->next;
		for (size_t i = 0; i < b->n && !d->logs_values; i++) {
			uint64_t *e;

			if (i % AHEAD == 0)
				look_ahead(d, b, i);
			if ((e = ids_find(d->ids, b->all[i].print)) != NULL)
				e[IDS_FLAGS] &= ~(uint64_t)DEDUP_CHANGED;
		}
		free(b);
	}
	d->log = (struct dedup_log){ 0 };
}

/* LAST is the last one that is needed; NULL: none is. */
static void
cut(struct dedup_log *log, struct dedup_log_block *last)
{
	struct dedup_log_block *next;

	for (struct dedup_log_block *b = last == NULL ? log->first : last->next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	if (last == NULL)
		log->first = NULL;
	else
		last->next = NULL;
	log->last = last;
}

void
dedup_log_drop(struct dedup *d, struct hash_print from, struct hash_print last)
{
	struct dedup_log       *log = &d->log;
	struct dedup_log_block *to = log->first, *to_last = NULL;
	size_t                  at = 0;

	log->n = 0;
	for (struct dedup_log_block *b = log->first; b != NULL; b = b->next) {
		size_t n = b->n;

		b->n = 0;
		for (size_t i = 0; i < n; i++) {
			struct logged e = b->all[i];

			if (e.print.hi >= from.hi && e.print.hi <= last.hi && ids_find(d->ids, e.print) == NULL)
				continue;
			if (at == BLOCK) {
				to = to->next;
				at = 0;
			}
			to->all[at++] = e;
			to->n = at;
			to_last = to;
			log->n++;
		}
	}
	cut(log, to_last);
}

uint64_t
dedup_log_bytes(const struct dedup *d)
{
	return (d->log.n + BLOCK - 1) / BLOCK * sizeof(struct dedup_log_block);
}
