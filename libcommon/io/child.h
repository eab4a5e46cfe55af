/*
 * child - a forked copy of ourselves that writes one file
 *
 * It must never be taken for us: flocks lie on open files, which a child shares, so it closes every
 * descriptor but the one it was given (and stderr) before anything else; it dies with its parent.
 */
#ifndef IO_CHILD_H
#define IO_CHILD_H

#include <sys/types.h>

#include "base/err.h"

/*
 * In the parent: the child's pid, or -1 with err.  In the child: 0; it works on KEEP_FD and ends
 * with child_exit.
 */
pid_t child_fork(int keep_fd, struct err *);
_Noreturn void child_exit(int status);

/* 1: it has ended, *STATUS is 0 if it went well; 0: still at work. */
int  child_poll(pid_t, int *status);
void child_kill(pid_t);                /* and wait for its end */

#endif
