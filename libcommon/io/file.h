/*
 * file - small files, replaced for good; locks
 *
 * Names are looked up at a directory descriptor that was opened once, so that nobody writes into a
 * directory that was deleted and made again.  O_CLOEXEC everywhere; files are 0600, directories
 * 0700.  WHERE is the directory's path as the user gave it: for messages only.
 */
#ifndef IO_FILE_H
#define IO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* A directory that is open. */
struct file_dir {
	int   fd;              /* -1: not open */
	char *path;            /* owned; for messages */
};

#define FILE_DIR_NONE { -1, NULL }

/*
 * Open PATH, at AT (NULL: the working directory).  MAKE: create it (its parent must be there),
 * durably if SYNC.
 */
int  file_dir_open(struct file_dir *, const struct file_dir *at, const char *path, bool make,
                   bool sync, struct err *);
void file_dir_close(struct file_dir *);

/* File systems on which a lock may be lost while its holder lives (NFS, SMB): -1, ERR_USAGE. */
int file_refuse_network(const struct file_dir *, struct err *);

/*
 * Append the whole content of NAME to TO.  1: read; 0: there is no such file; -1: error, also where
 * it has more than MAX bytes (ERR_DATA).
 */
int file_read(const struct file_dir *, const char *name, size_t max, struct buf *to, struct err *);

/* The same of an open file, from its beginning, without moving its position. */
int file_read_fd(int fd, const char *path, size_t max, struct buf *to, struct err *);

/*
 * Replacing a file in steps: a temp file beside it, then its name.  The temp's name is
 * NAME.tmp.PID; what a killed process leaves, file_is_temp tells.
 */
int  file_temp(const struct file_dir *, const char *name, int *fd, struct err *);
/* fsync; after -1 never again: leave */
int  file_sync(int fd, const char *path, struct err *);
/* rename that temp over NAME */
int  file_publish(const struct file_dir *, const char *temp_of, const char *name, struct err *);
int  file_sync_dir(const struct file_dir *, struct err *);
/* The directory that it lies in: its own name.  One that we may not read is for whoever owns it. */
int  file_sync_parent(const struct file_dir *, struct err *);
void file_temp_remove(const struct file_dir *, const char *name);                 /* errors do not matter */
bool file_is_temp(const char *name);
int  file_remove(const struct file_dir *, const char *name, struct err *);        /* not being there is fine */

/* All of it at once: when this returns 0, NAME has BYTES, also after a power cut if SYNC. */
int file_replace(const struct file_dir *, const char *name, struct span bytes, bool sync,
                 struct err *);

/* Where files stand that nobody looks for: $TMPDIR, else /tmp. */
const char *file_temp_dir(void);

/* A file without a name, in the directory DIR: it goes with its last descriptor.  WHAT it is, for the message. */
int file_unnamed(const char *dir, const char *what, int *fd, struct err *);

/*
 * Lock files are made, never removed.  Their content, one JSON line, is written in place by the
 * holder.
 *
 * file_lock waits until DEADLINE_MS (clock_mono_ms) or until a stop is asked for.  Taken: 0 and
 * *fd.  ERR_RETRY: "state/lock: held by pid 123".  BUSY (may be NULL) is asked before each wait
 * with the content: it may end the wait with an error of its own by returning -1.
 */
struct file_busy {
	int  (*look)(void *cookie, struct span content, struct err *);
	void  *cookie;
};
int file_lock(const struct file_dir *, const char *name, int64_t deadline_ms,
              const struct file_busy *busy,
              int *fd, struct err *);

/*
 * Lock an open file that is not ours alone (a target).  ERR_RETRY: "PATH: held by another process".
 */
int file_lock_fd(int fd, const char *path, int64_t deadline_ms, struct err *);

/*
 * flock(2) that does not wait, and goes on where a signal comes between: -1 with errno, EWOULDBLOCK where another
 * has it.
 */
int file_try_lock(int fd, bool is_shared);

/* Lock a file that nobody else can have open yet. */
int file_lock_now(int fd, const char *path, struct err *err);

/* Does somebody else hold the lock of this file?  FD is a descriptor of the asker's own. */
bool file_lock_is_held(int fd);

/* Write the lock file's one line, {"run":RUN,"pid":OURS}, in one write of constant length. */
int file_lock_note(int fd, const char *path, uint64_t run, struct err *);

/* What stands in it.  Garbage, or nothing: 0. */
void file_lock_read(struct span content, uint64_t *run, int64_t *pid);

/*
 * Call EACH with every name in the directory but "." and "..", in no order; -1 from it ends the
 * walk with err.
 */
int file_list(const struct file_dir *, int (*each)(void *cookie, const char *name, struct err *),
              void *cookie,
              struct err *);

/* Open NAME for reading; -1 with errno, for the caller to judge. */
int file_open(const struct file_dir *, const char *name);

/* Up to N bytes of an open file from OFFSET on; fewer only at its end.  -1: err. */
ssize_t file_read_at(int fd, const char *path, void *to, size_t n, uint64_t offset, struct err *);

int file_size(int fd, const char *path, uint64_t *size, struct err *);

/* Is the file behind FD gone from every directory, for sure?  (DIR was deleted under us.) */
bool file_is_deleted(int fd);

/* Does NAME stand for the very file behind FD?  1, 0; -1: err. */
int  file_is_same(const struct file_dir *, const char *name, int fd, struct err *);

#endif
