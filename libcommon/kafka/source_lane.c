/* source_lane - one partition as a source of its own, for those who take partitions by event time */
#include <stdlib.h>

#include "base/alloc.h"
#include "kafka/source.h"
#include "kafka/source_parts.h"

struct lane {
	struct source      source;
	struct kafka      *k;
	struct kafka_part *part;
	struct kafka_batch batch;
};

static bool
lane_is_pipe(const struct source *s)
{
	(void)s;
	return false;
}

static int
lane_check_seekable(struct source *s, struct err *err)
{
	(void)s;
	(void)err;
	return 0;
}

static enum source_event
lane_next(struct source *s, struct source_chunk *chunk, struct err *err)
{
	struct lane *l = (struct lane *)s;

	if (l->part->is_done)
		return SOURCE_LEAVE;
	l->batch.queue = l->part->queue;
	return kafka_read(l->k, &l->batch, l->part, chunk, err);
}

static void
lane_took(struct source *s, uint64_t offset, uint64_t lines)
{
	struct lane *l = (struct lane *)s;

	(void)offset;
	kafka_read_took(l->k, &l->batch, lines);
}

static void
lane_wait_for(struct source *s, struct wait_for *w)
{
	w->in_fd = ((struct lane *)s)->k->event_fd;
}

static void
lane_free(struct source *s)
{
	struct lane *l = (struct lane *)s;

	kafka_batch_release(&l->batch);
	free(l);
}

static const struct source_class source_kafka_lane = {
	.scheme = "kafka",
	.gives_records = true,
	.is_pipe = lane_is_pipe,
	.check_seekable = lane_check_seekable,
	.next = lane_next,
	.took = lane_took,
	.wait_for = lane_wait_for,
	.free = lane_free,
};

struct source *
kafka_lane(struct source *s, size_t part)
{
	struct lane *l = alloc_zeroed(1, sizeof(*l));

	l->source.class = &source_kafka_lane;
	l->k = (struct kafka *)s;
	l->part = l->k->parts[part];
	return &l->source;
}
