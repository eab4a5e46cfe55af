/*
 * random - numbers that nobody can guess
 */
#ifndef IO_RANDOM_H
#define IO_RANDOM_H

#include <stdint.h>

/* For the seed of a hash table and the name of a pipeline. */
uint64_t random_u64(void);

#endif
