/* home - a folder of its own for a test program */
#include "home.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/file.h"

static char home[] = "/tmp/stream-unit.XXXXXX";

int
home_enter(void **state)
{
	(void)state;
	return mkdtemp(home) == NULL || chdir(home) != 0 ? -1 : 0;
}

int
home_leave(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", home);
	return chdir("/") != 0 || system(command) != 0 ? -1 : 0;
}

void
write_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

struct buf
content_of(const char *path)
{
	struct buf b = { 0 };
	int        fd = open(path, O_RDONLY);
	struct err err = ERR_INIT;

	assert_true(fd >= 0);
	assert_int_equal(file_read_fd(fd, path, 1 << 20, &b, &err), 1);
	close(fd);
	return b;
}

void
assert_file(const char *path, const char *text)
{
	struct buf b = content_of(path);

	buf_char(&b, '\0');
	assert_string_equal(b.p, text);
	buf_release(&b);
}
