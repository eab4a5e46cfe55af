/* folder - folders of files that somebody else writes */
#include "io/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

enum { COPY_MOST_BYTES = 256 << 20 };

static const char owner[] = "owner";     /* the file whose lock says that a folder is in use */

/* ---- linking ---- */

struct linking {
	struct file_dir from, to;
	const char     *linked;
};

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

static int
link_one(void *cookie, const char *name, struct err *err)
{
	struct linking *l = cookie;
	struct buf      bytes = { 0 };
	int             rc = 0;

	if (ends_with(name, l->linked))
		return linkat(l->from.fd, name, l->to.fd, name, 0) == 0 ? 0 : err_sys(err, "%s/%s", l->to.path, name);
	if (file_read(&l->from, name, COPY_MOST_BYTES, &bytes, err) == -1
	    || file_replace(&l->to, name, buf_all(&bytes), false, err) == -1)
		rc = -1;
	buf_release(&bytes);
	return rc;
}

int
folder_link(const struct file_dir *at, const char *from, const char *to, const char *linked, struct err *err)
{
	struct linking l = { FILE_DIR_NONE, FILE_DIR_NONE, linked };
	int            rc = -1;

	if (file_dir_open(&l.from, at, from, false, false, err) == 0 && file_dir_open(&l.to, at, to, true, false, err) == 0)
		rc = file_list(&l.from, link_one, &l, err);
	file_dir_close(&l.from);
	file_dir_close(&l.to);
	return rc;
}

/* ---- permissions ---- */

static int
close_one(void *cookie, const char *name, struct err *err)
{
	const struct file_dir *d = cookie;
	struct stat            st;

	if (fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return err_sys(err, "%s/%s", d->path, name);
	if ((st.st_mode & 0777) == 0600 || fchmodat(d->fd, name, 0600, 0) == 0)
		return 0;
	return err_sys(err, "%s/%s", d->path, name);
}

int
folder_close_to_others(const struct file_dir *at, const char *name, struct err *err)
{
	struct file_dir d;
	int             rc;

	if (file_dir_open(&d, at, name, false, false, err) == -1)
		return -1;
	rc = fchmod(d.fd, 0700) == 0 ? file_list(&d, close_one, &d, err) : err_sys(err, "%s", d.path);
	file_dir_close(&d);
	return rc;
}

/* ---- removing ---- */

static int
remove_one(void *cookie, const char *name, struct err *err)
{
	return file_remove(cookie, name, err);
}

int
folder_remove(const struct file_dir *at, const char *name, struct err *err)
{
	struct file_dir d;
	int             rc;

	if (unlinkat(at->fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(err, "%s/%s", at->path, name);
	if (file_dir_open(&d, at, name, false, false, err) == -1)
		return -1;
	rc = file_list(&d, remove_one, &d, err);
	file_dir_close(&d);
	if (rc == 0 && unlinkat(at->fd, name, AT_REMOVEDIR) == -1 && errno != ENOENT)
		rc = err_sys(err, "%s/%s", at->path, name);
	return rc;
}

/* ---- temporary ones ---- */

struct sweep {
	const struct file_dir *parent;
	const char            *begin;
};

/* One that nobody holds, and that is ours to remove. */
static int
sweep_one(void *cookie, const char *name, struct err *err)
{
	const struct sweep *s = cookie;
	struct err          ignored = ERR_INIT;
	struct stat         st;
	char                path[300];
	int                 fd;

	(void)err;
	if (strncmp(name, s->begin, strlen(s->begin)) != 0 || strlen(name) > 200
	    || fstatat(s->parent->fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return 0;
	snprintf(path, sizeof(path), "%s/%s", name, owner);
	if ((fd = openat(s->parent->fd, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return 0;
	if (file_try_lock(fd, false) == 0)
		folder_remove(s->parent, name, &ignored);
	close(fd);
	return 0;
}

int
folder_temp(const struct file_dir *parent, const char *begin, char **name, int *held, struct err *err)
{
	struct sweep s = { parent, begin };
	struct err   ignored = ERR_INIT;
	struct buf   path = { 0 };
	int          rc = -1;

	file_list(parent, sweep_one, &s, &ignored);
	buf_printf(&path, "%s/%sXXXXXX", parent->path, begin);
	buf_char(&path, '\0');
	*held = -1;
	*name = NULL;
	if (mkdtemp(path.p) == NULL) {
		err_sys(err, "%s: a temporary folder", parent->path);
		goto done;
	}
	*name = alloc_string(strrchr(path.p, '/') + 1);
	path.n--;
	buf_printf(&path, "/%s", owner);
	buf_char(&path, '\0');
	if ((*held = open(path.p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) == -1)
		err_sys(err, "%s", path.p);
	else
		rc = file_lock_now(*held, path.p, err);
done:
	buf_release(&path);
	return rc;
}
