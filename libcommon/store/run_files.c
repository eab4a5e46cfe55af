/* run_files - spilled runs as files */
#include "store/run_files_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/out.h"

void
run_files_name(char to[RUN_NAME_BYTES], uint64_t run)
{
	snprintf(to, RUN_NAME_BYTES, "%llu.run", (unsigned long long)run);
}

/* For messages. */
void
run_files_path(const struct run_files *f, uint64_t run, char *to, size_t size)
{
	if (f->dir == NULL)
		snprintf(to, size, "%s: a temporary file", f->temp_dir);
	else
		snprintf(to, size, "%s/%llu.run", f->dir->path, (unsigned long long)run);
}

struct run_file *
run_files_find(struct run_files *f, uint64_t run)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->files[i].run == run)
			return &f->files[i];
	return NULL;
}

struct run_file *
run_files_add(struct run_files *f, struct run_file file)
{
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 16 : f->cap * 2;
		f->files = alloc_resized(f->files, f->cap, sizeof(*f->files));
	}
	f->files[f->n++] = file;
	return &f->files[f->n - 1];
}

static void
close_file(struct run_file *file)
{
	if (file->fd != -1)
		close(file->fd);
	file->fd = -1;
}

/* Keeps the order of the rest. */
void
run_files_forget(struct run_files *f, struct run_file *file)
{
	size_t behind = f->n - 1 - (size_t)(file - f->files);

	close_file(file);
	memmove(file, file + 1, behind * sizeof(*file));
	f->n--;
}

void
run_files_hash_anew(struct run_files *f)
{
	if (f->hash == NULL && (f->hash = XXH3_createState()) == NULL)
		alloc_failed();
	XXH3_64bits_reset(f->hash);
}

/* ---- the door ---- */

static void
fail(struct run_files *f)
{
	f->spill.failed = true;
	close_file(&f->making);
}

static void
write_out(struct run_files *f)
{
	char path[RUN_PATH_BYTES];

	if (f->buf.n == 0 || f->spill.failed)
		return;
	run_files_path(f, f->making.run, path, sizeof(path));
	XXH3_64bits_update(f->hash, f->buf.p, f->buf.n);
	if (out_write_all(f->making.fd, path, f->buf.p, f->buf.n, (int64_t)f->making.length_bytes, &f->err) == -1)
		fail(f);
	f->making.length_bytes += f->buf.n;
	buf_reset(&f->buf);
}

static uint64_t
begin(struct spill *s)
{
	struct run_files *f = (struct run_files *)s;
	char              name[RUN_NAME_BYTES];
	int               rc = -1;

	if (s->failed)
		return f->next_run;
	run_files_hash_anew(f);
	f->making = (struct run_file){ .run = f->next_run++, .fd = -1 };
	run_files_name(name, f->making.run);
	rc = f->dir == NULL ? file_unnamed(f->temp_dir, "a temporary file", &f->making.fd, &f->err)
	                    : file_temp(f->dir, name, &f->making.fd, &f->err);
	if (rc == -1)
		fail(f);
	return f->making.run;
}

static void
put(struct spill *s, const void *p, size_t n)
{
	struct run_files *f = (struct run_files *)s;

	if (s->failed)
		return;
	buf_put(&f->buf, p, n);
	if (f->buf.n >= RUN_BUFFER_BYTES)
		write_out(f);
}

static uint64_t
end(struct spill *s)
{
	struct run_files *f = (struct run_files *)s;
	char              name[RUN_NAME_BYTES];
	struct buf        sum = { 0 };

	write_out(f);
	if (s->failed)
		return 0;
	buf_hex64(&sum, XXH3_64bits_digest(f->hash));
	memcpy(f->making.sum, sum.p, RUN_SUM_DIGITS);
	buf_release(&sum);
	run_files_name(name, f->making.run);
	if (f->dir != NULL && file_publish(f->dir, name, name, &f->err) == -1) {
		fail(f);
		return 0;
	}
	run_files_add(f, f->making);
	f->making.fd = -1;
	return f->files[f->n - 1].length_bytes;
}

static bool
read_run(struct spill *s, uint64_t run, uint64_t at, void *to, size_t n)
{
	struct run_files *f = (struct run_files *)s;
	struct run_file  *file = run_files_find(f, run);
	char              path[RUN_PATH_BYTES];
	ssize_t           got;

	run_files_path(f, run, path, sizeof(path));
	if (file == NULL) {
		err_set(&f->err, ERR_DATA, "%s: the state names this run, but no file", path);
		fail(f);
		return false;
	}
	if ((got = file_read_at(file->fd, path, to, n, at, &f->err)) == (ssize_t)n)
		return true;
	if (got >= 0)
		err_set(&f->err, ERR_DATA, "%s: shorter than it was", path);
	fail(f);
	return false;
}

static void
say_damaged(struct spill *s, uint64_t run)
{
	struct run_files *f = (struct run_files *)s;
	char              path[RUN_PATH_BYTES];

	if (s->failed)
		return;
	run_files_path(f, run, path, sizeof(path));
	err_set(&f->err, ERR_DATA, "%s: damaged: not what was written", path);
	fail(f);
}

static void
drop(struct spill *s, uint64_t run)
{
	struct run_files *f = (struct run_files *)s;
	struct run_file  *file = run_files_find(f, run);
	char              name[RUN_NAME_BYTES];

	if (file == NULL)
		return;
	close_file(file);
	file->is_gone = true;
	if (f->dir != NULL && file->is_durable)
		return;
	/* No snapshot names it. */
	run_files_name(name, run);
	if (f->dir != NULL && file_remove(f->dir, name, &f->err) == -1)
		fail(f);
	run_files_forget(f, file);
}

static const struct spill_class run_files_class = {
	.begin = begin, .put = put, .end = end, .read = read_run, .say_damaged = say_damaged, .drop = drop
};

/* ---- life ---- */

struct run_files *
run_files_new(const char *temp_dir)
{
	struct run_files *f = alloc_zeroed(1, sizeof(*f));

	f->spill.class = &run_files_class;
	f->temp_dir = temp_dir;
	f->next_run = f->seen_run = 1;
	f->making.fd = -1;
	return f;
}

void
run_files_free(struct run_files *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->n; i++)
		close_file(&f->files[i]);
	close_file(&f->making);
	XXH3_freeState(f->hash);
	buf_release(&f->buf);
	free(f->files);
	free(f);
}

struct spill *
run_files_spill(struct run_files *f)
{
	return &f->spill;
}

int
run_files_check(struct run_files *f, struct err *err)
{
	bool has_new = f->next_run != f->seen_run;

	if (f->spill.failed) {
		*err = f->err;
		return -1;
	}
	f->seen_run = f->next_run;
	return has_new;
}
