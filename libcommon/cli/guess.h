/*
 * guess - what somebody may have meant
 */
#ifndef CLI_GUESS_H
#define CLI_GUESS_H

#include <stddef.h>

/* Fewest insertions, deletions, replacements and swaps of neighbours; words beyond 40 bytes: 1000. */
unsigned guess_distance(const char *a, const char *b);

/* Is A a likely slip of the keyboard for B? */
int guess_is_near(const char *a, const char *b);

#endif
