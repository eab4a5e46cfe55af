/*
 * table - the second side of a join as a file: read whole, before the first record and when it has changed
 *
 * What the operator holds of it is no part of a snapshot.  It changes between two epochs only; without a checkpoint,
 * between two reads.  A new one that cannot be read leaves the old one where it is.
 */
#ifndef RUN_TABLE_H
#define RUN_TABLE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"
#include "run/run.h"

struct loop;

struct table {
	struct stat seen;                    /* the file as it was when it was read last */
};

/* The first time, if there is a table.  -1: err. */
int table_read(struct loop *, struct err *);

/* An epoch has ended, or without a checkpoint something is about to be read: is it time for a new one? */
void table_look(struct loop *);

#endif
