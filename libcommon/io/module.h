/*
 * module - what needs a library that not every command should load
 *
 * A shared object of ours beside the commands (../lib/streamutils/stream-NAME.so), loaded when a URL of its scheme is
 * met, or when there is work for it.  A package may leave it out.
 */
#ifndef IO_MODULE_H
#define IO_MODULE_H

#include "base/err.h"

struct source_class;
struct sink_class;
struct shelf_engine_class;

/* What a module exports, as `stream_module`. */
struct module {
	const char                *version;      /* of the streamutils it was built with */
	const struct source_class *source;       /* NULL: it has none */
	const struct sink_class   *sink;
	const struct shelf_engine_class *shelf;
};

/* By the scheme of a URL; NULL: no module has it. */
const char *module_of(const char *url);

/* Is it there?  ERR_USAGE: it is not installed. */
int module_check(const char *name, struct err *);

/*
 * Stays loaded to the end.  ERR_USAGE: it is not installed, or is of another version.
 */
const struct module *module_load(const char *name, struct err *);

#endif
