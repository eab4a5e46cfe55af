/* dedup_horizon - how many ids there are that are not forgotten, and forgetting them */
#include "op/dedup_horizon.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/when.h"

enum { STEPS = 16, FEW = 64 };

struct horizon_step {
	int64_t  step;
	uint64_t n;                  /* never 0 */
};

void
horizon_init(struct horizon *h, int64_t within_ms)
{
	*h = (struct horizon){ .within_ms = within_ms, .gone = INT64_MIN };
	h->step_ms = within_ms < STEPS ? 1 : within_ms / STEPS;
}

static void
forget(struct horizon *h, struct horizon_step *s)
{
	if (h->recent == s)
		h->recent = NULL;
	h->n -= s->n;
	order_take(&h->steps, s->step);
	free(s);
}

void
horizon_release(struct horizon *h)
{
	struct horizon_step *s;

	while ((s = order_at_or_above(&h->steps, INT64_MIN)) != NULL)
		forget(h, s);
	order_release(&h->steps);
}

int64_t
horizon_step(const struct horizon *h, int64_t ts_ms)
{
	int64_t gone_ms = when_add(ts_ms, h->within_ms);

	return when_floor_div(gone_ms, h->step_ms) + (when_floor_mod(gone_ms, h->step_ms) != 0);
}

static struct horizon_step *
find(struct horizon *h, int64_t step)
{
	struct horizon_step *s = h->recent;

	if (s == NULL || s->step != step)
		s = order_at_or_above(&h->steps, step);
	return s == NULL || s->step != step ? NULL : s;
}

void
horizon_add(struct horizon *h, int64_t ts_ms)
{
	int64_t              step = horizon_step(h, ts_ms);
	struct horizon_step *s = find(h, step);

	if (s == NULL) {
		s = alloc_zeroed(1, sizeof(*s));
		s->step = step;
		order_put(&h->steps, step, s);
	}
	s->n++;
	h->n++;
	h->recent = s;
}

void
horizon_take(struct horizon *h, int64_t ts_ms)
{
	struct horizon_step *s = find(h, horizon_step(h, ts_ms));

	if (s->n == 1) {
		forget(h, s);
	} else {
		s->n--;
		h->n--;
	}
}

void
horizon_watermark(struct horizon *h, int64_t ts_ms)
{
	int64_t              gone = ts_ms == WHEN_MAX ? INT64_MAX : when_floor_div(ts_ms, h->step_ms);
	struct horizon_step *s;

	if (gone <= h->gone)
		return;
	h->gone = gone;
	while ((s = order_at_or_above(&h->steps, INT64_MIN)) != NULL && s->step <= gone)
		forget(h, s);
}

void
horizon_sweep(struct horizon *h, struct ids *ids, uint64_t n_live, uint64_t looks,
              bool (*is_live)(const void *, const uint64_t *), const void *cookie)
{
	uint64_t looked = 0;

	/* A round looks at all: it pays where an eighth can go. */
	if (h->shards_left == 0 && ids_count(ids) - n_live > n_live / 8 + FEW)
		h->shards_left = IDS_SHARDS;
	for (; h->shards_left > 0 && looked < looks; h->shards_left--) {
		looked += ids_sweep(ids, h->shard, is_live, cookie);
		h->shard = (h->shard + 1) % IDS_SHARDS;
	}
}
