/*
 * select - what the URL's parameters and --slice say: which partitions, and for whom positions are shown
 */
#ifndef KAFKA_SELECT_H
#define KAFKA_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct kafka_range { int32_t first, last; };

struct kafka_select {
	struct kafka_range *ranges;      /* partitions=0-3,7; n_ranges 0: all */
	size_t              n_ranges;
	uint32_t            slice, n_slices;     /* those with p mod n_slices = slice; n_slices 0: all */
	char               *group;       /* group=NAME; NULL: not given */
};

/* PARAMS as in url_params.  ERR_USAGE. */
int  kafka_select_parse(struct kafka_select *, const char *params, struct err *);
void kafka_select_release(struct kafka_select *);

bool kafka_select_has(const struct kafka_select *, int32_t partition);

#endif
