/*
 * in - a descriptor, as chunks of whole lines
 *
 * Reads of 256 KiB.  A chunk is [p, end) with end[-1] == '\n' and SCAN_PAD readable bytes behind
 * it, ready for the scanner; it lives until the next in_fill or in_release.  What stands behind the
 * last newline is carried over to the front of the next chunk.  Never blocks: where a read would,
 * in_fill says so and the caller, having flushed what it owes, waits (io/wait.h).
 */
#ifndef IO_IN_H
#define IO_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/hoard.h"
#include "io/unpack.h"
#include "rec/csv.h"

enum {
	IN_READ_BYTES      = 256 * 1024,
	IN_LONG_KEEP_BYTES = 4096              /* of a line that is too long, what is handed out */
};

enum in_status {
	IN_LINES,              /* a chunk */
	IN_LONG_LINE,          /* one line of more than max_line bytes: see struct in_chunk */
	IN_WOULD_BLOCK,        /* nothing there now: wait, then ask again */
	IN_END,                /* end of file; a regular file that is followed may be asked again later */
	IN_ERROR
};

struct in_chunk {
	/* IN_LINES: whole lines.  IN_LONG_LINE: its first bytes, no newline, SCAN_PAD behind */
	const char *p, *end;
	uint64_t    offset;    /* of p: bytes since the beginning of the file, or of what a pipe gave */
	uint64_t    long_bytes;/* IN_LONG_LINE: the whole line's length, its newline included */
	bool        completed; /* the last line had no newline: the last byte here is none of the file's */
};

struct in {
	int         fd;
	const char *name;      /* for messages; borrowed */
	size_t      max_line;
	bool        regular;
	bool        follow;
	bool        ended;     /* a read gave 0 */
	bool        at_once;   /* a pipe that is read without asking first: where that would block, the read says so */
	struct unpack *unpack; /* NULL: the bytes are read as they are */
	struct hoard *hoard;   /* NULL, or what in_read_ahead has read */
	bool        rows;      /* a line is a row of CSV: newlines inside quotes do not end it */
	enum csv_state row;    /* at `searched` */
	char       *buf;       /* cap bytes, then room for a newline and the scanner's pad */
	size_t      cap;
	size_t      from, to;  /* bytes held: [from, to) are not yet handed out */
	size_t      searched;  /* [from, searched) has no newline */
	uint64_t    offset;    /* behind all that was handed out */
	bool        skipping;  /* inside a line that is too long: its first bytes stand before `from`, */
	uint64_t    skipped;   /* and that many are gone from the buffer */
};

/*
 * Read FD, which stays the caller's.  MAX_LINE: longer lines (without newline) come as
 * IN_LONG_LINE.  FOLLOW: the file may grow: a last line without newline is not handed out but
 * waited for.  A regular file is read from its descriptor's position, and offsets count from its
 * beginning.
 */
int  in_init(struct in *, int fd, const char *name, size_t max_line, bool follow, struct err *);
void in_release(struct in *);

/*
 * Before the first in_fill: the file is compressed.  Offsets are then of the bytes that come out.  The caller
 * says so for each in_init; -1: no memory.
 */
int in_unpack(struct in *, enum unpack_kind, struct err *);

/* Before the first in_fill: the file is CSV, and a "line" is a row of it. */
static inline void
in_take_rows(struct in *in)
{
	in->rows = true;
	in->row = CSV_FIELD_START;
}

/* The file will not grow any more: a last line without newline is handed out. */
static inline void
in_stop_following(struct in *in)
{
	in->follow = false;
}

/*
 * Of a compressed file: read from the beginning up to OFFSET and forget it; EACH sees the bytes on the way.
 * ERR_DATA: it ends before.
 */
int in_skip(struct in *, uint64_t offset, void (*each)(void *cookie, const char *p, size_t n), void *cookie,
            struct err *);

/* Go on at OFFSET of a regular file that is not compressed: what is held is forgotten. */
int in_seek(struct in *, uint64_t offset, struct err *);

/*
 * Reads until there is a whole line.  IN_WOULD_BLOCK never comes of a regular file.  IN_ERROR: err
 * says "NAME: …".
 */
enum in_status in_fill(struct in *, struct in_chunk *, struct err *);

/*
 * Of a pipe whose lines nobody wants just now: read what is there, so that who writes it is not held up, and keep it
 * for in_fill; beyond MEMORY_BYTES on disk.  1: there may be more later; 0: nothing more can be read ahead; -1: err.
 */
int in_read_ahead(struct in *, size_t memory_bytes, struct err *);

/* Would in_read_ahead say 1? */
static inline bool
in_may_read_ahead(const struct in *in)
{
	return !in->regular && in->unpack == NULL && !in->ended && (in->hoard == NULL || !hoard_has_ended(in->hoard));
}

/* The offset behind all that was handed out. */
static inline uint64_t
in_offset(const struct in *in)
{
	return in->offset;
}

#endif
