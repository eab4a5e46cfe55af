/*
 * file_rotate - a followed file and the files that it was before
 *
 * Rotated files stand beside the followed one: its name, then digits and dots and the like (app.log.1,
 * app.log-20130101), perhaps compressed, or .old.  The order in which they were written is that of their times of
 * change: renaming and compressing keep those.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/file.h"
#include "source/file_parts.h"

/* ---- names ---- */

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static char *
folder_of(const char *path)
{
	size_t n = (size_t)(base_of(path) - path);

	return n == 0 ? alloc_string(".") : alloc_string_n(path, n == 1 ? 1 : n - 1);
}

static size_t
packed_suffix(const char *name)
{
	switch (unpack_kind_of(name)) {
	case UNPACK_GZIP: return 3;
	case UNPACK_ZSTD: return 4;
	default:          return 0;
	}
}

static bool
is_rotated_name(const char *base, const char *name)
{
	size_t      n = strlen(base), all = strlen(name) - packed_suffix(name);
	const char *rest = name + n;

	if (strncmp(name, base, n) != 0 || all < n + 2 || strchr(".-_", *rest) == NULL)
		return false;
	return strspn(rest, "0123456789.-_:+TZ") >= all - n || (all - n == 4 && strncmp(rest, ".old", 4) == 0);
}

/* ---- the folder ---- */

struct sibling {
	char      *path;             /* owned */
	struct stat st;
};

struct siblings {
	const struct file_dir *dir;
	const char            *base;
	struct sibling        *list;
	size_t                 n;
};

static void
release_siblings(struct siblings *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i].path);
	free(s->list);
}

/* What is just being compressed is there twice: the file itself counts. */
static bool
has_twin(const struct siblings *s, const char *name)
{
	size_t      suffix = packed_suffix(name);
	char       *plain;
	struct stat st;
	bool        has;

	if (suffix == 0)
		return false;
	plain = alloc_string_n(name, strlen(name) - suffix);
	has = fstatat(s->dir->fd, plain, &st, 0) == 0;
	free(plain);
	return has;
}

static int
add_sibling(void *cookie, const char *name, struct err *err)
{
	struct siblings *s = cookie;
	struct stat      st;
	struct buf       path = { 0 };

	(void)err;
	if (!is_rotated_name(s->base, name) || fstatat(s->dir->fd, name, &st, 0) == -1 || !S_ISREG(st.st_mode) ||
	    has_twin(s, name))
		return 0;
	buf_printf(&path, "%s/%s", s->dir->path, name);
	buf_char(&path, '\0');
	s->list = alloc_resized(s->list, s->n + 1, sizeof(*s->list));
	s->list[s->n++] = (struct sibling){ path.p, st };
	return 0;
}

/* As written, the oldest first; names only decide between equal times: app.log.2 was before app.log.1. */
static int
by_age(const void *a, const void *b)
{
	const struct sibling *x = a, *y = b;

	if (x->st.st_mtim.tv_sec != y->st.st_mtim.tv_sec)
		return x->st.st_mtim.tv_sec < y->st.st_mtim.tv_sec ? -1 : 1;
	if (x->st.st_mtim.tv_nsec != y->st.st_mtim.tv_nsec)
		return x->st.st_mtim.tv_nsec < y->st.st_mtim.tv_nsec ? -1 : 1;
	return -strverscmp(x->path, y->path);
}

static int
list_siblings(const char *path, struct siblings *s, struct err *err)
{
	struct file_dir dir = FILE_DIR_NONE;
	char           *folder = folder_of(path);
	int             r;

	*s = (struct siblings){ .dir = &dir, .base = base_of(path) };
	r = file_dir_open(&dir, NULL, folder, false, false, err);
	free(folder);
	if (r == -1)
		return -1;
	r = file_list(&dir, add_sibling, s, err);
	file_dir_close(&dir);
	if (s->n > 0)
		qsort(s->list, s->n, sizeof(*s->list), by_age);
	return r;
}

bool
file_has_rotated(const char *path)
{
	struct siblings s;
	struct err      ignored = ERR_INIT;
	bool            has = list_siblings(path, &s, &ignored) == 0 && s.n > 0;

	release_siblings(&s);
	return has;
}

/* ---- going on ---- */

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

static bool
is_newer(const struct sibling *s, const struct stat *than)
{
	return s->st.st_mtim.tv_sec > than->st_mtim.tv_sec ||
	       (s->st.st_mtim.tv_sec == than->st_mtim.tv_sec && s->st.st_mtim.tv_nsec > than->st_mtim.tv_nsec);
}

/* The rotated file that was written next after NOW; NULL: none was. */
static int
written_next(const struct file *f, const struct stat *now, char **next, struct err *err)
{
	struct siblings s;
	int             r = list_siblings(f->inputs[f->now].path, &s, err);
	size_t          at = 0;

	*next = NULL;
	while (at < s.n && !is_same_file(&s.list[at].st, now))
		at++;
	/* By its place, also where times are equal; where it has been removed or compressed, by its time. */
	if (at < s.n)
		at++;
	else
		for (at = 0; at < s.n && !is_newer(&s.list[at], now); at++)
			;
	if (r == 0 && at < s.n)
		*next = alloc_string(s.list[at].path);
	release_siblings(&s);
	return r;
}

enum file_look
file_look(const struct file *f, char **next, struct err *err)
{
	const char *path = f->inputs[f->now].path;
	struct stat now, st;

	*next = NULL;
	if (fstat(f->fd, &now) == -1) {
		err_sys(err, "%s", path);
		return FILE_LOOK_FAILED;
	}
	if (stat(path, &st) == -1) {
		if (errno == ENOENT)
			return FILE_AWAY;
		err_sys(err, "%s", path);
		return FILE_LOOK_FAILED;
	}
	if (is_same_file(&now, &st))
		return (uint64_t)st.st_size < f->inputs[f->now].offset ? FILE_SHORTER : FILE_SAME;
	if (written_next(f, &now, next, err) == -1)
		return FILE_LOOK_FAILED;
	/* As long as the new one is empty its writer may still have the old one open. */
	return *next == NULL && st.st_size == 0 ? FILE_AWAY : FILE_MOVED;
}

/* ---- finding again ---- */

static char *
find_by(const struct siblings *s, uint64_t inode, file_match *match, void *cookie)
{
	for (size_t i = s->n; i-- > 0; )                 /* the youngest is the likeliest */
		if ((inode == 0 || s->list[i].st.st_ino == inode) && match(cookie, s->list[i].path))
			return alloc_string(s->list[i].path);
	return NULL;
}

char *
file_find_rotated(const char *path, uint64_t inode, file_match *match, void *cookie)
{
	struct siblings s;
	struct err      ignored = ERR_INIT;
	char           *found = NULL;

	if (list_siblings(path, &s, &ignored) == 0)
		found = find_by(&s, inode, match, cookie);
	release_siblings(&s);
	return found;
}
