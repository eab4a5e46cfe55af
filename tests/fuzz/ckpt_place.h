/*
 * ckpt_place - a checkpoint directory for a fuzzer: one place, filled anew for each input
 *
 * Files stand in memory where there is /dev/shm, and nothing is synced.
 */
#ifndef CKPT_PLACE_H
#define CKPT_PLACE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ckpt/ckpt.h"
#include "must.h"

static char place_home[64], place_dir[80];

static void
place_remove(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf '%s'", place_home);
	MUST(system(command) == 0);
}

/* The directory, made once; it goes at exit. */
static const char *
place_make(void)
{
	if (place_dir[0] != '\0')
		return place_dir;
	snprintf(place_home, sizeof(place_home), "%s/stream-fuzz.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	MUST(mkdtemp(place_home) != NULL);
	atexit(place_remove);
	snprintf(place_dir, sizeof(place_dir), "%s/D", place_home);
	MUST(mkdir(place_dir, 0700) == 0);
	return place_dir;
}

/* NAME below the directory becomes BYTES. */
static void
place_put(const char *name, const void *bytes, size_t n)
{
	char path[200];
	int  fd;

	snprintf(path, sizeof(path), "%s/%s", place_make(), name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	MUST(fd != -1 && write(fd, bytes, n) == (ssize_t)n && close(fd) == 0);
}

static struct ckpt_conf
place_conf(void)
{
	return (struct ckpt_conf){
		.dir = place_make(), .given = "--checkpoint D", .stage = "sink", .options = "{\"--body\":\"record\"}", .no_sync = true,
	};
}

#endif
