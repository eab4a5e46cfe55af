/* run_files - spilled runs as files */
#include "store/run_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "io/out.h"
#include "json/tree.h"

enum { BUFFER_BYTES = 256 * 1024, NAME_BYTES = 32, SUM_DIGITS = 16 };

struct run_file {
	uint64_t run;
	int      fd;                     /* -1: not open */
	uint64_t length_bytes;
	char     sum[SUM_DIGITS + 1];
	bool     is_durable;             /* and a snapshot may name it */
	bool     is_gone;                /* dropped, */
	uint64_t gone_epoch;             /* in this epoch; 0: in the one that goes on */
};

struct run_files {
	struct spill           spill;
	const char            *temp_dir;
	const struct file_dir *dir;      /* NULL: runs have no names */
	bool                   sync;
	struct run_file       *files;
	size_t                 n, cap;
	uint64_t               next_run, seen_run;
	struct run_file        making;   /* between begin and end; fd -1: none */
	struct buf             buf;
	XXH3_state_t          *hash;
	struct err             err;
};

static void
run_name(char to[NAME_BYTES], uint64_t run)
{
	snprintf(to, NAME_BYTES, "%llu.run", (unsigned long long)run);
}

/* The other way; false: no run's name. */
static bool
is_run_name(const char *name, uint64_t *run)
{
	char again[NAME_BYTES];

	*run = strtoull(name, NULL, 10);
	run_name(again, *run);
	return strcmp(again, name) == 0;
}

/* For messages. */
static void
run_path(const struct run_files *f, uint64_t run, char *to, size_t size)
{
	if (f->dir == NULL)
		snprintf(to, size, "%s: a temporary file", f->temp_dir);
	else
		snprintf(to, size, "%s/%llu.run", f->dir->path, (unsigned long long)run);
}

static struct run_file *
find(struct run_files *f, uint64_t run)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->files[i].run == run)
			return &f->files[i];
	return NULL;
}

static struct run_file *
add(struct run_files *f, struct run_file file)
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
static void
forget(struct run_files *f, struct run_file *file)
{
	size_t behind = f->n - 1 - (size_t)(file - f->files);

	close_file(file);
	memmove(file, file + 1, behind * sizeof(*file));
	f->n--;
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
	char path[400];

	if (f->buf.n == 0 || f->spill.failed)
		return;
	run_path(f, f->making.run, path, sizeof(path));
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
	char              name[NAME_BYTES];
	int               rc = -1;

	if (s->failed)
		return f->next_run;
	if (f->hash == NULL && (f->hash = XXH3_createState()) == NULL)
		alloc_failed();
	XXH3_64bits_reset(f->hash);
	f->making = (struct run_file){ .run = f->next_run++, .fd = -1 };
	run_name(name, f->making.run);
	rc = f->dir == NULL ? file_unnamed(f->temp_dir, &f->making.fd, &f->err)
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
	if (f->buf.n >= BUFFER_BYTES)
		write_out(f);
}

static uint64_t
end(struct spill *s)
{
	struct run_files *f = (struct run_files *)s;
	char              name[NAME_BYTES];
	struct buf        sum = { 0 };

	write_out(f);
	if (s->failed)
		return 0;
	buf_hex64(&sum, XXH3_64bits_digest(f->hash));
	memcpy(f->making.sum, sum.p, SUM_DIGITS);
	buf_release(&sum);
	run_name(name, f->making.run);
	if (f->dir != NULL && file_publish(f->dir, name, name, &f->err) == -1) {
		fail(f);
		return 0;
	}
	add(f, f->making);
	f->making.fd = -1;
	return f->files[f->n - 1].length_bytes;
}

static bool
read_run(struct spill *s, uint64_t run, uint64_t at, void *to, size_t n)
{
	struct run_files *f = (struct run_files *)s;
	struct run_file  *file = find(f, run);
	char              path[400];
	ssize_t           got;

	run_path(f, run, path, sizeof(path));
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
	char              path[400];

	if (s->failed)
		return;
	run_path(f, run, path, sizeof(path));
	err_set(&f->err, ERR_DATA, "%s: damaged: not what was written", path);
	fail(f);
}

static void
drop(struct spill *s, uint64_t run)
{
	struct run_files *f = (struct run_files *)s;
	struct run_file  *file = find(f, run);
	char              name[NAME_BYTES];

	if (file == NULL)
		return;
	close_file(file);
	file->is_gone = true;
	if (f->dir != NULL && file->is_durable)
		return;
	/* No snapshot names it. */
	run_name(name, run);
	if (f->dir != NULL && file_remove(f->dir, name, &f->err) == -1)
		fail(f);
	forget(f, file);
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

/* ---- the snapshot's line ---- */

static const char line_begin[] = "{\"spilled\":";

bool
run_files_is_line(struct span line)
{
	return span_starts(line, span_str(line_begin));
}

static void
put_live(struct buf *b, const struct run_file *file)
{
	buf_lit(b, "{\"run\":");
	buf_u64(b, file->run);
	buf_lit(b, ",\"length\":");
	buf_u64(b, file->length_bytes);
	buf_lit(b, ",\"sum\":\"");
	buf_str(b, file->sum);
	buf_lit(b, "\"}");
}

static void
put_gone(struct buf *b, const struct run_file *file)
{
	buf_lit(b, "{\"run\":");
	buf_u64(b, file->run);
	buf_lit(b, ",\"epoch\":");
	buf_u64(b, file->gone_epoch);
	buf_char(b, '}');
}

static void
put_list(struct buf *b, const struct run_files *f, bool gone)
{
	const char *between = "";

	buf_char(b, '[');
	for (size_t i = 0; i < f->n; i++) {
		if (f->files[i].is_gone != gone)
			continue;
		buf_str(b, between);
		between = ",";
		(gone ? put_gone : put_live)(b, &f->files[i]);
	}
	buf_char(b, ']');
}

void
run_files_save(const struct run_files *f, struct snap_writer *w)
{
	buf_str(&w->buf, line_begin);
	buf_lit(&w->buf, "{\"next\":");
	buf_u64(&w->buf, f->next_run);
	buf_lit(&w->buf, ",\"runs\":");
	put_list(&w->buf, f, false);
	buf_lit(&w->buf, ",\"gone\":");
	put_list(&w->buf, f, true);
	buf_lit(&w->buf, "}}");
	snap_line(w);
}

static bool
load_live(struct run_files *f, const struct tree *t)
{
	struct run_file file = { .fd = -1, .is_durable = true };
	int64_t         run, length;
	struct span     sum;

	if (!tree_i64(t, "run", &run) || !tree_i64(t, "length", &length) || !tree_string(t, "sum", &sum) || run <= 0
	    || length < 0 || sum.n != SUM_DIGITS)
		return false;
	file.run = (uint64_t)run;
	file.length_bytes = (uint64_t)length;
	memcpy(file.sum, sum.p, SUM_DIGITS);
	add(f, file);
	return true;
}

static bool
load_gone(struct run_files *f, const struct tree *t)
{
	int64_t run, epoch;

	if (!tree_i64(t, "run", &run) || !tree_i64(t, "epoch", &epoch) || run <= 0 || epoch < 0)
		return false;
	add(f, (struct run_file){ .run = (uint64_t)run, .fd = -1, .is_durable = true, .is_gone = true,
	                          .gone_epoch = (uint64_t)epoch });
	return true;
}

static bool
load_all(struct run_files *f, const struct tree *t)
{
	const struct tree *live = tree_member(t, "runs"), *gone = tree_member(t, "gone");
	int64_t            next;
	bool               good = live != NULL && gone != NULL && tree_i64(t, "next", &next) && next > 0;

	if (!good)
		return false;
	f->n = 0;
	f->next_run = f->seen_run = (uint64_t)next;
	for (size_t i = 0; good && i < tree_count(live); i++)
		good = load_live(f, tree_item(live, i));
	for (size_t i = 0; good && i < tree_count(gone); i++)
		good = load_gone(f, tree_item(gone, i));
	return good;
}

int
run_files_load(struct run_files *f, struct span line, struct err *err)
{
	struct tree       *t = tree_parse(line, err);
	const struct tree *all = t == NULL ? NULL : tree_member(t, "spilled");
	bool               good = all != NULL && load_all(f, all);

	tree_free(t);
	return good ? 0 : err_set(err, ERR_DATA, "not a list of spilled runs");
}

/* ---- going on from a snapshot ---- */

static int
remove_strange(void *cookie, const char *name, struct err *err)
{
	struct run_files *f = cookie;
	uint64_t          run;

	return is_run_name(name, &run) && find(f, run) == NULL ? file_remove(f->dir, name, err) : 0;
}

static int
hash_whole(struct run_files *f, struct run_file *file, const char *path, struct buf *sum, struct err *err)
{
	uint64_t at = 0;
	ssize_t  n;

	if (f->hash == NULL && (f->hash = XXH3_createState()) == NULL)
		alloc_failed();
	XXH3_64bits_reset(f->hash);
	buf_reserve(&f->buf, BUFFER_BYTES);
	for (; (n = file_read_at(file->fd, path, f->buf.p, BUFFER_BYTES, at, err)) > 0; at += (uint64_t)n)
		XXH3_64bits_update(f->hash, f->buf.p, (size_t)n);
	buf_hex64(sum, XXH3_64bits_digest(f->hash));
	return n < 0 ? -1 : 0;
}

static int
open_run(struct run_files *f, struct run_file *file, struct err *err)
{
	char       name[NAME_BYTES], path[400];
	struct buf sum = { 0 };
	uint64_t   length;
	int        rc = -1;

	run_name(name, file->run);
	run_path(f, file->run, path, sizeof(path));
	if ((file->fd = file_open(f->dir, name)) == -1)
		return errno == ENOENT ? err_set(err, ERR_DATA, "%s is missing: the state of this stage needs it", path)
		                       : err_sys(err, "%s", path);
	if ((length = file_size(file->fd)) != file->length_bytes)
		err_set(err, ERR_DATA, "%s: damaged: %llu bytes, not %llu", path, (unsigned long long)length,
		        (unsigned long long)file->length_bytes);
	else if (hash_whole(f, file, path, &sum, err) == 0)
		rc = memcmp(sum.p, file->sum, SUM_DIGITS) == 0 ? 0 :
		     err_set(err, ERR_DATA, "%s: damaged: checksum does not match", path);
	buf_release(&sum);
	return rc;
}

int
run_files_open(struct run_files *f, const struct file_dir *dir, bool sync, struct err *err)
{
	f->dir = dir;
	f->sync = sync;
	for (size_t i = 0; i < f->n; i++)
		if (!f->files[i].is_gone && open_run(f, &f->files[i], err) == -1)
			return -1;
	return file_list(dir, remove_strange, f, err);
}

/* ---- barriers ---- */

int
run_files_seal(struct run_files *f, uint64_t epoch, struct err *err)
{
	int  rc = 0;
	char path[400];

	for (size_t i = 0; i < f->n; i++) {
		struct run_file *file = &f->files[i];

		if (file->is_gone && file->gone_epoch == 0)
			file->gone_epoch = epoch;
		if (file->is_gone || file->is_durable)
			continue;
		run_path(f, file->run, path, sizeof(path));
		if (f->sync && file_sync(file->fd, path, err) == -1)
			return -1;
		file->is_durable = true;
		rc = 1;
	}
	return rc;
}

int
run_files_tidy(struct run_files *f, uint64_t committed, struct err *err)
{
	int  rc = 0;
	char name[NAME_BYTES];

	for (size_t i = f->n; i-- > 0; ) {
		struct run_file *file = &f->files[i];

		if (!file->is_gone || file->gone_epoch == 0 || file->gone_epoch >= committed)
			continue;
		run_name(name, file->run);
		if (file_remove(f->dir, name, err) == -1)
			return -1;
		forget(f, file);
		rc = 1;
	}
	return rc;
}
