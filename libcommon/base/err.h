/*
 * err - what went wrong, worded once
 *
 * Owned by the caller, filled in where the fault is found, given a place on the way up (err_in),
 * printed by cli/ alone.  The kind decides the exit status; the text is for people.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
	ERR_NONE,
	ERR_USAGE,             /* 2: fix the command line */
	ERR_DATA,              /* 1: this input or state cannot be processed */
	ERR_FATAL,             /* 1: the outside says no, trying again won't help (EACCES, ENOENT) */
	ERR_RETRY,             /* 75: try again (peer gone, held by another, ENOSPC, EIO) */
	ERR_READER_GONE,       /* 141, under a checkpoint 75; nothing is printed */
	ERR_FAILED_UPSTREAM    /* a `fail` mark was read: leave with its status; upstream has spoken */
};

struct err {
	enum err_kind kind;
	int           status;  /* exit status that goes with it; set with the kind */
	int           sys;     /* errno, or 0 */
	char          text[1000];
};

#define ERR_INIT { ERR_NONE, 0, 0, "" }

/* All return -1, so that `return err_set(…)` reads well.  A longer text is cut. */
int err_set(struct err *, enum err_kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The text and strerror(errno); the kind by errno: ENOSPC EDQUOT EIO ENOMEM EAGAIN EMFILE … RETRY, else FATAL. */
int err_sys(struct err *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts a place in front of the text: "flights.ndjson:1042: " + text. */
int err_in(struct err *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What a library says in words of its own, of which the last are strerror's: the kind of that errno.  Else OTHERWISE. */
enum err_kind err_kind_said(const char *said, enum err_kind otherwise);

/* strerror, except that it never says "Success" and is not cut short. */
const char *err_text(int sys);

#endif
