/* module - what needs a library that not every command should load */
#include "io/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct known {
	const char *name;
	const char *asked_by;                    /* NAME://, if it is a scheme */
	const char *package;                     /* Debian's, of the library it needs */
} known[] = {
	{ "kafka", "kafka://", "librdkafka1" },
	{ "rocksdb", "--memory", "librocksdb7.8" },
	{ NULL, NULL, NULL }
};

const char *
module_of(const char *url)
{
	for (const struct known *k = known; k->name != NULL; k++) {
		size_t n = strlen(k->name);

		if (strncmp(k->asked_by, k->name, n) == 0 && strncmp(url, k->asked_by, n + 3) == 0)
			return k->name;
	}
	return NULL;
}

/* Where we were installed, or built: /usr/bin/stream-cat has its modules in /usr/lib/streamutils. */
static int
find(const char *name, char path[PATH_MAX], struct err *err)
{
	char    self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char   *slash;

	if (n == -1)
		return err_sys(err, "/proc/self/exe");
	self[n] = '\0';
	if ((slash = strrchr(self, '/')) != NULL)
		*slash = '\0';
	if (snprintf(path, PATH_MAX, "%s/../lib/streamutils/stream-%s.so", self, name) >= PATH_MAX)
		return err_set(err, ERR_FATAL, "%s: the path is too long", self);
	return 0;
}

static const struct known *
known_as(const char *name)
{
	const struct known *k = known;

	while (strcmp(k->name, name) != 0)
		k++;
	return k;
}

/* *PATH is where it is. */
static int
check(const struct known *k, char path[PATH_MAX], struct err *err)
{
	if (find(k->name, path, err) == -1)
		return -1;
	return access(path, F_OK) == 0 ? 0 : err_set(err, ERR_USAGE, "%s needs %s, which is not installed", k->asked_by, path);
}

int
module_check(const char *name, struct err *err)
{
	char path[PATH_MAX];

	return check(known_as(name), path, err);
}

/* No memory passes by itself; what is missing or of another version does not. */
static void
refuse(const struct known *k, const char *said, struct err *err)
{
	if (err_kind_said(said, ERR_USAGE) == ERR_RETRY)
		err_set(err, ERR_RETRY, "%s", said);
	else
		err_set(err, ERR_USAGE, "%s (is %s installed?)", said, k->package);
}

const struct module *
module_load(const char *name, struct err *err)
{
	const struct known  *k = known_as(name);
	const struct module *m;
	char                 path[PATH_MAX];
	void                *so;

	if (check(k, path, err) == -1)
		return NULL;
	so = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	m = so == NULL ? NULL : dlsym(so, "stream_module");
	if (m == NULL)
		refuse(k, dlerror(), err);
	else if (strcmp(m->version, STREAM_VERSION) != 0)
		err_set(err, ERR_USAGE, "%s is of version %s, this is %s", path, m->version, STREAM_VERSION);
	else
		return m;
	return NULL;
}
