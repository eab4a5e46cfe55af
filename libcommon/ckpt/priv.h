/*
 * priv - what the files of ckpt/ share; nobody else includes it
 */
#ifndef CKPT_PRIV_H
#define CKPT_PRIV_H

#include <sys/types.h>

#include "base/buf.h"
#include "ckpt/ckpt.h"
#include "io/file.h"

enum {
	CKPT_VERSION = 1,                  /* of the directory and of the snapshots' format */
	SMALL_FILE_MAX_BYTES = 16 << 20    /* commit holds a token of the sink's */
};

/* ---- commit.c ---- */

/* The content of DIR/commit. {0} is a good empty one: a new pipeline. */
struct commit {
	bool       exists, closed;
	uint64_t   run, epoch;
	struct buf token;                  /* JSON text */
	struct buf via;                    /* JSON text: [["cat","91ab…"],…] */
};

void commit_release(struct commit *);
/* 1: read; 0: there is none; -1. Where it is the one that was read last, nothing is read again. */
int  commit_read(struct ckpt *, struct err *);
/* Write ck->commit.  The crash points are named in front of the call. */
int  commit_write(struct ckpt *, struct err *);
void commit_put_via(struct buf *, const struct hello *);
/* Is VIA what `commit` has?  If not: which stage differs. */
int  commit_compare_via(const struct ckpt *, const struct hello *, struct err *);

/* ---- hello.c ---- */

/* Is it of a pipeline under a checkpoint, and is our name not taken in it? */
int  hello_check_name(const struct ckpt_conf *, const struct hello *, struct err *);
/* Is it of the pipeline that DIR belongs to? */
int  hello_check_pipeline(const struct ckpt *, const struct hello *, struct err *);

/* ---- run.c ---- */

/* 1: DIR/run read, *fd open; 0: there is none; -1 */
int  run_read(struct ckpt *, uint64_t *run, int *fd, struct err *);
/* Write, lock and publish DIR/run for ck->run; the lock stays in ck->run_fd. */
int  run_register(struct ckpt *, struct err *);

/* ---- list.c: the snapshots of a stage that are on disk ---- */

#define NO_BASE UINT64_MAX

struct snap_entry {
	uint64_t       epoch;
	uint64_t       base;               /* the epoch it builds on; NO_BASE: it stands alone */
	uint64_t       size_bytes;
	enum ckpt_last last;
};

struct snap_list {
	struct snap_entry *at;             /* by epoch, ascending */
	size_t             n, cap;
};

struct snap_chain {
	size_t   n_deltas;
	uint64_t base_bytes, delta_bytes;
};

void               list_release(struct snap_list *);
void               list_put(struct snap_list *, struct snap_entry);          /* add, or replace that epoch's */
void               list_drop(struct snap_list *, uint64_t epoch);
struct snap_entry *list_find(const struct snap_list *, uint64_t epoch);      /* NULL: none */
struct snap_entry *list_newest(const struct snap_list *);                    /* NULL: empty */
/* What EPOCH builds on, counted. */
struct snap_chain  list_chain(const struct snap_list *, uint64_t epoch);
/* Remove the files that no recovery can need when COMMITTED is what `commit` says. */
int                list_prune(struct ckpt *, uint64_t committed, struct err *);

enum { SNAP_NAME_BYTES = 32 };
void snap_name(char to[SNAP_NAME_BYTES], uint64_t epoch);           /* 42.snap */
/* the other way; false: no snapshot's name */
bool snap_epoch(const char *name, uint64_t *epoch);

/* ---- snapfile.c: one snapshot file ---- */

struct snap_head {
	struct snap_entry entry;
	uint64_t          entries;
	uint64_t          head_bytes;      /* the header line with its newline */
	struct buf        options;         /* JSON text, owned */
};

/*
 * Write the snapshot whole into FD.  NAME is for messages.  Nothing is synced; entry->size_bytes is
 * set.
 */
int snapfile_write(int fd, const char *name, const struct ckpt *, struct snap_entry *,
                   const struct ckpt_saver *,
                   struct err *);

/* Read the header.  1; 0: no such file; -1: no header of ours, of another stage or epoch, newer. */
int snapfile_head(const struct ckpt *, uint64_t epoch, struct snap_head *, struct err *);

/* Does the checksum hold?  Reads the file whole. */
int snapfile_check(const struct ckpt *, const struct snap_head *, struct err *);

/*
 * Hand out the entry lines, and see whether the checksum holds: the file is read once, so that is known at its end.  -1:
 * it does not, or a line was refused; what was handed out is good for nothing.
 */
int snapfile_load(const struct ckpt *, const struct snap_head *, const struct ckpt_loader *, struct err *);

/* ---- options.c ---- */

/* -1, ERR_DATA: which option differs. */
int options_compare(const struct ckpt *, struct span was, struct err *);

/* ---- base.c: the child that writes a base anew ---- */

struct base_job {
	pid_t    pid;                      /* 0: none */
	uint64_t epoch;
	uint64_t again_at;                 /* after a failure: not before this epoch */
};

int  base_start(struct ckpt *, const struct ckpt_saver *, struct err *);
int  base_poll(struct ckpt *, struct err *);       /* has it ended?  then publish what it wrote */
void base_give_up(struct ckpt *);

/* ---- dir.c ---- */

struct ckpt {
	struct ckpt_conf  conf;
	bool              is_sink;
	struct file_dir   dir;             /* DIR, opened once */
	struct file_dir   own;             /* DIR/<stage>; of a sink: not open before it is needed */
	int               lock_fd;         /* the flock that makes this ours */
	int               run_fd;          /* DIR/run of our run; the sink holds its flock */
	int               commit_fd;       /* the inode that `commit` below was read from */
	char             *pipeline;
	uint64_t          run, epoch;
	struct commit     commit;
	struct ckpt_found found;           /* of the sink */
	struct buf        found_token;
	uint64_t          newest_run;      /* in DIR, when the sink took the lock */
	struct snap_list  snaps;
	struct base_job   base;
};

/* Open DIR, check it, make up a ckpt; the lock is not taken yet. */
struct ckpt *dir_open(const struct ckpt_conf *, bool make, struct err *);
/* Open (make) DIR/<stage>. */
int dir_open_own(struct ckpt *, struct err *);
/* Read DIR/pipeline.  1; 0: there is none; -1 */
int dir_read_pipeline(struct ckpt *, struct err *);
/* Make DIR/pipeline with a new id. */
int dir_make_pipeline(struct ckpt *, struct err *);
/* Take the lock file NAME of D into ck->lock_fd.  *newest: the run that stood in it. */
int dir_lock(struct ckpt *, const struct file_dir *, const struct file_busy *, uint64_t *newest,
             struct err *);
/* Errors that several come upon. */
int dir_say_deleted(const struct ckpt *, struct err *);
int dir_say_replaced(const struct ckpt *, uint64_t by, struct err *);
/* Write RUN into the lock file. */
int dir_note_run(struct ckpt *, const struct file_dir *, uint64_t run, struct err *);

#endif
