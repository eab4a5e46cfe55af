/*
 * leash - a limit to work that somebody else's code does
 *
 * A library that runs what a user wrote may never come back, or take all memory.  While it works, a timer
 * of the processor's time looks in, ten times a second of it: after `cpu_ms` of work on one thing, or when
 * the process has grown by `memory_bytes` meanwhile, STOP is called, from a signal handler.  If the library has
 * not come back `grace_ms` later, the process says so and ends with status 1: what is committed is safe.
 *
 * Costs two stores for each thing, and a signal for each tenth of a second of processor time, SIGVTALRM; system
 * calls are gone on with.  Only what was on the way is lost: a clock never decides what comes out.
 */
#ifndef IO_LEASH_H
#define IO_LEASH_H

#include <stdint.h>

#include "base/err.h"

struct leash_conf {
	unsigned    cpu_ms, grace_ms;        /* in steps of 100 */
	uint64_t    memory_bytes;
	void      (*stop)(void *cookie);     /* async-signal-safe; at most once for each thing */
	void       *cookie;
	const char *name;                    /* of the library, for the last words */
};

enum leash_verdict { LEASH_GOOD, LEASH_TOO_LONG, LEASH_TOO_LARGE };

struct leash;

/* NULL, ERR_RETRY or ERR_FATAL: there is no timer. */
struct leash      *leash_new(const struct leash_conf *, struct err *);
void               leash_free(struct leash *);

/* Around the work on one thing. */
void               leash_begin(struct leash *);
enum leash_verdict leash_end(struct leash *);

#endif
