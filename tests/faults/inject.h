/*
 * inject - a library to be loaded before all others: it makes calls fail, or writes down what they did
 *
 * STREAM_FAULT=CALL:N:HOW   the N-th CALL of this process fails with HOW, an errno by its name, or comes short
 *                           (read and write: one byte).  HOW+ says: and all that follow.
 *                           child-CALL: of the processes that it forks, not of itself.
 * STREAM_FAULT_FIRED=PATH   is made when it does.
 * STREAM_OPLOG=PATH         all that changes files is appended there, one struct oplog_entry each, in the
 *                           order in which it happened, over all processes (oplog.h).
 * STREAM_OPLOG_LOSES=WHAT   but for each fsync of files, or of directories, or of what has WHAT in its path: as if it
 *                           had been forgotten.
 *
 * What libraries call inside themselves is out of reach, but for malloc.
 */
#ifndef FAULTS_INJECT_H
#define FAULTS_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum call {
	CALL_READ, CALL_WRITE, CALL_OPEN, CALL_CLOSE, CALL_RENAME, CALL_UNLINK, CALL_MKDIR, CALL_LINK, CALL_FTRUNCATE,
	CALL_FSYNC, CALL_FLOCK, CALL_FCNTL, CALL_STAT, CALL_LSEEK, CALL_POLL, CALL_MMAP, CALL_MALLOC, CALL_FORK, CALL_WAITPID,
	CALL_GETRANDOM, CALL_INOTIFY, CALL_VMSPLICE, CALL_IOCTL, CALL_PIPE, CALL_CHMOD, N_CALLS
};

/* Does this one fail?  0: no; -1: errno is set.  1: it comes short, where MAY_BE_SHORT. */
int fault_hits(enum call, bool may_be_short);

/* ---- oplog.c: each takes the log's lock, calls, writes down, lets go ---- */

bool oplog_is_on(void);
void oplog_lock(void);
void oplog_unlock(void);
void oplog_write(int fd, const void *bytes, size_t n, off_t offset);
void oplog_truncate(int fd, off_t length);
void oplog_sync(int fd, bool whole_file_system);
/* An entry NAME of the directory at DIR_FD is there now. */
void oplog_made(int dir_fd, const char *path, bool is_link);
void oplog_removed(int dir_fd, const char *path);
void oplog_renamed(int from_fd, const char *from, int to_fd, const char *to);

#endif
