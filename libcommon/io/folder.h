/*
 * folder - folders of files that somebody else writes
 *
 * Flat ones: files, no folders in them.  What is linked shares the files' bytes; they are never changed by either.
 */
#ifndef IO_FOLDER_H
#define IO_FOLDER_H

#include "base/err.h"
#include "io/file.h"

/*
 * FROM, a folder in AT, again as TO, which is not there: files whose names end with LINKED are linked, the others, small ones, copied.
 * Nothing is synced.
 */
int folder_link(const struct file_dir *at, const char *from, const char *to, const char *linked, struct err *);

/* NAME, a folder in AT, is for its owner alone (0700), and so is each of its files (0600), whatever the umask of who wrote them. */
int folder_close_to_others(const struct file_dir *at, const char *name, struct err *err);

/* NAME, a folder or a file in AT, with all that is in it; not being there is fine. */
int folder_remove(const struct file_dir *at, const char *name, struct err *);

/*
 * A new folder in PARENT, for this process alone: BEGIN and something nobody has.  Those of processes that were killed
 * go.  NAME is its name, to be freed; *HELD a descriptor that says that it is in use as long as it is open.
 */
int folder_temp(const struct file_dir *parent, const char *begin, char **name, int *held, struct err *);

#endif
