/*
 * client - what the source and the sink have of librdkafka in common: its settings, its log, its errors
 *
 * Settings come in this order, and the later one counts: our own, the file of -F, -X.  Some would break what we promise:
 * those are refused.
 */
#ifndef KAFKA_CLIENT_H
#define KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "base/err.h"
#include "kafka/url.h"
#include "source/remote.h"

struct kafka_setting { const char *name, *value; };

/*
 * What every call of librdkafka that reports to us is handed: its opaque.  The callbacks run in our own thread, inside
 * rd_kafka_poll and its like.
 */
struct kafka_client {
	const struct remote_conf *remote;
	const char               *what;          /* "kafka://localhost:9092/orders", for messages */
	bool                      is_down;       /* no broker can be reached: said once */
	bool                      was_up;        /* one has been */
	rd_kafka_resp_err_t       fatal;         /* of error_cb; RD_KAFKA_RESP_ERR_NO_ERROR: none */
	char                      fatal_text[400];
	char                      last_text[400]; /* what was last in the way of a connection; "": nothing */
};

/*
 * A handle's settings: OURS (until name NULL) can be changed by the user, FIXED cannot (ERR_USAGE, with a reason if it is
 * another value).  Secrets never show in a message.  ERR_USAGE: an unknown setting, or a bad value, with the place where
 * it stands; ERR_FATAL: a file that cannot be read.
 *
 * The file: remote.properties_file; one of that name in $CREDENTIALS_DIRECTORY if it has no slash and is there; else
 * $CREDENTIALS_DIRECTORY/kafka.conf, $KCAT_CONFIG, ~/.config/kcat.conf: the first there is.  Its lines are NAME=VALUE or
 * begin with #, as kcat's do.
 */
rd_kafka_conf_t *kafka_conf(struct kafka_client *, const struct kafka_url *, const struct kafka_setting *ours,
                            const struct kafka_setting *fixed, struct err *);

/*
 * rd_kafka_new: takes CONF in any case.  Signals stay with our own thread.
 */
rd_kafka_t *kafka_new(rd_kafka_type_t, rd_kafka_conf_t *conf, struct err *);

/*
 * Gives the handle back.  The library is known to hang there now and then: after two seconds it is left alone, and goes
 * with the process.
 */
void kafka_destroy(rd_kafka_t *);

/* A broker has answered: what was waited for is there. */
void kafka_answered(struct kafka_client *);

/* A line for people, in any case: "kafka://…: TEXT". */
void kafka_say(const struct kafka_client *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One for those who want to know more (-v). */
void kafka_note(const struct kafka_client *, const char *text);

/* What is to be done about an error: the kind for the status, and "kafka://…: TEXT".  RD_KAFKA_RESP_ERR_… */
enum err_kind kafka_kind(rd_kafka_resp_err_t);
int           kafka_fail(const struct kafka_client *, rd_kafka_resp_err_t, struct err *, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
