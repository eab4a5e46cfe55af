/*
 * must - what every fuzzer needs: its entry, and what may not happen
 */
#ifndef FUZZ_MUST_H
#define FUZZ_MUST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Else the process ends: the fuzzer keeps the input. */
#define MUST(what) do { \
	if (!(what)) { \
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
		abort(); \
	} \
} while (0)

#endif
