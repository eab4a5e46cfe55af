/* run_files_snap - spilled runs as files: what snapshots say of them, and what a start finds */
#include "store/run_files_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "json/tree.h"

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
	    || length < 0 || sum.n != RUN_SUM_DIGITS)
		return false;
	file.run = (uint64_t)run;
	file.length_bytes = (uint64_t)length;
	memcpy(file.sum, sum.p, RUN_SUM_DIGITS);
	run_files_add(f, file);
	return true;
}

static bool
load_gone(struct run_files *f, const struct tree *t)
{
	int64_t run, epoch;

	if (!tree_i64(t, "run", &run) || !tree_i64(t, "epoch", &epoch) || run <= 0 || epoch < 0)
		return false;
	run_files_add(f, (struct run_file){ .run = (uint64_t)run, .fd = -1, .is_durable = true, .is_gone = true,
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

/* 17.run; false: no run's name. */
static bool
is_run_name(const char *name, uint64_t *run)
{
	char again[RUN_NAME_BYTES];

	*run = strtoull(name, NULL, 10);
	run_files_name(again, *run);
	return strcmp(again, name) == 0;
}

static int
remove_strange(void *cookie, const char *name, struct err *err)
{
	struct run_files *f = cookie;
	uint64_t          run;

	return is_run_name(name, &run) && run_files_find(f, run) == NULL ? file_remove(f->dir, name, err) : 0;
}

static int
hash_whole(struct run_files *f, struct run_file *file, const char *path, struct buf *sum, struct err *err)
{
	uint64_t at = 0;
	ssize_t  n;

	run_files_hash_anew(f);
	buf_reserve(&f->buf, RUN_BUFFER_BYTES);
	for (; (n = file_read_at(file->fd, path, f->buf.p, RUN_BUFFER_BYTES, at, err)) > 0; at += (uint64_t)n)
		XXH3_64bits_update(f->hash, f->buf.p, (size_t)n);
	buf_hex64(sum, XXH3_64bits_digest(f->hash));
	return n < 0 ? -1 : 0;
}

static int
open_run(struct run_files *f, struct run_file *file, struct err *err)
{
	char       name[RUN_NAME_BYTES], path[RUN_PATH_BYTES];
	struct buf sum = { 0 };
	uint64_t   length;
	int        rc = -1;

	run_files_name(name, file->run);
	run_files_path(f, file->run, path, sizeof(path));
	if ((file->fd = file_open(f->dir, name)) == -1)
		return errno == ENOENT ? err_set(err, ERR_DATA, "%s is missing: the state of this stage needs it", path)
		                       : err_sys(err, "%s", path);
	if (file_size(file->fd, path, &length, err) == -1)
		return -1;
	if (length != file->length_bytes)
		err_set(err, ERR_DATA, "%s: damaged: %llu bytes, not %llu", path, (unsigned long long)length,
		        (unsigned long long)file->length_bytes);
	else if (hash_whole(f, file, path, &sum, err) == 0)
		rc = memcmp(sum.p, file->sum, RUN_SUM_DIGITS) == 0 ? 0 :
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
	char path[RUN_PATH_BYTES];

	for (size_t i = 0; i < f->n; i++) {
		struct run_file *file = &f->files[i];

		if (file->is_gone && file->gone_epoch == 0)
			file->gone_epoch = epoch;
		if (file->is_gone || file->is_durable)
			continue;
		run_files_path(f, file->run, path, sizeof(path));
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
	char name[RUN_NAME_BYTES];

	for (size_t i = f->n; i-- > 0; ) {
		struct run_file *file = &f->files[i];

		if (!file->is_gone || file->gone_epoch == 0 || file->gone_epoch >= committed)
			continue;
		run_files_name(name, file->run);
		if (file_remove(f->dir, name, err) == -1)
			return -1;
		run_files_forget(f, file);
		rc = 1;
	}
	return rc;
}
