/*
 * spill_memory - runs in memory, for tests: they outlive the operators, as files do
 */
#ifndef TESTS_SPILL_MEMORY_H
#define TESTS_SPILL_MEMORY_H

#include <stddef.h>

#include "state/spill.h"

struct spill *spill_memory_new(void);
void          spill_memory_free(struct spill *);

/* How many there are, and how many there have been. */
size_t spill_memory_live(const struct spill *);
size_t spill_memory_begun(const struct spill *);

/* From now on nothing can be written or read. */
void spill_memory_break(struct spill *);

/* Another byte at AT. */
void spill_memory_damage(struct spill *, uint64_t run, uint64_t at);

#endif
