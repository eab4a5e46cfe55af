/* play - one run of a line, and what came of it */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- the folder ---- */

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

void
remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
write_input(const struct place *p)
{
	char     path[PATH_BYTES + 32], *line = NULL;
	FILE    *in = fopen(p->conf->flights, "r"), *out;
	size_t   cap = 0;
	unsigned n = 0;

	snprintf(path, sizeof(path), "%s/input.ndjson", p->dir);
	out = fopen(path, "w");
	if (in == NULL || out == NULL)
		die(path);
	while (n < p->line->input_lines && getline(&line, &cap, in) != -1) {
		fputs(line, out);
		n++;
	}
	free(line);
	fclose(in);
	if (fclose(out) != 0)
		die(path);
}

void
place_make(struct place *p, const struct conf *conf, const struct line *line, const char *name)
{
	*p = (struct place){ conf, line, "" };
	snprintf(p->dir, sizeof(p->dir), "%s/%s-%s", conf->work, line->name, name);
	if (mkdir(p->dir, 0700) == -1)
		die(p->dir);
	write_input(p);
}

void
place_clear(const struct place *p)
{
	char path[PATH_BYTES + 64];

	snprintf(path, sizeof(path), "%s/state", p->dir);
	remove_tree(path);
	snprintf(path, sizeof(path), "%s/late.ndjson", p->dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/dead.ndjson", p->dir);
	unlink(path);
	for (const char *const *o = p->line->outputs; *o != NULL; o++) {
		snprintf(path, sizeof(path), "%s/%s", p->dir, *o);
		remove_tree(path);
	}
}

/* ---- a run ---- */

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
err_path(const struct place *p, unsigned stage, char *to, size_t size)
{
	snprintf(to, size, "%s/%u.err", p->dir, stage);
}

static _Noreturn void
become(const struct place *p, unsigned stage, int in, int out, const struct extra *extra)
{
	char path[PATH_BYTES + 32];
	int  err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	err_path(p, stage, path, sizeof(path));
	err = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (err == -1 || dup2(in, 0) == -1 || dup2(out, 1) == -1 || dup2(err, 2) == -1 || chdir(p->dir) == -1)
		_exit(126);
	if ((p->line->traits & NO_CHECKPOINT) == 0)
		setenv("STREAM_CHECKPOINT", "state", 1);
	/* All in one folder: what must not be lost, and what a power cut may take. */
	setenv("TMPDIR", p->dir, 1);
	if (extra->fault != NULL || extra->oplog != NULL)
		setenv("LD_PRELOAD", p->conf->inject, 1);
	if (extra->fault != NULL) {
		setenv("STREAM_FAULT", extra->fault, 1);
		setenv("STREAM_FAULT_FIRED", "fired", 1);
	}
	if (extra->oplog != NULL)
		setenv("STREAM_OPLOG", extra->oplog, 1);
	if (extra->loses != NULL)
		setenv("STREAM_OPLOG_LOSES", extra->loses, 1);
	if (extra->crash != NULL)
		setenv("STREAM_CRASH", extra->crash, 1);
	snprintf(path, sizeof(path), "%s/%s", p->conf->bin, p->line->stages[stage][0]);
	execv(path, (char *const *)p->line->stages[stage]);
	_exit(127);
}

static int
status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Until all are gone; who is left after the watchdog's time is killed. */
static bool
wait_for_all(const pid_t *pids, int *status, unsigned n)
{
	int64_t  until = now_ms() + WATCHDOG_MS;
	bool     gone[STAGES_MOST] = { false }, hung = false;
	unsigned left = n;

	while (left > 0) {
		struct timespec nap = { 0, 1000000 };

		for (unsigned i = 0; i < n; i++) {
			int s;

			if (gone[i] || waitpid(pids[i], &s, hung ? 0 : WNOHANG) != pids[i])
				continue;
			status[i] = status_of(s);
			gone[i] = true;
			left--;
		}
		if (left > 0 && now_ms() > until && !hung) {
			hung = true;
			for (unsigned i = 0; i < n; i++)
				if (!gone[i])
					kill(pids[i], SIGKILL);
		}
		if (left > 0)
			nanosleep(&nap, NULL);
	}
	return !hung;
}

static void
read_said(const struct place *p, unsigned stage, char *to)
{
	char    path[PATH_BYTES + 32];
	int     fd;
	ssize_t n;

	err_path(p, stage, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd == -1 ? 0 : read(fd, to, SAID_BYTES - 1);
	to[n > 0 ? n : 0] = '\0';
	if (fd != -1)
		close(fd);
}

void
play(const struct place *p, const struct extra extras[STAGES_MOST], struct played *played)
{
	static const struct extra nothing[STAGES_MOST];
	const struct extra *extra = extras == NULL ? nothing : extras;
	unsigned n = line_stages(p->line);
	pid_t    pids[STAGES_MOST];
	char     fired[PATH_BYTES + 32];
	int      in = open("/dev/null", O_RDONLY | O_CLOEXEC), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	*played = (struct played){ .n = n };
	snprintf(fired, sizeof(fired), "%s/fired", p->dir);
	unlink(fired);
	fflush(NULL);
	for (unsigned i = 0; i < n; i++) {
		int ends[2] = { -1, -1 };

		if (i + 1 < n && pipe2(ends, O_CLOEXEC) == -1)
			die("pipe");
		if ((pids[i] = fork()) == -1)
			die("fork");
		if (pids[i] == 0)
			become(p, i, in, i + 1 < n ? ends[1] : null, &extra[i]);
		close(in);
		close(i + 1 < n ? ends[1] : null);
		in = ends[0];
	}
	played->hung = !wait_for_all(pids, played->status, n);
	for (unsigned i = 0; i < n; i++)
		read_said(p, i, played->said[i]);
	played->fired = access(fired, F_OK) == 0;
}

bool
played_well(const struct played *d)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->status[i] != 0 || d->said[i][0] != '\0')
			return false;
	return !d->hung;
}

void
played_tell(const struct played *d, const struct line *l, char *to, size_t size)
{
	size_t n = 0;

	to[0] = '\0';
	for (unsigned i = 0; i < d->n && n < size; i++)
		n += (size_t)snprintf(to + n, size - n, "%s%s: %d%s %s", i == 0 ? "" : " | ", line_stage(l, i), d->status[i],
		                      d->hung ? " (hung)" : "", d->said[i]);
	for (char *p = to; *p != '\0'; p++)
		if (*p == '\n')
			*p = '/';
}

/* ---- what it wrote ---- */

/* Parts end where epochs do: what counts is which folders there are, and what is in each of them. */
static void
make_command(const struct place *p, char *to, size_t size)
{
	size_t n = (size_t)snprintf(to, size, "cd '%s'", p->dir);

	for (const char *const *o = p->line->outputs; *o != NULL; o++) {
		if ((*o)[strlen(*o) - 1] == '/')
			n += (size_t)snprintf(to + n, size - n, " && cd '%s' && find . -type d | sort && find . -name 'part-*' | sort | "
			                      "xargs -r zstd -dcqf && ls .open && cd ..", *o);
		else if ((p->line->traits & AS_SET) != 0)
			n += (size_t)snprintf(to + n, size - n, " && echo '%s' && sed 's/\"offset\":[0-9]*,//' '%s' | LC_ALL=C sort", *o, *o);
		else
			n += (size_t)snprintf(to + n, size - n, " && echo '%s' && cat '%s'", *o, *o);
	}
	snprintf(to + n, size - n, " 2>&1");
}

/* The same as the command would print, of plain files; NULL: it has other outputs. */
static char *
plain_output(const struct place *p)
{
	char  *all = malloc(1 << 20), path[PATH_BYTES + 64];
	size_t n = 0, cap = 1 << 20;

	for (const char *const *o = p->line->outputs; *o != NULL; o++) {
		ssize_t got;
		int     fd;

		snprintf(path, sizeof(path), "%s/%s", p->dir, *o);
		n += (size_t)snprintf(all + n, cap - n, "%s\n", *o);
		if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
			n += (size_t)snprintf(all + n, cap - n, "%s\n", strerror(errno));
			continue;
		}
		while (n + 1 < cap && (got = read(fd, all + n, cap - 1 - n)) > 0)
			n += (size_t)got;
		close(fd);
	}
	all[n] = '\0';
	return all;
}

char *
place_output(const struct place *p)
{
	char   command[PATH_BYTES * 4], *text;
	size_t n = 0, cap = 1 << 20;
	FILE  *f;
	bool   is_plain = (p->line->traits & AS_SET) == 0;

	for (const char *const *o = p->line->outputs; *o != NULL; o++)
		is_plain = is_plain && (*o)[strlen(*o) - 1] != '/';
	if (is_plain)
		return plain_output(p);
	make_command(p, command, sizeof(command));
	text = malloc(cap);
	if ((f = popen(command, "r")) == NULL)
		die("popen");
	n = fread(text, 1, cap - 1, f);
	text[n] = '\0';
	pclose(f);
	return text;
}

const char *
reference_output(const struct conf *conf, const struct line *line)
{
	static char  *made[32];
	char        **out = &made[line - lines], told[4000];
	struct place  p;
	struct played d;

	if (*out != NULL)
		return *out;
	place_make(&p, conf, line, "undisturbed");
	play(&p, NULL, &d);
	*out = place_output(&p);
	played_tell(&d, line, told, sizeof(told));
	report(played_well(&d) && strchr(*out, '{') != NULL, "%s: the undisturbed run%s%s", line->name, played_well(&d) ? "" : ": ",
	       played_well(&d) ? "" : told);
	return *out;
}
