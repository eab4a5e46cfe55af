/* trial - a folder with its input and its checkpoint */
#include "crash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
shell(const char *fmt, ...)
{
	char    command[PATH_BYTES * 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	return system(command);
}

int
trial_begin(struct trial *t, const struct conf *conf, const struct pipeline *p, const char *name)
{
	char link[PATH_BYTES + 32];

	t->conf = conf;
	t->pipeline = p;
	t->slower = t->slower > 0 ? t->slower : reference(conf, p)->slower;
	t->why[0] = '\0';
	snprintf(t->dir, sizeof(t->dir), "%s/%s", conf->work, name);
	shell("rm -rf '%s'", t->dir);
	snprintf(link, sizeof(link), "%s/input.ndjson", t->dir);
	if (mkdir(t->dir, 0700) == -1 ||
	    (t->folder != NULL ? shell("cp -s '%s'/* '%s'/", t->folder, t->dir) != 0 :
	     p->input != INPUT_GROWING && symlink(conf->input[p->input], link) == -1)) {
		trial_fail(t, "%s: %s", t->dir, strerror(errno));
		return -1;
	}
	broker_begin(t);
	return t->why[0] == '\0' ? 0 : -1;
}

void
trial_end(struct trial *t)
{
	if (t->why[0] != '\0' || t->conf->keep)
		return;
	broker_end(t);
	shell("rm -rf '%s'", t->dir);
}

void
trial_fail(struct trial *t, const char *fmt, ...)
{
	size_t  n = strlen(t->why);
	va_list ap;

	if (n + 100 > sizeof(t->why))
		return;
	if (n > 0)
		n += (size_t)snprintf(t->why + n, sizeof(t->why) - n, "; ");
	va_start(ap, fmt);
	vsnprintf(t->why + n, sizeof(t->why) - n, fmt, ap);
	va_end(ap);
}

static uint64_t
number_after(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p == NULL ? 0 : strtoull(p + strlen(name), NULL, 10);
}

void
trial_commit(const struct trial *t, struct commit *c)
{
	char    path[PATH_BYTES + 32], text[8192];
	ssize_t n;
	int     fd;

	*c = (struct commit){ 0 };
	snprintf(path, sizeof(path), "%s/state/commit", t->dir);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return;
	text[n] = '\0';
	c->exists = true;
	c->run = number_after(text, "\"run\":");
	c->epoch = number_after(text, "\"epoch\":");
	c->closed = strstr(text, "\"closed\":true") != NULL;
}

bool
trial_has_temp(const struct trial *t, const char *folder, const char *begin)
{
	char           path[PATH_BYTES + 64];
	DIR           *d;
	struct dirent *e;
	bool           found = false;

	snprintf(path, sizeof(path), "%s/state/%s", t->dir, folder);
	if ((d = opendir(path)) == NULL)
		return false;
	while (!found && (e = readdir(d)) != NULL)
		found = strstr(e->d_name, ".tmp") != NULL && strncmp(e->d_name, begin, strlen(begin)) == 0;
	closedir(d);
	return found;
}

bool
trial_holds(const struct trial *t, const struct stage *stage, pid_t pid)
{
	bool is_sink = stage->role != NULL && strcmp(stage->role, "sink") == 0;

	return shell("grep -qs '\"pid\":%d}' '%s/state/%s/lock'", (int)pid, t->dir, is_sink ? "." : stage->name) == 0;
}

bool
trial_said(const struct trial *t, const char *text)
{
	return shell("grep -qs '%s' '%s/stderr.log'", text, t->dir) == 0;
}

static bool
left_behind(const struct trial *t, const char *folder, pid_t pid, char *name, size_t size)
{
	char           path[PATH_BYTES + 64], end[32];
	DIR           *d;
	struct dirent *e;
	bool           found = false;

	snprintf(end, sizeof(end), ".tmp.%d", (int)pid);
	snprintf(path, sizeof(path), "%s/state/%s", t->dir, folder);
	if ((d = opendir(path)) == NULL)
		return false;
	while (!found && (e = readdir(d)) != NULL) {
		const char *at = strstr(e->d_name, end);

		if ((found = at != NULL && at[strlen(end)] == '\0'))
			snprintf(name, size, "%s", e->d_name);
	}
	closedir(d);
	return found;
}

const char *
trial_torn(const struct trial *t, pid_t pid)
{
	char name[256];

	if (left_behind(t, ".", pid, name, sizeof(name)))
		return strncmp(name, "commit", 6) == 0 ? "commit" : "register";
	for (unsigned i = 0; i < pipeline_stages(t->pipeline); i++)
		if (left_behind(t, t->pipeline->stages[i].name, pid, name, sizeof(name)))
			return "snapshot";
	return NULL;
}

/*
 * Frames end at barriers and parts by their packed size, so both may differ; what is in the parts of a folder, in the
 * order of their numbers, does not.
 */
static bool
same_parts(struct trial *t, const struct trial *reference, const char *name)
{
	for (int i = 0; i < 2; i++) {
		const char *dir = i == 0 ? reference->dir : t->dir;

		if (shell("cd '%s/%s' && { find . -type d | sort; find . -name '*.ndjson*' | sort | xargs -r zstd -dcqf; } > '%s/parts.%d' && "
		        "[ -z \"$(find .open -name '[0-9]*')\" ]", dir, name, t->dir, i) != 0) {
			trial_fail(t, "%s/%s: not all is whole", dir, name);
			return false;
		}
	}
	if (shell("cmp -s '%s/parts.0' '%s/parts.1'", t->dir, t->dir) != 0) {
		trial_fail(t, "%s differs from the undisturbed run's", name);
		return false;
	}
	return true;
}

static bool
same_sets(const struct trial *t, const struct trial *reference, const char *name)
{
	const char *dirs[] = { reference->dir, t->dir };

	for (int i = 0; i < 2; i++)
		if (shell("sed 's/\"offset\":[0-9]*,//' '%s/%s' | LC_ALL=C sort > '%s/set.%s'", dirs[i], name, t->dir, i == 0 ? "want" : "got") != 0)
			return false;
	return shell("cmp -s '%s/set.want' '%s/set.got'", t->dir, t->dir) == 0;
}

bool
trial_same(struct trial *t, const struct trial *reference)
{
	broker_fetch(t);
	for (unsigned i = 0; i < MAX_OUTPUTS && t->pipeline->outputs[i] != NULL; i++) {
		const char *name = t->pipeline->outputs[i];

		if (name[strlen(name) - 1] == '/') {
			if (!same_parts(t, reference, name))
				return false;
			continue;
		}
		if (!((t->pipeline->traits & AS_SETS) != 0 ? same_sets(t, reference, name)
		                           : shell("cmp -s '%s/%s' '%s/%s'", reference->dir, name, t->dir, name) == 0)) {
			trial_fail(t, "%s differs from the undisturbed run's", name);
			return false;
		}
	}
	return true;
}

int
trial_undisturbed(struct trial *t, bool with_checkpoint)
{
	struct instance inst;
	struct start    start = { .without_checkpoint = !with_checkpoint, .is_hurried = t->folder != NULL };

	if (t->pipeline->input == INPUT_GROWING && shell("cp '%s' '%s/input.ndjson'", t->conf->input[INPUT_GROWING], t->dir) != 0)
		trial_fail(t, "its input cannot be written");
	instance_start(&inst, t, &start);
	if (!instance_wait(&inst) || !instance_check(&inst))
		return -1;
	return 0;
}

/* Once; how many epochs there were. */
static uint64_t
run_reference(const struct conf *conf, const struct pipeline *p, struct trial *t)
{
	struct commit commit = { 0 };
	char          name[64];

	snprintf(name, sizeof(name), "%s-undisturbed", p->name);
	if (trial_begin(t, conf, p, name) == 0 && trial_undisturbed(t, true) == 0) {
		trial_commit(t, &commit);
		note("%s: %llu epochs undisturbed", p->name, (unsigned long long)commit.epoch);
		if (!commit.closed)
			trial_fail(t, "the commit is not closed");
		broker_fetch(t);
		if (shell("test -s '%s/%s'", t->dir, p->outputs[0]) != 0)
			trial_fail(t, "it wrote nothing");
	}
	return commit.epoch;
}

const struct trial *
reference(const struct conf *conf, const struct pipeline *p)
{
	static struct trial done[64];
	struct trial       *t = &done[p - pipelines];
	uint64_t            epochs;

	if (t->conf != NULL)
		return t;
	t->slower = 1;
	/* A growing input is there at once here. */
	while ((epochs = run_reference(conf, p, t)) < LEAST_EPOCHS && t->why[0] == '\0' && p->input != INPUT_GROWING) {
		if (t->slower == MOST_SLOWER) {
			trial_fail(t, "only %llu epochs", (unsigned long long)epochs);
			break;
		}
		t->slower *= 2;
	}
	report(t->why[0] == '\0', "%s: the undisturbed run%s%s", p->name, t->why[0] == '\0' ? "" : ": ", t->why);
	return t;
}
