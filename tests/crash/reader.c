/*
 * reader - somebody who looks at the parts of a dir: target all the time, while it is written and killed
 *
 * A part that was seen once is whole: it can be unpacked, and stays as it is to the end.  Since all parts together are
 * in the end what the undisturbed run gave, no record was ever seen that did not count, and none twice.
 */
#include "crash.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"

struct seen {
	char    *path;
	ino_t    inode;
	off_t    size;
	uint64_t hash;
	bool     again;              /* in this pass */
};

/* By number, which is given once.  nftw takes no cookie. */
static struct seen *all;
static size_t       n_all;
static bool         thorough;        /* read again what was seen before */
static char         why[500];

static uint64_t
hash_of(const char *path, off_t size)
{
	char    *bytes = malloc((size_t)size + 1);
	int      fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t  n = fd == -1 ? -1 : read(fd, bytes, (size_t)size + 1);
	uint64_t h = n == size ? hash_sum(span_of(bytes, (size_t)size)) : 0;

	if (n != size && why[0] == '\0')
		snprintf(why, sizeof(why), "%s has %zd bytes, had %lld", path, n, (long long)size);
	if (n == size && (n == 0 || (strstr(path, ".zst") == NULL && bytes[n - 1] != '\n')))
		snprintf(why, sizeof(why), "%s is not whole", path);
	if (fd != -1)
		close(fd);
	free(bytes);
	return h;
}

static int
look_at(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const char *name = strstr(path, "/part-");
	size_t      i;

	(void)at;
	if (type != FTW_F || name == NULL)
		return 0;
	i = strtoul(name + strlen("/part-"), NULL, 10);
	if (i >= n_all) {
		all = realloc(all, (i + 1) * sizeof(*all));
		memset(all + n_all, 0, (i + 1 - n_all) * sizeof(*all));
		n_all = i + 1;
	}
	if (all[i].path == NULL) {
		all[i] = (struct seen){ strdup(path), st->st_ino, st->st_size, hash_of(path, st->st_size), true };
		return 0;
	}
	all[i].again = true;
	if (strcmp(all[i].path, path) != 0 || all[i].inode != st->st_ino || all[i].size != st->st_size ||
	    (thorough && hash_of(path, st->st_size) != all[i].hash))
		snprintf(why, sizeof(why), "%s has changed", path);
	return 0;
}

static void
look(const char *dir)
{
	for (size_t i = 0; i < n_all; i++)
		all[i].again = false;
	nftw(dir, look_at, 16, FTW_PHYS);
	for (size_t i = 0; i < n_all; i++)
		if (all[i].path != NULL && !all[i].again)
			snprintf(why, sizeof(why), "%s has gone", all[i].path);
}

static volatile sig_atomic_t is_over;

static void
on_term(int sig)
{
	(void)sig;
	is_over = 1;
}

pid_t
reader_start(const struct trial *t)
{
	char  dir[PATH_BYTES + 16], log[PATH_BYTES + 16];
	pid_t pid;
	FILE *f;

	if (t->pipeline->outputs[0][strlen(t->pipeline->outputs[0]) - 1] != '/')
		return 0;
	fflush(NULL);
	if ((pid = fork()) != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, on_term);
	snprintf(dir, sizeof(dir), "%s/%s", t->dir, t->pipeline->outputs[0]);
	dir[strlen(dir) - 1] = '\0';
	while (!is_over && why[0] == '\0') {
		look(dir);
		nap_us(5000);
	}
	thorough = true;
	if (why[0] == '\0')
		look(dir);
	snprintf(log, sizeof(log), "%s/reader.log", t->dir);
	if (why[0] != '\0' && (f = fopen(log, "w")) != NULL) {
		fprintf(f, "%s", why);
		fclose(f);
	}
	_exit(why[0] != '\0');
}

void
reader_stop(struct trial *t, pid_t pid)
{
	char  log[PATH_BYTES + 16], line[500] = "the reader broke off";
	int   status = 0;
	FILE *f;

	if (pid == 0)
		return;
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	snprintf(log, sizeof(log), "%s/reader.log", t->dir);
	if ((f = fopen(log, "r")) != NULL) {
		if (fgets(line, sizeof(line), f) == NULL)
			line[0] = '\0';
		fclose(f);
	}
	if (status != 0)
		trial_fail(t, "a reader saw that %s", line);
}
