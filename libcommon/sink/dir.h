/*
 * dir - a directory of part files that appear whole
 *
 *     dir:PATH?key=.carrier&window=1d&size=128M&compress=zstd
 *
 *     PATH/key=AA/2013-01-01/part-00000017.ndjson.zst     a part: whole, committed, never touched again
 *     PATH/.open/17-5be1…                                 a part that is being written
 *     PATH/.open/lock                                     held by the sink as long as it lives
 *
 * A part belongs to a value of key= and a window of event time; its number is chosen when its first record comes
 * and never given twice.  It is published, by a rename, when the watermark has passed its window, when it has
 * size=, when it is as old as --roll says, or at `end`; not at each epoch.
 *
 * At a barrier the bytes of all parts are durable, with the compressor's frames ended, and the snapshot has names and
 * lengths of the open ones and the names of those to be published.  These are renamed once the epoch is committed,
 * and again at a start, where a crash may have come between; open ones are cut back, unknown ones removed.
 */
#ifndef SINK_DIR_H
#define SINK_DIR_H

#include "sink/sink.h"

extern const struct sink_class sink_dir;

#endif
