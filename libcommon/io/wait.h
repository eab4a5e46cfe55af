/*
 * wait - the one place that blocks
 *
 * Blocks until something that was asked for has happened: input is there, the reader of our output
 * is gone, a watched file has changed, a deadline has come, a source was told to stop, or somebody
 * wants statistics.  A signal that comes between the look at its flag and the wait is not lost.
 */
#ifndef IO_WAIT_H
#define IO_WAIT_H

#include <stdbool.h>
#include <stdint.h>

enum wait_event {
	WAIT_INPUT    = 1,         /* a read of in_fd would not block (data, end or error) */
	WAIT_NO_READER = 2,        /* nobody reads out_fd any more */
	WAIT_CHANGED  = 4,         /* watch_fd has something; watch_drain it */
	WAIT_STOP     = 8,         /* signals_stop_asked() has become true */
	WAIT_TIME     = 16,        /* the deadline has come */
	WAIT_ASKED    = 32,        /* signals_is_asked(), where until_asked is set */
	WAIT_ROOM     = 64         /* a write to room_fd would not block, or fail */
};

struct wait_for {
	int     in_fd;             /* -1: none.  Regular files are always ready: do not wait for them */
	int     out_fd;            /* -1: none */
	int     watch_fd;          /* -1: none; of watch_new */
	int64_t deadline_ms;       /* by clock_mono_ms; CLOCK_NEVER: none */
	bool    until_asked;       /* a question for statistics ends it */
	const struct wait_for *also;   /* NULL, or more input: of it in_fd and watch_fd count */
	int     room_fd;           /* -1: none */
};

/* How many may hang together by `also`. */
enum { WAIT_MAX = 4 };

#define WAIT_FOR_NOTHING ((struct wait_for){ -1, -1, -1, -1, false, NULL, -1 })

/*
 * A set of wait_event, never empty.  If a stop has been asked for already, it returns WAIT_STOP at
 * once: the caller that goes on waiting after that sets ignore_stop.
 */
unsigned wait_any(const struct wait_for *, bool ignore_stop);

/* Sleep until the deadline, or until a stop is asked for (then true). */
bool wait_until(int64_t deadline_ms);

/*
 * Between two tries for something that others hold: first 1 ms (*PAUSE_MS starts at 0), then ever
 * longer, to 20 ms. 0: try again; WAIT_TIME: the deadline has come; WAIT_STOP: a stop was asked
 * for.
 */
unsigned wait_between_tries(int64_t *pause_ms, int64_t deadline_ms);

/* Would a read of fd not block (data, end or error), without waiting? */
bool wait_is_readable(int in_fd);

/* Is fd's reader gone, without waiting? */
bool wait_reader_gone(int out_fd);

/*
 * Watching a file that grows or a directory whose names change (inotify).  Hints only: the caller
 * looks for itself what has changed, and must live without (network file systems, limits):
 * watch_new and watch_path may fail.
 */
int  watch_new(void);                                    /* a descriptor, or -1 */
int  watch_path(int watch_fd, const char *path);         /* 0, or -1 */
void watch_drain(int watch_fd);                          /* after WAIT_CHANGED */

#endif
