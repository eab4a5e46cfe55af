/*
 * file - files, one after the other, as cat does; `-` is stdin
 *
 * A position is path, byte offset, line number, and two hashes: of the first KiB and of the KiB
 * before the offset.  A file that was replaced, changed or got shorter than the position knows is
 * an error that says so.  New files may follow the known ones, finished ones may go.
 */
#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

#include "source/source.h"

extern const struct source_class source_file;

#endif
