/* file_folder - an operand that is a directory: the files in it */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "source/file_parts.h"

enum { MOST_FOLDERS_DEEP = 32 };             /* links may lead in circles */

static void
add_path(struct file_paths *to, char *path)
{
	to->list = alloc_resized(to->list, to->n + 1, sizeof(*to->list));
	to->list[to->n++] = path;
}

/* What begins with a dot is not for readers: a part that is not whole yet, an editor's copy. */
static int
is_shown(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static int
add_folder(struct file_paths *to, const char *folder, unsigned deep, struct err *err)
{
	struct dirent **names;
	int             n = scandir(folder, &names, is_shown, versionsort), r = 0;

	if (n == -1)
		return err_sys(err, "%s", folder);
	for (int i = 0; i < n; i++) {
		struct buf  path = { 0 };
		struct stat st;

		buf_printf(&path, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", names[i]->d_name);
		buf_char(&path, '\0');
		free(names[i]);
		if (r == -1 || stat(path.p, &st) == -1) {
			if (r == 0 && errno != ENOENT)          /* it may just have gone */
				r = err_sys(err, "%s", path.p);
			buf_release(&path);
		} else if (S_ISREG(st.st_mode)) {
			add_path(to, path.p);
		} else {
			if (S_ISDIR(st.st_mode) && deep == MOST_FOLDERS_DEEP)
				r = err_set(err, ERR_FATAL, "%s: directories %d deep", path.p, MOST_FOLDERS_DEEP);
			else if (S_ISDIR(st.st_mode))
				r = add_folder(to, path.p, deep + 1, err);
			buf_release(&path);
		}
	}
	free(names);
	return r;
}

int
file_paths_add(struct file_paths *to, const char *path, bool is_followed, struct err *err)
{
	struct stat st;
	size_t      n = to->n;

	if (strcmp(path, "-") == 0 || stat(path, &st) == -1 || !S_ISDIR(st.st_mode)) {
		add_path(to, alloc_string(path));
		return 0;
	}
	if (is_followed)
		return err_set(err, ERR_USAGE, "%s: is a directory: only a file is followed", path);
	if (add_folder(to, path, 1, err) == -1)
		return -1;
	return to->n > n ? 0 : err_set(err, ERR_FATAL, "%s: a directory with no file in it", path);
}

void
file_paths_release(struct file_paths *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->list[i]);
	free(p->list);
}
