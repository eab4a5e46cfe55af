/* file_from - where a file is begun: behind its beginning, before its end */
#include <string.h>

#include "io/file.h"
#include "source/file_parts.h"

enum { LOOK_BACK_BYTES = 64 * 1024 };

/*
 * Back from END, over N newlines: *AT is behind the one before those, so that N lines and what of one more
 * there is stand in [*AT, END); 0 where there are not so many.
 */
static int
look_back(const struct file *f, uint64_t end, uint64_t n, uint64_t *at, struct err *err)
{
	const char *name = file_input_name(&f->inputs[f->now]);
	char        bytes[LOOK_BACK_BYTES];

	for (*at = 0; end > 0; ) {
		size_t      want = end < sizeof(bytes) ? (size_t)end : sizeof(bytes);
		ssize_t     got = file_read_at(f->fd, name, bytes, want, end - want, err);
		const char *p = bytes + want;

		if (got == -1)
			return -1;
		if ((size_t)got < want)
			return err_set(err, ERR_RETRY, "%s: got shorter while it was looked at", name);
		while ((p = memrchr(bytes, '\n', (size_t)(p - bytes))) != NULL) {
			if (n == 0) {
				*at = end - want + (uint64_t)(p - bytes) + 1;
				return 0;
			}
			n--;
		}
		end -= want;
	}
	return 0;
}

/*
 * The last N lines.  What has no newline is a line at the end of a file, and none yet of one that grows: that
 * line is begun as a whole.
 */
static int
begin_of_last(const struct file *f, uint64_t n, uint64_t *at, struct err *err)
{
	uint64_t size;
	char     last = '\n';

	if (file_size(f->fd, file_input_name(&f->inputs[f->now]), &size, err) == -1)
		return -1;
	if (size > 0 && file_read_at(f->fd, file_input_name(&f->inputs[f->now]), &last, 1, size - 1, err) == -1)
		return -1;
	if (last != '\n' && !file_is_followed(f) && n > 0)
		n--;
	return look_back(f, size, n, at, err);
}

static int
begin_of_offset(const struct file *f, uint64_t offset, uint64_t *at, struct err *err)
{
	uint64_t size;

	if (file_size(f->fd, file_input_name(&f->inputs[f->now]), &size, err) == -1)
		return -1;
	if (offset > size)
		return err_set(err, ERR_DATA, "%s: has %llu bytes, so nothing begins at offset %llu",
		               file_input_name(&f->inputs[f->now]), (unsigned long long)size, (unsigned long long)offset);
	return look_back(f, offset, 0, at, err);
}

int
file_check_from(const struct file *f, struct err *err)
{
	if (f->conf.from.kind == SOURCE_FROM_OFFSET && f->n_inputs > 1)
		return err_set(err, ERR_USAGE, "--from %llu: an offset is of one file; there are %zu", (unsigned long long)f->conf.from.n,
		               f->n_inputs);
	if (f->conf.from.kind != SOURCE_FROM_LAST)
		return 0;
	for (size_t i = 0; i < f->n_inputs; i++)
		if (f->inputs[i].packed != UNPACK_NONE)
			return err_set(err, ERR_USAGE, "--from: %s is compressed: where its last lines are is known when all is read",
			               f->inputs[i].path);
	return 0;
}

int
file_go_from(struct file *f, struct err *err)
{
	const struct source_from *from = &f->conf.from;
	struct file_input        *i = &f->inputs[f->now];
	uint64_t                  at = 0;
	int                       r = 0;

	i->is_begun = true;
	if (from->kind == SOURCE_FROM_LAST && !f->in.regular)
		return err_set(err, ERR_USAGE, "--from: %s is no file: where its last lines are is known when all is read",
		               file_input_name(i));
	if (from->kind == SOURCE_FROM_LAST)
		r = begin_of_last(f, from->n, &at, err);
	else if (from->kind == SOURCE_FROM_OFFSET && f->in.regular && i->packed == UNPACK_NONE && !f->conf.rows)
		r = begin_of_offset(f, from->n, &at, err);
	/* Stdin may have been read by somebody before us. */
	if (r == 0 && f->in.regular && at > in_offset(&f->in))
		i->offset = i->began_at = at;
	return r;
}
