/*
 * dir_parts - what the files of sink/dir share
 *
 *     dir.c           the class: records, watermarks, barriers
 *     dir_target.c    "dir:PATH?key=…" read
 *     dir_name.c      from a value and a time to the name of a folder
 *     dir_table.c     which parts are open
 *     dir_write.c     the bytes of a part, and the descriptors
 *     dir_publish.c   making durable, renaming, and what is done at a start
 *     dir_snap.c      the lines of a snapshot
 */
#ifndef SINK_DIR_PARTS_H
#define SINK_DIR_PARTS_H

#include "base/zone.h"
#include "io/file.h"
#include "io/pack.h"
#include "json/path.h"
#include "sink/sink.h"

enum {
	DIR_MAX_FDS = 256,                   /* parts that are open in the kernel's sense */
	DIR_PLAIN_BLOCK_BYTES = 256 << 10,   /* a part's bytes are written by so many, */
	DIR_PACKED_BLOCK_BYTES = 1 << 20,    /* and compressed by so many */
	DIR_PENDING_BYTES = 64 << 20,        /* what all parts hold back together */
	DIR_NAME_BYTES = 64,                 /* of a part, without its folder */
	DIR_TEMP_NAME_BYTES = 64
};

struct dir_target {
	char          *path;
	struct path    key;                  /* where has_key */
	bool           has_key;
	int64_t        window_ms;            /* 0: none */
	int64_t        offset_ms;            /* where windows begin: multiples of window_ms and this */
	char          *tz;                   /* NULL: UTC; else that is by the clocks of: */
	struct zone    zone;
	uint64_t       size_bytes;           /* UINT64_MAX: any */
	enum pack_kind pack;
};

struct part {
	char        *folder;                 /* below the target: "key=AA/2013-01-01"; "": the target itself */
	uint64_t     hash;                   /* of folder */
	uint64_t     number;
	uint64_t     length_bytes;           /* in the file */
	struct buf   pending;                /* not yet there, as it came */
	int          fd;                     /* -1: not open now */
	uint64_t     used;                   /* the descriptor: the greater the later */
	int64_t      due_ms;                 /* the watermark at which it is through; WHEN_MAX: at the end only */
	int64_t      opened_ms;              /* by the wall clock */
	size_t       place;                  /* in dir_sink.open */
	bool         is_made;                /* its file exists */
	bool         is_touched;             /* since the last barrier; in dir_sink.touched */
	bool         is_synced;
	bool           waits;                /* done, and not yet where its readers look */
	struct part *next;                   /* of the same bucket */
};

struct part_list {
	struct part **parts;
	size_t        n, cap;
};

struct dir_sink {
	struct sink       sink;
	struct sink_conf  conf;
	struct dir_target target;
	const struct path *wanted[1];

	struct file_dir   root, temp;        /* PATH, PATH/.open */
	int               lock_fd;
	char              owner[17];         /* whose temp files are ours */

	/* dir_table.c */
	struct part_list  open;
	struct part_list  touched;           /* under a checkpoint: what the next snapshot's delta has */
	struct part_list  done;              /* to be published; they own themselves */
	struct part     **buckets;
	size_t            n_buckets;         /* a power of two */
	uint64_t          next_number;
	int64_t           watermark_ms;      /* WHEN_MIN: none yet */
	int64_t           least_due_ms;      /* of open; may be too small */
	int64_t           oldest_ms;         /* of open, INT64_MAX: none; may be too old */
	struct part      *last;              /* where the last record went, if that is open still */
	struct buf        folder;            /* of the record at hand */

	/* dir_write.c */
	struct part      *held[DIR_MAX_FDS];
	size_t            n_held;
	uint64_t          uses;
	uint64_t          pending_bytes;
	uint64_t          given_bytes;       /* of records, before they are compressed */
	struct pack      *pack;
	struct buf        frame;
	bool              has_new_names;     /* in .open, not yet durable */

	bool              is_loaded;         /* a snapshot was */
};

/* ---- dir_target.c ---- */

int  dir_target_parse(struct dir_target *, const char *text, struct err *);
void dir_target_release(struct dir_target *);

/* ---- dir_name.c: pure ---- */

/* "key=AA", for a value as it stands in a record: a string's bytes, another scalar's text; SPAN_NONE: null. */
void dir_put_key(struct buf *, struct span value);

/* "2013-01-01", "2013-01-01T05", …: as fine as START_MS and WINDOW_MS. */
void dir_put_window(struct buf *, int64_t start_ms, int64_t window_ms);

/* ---- dir_table.c ---- */

/* The open part of the folder; made where there is none, due by END_MS. */
struct part *dir_part_of(struct dir_sink *, struct span folder, int64_t end_ms, int64_t now_ms);
struct part *dir_find(const struct dir_sink *, struct span folder);
struct part *dir_add(struct dir_sink *, struct span folder);         /* all else of it is the caller's */

/* It takes no more: from open to done. */
void dir_finish(struct dir_sink *, struct part *);
void dir_finish_due(struct dir_sink *);                              /* by the watermark */
void dir_finish_old(struct dir_sink *, int64_t now_ms);              /* by --roll */
void dir_finish_all(struct dir_sink *);

void dir_touch(struct dir_sink *, struct part *);
void dir_untouch_all(struct dir_sink *);
void dir_part_free(struct dir_sink *, struct part *);
void dir_list_add(struct part_list *, struct part *);
void dir_table_release(struct dir_sink *);

/* "part-00000017.ndjson.zst"; "17-5be1…". */
void dir_part_name(const struct dir_sink *, const struct part *, char name[DIR_NAME_BYTES]);
void dir_temp_name(const struct dir_sink *, uint64_t number, char name[DIR_TEMP_NAME_BYTES]);

/* ---- dir_write.c ---- */

int  dir_spill(struct dir_sink *, struct part *, struct err *);      /* what is pending, as a frame */
int  dir_spill_all(struct dir_sink *, struct err *);                 /* of all parts: memory is to be had back */
int  dir_fd(struct dir_sink *, struct part *, struct err *);         /* a descriptor, until the next call */
void dir_let_go(struct dir_sink *, struct part *);                   /* of its descriptor */

/* ---- dir_publish.c ---- */

int  dir_sync(struct dir_sink *, const struct part_list *, struct err *);
int  dir_publish(struct dir_sink *, struct err *);                   /* rename all done parts; they are freed */
int  dir_roll_back(struct dir_sink *, struct err *);                 /* cut open parts, remove those that are unknown */
int  dir_highest_number(struct dir_sink *, uint64_t *next, struct err *);
int  dir_open_folders(struct dir_sink *, struct err *);              /* root and temp */
int  dir_lock_target(struct dir_sink *, struct err *);

/* ---- dir_snap.c ---- */

void dir_entries(const struct sink *, uint64_t *all, uint64_t *changed);
void dir_save(const struct sink *, bool delta, struct snap_writer *);
void dir_settle(struct sink *);
int  dir_load(struct sink *, struct span line, struct err *);

#endif
