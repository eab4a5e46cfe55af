/*
 * dir_publish - making parts durable, giving them their names, and what is done at a start
 *
 * Many files at once are made durable by one sync of their file system: a day of ten thousand keys ends with as many
 * parts, and each fsync waits for the disk by itself.
 */
#include "sink/dir_parts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ckpt/ckpt.h"
#include "io/clock.h"

enum { MANY = 32 };                  /* from here on one sync of all is cheaper */

static int
sync_all(const struct dir_sink *d, struct err *err)
{
	return syncfs(d->temp.fd) == -1 ? err_sys(err, "%s: sync", d->temp.path) : 0;
}

/* ---- durable ---- */

int
dir_sync(struct dir_sink *d, const struct part_list *l, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += !l->parts[i]->is_synced;
	if (d->conf.no_sync || n > MANY) {
		if (!d->conf.no_sync && sync_all(d, err) == -1)
			return -1;
		d->has_new_names = false;
	}
	for (size_t i = 0; i < l->n; i++) {
		struct part *p = l->parts[i];
		int          fd;

		if (p->is_synced)
			continue;
		if (!d->conf.no_sync && n <= MANY && ((fd = dir_fd(d, p, err)) == -1 || file_sync(fd, d->temp.path, err) == -1))
			return -1;
		p->is_synced = true;
	}
	if (d->has_new_names && file_sync_dir(&d->temp, err) == -1)
		return -1;
	d->has_new_names = false;
	return 0;
}

/* ---- names ---- */

/* The folder and those above it, made where they are not there.  They appear with their first part. */
static int
make_folders(const struct dir_sink *d, const char *folder, struct err *err)
{
	char *path = alloc_string(folder);
	int   r = 0;

	for (char *p = path; r == 0 && *p != '\0';) {
		char *slash = strchr(p, '/');

		if (slash != NULL)
			*slash = '\0';
		if (mkdirat(d->root.fd, path, 0777) == -1 && errno != EEXIST)
			r = err_sys(err, "%s/%s", d->root.path, path);
		if (slash != NULL)
			*slash = '/';
		p = slash == NULL ? p + strlen(p) : slash + 1;
	}
	free(path);
	return r;
}

static int
sync_folder(const struct dir_sink *d, const char *folder, struct err *err)
{
	int fd, r;

	if (folder[0] == '\0')
		return file_sync_dir(&d->root, err);
	if ((fd = openat(d->root.fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_sys(err, "%s/%s", d->root.path, folder);
	r = file_sync(fd, folder, err);
	close(fd);
	return r;
}

/* The names of the folder and of those that it lies in. */
static int
sync_above(const struct dir_sink *d, const char *folder, struct err *err)
{
	char *path = alloc_string(folder);
	int   r = 0;

	while (r == 0 && path[0] != '\0') {
		char *slash = strrchr(path, '/');

		*(slash == NULL ? path : slash) = '\0';
		r = sync_folder(d, path, err);
	}
	free(path);
	return r;
}

/*
 * 1: its folder is there, and the part waits for its name; 0: it has no temp file any more, so it was published before,
 * and where it is now, its readers know.
 */
static int
make_place(const struct dir_sink *d, const struct part *p, struct err *err)
{
	char        temp[DIR_TEMP_NAME_BYTES];
	struct stat st;

	dir_temp_name(d, p->number, temp);
	if (fstatat(d->temp.fd, temp, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : err_sys(err, "%s/%s", d->temp.path, temp);
	return make_folders(d, p->folder, err) == -1 ? -1 : 1;
}

static int
give_name(const struct dir_sink *d, const struct part *p, struct err *err)
{
	char        temp[DIR_TEMP_NAME_BYTES], name[DIR_NAME_BYTES];
	struct buf  path = { 0 };
	struct stat st;
	int         r = 0;

	dir_temp_name(d, p->number, temp);
	dir_part_name(d, p, name);
	buf_str(&path, p->folder);
	if (path.n > 0)
		buf_char(&path, '/');
	buf_str(&path, name);
	buf_char(&path, '\0');
	if (fstatat(d->root.fd, path.p, &st, AT_SYMLINK_NOFOLLOW) == 0)
		r = err_set(err, ERR_DATA, "%s/%s is there already, and not by me: move it away", d->root.path, path.p);
	else if (renameat(d->temp.fd, temp, d->root.fd, path.p) == -1)
		r = err_sys(err, "%s/%s", d->root.path, path.p);
	buf_release(&path);
	return r;
}

/* Places first, and these durable: a part must not lie where a power cut leaves no way to it.  *N: of them. */
static int
make_places(struct dir_sink *d, bool one_by_one, size_t *n, struct err *err)
{
	*n = 0;
	for (size_t i = 0; i < d->done.n; i++) {
		struct part *p = d->done.parts[i];
		int          r = make_place(d, p, err);

		if (r == -1 || (r == 1 && one_by_one && sync_above(d, p->folder, err) == -1))
			return -1;
		p->waits = r == 1;
		*n += p->waits;
	}
	return 0;
}

int
dir_publish(struct dir_sink *d, struct err *err)
{
	bool   at_once = d->done.n > MANY && !d->conf.no_sync, one_by_one = d->done.n <= MANY && !d->conf.no_sync;
	size_t n;

	if (make_places(d, one_by_one, &n, err) == -1 || (at_once && n > 0 && sync_all(d, err) == -1))
		return -1;
	for (size_t i = 0; i < d->done.n; i++) {
		const struct part *p = d->done.parts[i];

		if (!p->waits)
			continue;
		if (give_name(d, p, err) == -1)
			return -1;
		ckpt_crash_point(d->conf.stage, "part-named");
		if (one_by_one && sync_folder(d, p->folder, err) == -1)
			return -1;
	}
	if (at_once && n > 0 && sync_all(d, err) == -1)
		return -1;
	for (size_t i = 0; i < d->done.n; i++)
		dir_part_free(d, d->done.parts[i]);
	d->done.n = 0;
	return 0;
}

/* ---- at a start ---- */

int
dir_open_folders(struct dir_sink *d, struct err *err)
{
	struct buf path = { 0 };
	int        r = -1;

	if (mkdir(d->target.path, 0777) == -1 && errno != EEXIST)
		return err_sys(err, "%s", d->target.path);
	if (file_dir_open(&d->root, NULL, d->target.path, false, false, err) == -1)
		return -1;
	if (mkdirat(d->root.fd, ".open", 0700) == -1 && errno != EEXIST)
		return err_sys(err, "%s/.open", d->target.path);
	buf_printf(&path, "%s/.open", d->target.path);
	buf_char(&path, '\0');
	r = file_dir_open(&d->temp, NULL, path.p, false, false, err);
	buf_release(&path);
	return r;
}

int
dir_lock_target(struct dir_sink *d, struct err *err)
{
	if (file_lock(&d->temp, "lock", clock_mono_ms(), NULL, &d->lock_fd, err) == -1)
		return -1;
	if (file_lock_note(d->lock_fd, d->temp.path, 0, err) == -1)
		return -1;
	/* The names of .open and of the target itself, whoever made them. */
	if (d->conf.no_sync)
		return 0;
	return file_sync_dir(&d->root, err) == -1 ? -1 : file_sync_parent(&d->root, err);
}

static int
cut(struct dir_sink *d, struct part *p, struct err *err)
{
	char        name[DIR_TEMP_NAME_BYTES];
	struct stat st;
	int         fd;

	dir_temp_name(d, p->number, name);
	if (fstatat(d->temp.fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1 && errno == ENOENT)
		return err_set(err, ERR_DATA, "%s/%s is missing: it has %llu bytes that are committed", d->temp.path, name,
		               (unsigned long long)p->length_bytes);
	if ((fd = dir_fd(d, p, err)) == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		return err_sys(err, "%s/%s", d->temp.path, name);
	if ((uint64_t)st.st_size < p->length_bytes)
		return err_set(err, ERR_DATA, "%s/%s has %lld bytes, but %llu are committed: it was cut or replaced",
		               d->temp.path, name, (long long)st.st_size, (unsigned long long)p->length_bytes);
	if ((uint64_t)st.st_size > p->length_bytes && ftruncate(fd, (off_t)p->length_bytes) == -1)
		return err_sys(err, "%s/%s", d->temp.path, name);
	return 0;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The numbers of the open parts, in order. */
struct known {
	struct dir_sink *d;
	uint64_t        *numbers;
	size_t           n;
};

static int
remove_unknown(void *cookie, const char *name, struct err *err)
{
	const struct known *k = cookie;
	char               *end;
	uint64_t            number = strtoull(name, &end, 10);

	if (*end != '-' || strcmp(end + 1, k->d->owner) != 0 ||
	    bsearch(&number, k->numbers, k->n, sizeof(number), compare_numbers) != NULL)
		return 0;
	return file_remove(&k->d->temp, name, err);
}

int
dir_roll_back(struct dir_sink *d, struct err *err)
{
	struct known k = { d, alloc_zeroed(d->open.n, sizeof(uint64_t)), d->open.n };
	int          r = 0;

	for (size_t i = 0; r == 0 && i < d->open.n; i++) {
		k.numbers[i] = d->open.parts[i]->number;
		r = cut(d, d->open.parts[i], err);
	}
	if (r == 0) {
		qsort(k.numbers, k.n, sizeof(uint64_t), compare_numbers);
		r = file_list(&d->temp, remove_unknown, &k, err);
	}
	free(k.numbers);
	return r;
}

static int walk(const struct file_dir *, unsigned depth, uint64_t *next, struct err *);

struct step {
	const struct file_dir *dir;
	unsigned               depth;
	uint64_t              *next;
};

static int
look(void *cookie, const char *name, struct err *err)
{
	const struct step *s = cookie;
	struct file_dir    below = FILE_DIR_NONE;
	struct stat        st;
	int                r;

	if (strncmp(name, "part-", 5) == 0 && isdigit((unsigned char)name[5])) {
		uint64_t number = strtoull(name + 5, NULL, 10);

		if (number >= *s->next && number < UINT64_MAX)
			*s->next = number + 1;
		return 0;
	}
	if (s->depth == 0 || name[0] == '.' || fstatat(s->dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISDIR(st.st_mode))
		return 0;
	if ((r = file_dir_open(&below, s->dir, name, false, false, err)) == 0)
		r = walk(&below, s->depth - 1, s->next, err);
	file_dir_close(&below);
	return r;
}

static int
walk(const struct file_dir *dir, unsigned depth, uint64_t *next, struct err *err)
{
	struct step s = { dir, depth, next };

	return file_list(dir, look, &s, err);
}

int
dir_highest_number(struct dir_sink *d, uint64_t *next, struct err *err)
{
	*next = 0;
	return walk(&d->root, 2, next, err);     /* key=, window */
}
