/*
 * shelf_files - a shelf in files (the other side of state/shelf.h)
 *
 * A database (store/shelf_engine.h), loaded and made when the first table is written.  Without a checkpoint it is a folder
 * for this process alone, in the one for such things.  With one it lies beside the stage's snapshots, and is there only as long as
 * the process: what outlives it are folders that share its files, one for each barrier before which a table was
 * written.  A snapshot names its own:
 *
 *     shelf.live/           the database; a start that finds one removes it
 *     12.shelf/             all of it when there were 12 tables
 *     {"shelf":{"tables":12,"gone":[{"tables":11,"epoch":41}]}}
 *
 * What 12.shelf/ replaced in epoch E is named by the snapshot of E − 1 still, and stays until E + 1 is committed, as with
 * store/run_files.h; any other that a start finds was left by one that was killed, and goes.
 *
 * With a checkpoint: shelf_files_load for the line of each snapshot loaded, before the operator's, then shelf_files_open; at each barrier
 * shelf_files_seal, shelf_files_save with the snapshot's lines, shelf_files_tidy.
 */
#ifndef STORE_SHELF_FILES_H
#define STORE_SHELF_FILES_H

#include "base/err.h"
#include "io/file.h"
#include "state/shelf.h"
#include "state/snap.h"
#include "store/shelf_engine.h"

struct shelf_files;

/* TEMP_DIR: where it lies without a checkpoint; borrowed.  MEMORY_BYTES: that the owner has, with all it keeps (UINT64_MAX: no limit).  ENGINE: NULL is the module's. */
struct shelf_files *shelf_files_new(const char *temp_dir, uint64_t memory_bytes, const struct shelf_engine_class *engine);
void                shelf_files_free(struct shelf_files *);      /* NULL is fine */

struct shelf *shelf_files_shelf(struct shelf_files *);

/* The database goes.  Nothing behind the door can be read or written from now on. */
void shelf_files_close(struct shelf_files *);

/* What went wrong behind the door.  1: there are tables since the last time it was asked; 0: there are none */
int  shelf_files_check(struct shelf_files *, struct err *);

/* Take a line that shelf_files_save wrote: what lines before it said is forgotten.  ERR_DATA */
int  shelf_files_load(struct shelf_files *, struct span line, struct err *);
bool shelf_files_is_line(struct span line);

/* The folder is DIR, borrowed until close, and what was loaded is right.  Folders that nobody names are removed.  ERR_DATA */
int  shelf_files_open(struct shelf_files *, const struct file_dir *, struct err *);

/* Before the snapshot of EPOCH: all tables are durable.  1: there were new ones; 0; -1 */
int  shelf_files_seal(struct shelf_files *, uint64_t epoch, struct err *);

/* Append the line; none before the first table.  Changes nothing, does no I/O. */
void shelf_files_save(const struct shelf_files *, struct snap_writer *);

/* Remove the folders that no start can need any more.  1: there were some; 0; -1 */
int  shelf_files_tidy(struct shelf_files *, uint64_t committed, struct err *);

#endif
