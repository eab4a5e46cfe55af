/*
 * engine - a shelf's tables in RocksDB
 *
 * A table is written sorted and taken in as it is (no log, no table in memory, no second writing: the manner of a bulk load); it goes to the lowest
 * level that has nothing of its keys, so that the first seven for a range of keys are never merged, and a search asks seven filters
 * at most.  From then on the levels are merged in the background, in a thread of the library's (O'Neil and others, The
 * log-structured merge-tree, 1996).  A table costs five syncs, of which durability, which a checkpoint alone needs, wants one:
 * the library has no way to leave out the others (again of the file, of the folder, two of its list).
 *
 * Filters (Bloom, ten bits a key) and indexes of all tables stay in memory.
 */
#ifndef ROCKSDB_ENGINE_H
#define ROCKSDB_ENGINE_H

#include "store/shelf_engine.h"

extern const struct shelf_engine_class rocksdb_engine;

#endif
