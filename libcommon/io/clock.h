/*
 * clock - what time it is
 *
 * Deadlines and intervals use the monotonic clock; the wall clock is for people and for the few
 * options that ask for it.
 */
#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include <stdint.h>

enum { CLOCK_NEVER = -1 };            /* as a deadline: none */

int64_t clock_mono_ms(void);          /* since some moment before this process; never goes back */
int64_t clock_mono_us(void);          /* the same, finer */
int64_t clock_wall_ms(void);          /* since the epoch */

#endif
