/* zonefile - a zone of the tz database on this machine */
#include "io/zonefile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "io/file.h"

enum { MAX_BYTES = 1024 * 1024 };

/* Such as America/Argentina/Buenos_Aires or Etc/GMT+3: never out of the database's directory. */
static bool
is_zone_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";

	return name[0] != '/' && name[0] != '\0' && name[strspn(name, letters)] == '\0';
}

static int
no_such_zone(const char *name, const char *dir, struct err *err)
{
	return err_set(err, ERR_USAGE, "no zone '%s' in %s: names are such as America/New_York or UTC (package tzdata)",
	    name, dir);
}

int
zonefile_read(const char *name, struct zone *z, struct err *err)
{
	const char *dir = getenv("TZDIR");
	struct buf  path = { 0 }, bytes = { 0 };
	int         fd, r = -1;

	*z = (struct zone){ 0 };
	if (dir == NULL || dir[0] == '\0')
		dir = "/usr/share/zoneinfo";
	if (strcmp(name, "UTC") == 0)
		return 0;
	if (!is_zone_name(name))
		return no_such_zone(name, dir, err);
	buf_printf(&path, "%s/%s", dir, name);
	buf_char(&path, '\0');
	if ((fd = open(path.p, O_RDONLY | O_CLOEXEC)) == -1) {
		no_such_zone(name, dir, err);
		goto out;
	}
	if (file_read_fd(fd, path.p, MAX_BYTES, &bytes, err) != -1 &&
	    (r = zone_parse(z, buf_all(&bytes), err)) == -1)
		err_in(err, "%s", path.p);
	close(fd);
out:
	buf_release(&path);
	buf_release(&bytes);
	return r;
}
