/* commit - DIR/commit: what is in for good */
#include "ckpt/priv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "io/out.h"
#include "json/text.h"
#include "json/tree.h"

void
commit_release(struct commit *c)
{
	buf_release(&c->token);
	buf_release(&c->via);
	*c = (struct commit){ 0 };
}

/* -1: a member is missing or makes no sense */
static int
take_members(struct commit *c, const struct tree *t)
{
	int64_t run = -1, epoch = -1;

	if (!tree_i64(t, "run", &run) || !tree_i64(t, "epoch", &epoch) || run < 1 || epoch < 0 ||
	    !tree_bool(t, "closed", &c->closed) || tree_member(t, "token") == NULL ||
	    tree_member(t, "via") == NULL)
		return -1;
	c->run = (uint64_t)run;
	c->epoch = (uint64_t)epoch;
	c->exists = true;
	buf_reset(&c->token);
	tree_put(&c->token, tree_member(t, "token"));
	buf_reset(&c->via);
	tree_put(&c->via, tree_member(t, "via"));
	return 0;
}

/*
 * The descriptor of what was read stays open: as long as it does, no other file can have its inode
 * number, so a look at the name tells for sure whether there is something new.
 */
int
commit_read(struct ckpt *ck, struct err *err)
{
	struct buf   text = { 0 }, path = { 0 };
	struct tree *tree = NULL;
	int          fd, rc = -1;
	int          same = ck->commit_fd < 0 ? 0 : file_is_same(&ck->dir, "commit", ck->commit_fd, err);

	if (same != 0)
		return same;
	buf_printf(&path, "%s/commit", ck->conf.dir);
	fd = file_open(&ck->dir, "commit");
	if (fd < 0) {
		rc = errno == ENOENT ? 0 : err_sys(err, "%s", path.p);
		goto out;
	}
	if (file_read_fd(fd, path.p, SMALL_FILE_MAX_BYTES, &text, err) < 0)
		goto out;
	tree = tree_parse(buf_all(&text), err);
	if (tree == NULL) {
		err_in(err, "%s: damaged", path.p);
		goto out;
	}
	if (take_members(&ck->commit, tree) != 0) {
		err_set(err, ERR_DATA, "%s: damaged: run, epoch, token, via or closed is missing",
		        path.p);
		goto out;
	}
	if (ck->commit_fd >= 0)
		close(ck->commit_fd);
	ck->commit_fd = fd;
	fd = -1;
	rc = 1;
out:
	if (fd >= 0)
		close(fd);
	tree_free(tree);
	buf_release(&text);
	buf_release(&path);
	return rc;
}

static void
put_commit(struct buf *to, const struct commit *c)
{
	buf_printf(to, "{\"run\":%llu,\"epoch\":%llu,\"token\":", (unsigned long long)c->run,
	           (unsigned long long)c->epoch);
	if (c->token.n > 0)
		buf_span(to, buf_all(&c->token));
	else
		buf_lit(to, "null");
	buf_lit(to, ",\"via\":");
	if (c->via.n > 0)
		buf_span(to, buf_all(&c->via));
	else
		buf_lit(to, "[]");
	buf_str(to, c->closed ? ",\"closed\":true}\n" : ",\"closed\":false}\n");
}

/* file_replace in its steps, since each is a place where a sink may be killed. */
int
commit_write(struct ckpt *ck, struct err *err)
{
	const struct file_dir *d = &ck->dir;
	struct buf  text = { 0 };
	int         fd, rc;

	if (file_is_deleted(ck->lock_fd))
		return dir_say_deleted(ck, err);
	if (file_temp(d, "commit", &fd, err) != 0)
		return -1;
	ck->commit.exists = true;
	put_commit(&text, &ck->commit);
	rc = out_write_all(fd, d->path, text.p, text.n, -1, err);
	if (rc == 0 && !ck->conf.no_sync)
		rc = file_sync(fd, d->path, err);
	close(fd);
	buf_release(&text);
	ckpt_crash_point(ck->conf.stage, "commit-temp");
	if (rc == 0)
		rc = file_publish(d, "commit", "commit", err);
	if (rc != 0) {
		file_temp_remove(d, "commit");
		return err_in(err, "commit of epoch %llu", (unsigned long long)ck->commit.epoch);
	}
	ckpt_crash_point(ck->conf.stage, "commit-renamed");
	return ck->conf.no_sync ? 0 : file_sync_dir(d, err);
}

void
commit_put_via(struct buf *to, const struct hello *hello)
{
	buf_char(to, '[');
	for (size_t i = 0; i < hello->n_via; i++) {
		buf_str(to, i == 0 ? "[" : ",[");
		text_quote(to, span_str(hello->via[i].stage));
		buf_char(to, ',');
		text_quote(to, span_str(hello->via[i].fingerprint));
		buf_char(to, ']');
	}
	buf_char(to, ']');
}

static struct span
via_item(const struct tree *via, size_t i, size_t j)
{
	struct span s = SPAN_NONE;

	tree_value_string(tree_item(tree_item(via, i), j), &s);
	return s;
}

static bool
hello_has(const struct hello *hello, struct span stage)
{
	for (size_t i = 0; i < hello->n_via; i++)
		if (span_eq(span_str(hello->via[i].stage), stage))
			return true;
	return false;
}

static bool
via_has(const struct tree *via, const char *stage)
{
	for (size_t i = 0; i < tree_count(via); i++)
		if (span_eq(via_item(via, i, 0), span_str(stage)))
			return true;
	return false;
}

/* The first stage that differs, and how. */
static int
say_difference(const struct ckpt *ck, const struct tree *was, const struct hello *now,
               struct err *err)
{
	static const char help[] = "put it back as it was, or begin a new checkpoint directory";

	for (size_t i = 0; i < now->n_via; i++)
		if (!via_has(was, now->via[i].stage))
			return err_set(err, ERR_DATA, "%s: stage %s was not in this pipeline "
			               "before; %s",
			               ck->conf.dir, now->via[i].stage, help);
	for (size_t i = 0; i < tree_count(was); i++)
		if (!hello_has(now, via_item(was, i, 0)))
			return err_set(err, ERR_DATA, "%s: stage %.*s was in this pipeline and is "
			               "missing now; %s",
			               ck->conf.dir, SPAN_ARGS(via_item(was, i, 0)), help);
	for (size_t i = 0; i < now->n_via && i < tree_count(was); i++) {
		if (!span_eq(via_item(was, i, 0), span_str(now->via[i].stage)))
			return err_set(err, ERR_DATA, "%s: stage %s was at another place in this "
			               "pipeline; %s",
			               ck->conf.dir, now->via[i].stage, help);
		if (!span_eq(via_item(was, i, 1), span_str(now->via[i].fingerprint)))
			return err_set(err, ERR_DATA, "%s: stage %s had other options; %s",
			               ck->conf.dir, now->via[i].stage, help);
	}
	return err_set(err, ERR_DATA, "%s: the pipeline's stages have changed; %s", ck->conf.dir,
	               help);
}

int
commit_compare_via(const struct ckpt *ck, const struct hello *hello, struct err *err)
{
	struct buf   now = { 0 };
	struct tree *was;
	bool         same;

	commit_put_via(&now, hello);
	same = span_eq(buf_all(&now), buf_all(&ck->commit.via));
	buf_release(&now);
	if (same)
		return 0;
	was = tree_parse(buf_all(&ck->commit.via), err);
	if (was == NULL)
		return err_in(err, "%s/commit: damaged", ck->conf.dir);
	say_difference(ck, was, hello, err);
	tree_free(was);
	return -1;
}
