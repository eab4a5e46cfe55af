/*
 * file_parts - what reading and remembering share; seen by source/file*.c only
 */
#ifndef SOURCE_FILE_PARTS_H
#define SOURCE_FILE_PARTS_H

#include <string.h>

#include "io/in.h"
#include "source/source.h"

enum { FILE_HASHED_BYTES = 1024 };   /* at the beginning, and before the offset */

/*
 * What was read of a compressed file, as a position remembers it.  A line that is too long is not seen
 * whole: the tail begins anew behind it.
 */
struct file_trace {
	char     head[FILE_HASHED_BYTES], tail[FILE_HASHED_BYTES];
	size_t   head_n, tail_n;
	uint64_t n;                  /* bytes so far */
};

struct file_input {
	const char *path;            /* without "file:"; borrowed from paths */
	enum unpack_kind packed;
	uint64_t    packed_bytes;    /* where done and packed: the size of the file itself */
	bool        done;
	bool        partial;         /* the last line taken had no newline */
	uint64_t    offset, lines;   /* behind what is taken */
	int64_t     rotated;         /* how often, as far as we have followed it */
	bool        is_begun;        /* where to begin was settled, by this run or an earlier one */
	uint64_t    began_at;        /* this offset; of lines before it nobody knows the number */
	uint64_t    inode;           /* as a position says; 0: it does not */
	bool        is_pipe;         /* no regular file, as far as it was opened */
	bool        has_ended;       /* a pipe that nobody writes to any more */
	bool        is_sized;
	uint64_t    size;            /* once somebody wanted to know; UINT64_MAX: it has none */
};

/* The files to be read, in that order. */
struct file_paths {
	char **list;                 /* n of them, owned */
	size_t n;
};

struct file {
	struct source      source;
	struct source_conf conf;
	struct file_paths  paths;
	struct file_input *inputs;
	size_t             n_inputs;
	size_t             now;          /* the input being read; n_inputs: all are through */
	char              *gone;         /* finished inputs that are no operands any more: JSON items, owned */
	int                fd;           /* of inputs[now]; -1: not open yet */
	bool               told;         /* SOURCE_BEGINS was given for it */
	bool               is_new;       /* it is begun by this run */
	bool               may_be_torn;  /* a pipe that an earlier run has read */
	bool               has_in;
	struct in          in;
	uint64_t           chunk_end;    /* offset behind the last chunk, without a newline that was made up */
	bool               chunk_partial;
	const char        *chunk;        /* of the last chunk */
	uint64_t           chunk_offset;
	struct file_trace  trace;        /* where file_is_traced */
	bool               behind;       /* a rotated file is being read, not yet the one of that name */
	bool               leaving;      /* this one was rotated, the next is there: read once more, then go on */
	uint64_t           leave_at;     /* with exit_at_end: the size it had; else UINT64_MAX */
	int                watch;
	uint64_t           watched;      /* the inode that was there when the watch was set; 0: none */
};

static inline bool
file_input_is_stdin(const struct file_input *i)
{
	return strcmp(i->path, "-") == 0;
}

/* For messages. */
static inline const char *
file_input_name(const struct file_input *i)
{
	return file_input_is_stdin(i) ? "stdin" : i->path;
}

static inline bool
file_is_followed(const struct file *f)
{
	return f->conf.follow && f->now + 1 == f->n_inputs;
}

/* What was read of it may not be there any more when it has to be remembered. */
static inline bool
file_is_traced(const struct file *f)
{
	return !f->inputs[f->now].is_pipe && (f->inputs[f->now].packed != UNPACK_NONE || file_is_followed(f));
}

/* file.c: open the input at hand (a followed one may be away just now: then fd stays -1); forget it. */
int  file_open_input(struct file *, struct err *);
void file_close_input(struct file *);

/* file.c: go to the place in the open input that is to be read next. */
int file_begin_reading(struct file *, struct err *);

/* file_from.c: can all inputs be begun there, as far as their names tell?  Settle where the open input begins. */
int file_check_from(const struct file *, struct err *);
int file_go_from(struct file *, struct err *);

/* file_position.c: more was taken of a packed input: N bytes at P; all up to OFFSET, unseen */
void file_trace_add(struct file_trace *, const char *p, size_t n);
int  file_trace_from(struct file_trace *, int fd, const char *name, uint64_t offset, struct err *);
void file_trace_skip(struct file_trace *, uint64_t offset);

/* file_position.c: of the vtable */
int file_save(struct source *, struct buf *, struct err *);
int file_load(struct source *, const struct tree *, bool ended, struct err *);

/* file_position.c: of a file that was cut to nothing, find the copy that was made before and open it.  False: none. */
bool file_find_copy(struct file *);

/* ---- file_rotate.c ---- */

enum file_look {
	FILE_SAME,               /* what is open is what has the name */
	FILE_SHORTER,            /* … and shorter than what was read of it */
	FILE_MOVED,              /* it was rotated; *next (owned) is the one to go on with, NULL: the one of that name */
	FILE_AWAY,               /* the same, but there is nothing to go on with yet */
	FILE_LOOK_FAILED
};

/* The followed file, at its end: has something happened to it? */
enum file_look file_look(const struct file *, char **next, struct err *);

/* Are there rotated files of this name? */
bool file_has_rotated(const char *path);

/* The rotated file of PATH with this inode (0: any) that MATCH says is the one; owned; NULL: none is. */
typedef bool file_match(void *cookie, const char *path);
char *file_find_rotated(const char *path, uint64_t inode, file_match *, void *cookie);

/* ---- file_folder.c ---- */

/*
 * PATH, or if it is a directory the regular files below it, by name as versions go (part-2 before
 * part-10); names that begin with a dot are left out.  -1: ERR_FATAL, it cannot be read or has none;
 * ERR_USAGE, it is to be followed.
 */
int  file_paths_add(struct file_paths *, const char *path, bool is_followed, struct err *);
void file_paths_release(struct file_paths *);

#endif
