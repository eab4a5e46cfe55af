/*
 * rec - a record: what a line means
 *
 * A line is bare (somebody's own JSON: the payload is the whole line) or an envelope (stream-record(5):
 * topic partition offset ts key headers window payload …).  A rec_reader turns either into a struct
 * rec; which paths it looks up on the way is said once, before the first line.
 *
 * Lifetimes: spans of a rec point into the line or into the reader's arena; both live until
 * rec_reader_reset, which the owner calls when the batch is done.
 */
#ifndef REC_REC_H
#define REC_REC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "base/when.h"
#include "json/path.h"
#include "json/scan.h"

struct rec {
	struct span  line;           /* the JSON text, without blanks around it or a newline */
	struct span  payload;        /* original bytes; SPAN_NONE: payload_base64 stands in the line */
	struct span  key;            /* decoded bytes; SPAN_NONE: null or absent */
	int64_t      ts_ms;          /* where has_ts */
	const char  *ts_digits;      /* thirteen of them in the line, which say just that; NULL: it is said in another way */
	uint64_t     offset;         /* of the line in its input, in bytes */
	uint64_t     line_no;        /* from 1, in this input; marks and empty lines count */
	bool         has_ts;
	bool         has_key;        /* there is a key, if only null: a path was given, or the member is there */
	bool         is_envelope;
	bool         has_error;      /* a dead letter being replayed */
	bool         is_not_json;    /* REC_BAD: line is the raw bytes, \r and all */
	bool         must_rewrite;   /* the line does not say what this rec says (time or key taken by a path, error dropped) */
	bool         key_is_plain;   /* key stands in the line, and can stand in a JSON string as it is */
	const struct scan_value *wanted;   /* as many as were asked for, in that order */
};

/* Where a source's records come from; for bare lines. */
struct rec_origin {
	struct buf  head;                /* {"topic":…,"partition":…,"offset": ready to copy */
	struct span topic, partition;    /* as JSON text inside head */
};

/* What to look for.  Paths are borrowed for the reader's life. */
struct rec_plan {
	const struct path  *time;            /* NULL: none (envelopes bring ts) */
	const int64_t      *arrival_ms;      /* instead: the time of every record read now; NULL: none */
	enum when_format    time_format;
	const char         *time_strptime;   /* WHEN_STRPTIME */
	const struct path  *keys;            /* n_keys of them; 0: the envelope's own key */
	size_t              n_keys;
	const struct path *const *wanted;    /* what the operator asks for; a path in the record for a bare line: $.topic $.partition $.offset $.ts $.key $.payload…, others are missing */
	size_t              n_wanted;
	bool                is_source;       /* records leave as what the paths say: see rec_reader_keep_bytes */
	const struct rec_origin *origin;     /* where bare lines come from; may change its content between lines */
};

enum {
	REC_BATCH_MAX = 256,                 /* records between two resets */
	REC_MAX_PATHS = SCAN_MAX_PATHS - 6   /* time, keys and wanted together: six members are looked at anyway */
};

enum rec_verdict {
	REC_OK,
	REC_EMPTY,                /* a line of blanks */
	REC_BAD                   /* reason in the reader; what could be read is in the rec: has_ts tells about the time */
};

/* What is wrong with a line, as a kind. */
enum rec_fault {
	REC_FAULT_JSON,           /* no JSON, or not UTF-8 */
	REC_FAULT_RECORD,         /* a record that lacks what a record has */
	REC_FAULT_TIME,
	REC_FAULT_KEY
};

struct rec_reader;

struct rec_reader *rec_reader_new(const struct rec_plan *);
void               rec_reader_free(struct rec_reader *);

/* From now on envelopes leave as they came, whatever the paths say: the reader is a filter's. */
void rec_reader_keep_bytes(struct rec_reader *);

/* From now on time and key are what envelopes say themselves.  Before the first batch. */
void rec_reader_forget_paths(struct rec_reader *);

/* New batch: what earlier recs point to (keys, wanted values) is forgotten.  At most REC_BATCH_MAX reads between two resets. */
void rec_reader_reset(struct rec_reader *);

/*
 * Read the line at LINE (a '\n' and SCAN_PAD bytes must follow, as scan_line says); *NEWLINE is where it ended.
 * OFFSET and LINE_NO are copied into the rec.
 */
enum rec_verdict rec_read_bare(struct rec_reader *, const char *line, uint64_t offset, uint64_t line_no,
                               struct rec *, const char **newline);
enum rec_verdict rec_read_envelope(struct rec_reader *, const char *line, uint64_t offset, uint64_t line_no,
                                   struct rec *, const char **newline);

/* Why the last line was REC_BAD; lives until the next read. */
const char *rec_reason(const struct rec_reader *);
enum rec_fault rec_fault(const struct rec_reader *);

void rec_origin_set(struct rec_origin *, struct span topic, int64_t partition);
void rec_origin_release(struct rec_origin *);

/* Append the rec as an envelope line with its newline: an unchanged envelope as its original bytes. ORIGIN is needed for bare lines. */
void rec_put(struct buf *, const struct rec *, const struct rec_origin *);

/* What an operator makes of a record; all else stays. */
struct rec_change {
	struct span payload;         /* JSON text; SPAN_NONE: its own */
	bool        sets_key;
	struct span key;             /* decoded bytes; SPAN_NONE: null */
	const char *topic;           /* a record of its own: from here, partition 0, at OFFSET; NULL: from where it came */
	uint64_t    offset;
};

/* Append it as an envelope line with its newline.  ORIGIN as for rec_put. */
void rec_put_changed(struct buf *, const struct rec *, const struct rec_change *, const struct rec_origin *);

/* Append the payload alone and a newline (payload_base64: the bytes as they are). */
void rec_put_payload(struct buf *, const struct rec *);

/*
 * Append a dead letter with its newline: what could be read, the original bytes (payload; payload_base64 where
 * they are no JSON), "error":{"stage":…,"reason":…}.
 */
void rec_put_dead(struct buf *, const struct rec *, const struct rec_origin *, const char *stage, const char *reason);

/* Append `"key":…` or `"key_base64":…` (null: `"key":null`) for decoded bytes, no comma. */
void rec_put_key(struct buf *, struct span key);

#endif
