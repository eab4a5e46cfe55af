/*
 * shelf_memory - a shelf in memory, for tests
 *
 * Tables outlive the operators, as files do; each shelf sees those that it wrote, or had been written when it was resumed.
 */
#ifndef TESTS_SHELF_MEMORY_H
#define TESTS_SHELF_MEMORY_H

#include <stdint.h>

#include "state/shelf.h"

/* Never freed: an operator's, as long as the test. */
struct shelf *shelf_memory_new(void);

/* How many tables and keys were written, and how many keys found, to any of them. */
struct shelf_memory_count { uint64_t tables, keys, found, forgotten; };
struct shelf_memory_count shelf_memory_count(void);

/* From now on nothing can be written or read. */
void shelf_memory_break(struct shelf *);

#endif
