/* module - state beyond memory in RocksDB */
#include "io/module.h"
#include "rocksdb/engine.h"

extern const struct module stream_module __attribute__((visibility("default")));

const struct module stream_module = { .version = STREAM_VERSION, .shelf = &rocksdb_engine };
