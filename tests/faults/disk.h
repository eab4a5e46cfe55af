/*
 * disk - what a disk may hold after a power cut
 *
 * The model, in the manner of ALICE (Pillai and others, OSDI 2014) and CrashMonkey (Mohan and others, OSDI 2018).
 * What a file's fsync came behind is there: its bytes and its length.  What a directory's fsync came behind
 * is there: its names.  The fsync of a file says nothing of its name.  All else, since the last fsync of that
 * file or directory, may be there or not, each change by itself: bytes without those before them, the length
 * without the bytes (zeros stand there), half of a write, a name without the file's bytes, a later name
 * without an earlier one.  A rename is there whole or not at all, also from one directory to another.
 */
#ifndef FAULTS_DISK_H
#define FAULTS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oplog;

/* The log in the file PATH; the directory ROOT is where it began. */
struct oplog *oplog_read(const char *path, const char *root);
void          oplog_free(struct oplog *);
size_t        oplog_count(const struct oplog *);
/* "write 4096 bytes at 0 of out.ndjson": the operation before which the power went. */
void          oplog_tell(const struct oplog *, size_t i, char *to, size_t size);

enum survival {
	LOSE_ALL,            /* of what was not synced */
	KEEP_ALL,            /* as after kill -9 */
	KEEP_NAMES,          /* names, and no bytes: lengths of what was synced */
	KEEP_ZEROS,          /* names and lengths, zeros for bytes */
	KEEP_BYTES,          /* bytes, and no names */
	BY_CHANCE            /* each file and directory in a way of its own, from a seed */
};

struct disk;

/* When the first N operations were done. */
struct disk *disk_after(const struct oplog *, size_t n, enum survival, uint64_t seed);
void         disk_free(struct disk *);
uint64_t     disk_hash(const struct disk *);                        /* of all names and bytes */
/* All of it below DIR.  Files of the directory ORIGIN, where the log was made, are used again. */
bool         disk_write(const struct disk *, const char *dir, const char *origin);
/* The bytes of "state/commit", with a NUL; NULL: there is none. */
const char  *disk_file(const struct disk *, const char *dir, const char *name);

#endif
