/*
 * jobs - what the harnesses that kill and cut share: jobs side by side, their sum, chance from a seed
 *
 * The report is TAP.  struct conf is each harness's own.
 */
#ifndef TESTS_JOBS_H
#define TESTS_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JOBS_MOST = 16 };

struct conf;

/* Before all else. */
void jobs_begin(void);

/* Let WORK do its share in each of N processes, at most JOBS_MOST; JOB from 0. */
void in_parallel(const struct conf *, unsigned n, void (*work)(const struct conf *, unsigned job));

/* Memory that all jobs share, zeroed. */
void *shared(size_t bytes);

/* A TAP line. */
void report(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The plan and the sum; how many failed. */
unsigned jobs_end(void);

/* The harness itself cannot go on: WHAT, with errno; status 2. */
_Noreturn void die(const char *what);

/* splitmix64 */
uint64_t chance_next(uint64_t *state);
unsigned chance_below(uint64_t *state, unsigned n);      /* 0 … n − 1 */

#endif
