/*
 * snapfile - one snapshot: a header line, then entry lines
 *
 *     {"snapshot":"streamutils","version":1,"stage":"window","epoch":42,"base":41,"last":null,
 *      "options":{…},"entries":3                   ,"checksum":"91ab…"}
 *
 * How many entries there are and their checksum is known at the end, so these two have places of
 * constant width that are filled in then.  The checksum is of all entry lines and then the header
 * line with sixteen zeros in its own place: no byte of the file is outside it.
 */
#include "ckpt/priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "io/in.h"
#include "io/out.h"
#include "json/scan.h"
#include "json/text.h"
#include "json/tree.h"

enum {
	ENTRIES_DIGITS = 20,
	SUM_DIGITS = 16,
	HEAD_MAX_BYTES = 1 << 20
};

static const char zeros[] = "0000000000000000";
static const char before_sum[] = ",\"checksum\":\"";
static const char after_sum[] = "\"}\n";

enum { TAIL_BYTES = sizeof(before_sum) - 1 + SUM_DIGITS + sizeof(after_sum) - 1 };

/* ---- writing ---- */

struct sheet {                                  /* what is being written */
	struct snap_writer writer;
	int                fd;
	const char        *path;
	uint64_t           at;                  /* where the next byte goes */
	bool               failed;
	struct err        *err;
	XXH3_state_t       hash;
};

static void
drain(struct snap_writer *w)
{
	struct sheet *s = w->cookie;

	if (!s->failed) {
		XXH3_64bits_update(&s->hash, w->buf.p, w->buf.n);
		s->failed = out_write_all(s->fd, s->path, w->buf.p, w->buf.n, (int64_t)s->at,
		                          s->err) != 0;
		s->at += w->buf.n;
	}
	buf_reset(&w->buf);
}

/* *entries_at: where the number of entries goes */
static void
put_head(struct buf *to, const struct ckpt *ck, const struct snap_entry *e, size_t *entries_at)
{
	static const char *const last[] = {
		[CKPT_GOES_ON] = "null", [CKPT_STOPPED] = "\"stop\"", [CKPT_ENDED] = "\"end\"",
	};

	buf_printf(to, "{\"snapshot\":\"streamutils\",\"version\":%d,\"stage\":", CKPT_VERSION);
	text_quote(to, span_str(ck->conf.stage));
	buf_printf(to, ",\"epoch\":%llu,\"base\":", (unsigned long long)e->epoch);
	if (e->base == NO_BASE)
		buf_lit(to, "null");
	else
		buf_u64(to, e->base);
	buf_printf(to, ",\"last\":%s,\"options\":%s,\"entries\":", last[e->last], ck->conf.options);
	*entries_at = to->n;
	buf_printf(to, "%*s", ENTRIES_DIGITS, "");
	buf_str(to, before_sum);
	buf_str(to, zeros);
	buf_str(to, after_sum);
}

static void
fill_in(struct buf *head, size_t entries_at, uint64_t entries, XXH3_state_t *hash)
{
	struct buf digits = { 0 };

	buf_u64(&digits, entries);
	memcpy(head->p + entries_at, digits.p, digits.n);
	XXH3_64bits_update(hash, head->p, head->n);
	buf_reset(&digits);
	buf_hex64(&digits, XXH3_64bits_digest(hash));
	memcpy(head->p + head->n - (sizeof(after_sum) - 1) - SUM_DIGITS, digits.p, SUM_DIGITS);
	buf_release(&digits);
}

int
snapfile_write(int fd, const char *name, const struct ckpt *ck, struct snap_entry *e,
               const struct ckpt_saver *saver,
               struct err *err)
{
	struct sheet s = { .fd = fd, .path = name, .err = err };
	struct buf   head = { 0 };
	size_t       entries_at;

	XXH3_64bits_reset(&s.hash);
	put_head(&head, ck, e, &entries_at);
	s.at = head.n;
	s.writer = (struct snap_writer){ .drain = drain, .cookie = &s };
	saver->save(saver->cookie, e->base != NO_BASE, &s.writer);
	drain(&s.writer);
	fill_in(&head, entries_at, s.writer.entries, &s.hash);
	if (!s.failed)
		s.failed = out_write_all(fd, name, head.p, head.n, 0, err) != 0;
	e->size_bytes = s.at;
	buf_release(&head);
	buf_release(&s.writer.buf);
	return s.failed ? -1 : 0;
}

/* ---- reading ---- */

static int
damaged(const char *path, struct err *err, const char *how)
{
	return err_set(err, ERR_DATA, "%s: damaged: %s", path, how);
}

/* The header line with its newline. */
static int
read_head_line(int fd, const char *path, struct buf *line, struct err *err)
{
	enum { STEP = 4096 };

	for (;;) {
		const char *nl;
		ssize_t     n = file_read_at(fd, path, buf_reserve(line, STEP), STEP, line->n, err);

		if (n < 0)
			return -1;
		nl = n == 0 ? NULL : memchr(line->p + line->n, '\n', (size_t)n);
		if (nl != NULL) {
			line->n = (size_t)(nl - line->p) + 1;
			return 0;
		}
		line->n += (size_t)n;
		if (n < STEP || line->n > HEAD_MAX_BYTES)
			return damaged(path, err, line->n == 0 ? "empty" : "no header line");
	}
}

static bool
take_last(const struct tree *t, enum ckpt_last *last)
{
	struct span s;

	*last = CKPT_GOES_ON;
	if (!tree_string(t, "last", &s))
		return true;
	*last = span_eq(s, SPAN_LIT("end")) ? CKPT_ENDED : CKPT_STOPPED;
	return *last == CKPT_ENDED || span_eq(s, SPAN_LIT("stop"));
}

/*
 * Is this ours at all, and of a format that we know?  Asked before the checksum, since the answer
 * is clearer.
 */
static int
check_format(const char *path, const struct tree *t, struct err *err)
{
	struct span what;
	int64_t     version = 0;

	if (!tree_string(t, "snapshot", &what) || !span_eq(what, SPAN_LIT("streamutils")))
		return err_set(err, ERR_DATA, "%s: is not a snapshot of streamutils", path);
	if (!tree_i64(t, "version", &version) || version < 1)
		return damaged(path, err, "no version");
	if (version > CKPT_VERSION)
		return err_set(err, ERR_DATA, "%s: written by a newer version of streamutils "
		               "(format %lld; this one knows %d)", path, (long long)version, CKPT_VERSION);
	return 0;
}

static int
take_members(const struct ckpt *ck, const char *path, const struct tree *t, uint64_t epoch,
             struct snap_head *head,
             struct err *err)
{
	struct span stage;
	int64_t     is_epoch = -1, base = -1, entries = -1;

	if (!tree_string(t, "stage", &stage) || !tree_i64(t, "epoch", &is_epoch) ||
	    !tree_i64(t, "entries", &entries) ||
	    entries < 0 || !take_last(t, &head->entry.last) || tree_member(t, "options") == NULL)
		return damaged(path, err, "the header lacks a member");
	if (!span_eq(stage, span_str(ck->conf.stage)))
		return err_set(err, ERR_DATA, "%s: is the state of another stage: %.*s", path,
		               SPAN_ARGS(stage));
	if (is_epoch < 0 || (uint64_t)is_epoch != epoch)
		return err_set(err, ERR_DATA, "%s: is the state of another epoch: %lld", path,
		               (long long)is_epoch);
	head->entry.epoch = epoch;
	head->entry.base = NO_BASE;
	if (tree_i64(t, "base", &base)) {
		if (base < 0 || (uint64_t)base >= epoch)
			return damaged(path, err, "it builds on itself");
		head->entry.base = (uint64_t)base;
	}
	head->entries = (uint64_t)entries;
	tree_put(&head->options, tree_member(t, "options"));
	return 0;
}

static int
parse_head(const struct ckpt *ck, const char *path, const struct buf *line, uint64_t epoch,
           struct snap_head *head,
           struct err *err)
{
	struct tree *t = tree_parse(buf_all(line), err);
	int          rc;

	if (t == NULL)
		return damaged(path, err, "its first line is no header");
	rc = check_format(path, t, err);
	if (rc == 0)
		rc = take_members(ck, path, t, epoch, head, err);
	tree_free(t);
	return rc;
}

/* Where the header line has the checksum's digits; NULL: nowhere. */
static char *
sum_place(struct buf *line)
{
	char *tail = line->n < TAIL_BYTES ? NULL : line->p + line->n - TAIL_BYTES;

	if (tail == NULL || memcmp(tail, before_sum, sizeof(before_sum) - 1) != 0 ||
	    memcmp(line->p + line->n - (sizeof(after_sum) - 1), after_sum, sizeof(after_sum) - 1) != 0)
		return NULL;
	return tail + sizeof(before_sum) - 1;
}

/* HASH is of all entry lines.  LINE is given back as it was. */
static bool
sum_matches(XXH3_state_t *hash, struct buf *line, char *place)
{
	char       said[SUM_DIGITS];
	struct buf sum = { 0 };
	bool       same;

	memcpy(said, place, SUM_DIGITS);
	memcpy(place, zeros, SUM_DIGITS);
	XXH3_64bits_update(hash, line->p, line->n);
	memcpy(place, said, SUM_DIGITS);
	buf_hex64(&sum, XXH3_64bits_digest(hash));
	same = memcmp(sum.p, said, SUM_DIGITS) == 0;
	buf_release(&sum);
	return same;
}

static int
open_snap(const struct ckpt *ck, uint64_t epoch, struct buf *path)
{
	char name[SNAP_NAME_BYTES];

	snap_name(name, epoch);
	buf_printf(path, "%s/%s", ck->own.path, name);
	buf_char(path, '\0');
	return file_open(&ck->own, name);
}

int
snapfile_head(const struct ckpt *ck, uint64_t epoch, struct snap_head *head, struct err *err)
{
	struct buf path = { 0 }, line = { 0 };
	int        fd = open_snap(ck, epoch, &path);
	int        rc = -1;

	*head = (struct snap_head){ 0 };
	if (fd < 0) {
		rc = errno == ENOENT ? 0 : err_sys(err, "%s", path.p);
	} else if (read_head_line(fd, path.p, &line, err) == 0 &&
	           parse_head(ck, path.p, &line, epoch, head, err) == 0) {
		head->head_bytes = line.n;
		rc = file_size(fd, path.p, &head->entry.size_bytes, err) == 0 ? 1 : -1;
	}
	if (fd >= 0)
		close(fd);
	if (rc != 1)
		buf_release(&head->options);
	buf_release(&path);
	buf_release(&line);
	return rc;
}

static int
hand_out(const struct in_chunk *chunk, const struct ckpt_loader *loader, uint64_t *lines,
         struct err *err)
{
	for (const char *p = chunk->p; p < chunk->end; ) {
		const char *nl;

		if (loader->lines != NULL && (p = loader->lines(loader->cookie, p, chunk->end, lines)) == chunk->end)
			break;
		nl = memchr(p, '\n', (size_t)(chunk->end - p));
		if (loader->line(loader->cookie, span_of(p, (size_t)(nl - p)), err) != 0)
			return -1;
		(*lines)++;
		p = nl + 1;
	}
	return 0;
}

/*
 * All entry lines, read once: handed out and summed up together.  A line that is refused may be refused because the
 * file is damaged, which is the better thing to say: so all is summed up then, too.
 */
static int
read_entries(struct in *in, const struct snap_head *head, struct buf *line, const struct ckpt_loader *loader, struct err *err)
{
	char           *place = sum_place(line);
	bool            is_refused = loader == NULL;
	enum in_status  status;
	struct in_chunk chunk;
	XXH3_state_t    hash;
	uint64_t        lines = 0;

	if (place == NULL)
		return damaged(in->name, err, "no checksum");
	XXH3_64bits_reset(&hash);
	while ((status = in_fill(in, &chunk, err)) == IN_LINES) {
		XXH3_64bits_update(&hash, chunk.p, (size_t)(chunk.end - chunk.p) - chunk.completed);
		if (!is_refused && hand_out(&chunk, loader, &lines, err) != 0) {
			err_in(err, "%s", in->name);
			is_refused = true;
		}
	}
	if (status == IN_ERROR)
		return -1;
	if (status != IN_END || !sum_matches(&hash, line, place))
		return damaged(in->name, err, "checksum does not match");
	if (is_refused)
		return loader == NULL ? 0 : -1;
	return lines == head->entries ? 0 : damaged(in->name, err, "the number of entries does not match");
}

static int
read_whole(const struct ckpt *ck, const struct snap_head *head, const struct ckpt_loader *loader, struct err *err)
{
	struct buf path = { 0 }, line = { 0 };
	int        fd = open_snap(ck, head->entry.epoch, &path);
	struct in  in = { 0 };
	int        rc = -1;

	if (fd < 0)
		err_sys(err, "%s", path.p);
	else if (read_head_line(fd, path.p, &line, err) == 0 &&
	         in_init(&in, fd, path.p, head->entry.size_bytes, false, err) == 0 && in_seek(&in, line.n, err) == 0)
		rc = read_entries(&in, head, &line, loader, err);
	in_release(&in);
	if (fd >= 0)
		close(fd);
	buf_release(&path);
	buf_release(&line);
	return rc;
}

int
snapfile_check(const struct ckpt *ck, const struct snap_head *head, struct err *err)
{
	return read_whole(ck, head, NULL, err);
}

int
snapfile_load(const struct ckpt *ck, const struct snap_head *head, const struct ckpt_loader *loader, struct err *err)
{
	return read_whole(ck, head, loader, err);
}
