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
	const char *path;            /* as given, without "file:" */
	enum unpack_kind packed;
	uint64_t    packed_bytes;    /* where done and packed: the size of the file itself */
	bool        done;
	bool        partial;         /* the last line taken had no newline */
	uint64_t    offset, lines;   /* behind what is taken */
};

struct file {
	struct source      source;
	struct source_conf conf;
	struct file_input *inputs;
	size_t             n_inputs;
	size_t             now;          /* the input being read; n_inputs: all are through */
	char              *gone;         /* finished inputs that are no operands any more: JSON items, owned */
	int                fd;           /* of inputs[now]; -1: not open yet */
	bool               told;         /* SOURCE_BEGINS was given for it */
	bool               has_in;
	struct in          in;
	uint64_t           chunk_end;    /* offset behind the last chunk, without a newline that was made up */
	bool               chunk_partial;
	const char        *chunk;        /* of the last chunk */
	uint64_t           chunk_offset;
	struct file_trace  trace;        /* of a packed input */
	uint64_t           leave_at;     /* with exit_at_end: the size it had; else UINT64_MAX */
	int                watch;
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

/* file.c: open the input at hand; forget it. */
int  file_open_input(struct file *, struct err *);
void file_close_input(struct file *);

/* file.c: go to the place in the open input that is to be read next. */
int file_begin_reading(struct file *, struct err *);

/* file_position.c: more was taken of a packed input: N bytes at P; all up to OFFSET, unseen */
void file_trace_add(struct file_trace *, const char *p, size_t n);
void file_trace_skip(struct file_trace *, uint64_t offset);

/* file_position.c: of the vtable */
int file_save(struct source *, struct buf *, struct err *);
int file_load(struct source *, const struct tree *, bool ended, struct err *);

#endif
