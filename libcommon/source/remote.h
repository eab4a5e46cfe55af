/*
 * remote - what a source or sink is told of a server: options that have the same meaning for all of them
 */
#ifndef SOURCE_REMOTE_H
#define SOURCE_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All borrowed for the run. */
struct remote_conf {
	const char *const *properties;           /* -X NAME=VALUE, as given */
	size_t             n_properties;
	const char        *properties_file;      /* -F; NULL: the usual places */
	const char        *debug;                /* -d: what the library is to tell of itself; NULL: nothing */
	int64_t            connect_timeout_ms;   /* a server that has not answered by then is not there: ERR_RETRY */

	/* Has the run been told to stop?  For what waits at the start. */
	bool             (*stop_asked)(void);

	/* A line for people, in any case: a server has gone, is back; one for those who asked for it (NULL: nobody did). */
	void             (*say)(void *cookie, const char *text);
	void             (*note)(void *cookie, const char *text);
	void              *say_cookie;
};

#endif
