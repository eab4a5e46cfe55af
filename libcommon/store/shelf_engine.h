/*
 * shelf_engine - what a database has to be able to do to be a shelf (store/shelf_files.h)
 *
 * A folder of files that are written once and then only linked and removed, apart from a few small ones.  It is of use
 * as long as the process lives; a checkpoint of it, a folder beside it that shares the files, is durable.  Whatever threads
 * it has take no signals.
 *
 * -1, with err: ERR_RETRY (a full disk, an I/O error) or ERR_DATA (files that are not what was written).
 */
#ifndef STORE_SHELF_ENGINE_H
#define STORE_SHELF_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct shelf_engine;

struct shelf_engine_class {
	/* In the folder PATH, which is there: what it holds, else nothing.  MEMORY_BYTES: that its owner has for all of it. */
	struct shelf_engine *(*open)(const char *path, uint64_t memory_bytes, struct err *);
	void (*close)(struct shelf_engine *);

	int  (*begin)(struct shelf_engine *, struct err *);
	int  (*put)(struct shelf_engine *, struct span key, struct span value, struct err *);
	int  (*end)(struct shelf_engine *, struct err *);

	/* As shelf_class. */
	int  (*get)(struct shelf_engine *, const struct span *keys, size_t n, struct span *values, struct err *);
	int  (*forget)(struct shelf_engine *, struct span from, struct span to, int64_t floor_ms, struct err *);

	/* All of it as the folder PATH, which is not there yet; durable, its name aside. */
	int  (*checkpoint)(struct shelf_engine *, const char *path, struct err *);

	uint64_t (*memory_bytes)(struct shelf_engine *);
};

#endif
