/* dir - the directory itself: opened once, its identity, its locks */
#include "ckpt/priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/alloc.h"
#include "json/tree.h"

enum { ID_BYTES = 16, STAGE_MAX_BYTES = 64 };

/* A stage's name is a directory's, beside pipeline, lock, run and commit. */
static int
check_stage_name(const char *stage, struct err *err)
{
	static const char *const taken[] = { "pipeline", "lock", "run", "commit" };
	size_t n = strlen(stage);

	if (n == 0 || n > STAGE_MAX_BYTES || stage[0] == '.' || strchr(stage, '/') != NULL ||
	    file_is_temp(stage))
		return err_set(err, ERR_USAGE, "\"%s\" cannot be a stage's name: it becomes a "
		               "directory", stage);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcmp(stage, taken[i]) == 0)
			return err_set(err, ERR_USAGE, "\"%s\" cannot be a stage's name: "
			               "the checkpoint has a file of that name", stage);
	return 0;
}

struct ckpt *
dir_open(const struct ckpt_conf *conf, bool make, struct err *err)
{
	struct ckpt *ck = alloc_zeroed(1, sizeof(*ck));

	ck->conf = *conf;
	ck->dir = ck->own = (struct file_dir)FILE_DIR_NONE;
	ck->lock_fd = ck->run_fd = ck->commit_fd = -1;
	if (check_stage_name(conf->stage, err) == 0 &&
	    file_dir_open(&ck->dir, NULL, conf->dir, make, !conf->no_sync, err) == 0 &&
	    file_refuse_network(&ck->dir, err) == 0)
		return ck;
	ckpt_free(ck);
	return NULL;
}

void
ckpt_free(struct ckpt *ck)
{
	if (ck == NULL)
		return;
	base_give_up(ck);
	if (ck->commit_fd >= 0)
		close(ck->commit_fd);
	if (ck->run_fd >= 0)
		close(ck->run_fd);
	if (ck->lock_fd >= 0)
		close(ck->lock_fd);
	file_dir_close(&ck->own);
	file_dir_close(&ck->dir);
	list_release(&ck->snaps);
	commit_release(&ck->commit);
	buf_release(&ck->found_token);
	free(ck->pipeline);
	free(ck);
}

int
dir_open_own(struct ckpt *ck, struct err *err)
{
	if (ck->own.fd >= 0)
		return 0;
	return file_dir_open(&ck->own, &ck->dir, ck->conf.stage, true, !ck->conf.no_sync, err);
}

int
dir_read_pipeline(struct ckpt *ck, struct err *err)
{
	struct buf   text = { 0 };
	struct tree *tree = NULL;
	struct span  id;
	int64_t      version = CKPT_VERSION;
	int          rc = file_read(&ck->dir, "pipeline", SMALL_FILE_MAX_BYTES, &text, err);

	if (rc <= 0)
		goto out;
	rc = -1;
	tree = tree_parse(buf_all(&text), err);
	if (tree == NULL) {
		err_in(err, "%s/pipeline: damaged", ck->conf.dir);
		goto out;
	}
	tree_i64(tree, "version", &version);
	if (version > CKPT_VERSION) {
		err_set(err, ERR_DATA, "%s: written by a newer version of streamutils (format "
		        "%lld; this one knows %d)",
		        ck->conf.dir, (long long)version, CKPT_VERSION);
	} else if (!tree_string(tree, "id", &id) || id.n == 0) {
		err_set(err, ERR_DATA, "%s/pipeline: damaged: no id", ck->conf.dir);
	} else {
		free(ck->pipeline);
		ck->pipeline = alloc_string_n(id.p, id.n);
		rc = 1;
	}
out:
	tree_free(tree);
	buf_release(&text);
	return rc;
}

int
dir_make_pipeline(struct ckpt *ck, struct err *err)
{
	uint64_t   id[ID_BYTES / sizeof(uint64_t)];
	struct buf text = { 0 };
	int        rc;

	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return err_sys(err, "getrandom");
	buf_lit(&text, "{\"id\":\"");
	for (size_t i = 0; i < sizeof(id) / sizeof(id[0]); i++)
		buf_hex64(&text, id[i]);
	ck->pipeline = alloc_string_n(text.p + 7, text.n - 7);
	buf_printf(&text, "\",\"version\":%d}\n", CKPT_VERSION);
	/* We hold DIR/lock: nobody else makes one at this moment, and half a file is never seen. */
	rc = file_replace(&ck->dir, "pipeline", buf_all(&text), !ck->conf.no_sync, err);
	buf_release(&text);
	return rc;
}

int
dir_say_deleted(const struct ckpt *ck, struct err *err)
{
	return err_set(err, ERR_DATA, "%s: the checkpoint directory was deleted", ck->conf.dir);
}

int
dir_say_replaced(const struct ckpt *ck, uint64_t by, struct err *err)
{
	return err_set(err, ERR_RETRY, "%s: run %llu was replaced by run %llu", ck->conf.dir,
	               (unsigned long long)ck->run, (unsigned long long)by);
}

int
dir_note_run(struct ckpt *ck, const struct file_dir *d, uint64_t run, struct err *err)
{
	struct buf path = { 0 };
	int        rc;

	buf_printf(&path, "%s/lock", d->path);
	rc = file_lock_note(ck->lock_fd, path.p, run, err);
	buf_release(&path);
	return rc;
}

int
dir_lock(struct ckpt *ck, const struct file_dir *d, const struct file_busy *busy, uint64_t *newest,
         struct err *err)
{
	struct buf content = { 0 };
	int64_t    pid;
	int        rc = file_lock(d, "lock", ck->conf.lock_deadline_ms, busy, &ck->lock_fd, err);

	if (rc == 0)
		rc = file_read_fd(ck->lock_fd, d->path, SMALL_FILE_MAX_BYTES, &content, err);
	if (rc == 1) {
		file_lock_read(buf_all(&content), newest, &pid);
		rc = dir_note_run(ck, d, *newest, err);       /* our pid, for those who wait */
	}
	buf_release(&content);
	return rc;
}

const char *
ckpt_pipeline(const struct ckpt *ck)
{
	return ck->pipeline;
}

uint64_t
ckpt_run(const struct ckpt *ck)
{
	return ck->run;
}

uint64_t
ckpt_epoch(const struct ckpt *ck)
{
	return ck->epoch;
}

const struct file_dir *
ckpt_folder(const struct ckpt *ck)
{
	return &ck->own;
}
