/*
 * source_parts - what the source's files share; seen by them only
 *
 * One handle of librdkafka; each partition that is read is started on its own, at an offset that we give: no group, so
 * nobody takes partitions away.  All messages come through one queue (each its own with lanes), whose event descriptor is
 * what is waited for.
 */
#ifndef KAFKA_SOURCE_PARTS_H
#define KAFKA_SOURCE_PARTS_H

#include "kafka/client.h"
#include "kafka/line.h"
#include "kafka/select.h"
#include "kafka/url.h"
#include "source/source.h"

enum {
	READ_BATCH_MAX = 1024,
	READ_CHUNK_BYTES = 128 * 1024,   /* of lines: about what stays in a core's cache */
	READ_HEADERS_MAX = 64            /* at first */
};

struct kafka_topic {
	char                *name;
	rd_kafka_topic_t    *rkt;
	struct kafka_part  **parts;      /* by partition; NULL: not read here */
	int32_t              n_partitions;       /* that there are */
};

struct kafka_part {
	struct kafka_topic *topic;
	int32_t             partition;
	size_t              index;       /* among all that are read */
	struct buf          head;        /* {"topic":"orders","partition":3,"offset": */

	int64_t             next;        /* the first offset that is not taken; -1: where the beginning is, nobody has said yet */
	int64_t             expected;    /* the same of what was read: what is below has come before */
	int64_t             floor;       /* --from N: what is below is not wanted */
	int64_t             from_ms;     /* --from @TIME: nor is what is earlier, until one is not; WHEN_MIN: no such thing */
	int64_t             end;         /* -e: where it ended when we came; -1: no such thing */
	int64_t             known_end;   /* the broker's, a moment ago; -1: not known yet */
	int64_t             ts_ms;       /* of the last message taken; WHEN_MIN: it had none */
	bool                is_started, is_done;
	bool                is_answered;         /* its broker has said something lately */
	rd_kafka_queue_t   *queue;       /* its own, with conf.by_part; NULL: it shares one */
};

/* Messages that come through one queue: those that were read and are not taken yet. */
struct kafka_batch {
	rd_kafka_queue_t   *queue;
	struct kafka_part  *begun;       /* whose lines are announced */
	rd_kafka_message_t *messages[READ_BATCH_MAX];
	size_t              n, at;
	struct kafka_part  *part;        /* of the lines */
	struct buf          lines;
	struct { int64_t next, ts_ms; } behind[READ_BATCH_MAX];      /* each line */
	size_t              n_lines, n_taken;
	struct line_header *headers;
	size_t              headers_cap;
};

struct kafka {
	struct source       source;
	struct kafka_client client;      /* what librdkafka's callbacks are handed */
	struct source_conf  conf;
	struct kafka_url    url;
	struct kafka_select select;
	struct buf          what;        /* the URL without its parameters, for messages */

	rd_kafka_t         *rk;
	int                 event_fd;
	char               *cluster;     /* its id; NULL: it has none */
	bool                is_connected, is_started;
	bool                is_loaded;           /* an earlier run's position was */

	struct kafka_topic *topics;      /* as the URL names them */
	struct kafka_part **parts;
	size_t              n_parts, n_done;

	struct line_maker   maker;
	struct kafka_batch  batch;

	/* source_stats.c */
	bool                looks_for_new;       /* a topic may have more partitions than we read */

	/* source_position.c, with group= */
	rd_kafka_topic_partition_list_t *saved;  /* positions of the epoch in flight */
	rd_kafka_queue_t   *commits;             /* what became of those that were told */
	size_t              n_commits;           /* how many are on their way */
	bool                is_unshown;          /* one was refused, and that is said */
};

/* ---- source_start.c ---- */

/* It has so many partitions, or more. */
void kafka_topic_grow(struct kafka_topic *, int32_t n_partitions);

/* Ask for the topics; once.  ERR_RETRY: nobody has answered in time. */
int kafka_connect(struct kafka *, struct err *);

/* Begin to read each partition that is not read yet, from where it was or where the options say. */
int kafka_start_parts(struct kafka *, struct err *);

/* A partition of TOPIC; it has to be one that is selected. */
struct kafka_part *kafka_add_part(struct kafka *, struct kafka_topic *, int32_t partition);

/* Add all that are selected, and not there yet. */
int kafka_add_parts(struct kafka *, struct err *);

/* Where it begins and ends, as a reader of committed messages sees it. */
int kafka_ask_ends(struct kafka *, const struct kafka_part *, int64_t *first, int64_t *end, struct err *);

/* Begin, or begin anew, at part->next. */
int kafka_begin_part(struct kafka *, struct kafka_part *, struct err *);

/* What is wanted lies behind the END: ERR_DATA. */
int kafka_fail_beyond(const struct kafka_part *, int64_t end, struct err *);

/* ---- source_read.c ---- */

/* ONLY: it is the batch of this part; NULL: of all. */
enum source_event kafka_read(struct kafka *, struct kafka_batch *, const struct kafka_part *only, struct source_chunk *,
                             struct err *);
void              kafka_read_took(struct kafka *, struct kafka_batch *, uint64_t lines);
int               kafka_serve(struct kafka *, struct err *);         /* what librdkafka has to say */
void              kafka_batch_release(struct kafka_batch *);

/* It has come to where it is to leave. */
void kafka_part_done(struct kafka *, struct kafka_part *);

/* ---- source_lane.c ---- */

struct source *kafka_lane(struct source *, size_t part);

/* A queue that ends a wait when something comes. */
rd_kafka_queue_t *kafka_queue_new(struct kafka *);

/* ---- source_position.c ---- */

int  kafka_save(struct source *, struct buf *, struct err *);
int  kafka_load(struct source *, const struct tree *, bool ended, struct err *);

/* What was saved last is committed. */
void kafka_committed(struct source *);
bool kafka_awaits_commit(const struct source *);
void kafka_finish_commits(struct kafka *);

/* ---- source_stats.c ---- */

int  kafka_on_stats(rd_kafka_t *, char *json, size_t n, void *opaque);

#endif
