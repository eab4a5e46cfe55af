/* shelf_files_parts - what the files of shelf_files share */
#ifndef STORE_SHELF_FILES_PARTS_H
#define STORE_SHELF_FILES_PARTS_H

#include "store/shelf_files.h"

enum { SHELF_NAME_BYTES = 40 };

#define SHELF_LIVE "shelf.live"

/* A folder that a later barrier replaced, */
struct shelf_gone {
	uint64_t n_tables;
	uint64_t epoch;                  /* in this epoch */
};

struct shelf_files {
	struct shelf                     shelf;
	uint64_t                         memory_bytes;
	const char                      *temp_dir;
	const struct file_dir           *dir;        /* NULL: no checkpoint */
	struct file_dir                  temp;       /* where NAME lies, then */
	char                            *name;       /* the database's folder; NULL: there is none */
	int                              held;
	const struct shelf_engine_class *class;
	struct shelf_engine             *engine;     /* NULL: not needed yet */
	uint64_t                         sealed;     /* tables in the newest folder that snapshots may name */
	uint64_t                         seen;       /* by check */
	struct shelf_gone               *gone;
	size_t                           n_gone, cap_gone;
	struct err                       err;
};

/* ---- shelf_files.c ---- */

/* The database, in a folder that may be there.  -1: err */
int  shelf_files_start(struct shelf_files *, struct err *);

/* ---- shelf_files_snap.c ---- */

void shelf_files_name(char to[SHELF_NAME_BYTES], uint64_t n_tables);       /* 12.shelf */

#endif
