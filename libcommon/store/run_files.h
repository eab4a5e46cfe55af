/*
 * run_files - spilled runs as files (the other side of state/spill.h)
 *
 * Without a checkpoint a run is a file without a name in a folder for such things.  With one it lies
 * beside the stage's snapshots, 17.run, which name it with its length and its checksum:
 *
 *     {"spilled":{"next":18,"runs":[{"run":17,"length":88210,"sum":"…"}],"gone":[{"run":16,"epoch":41}]}}
 *
 * A file is written whole, then named, and never changed.  It is durable before the first snapshot
 * that names it (seal).  Dropped in epoch E, it is named by the snapshot of E − 1 still, so it stays
 * until no start can go back to that one: until E + 1 is committed.  `gone` is what tells a later
 * process of such files; any other that it finds was left by one that was killed, and goes.
 *
 * With a checkpoint: run_files_load for the line of each snapshot loaded, run_files_open; at each
 * barrier run_files_seal, run_files_save with the snapshot's lines, run_files_tidy.
 */
#ifndef STORE_RUN_FILES_H
#define STORE_RUN_FILES_H

#include "base/err.h"
#include "io/file.h"
#include "state/snap.h"
#include "state/spill.h"

struct run_files;

/* TEMP_DIR: where runs lie without a checkpoint; borrowed. */
struct run_files *run_files_new(const char *temp_dir);
void              run_files_free(struct run_files *);      /* no file that has a name goes.  NULL is fine */

struct spill *run_files_spill(struct run_files *);

/* What went wrong behind the door.  1: there are runs since the last time it was asked; 0: there are none */
int run_files_check(struct run_files *, struct err *);

/* Take a line that run_files_save wrote: what lines before it said is forgotten.  ERR_DATA */
int  run_files_load(struct run_files *, struct span line, struct err *);
bool run_files_is_line(struct span line);

/*
 * The folder is DIR, borrowed, and what was loaded is right: reads every run that is named, whole.
 * Files that nobody names are removed.  ERR_DATA: "state/sort/17.run: damaged: …", "… is missing"
 */
int run_files_open(struct run_files *, const struct file_dir *, bool sync, struct err *);

/* Before the snapshot of EPOCH: all runs that it will name are durable.  1: there were new ones; 0; -1 */
int run_files_seal(struct run_files *, uint64_t epoch, struct err *);

/* Append the line.  Changes nothing, does no I/O. */
void run_files_save(const struct run_files *, struct snap_writer *);

/* Remove the files that no start can need any more.  1: there were some; 0; -1 */
int run_files_tidy(struct run_files *, uint64_t committed, struct err *);

#endif
