/*
 * program - somebody else's program, which reads and writes pipes of ours
 *
 * It has a process group of its own, so that what a terminal or a supervisor sends to all of a pipeline does
 * not reach it; it dies with us, also by kill -9; it gets no descriptor but its three and those that we were
 * started with.  It runs under no checkpoint (STREAM_CHECKPOINT is empty in its environment), and a pipe
 * without a reader ends it as usual, whatever we were started with.
 */
#ifndef IO_PROGRAM_H
#define IO_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct program {
	pid_t pid;             /* 0: there is none, or its end has been seen */
	int   in_fd;           /* we write, and never block; -1: closed, here and below */
	int   out_fd, err_fd;  /* we read */
	int   end_fd;          /* readable once it has ended; -1: this kernel has no such thing, ask now and then */
};

#define PROGRAM_NONE { 0, -1, -1, -1, -1 }

/* How it ended. */
struct program_end {
	bool by_signal;
	int  n;                /* the signal, or the exit status */
};

/*
 * Is NAME, as execvp(3) looks it up, a program?  ERR_USAGE: "jqq: there is no such command"; ERR_FATAL: it may not
 * be run.
 */
int program_check(const char *name, struct err *);

/* ARGV: NULL at the end; ARGV[0] is looked up.  -1: err, nothing was started. */
int program_start(struct program *, const char *const *argv, struct err *);

/* How much it took at once; 0: there is no room now; -1: err, ERR_READER_GONE: it reads no more.  (SIGPIPE is ignored.) */
ssize_t program_write(struct program *, const void *, size_t n, struct err *);
void    program_close_in(struct program *);

/* True: it has ended, and is no more.  The descriptors stay open. */
bool program_has_ended(struct program *, struct program_end *);

/* Close what is open; what still runs of its group is killed and waited for. */
void program_release(struct program *);

#endif
