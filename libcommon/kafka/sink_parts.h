/*
 * sink_parts - what the files of kafka/sink share
 *
 *     sink.c           the class: records to messages, barriers
 *     sink_target.c    "kafka://host/topic?format=text" read
 *     sink_start.c     settings, a handle that answers, the topic
 *     sink_epoch.c     what a commit says of where it went, and which epoch is there
 *     sink_txn.c       transactions, and what their errors mean
 *     sink_topic.c     the topics that are written, and what they refuse
 *     ask.c            questions to the brokers
 *     epoch.c          which epoch does the topic hold?  (pure)
 *     message.c        a record as a message  (pure)
 */
#ifndef KAFKA_SINK_PARTS_H
#define KAFKA_SINK_PARTS_H

#include "base/arena.h"
#include "kafka/ask.h"
#include "kafka/client.h"
#include "kafka/epoch.h"
#include "kafka/message.h"
#include "kafka/url.h"
#include "sink/sink.h"

enum { SLICE_MS = 5000 };                    /* a call that waits for a broker does not take longer */

struct kafka_target {
	struct kafka_url url;                /* with one topic; or none, where each record names its own */
	bool             as_text;            /* ?format=text */
	bool             keeps_partition;    /* ?partition=keep */
	bool             has_path;           /* ?topic=PATH: */
	struct path      path;
};

/* A topic that records go to. */
struct kafka_topic {
	char               *name;
	rd_kafka_topic_t   *rkt;             /* of the handle at hand; NULL: not asked for yet */
	struct ask_topic    facts;
	struct ask_limits   limits;
	int64_t             asked_ms;        /* by the monotonic clock */
	struct kafka_topic *next;
};

struct kafka_sink {
	struct sink           sink;
	struct sink_conf      conf;
	struct kafka_target   target;
	struct kafka_client   client;
	struct message_plan   plan;
	struct message_wants  wants;

	/* sink_start.c */
	rd_kafka_conf_t      *settings;      /* of each handle, but its transactional.id */
	rd_kafka_t           *rk;            /* NULL: none yet */
	bool                  exactly;       /* transactions */
	char                 *cluster;       /* its id */
	char                 *pipeline;
	uint64_t              run;
	int64_t               max_message_bytes;     /* the client's own limit */

	/* sink_txn.c */
	uint64_t              epoch;         /* that the topic holds */
	bool                  is_begun;      /* a transaction is open, */
	int64_t               begun_ms;      /* since */
	bool                  is_unseen;     /* records were committed, and readers may not see them yet */
	bool                  is_tainted;    /* a call was given up and made again: an old request may still be on its way */
	int64_t               told_ms;       /* when the epoch was last written */
	rd_kafka_resp_err_t   failed;        /* of a message that was not taken, */
	char                  failed_topic[256];     /* that was for this topic */

	/* sink_topic.c */
	struct kafka_topic   *topics, *last;
	struct kafka_topic   *home;          /* the URL's; NULL: it names none */
	int64_t               now_ms;        /* the wall clock, some time ago */
	bool                  told_of_retention;
	struct err            trouble;       /* a topic that could not be asked for */

	/* sink.c: messages made, in order, and not yet given to the library */
	struct message       *made;
	size_t                n_made, cap_made;
	struct kafka_topic  **made_for;
	struct arena          arena;
	struct buf            scratch;
	bool                  has_records;   /* since the last commit */
	uint64_t              given_bytes;
};

/* ---- sink_target.c ---- */

int  kafka_target_parse(struct kafka_target *, const char *text, struct err *);
void kafka_target_release(struct kafka_target *);

/* ---- sink_start.c ---- */

int sink_configure(struct kafka_sink *, struct err *);
int64_t sink_setting(const struct kafka_sink *, const char *name);   /* a number; as the user or we have set it */

/* A handle that a broker has answered, by DEADLINE_MS (CLOCK_NEVER: however long it takes); of an old one nothing goes on. */
int sink_connect(struct kafka_sink *, int64_t deadline_ms, struct err *);
void sink_disconnect(struct kafka_sink *);

/* The handle and the topic of the URL. */
int sink_open_target(struct kafka_sink *, int64_t deadline_ms, struct err *);

/* ---- sink_epoch.c ---- */

/* The same with transactions, and the epoch that the topic holds. */
int sink_start(struct kafka_sink *, const struct sink_start *, struct sink_held *, struct err *);

/* Is the run that told the topic's epoch last ours?  ERR_RETRY: another has taken over. */
int sink_check_run(struct kafka_sink *, struct err *);

/* What a commit says of where it went, as JSON. */
void sink_put_token(const struct kafka_sink *, struct buf *token);

/* ---- sink_txn.c ---- */

/* Let the library tell what has happened; -1: something that ends the run. */
int sink_serve(struct kafka_sink *, int timeout_ms, struct err *);
int sink_begin(struct kafka_sink *, struct err *);

/* All that was written, with the epoch that it is.  Nothing written and the epoch as before: it is told again. */
int sink_commit_epoch(struct kafka_sink *, uint64_t epoch, struct err *);
void sink_give_up(struct kafka_sink *);      /* as good as it can be done at once: readers need not wait for a time-out */

/* Without transactions: until all is taken. */
int sink_drain(struct kafka_sink *, struct err *);

/* ---- sink_topic.c ---- */

struct kafka_topic *topic_find(struct kafka_sink *, struct span name);

/* Ask for it, make it known.  1; 0: there is none of that name; -1: err. */
int  topic_open(struct kafka_sink *, struct span name, int64_t deadline_ms, struct kafka_topic **, struct err *);

/* Did the question fail for now?  1: ask again; 0: not, or DEADLINE_MS has come; -1: err. */
int  sink_ask_again(struct kafka_sink *, rd_kafka_resp_err_t, int64_t deadline_ms, struct err *);

/* Of the handle at hand. */
rd_kafka_topic_t *topic_handle(struct kafka_sink *, struct kafka_topic *);
void topics_forget_handles(struct kafka_sink *);
void topics_release(struct kafka_sink *);

/* Why the message cannot go there, as a constant text; *TOPIC is where.  NULL and no topic: trouble has why. */
const char *topic_refuses(struct kafka_sink *, const struct message *, struct kafka_topic **topic);

#endif
