/*
 * oplog - the log of all that changed files, as it lies in a file
 *
 * Files and directories are known by their inodes; which of them lie below a directory is for the reader
 * to find out, who knows what was there at the beginning.
 */
#ifndef FAULTS_OPLOG_H
#define FAULTS_OPLOG_H

#include <stdint.h>

enum oplog_op {
	OPLOG_WRITE = 1,         /* inode, offset; size bytes follow */
	OPLOG_TRUNCATE,          /* inode, offset: its length now */
	OPLOG_SYNC,              /* inode, of a file or a directory */
	OPLOG_SYNC_ALL,
	OPLOG_MADE,              /* inode, mode (0: one more name of it); dir; its name follows, size bytes */
	OPLOG_REMOVED,           /* dir; the name follows */
	OPLOG_RENAMED            /* inode; dir, to_dir; both names follow, each with a NUL */
};

struct oplog_entry {
	uint32_t op, mode;
	uint64_t inode, dir, to_dir;
	uint64_t offset, size;
};

#endif
