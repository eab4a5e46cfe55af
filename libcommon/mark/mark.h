/*
 * mark - the protocol in the pipe
 *
 * Lines whose first member is `mark` (stream-record(5)): hello opens a stream; watermark, barrier,
 * idle, active stand between records; end, stop or fail is the last line.
 */
#ifndef MARK_MARK_H
#define MARK_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum mark_kind {
	MARK_HELLO,
	MARK_WATERMARK,           /* ts_ms; WHEN_MAX is written "max" */
	MARK_BARRIER,             /* epoch */
	MARK_IDLE,
	MARK_ACTIVE,
	MARK_END,
	MARK_STOP,
	MARK_FAIL                 /* status, stage, reason */
};

enum { MARK_VERSION = 1, MARK_MAX_VIA = 64 };

struct mark_via {
	char *stage;              /* its name */
	char *fingerprint;        /* of its options that mean something */
};

/* All strings owned; {0} is a good empty one. */
struct hello {
	char           *pipeline;     /* id; NULL: no checkpoint, then run and epoch are 0 */
	uint64_t        run;
	uint64_t        epoch;        /* the committed one that this run goes on from; 0: new */
	char           *time;         /* how the source found time and key; NULL: it did not */
	char           *time_format;  /* NULL: auto */
	char          **keys;         /* n_keys paths */
	size_t          n_keys;
	struct mark_via via[MARK_MAX_VIA];
	size_t          n_via;
};

struct mark {
	enum mark_kind kind;
	int64_t        ts_ms;
	uint64_t       epoch;
	struct hello   hello;         /* MARK_HELLO: owned */
	int            status;        /* MARK_FAIL */
	char          *stage, *reason;    /* MARK_FAIL: owned */
};

/* Does this line begin as a mark does?  `{"mark":`, blanks allowed. Needs no newline before END. */
bool mark_may_start(const char *line, const char *end);       /* the part of it that is out of line */

static inline bool
mark_starts(const char *line, const char *end)
{
	/* Nearly every line is a record, whose first member is another. */
	if (end - line > 2 && line[0] == '{' && line[1] == '"' && line[2] != 'm')
		return false;
	return mark_may_start(line, end);
}

/* Of a line that mark_starts: does it name a kind of mark that there is?  Somebody's {"mark":17} does not. */
bool mark_is_known(const char *line, const char *end);

/* -1, ERR_DATA: "unknown mark \"foo\": a newer version of streamutils wrote this", "barrier without epoch", … */
int  mark_parse(struct mark *, struct span line, struct err *);
void mark_release(struct mark *);     /* what mark_parse made; the mark may be used again */

/* Append one line. */
void mark_put_hello(struct buf *, const struct hello *);
void mark_put_watermark(struct buf *, int64_t ts_ms);
void mark_put_barrier(struct buf *, uint64_t epoch);
void mark_put_simple(struct buf *, enum mark_kind);                       /* idle active end stop */
void mark_put_fail(struct buf *, int status, const char *stage, const char *reason);

void hello_add_via(struct hello *, const char *stage, const char *fingerprint);
void hello_copy(struct hello *to, const struct hello *from);

/*
 * Two inputs become one: TO's run, and the stages of both.  A stage that both have (the stream was
 * copied on its way) counts once.  How time and key were found is forgotten: it is true of neither result.
 *   ERR_RETRY  of different runs, or epochs of one
 *   ERR_USAGE  of different pipelines; two stages of one name
 */
int hello_join(struct hello *to, const struct hello *other, struct err *);
void hello_forget_time(struct hello *);               /* the keys, too */
void hello_forget_keys(struct hello *);
void hello_release(struct hello *);

#endif
