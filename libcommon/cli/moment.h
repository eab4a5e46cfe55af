/*
 * moment - options that name a point in time, or a place to begin at, in their many spellings
 *
 * A time may be given as one, or as how long before now it is.  No clock is asked here: what is so
 * long before now stays that until a run begins.
 */
#ifndef CLI_MOMENT_H
#define CLI_MOMENT_H

#include "cli/options.h"

/*
 * 2013-01-31, RFC 3339, a number since 1970; 1h, -1h or "1h ago", now.  ERR_USAGE: "--since: …".
 */
int moment_read(const struct option *, const char *text, struct moment *, struct err *);

/* In its one spelling, by which two are compared: 1357016400000, 1h ago, now. */
void moment_put(struct buf *, const struct moment *);

/*
 * beginning, end, N, -N, @TIME, and how kcat, rpk and Kafka's own tools say it: start, earliest, oldest; latest,
 * newest; s@TIME.  ERR_USAGE: "--from: …".
 */
int place_read(const struct option *, const char *text, struct place *, struct err *);

/* The same of a place: end, 4096, -10, @1357016400000. */
void place_put(struct buf *, const struct place *);

#endif
