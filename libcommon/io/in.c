/* in - a descriptor, as chunks of whole lines */
#include "io/in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/ring.h"
#include "io/wait.h"
#include "json/scan.h"

/* One more for the newline that a last line may lack. */
enum { BEHIND_CAP = 1 + SCAN_PAD };

/* How much is read ahead at most before somebody looks whether it is still what is to be done. */
enum { AHEAD_READS = 4 };

int
in_init(struct in *in, int fd, const char *name, size_t max_line, bool follow, struct err *err)
{
	struct stat st;
	off_t       at = 0;

	*in = (struct in){ .fd = fd, .name = name };
	in->max_line = max_line < SIZE_MAX / 4 ? max_line : SIZE_MAX / 4;
	if (fstat(fd, &st) != 0)
		return err_sys(err, "%s", name);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return err_sys(err, "%s", name);
	}
	in->regular = S_ISREG(st.st_mode);
	in->at_once = S_ISFIFO(st.st_mode);
	if (in->at_once)
		ring_announce(fd);
	in->follow = follow && in->regular;
	if (in->regular && (at = lseek(fd, 0, SEEK_CUR)) < 0)
		return err_sys(err, "%s", name);
	if (in->regular)
		posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	in->offset = (uint64_t)at;
	in->cap = IN_READ_BYTES + IN_READ_BYTES / 4;
	in->buf = alloc_zeroed(in->cap + BEHIND_CAP, 1);
	return 0;
}

void
in_release(struct in *in)
{
	free(in->buf);
	unpack_free(in->unpack);
	hoard_free(in->hoard);
	in->unpack = NULL;
	in->hoard = NULL;
	in->buf = NULL;
	in->cap = in->from = in->to = in->searched = 0;
}

static void
forget_held(struct in *in)
{
	in->from = in->to = in->searched = 0;
	in->skipping = false;
	in->skipped = 0;
	in->ended = false;
	in->row = CSV_FIELD_START;
}

int
in_unpack(struct in *in, enum unpack_kind kind, struct err *err)
{
	if (kind == UNPACK_NONE)
		return 0;
	in->unpack = unpack_new(kind, in->fd, in->name, err);
	return in->unpack == NULL ? -1 : 0;
}

int
in_seek(struct in *in, uint64_t offset, struct err *err)
{
	if (lseek(in->fd, (off_t)offset, SEEK_SET) < 0)
		return err_sys(err, "%s: byte %llu", in->name, (unsigned long long)offset);
	forget_held(in);
	in->offset = offset;
	return 0;
}

int
in_skip(struct in *in, uint64_t offset, void (*each)(void *cookie, const char *p, size_t n), void *cookie, struct err *err)
{
	if (lseek(in->fd, 0, SEEK_SET) < 0)
		return err_sys(err, "%s", in->name);
	unpack_restart(in->unpack);
	forget_held(in);
	for (uint64_t at = 0; at < offset; ) {
		size_t  want = offset - at < IN_READ_BYTES ? (size_t)(offset - at) : IN_READ_BYTES;
		ssize_t n = unpack_read(in->unpack, in->buf, want, err);

		if (n == -1)
			return -1;
		if (n <= 0)
			return err_set(err, ERR_DATA, "%s: has %llu bytes, but %llu were read", in->name,
			               (unsigned long long)at, (unsigned long long)offset);
		each(cookie, in->buf, (size_t)n);
		at += (uint64_t)n;
	}
	in->offset = offset;
	return 0;
}

/*
 * What is held goes to the front (behind the first bytes of a line that is skipped), and there is
 * room for a read.
 */
static void
make_room(struct in *in)
{
	size_t front = in->skipping ? in->from : 0;
	size_t held = in->to - in->from;

	if (in->from != front && held > 0)
		memmove(in->buf + front, in->buf + in->from, held);
	in->searched -= in->from - front;
	in->from = front;
	in->to = front + held;
	if (in->cap - in->to >= IN_READ_BYTES)
		return;
	while (in->cap - in->to < IN_READ_BYTES)
		in->cap *= 2;
	in->buf = alloc_resized(in->buf, in->cap + BEHIND_CAP, 1);
	memset(in->buf + in->to, 0, in->cap + BEHIND_CAP - in->to);
}

/* What a kernel says that does not know how, or a filter in front of it that does not know the call. */
static bool
is_unknown(int error)
{
	return error == EOPNOTSUPP || error == ENOSYS || error == EINVAL || error == EPERM;
}

/*
 * As read(2) of a descriptor that does not block.  It is not made to be one: others may have it open, too.  An older kernel,
 * and any of a pipe with a name, has to be asked first.
 */
static ssize_t
read_at_once(struct in *in)
{
	struct iovec room = { .iov_base = in->buf + in->to, .iov_len = IN_READ_BYTES };
	ssize_t      n;

	if (in->at_once) {
		n = preadv2(in->fd, &room, 1, -1, RWF_NOWAIT);
		if (n >= 0 || !is_unknown(errno))
			return n;
		in->at_once = false;
	}
	if (!in->regular && !wait_is_readable(in->fd)) {
		errno = EAGAIN;
		return -1;
	}
	return read(in->fd, room.iov_base, room.iov_len);
}

/* 1: bytes came; 0: end; -1: nothing there; -2: error */
static int
read_once(struct in *in, struct err *err)
{
	ssize_t n;

	if (in->ended && !in->follow)
		return 0;
	if (in->unpack != NULL && !in->regular && !unpack_ready(in->unpack))
		return -1;
	make_room(in);
	if (in->unpack != NULL) {
		n = unpack_read(in->unpack, in->buf + in->to, IN_READ_BYTES, err);
		if (n < 0)
			return n == UNPACK_LATER ? -1 : -2;
		in->ended = n == 0;
		in->to += (size_t)n;
		return n > 0;
	}
	if (in->hoard != NULL && (!hoard_is_empty(in->hoard) || hoard_has_ended(in->hoard))) {
		if ((n = hoard_take(in->hoard, in->buf + in->to, IN_READ_BYTES, err)) == -1)
			return -2;
		in->ended = n == 0;
		in->to += (size_t)n;
		return n > 0;
	}
	do {
		n = read_at_once(in);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return -1;
	if (n < 0) {
		err_sys(err, "%s", in->name);
		return -2;
	}
	in->ended = n == 0;
	in->to += (size_t)n;
	return n > 0;
}

int
in_read_ahead(struct in *in, size_t memory_bytes, struct err *err)
{
	if (!in_may_read_ahead(in))
		return 0;
	if (in->hoard == NULL)
		in->hoard = hoard_new(memory_bytes);
	for (int i = 0; i < AHEAD_READS && wait_is_readable(in->fd); i++) {
		int r = hoard_fill(in->hoard, in->fd, in->name, err);

		if (r <= 0)
			return r == -1 ? -1 : in_may_read_ahead(in);
	}
	return 1;
}

/* Behind the first line of [p, end); NULL: it does not end there.  ROW: where p stands in a row, moved on. */
static const char *
behind_line(const struct in *in, const char *p, const char *end, enum csv_state *row)
{
	const char *nl;

	if (in->rows)
		return csv_behind_row(p, end, row);
	nl = p == end ? NULL : memchr(p, '\n', (size_t)(end - p));
	return nl == NULL ? NULL : nl + 1;
}

/* Behind the last line of what has not been searched; NULL: none ends there. */
static const char *
behind_last_line(struct in *in)
{
	const char *p = in->buf + in->searched, *end = in->buf + in->to, *last = NULL;

	if (!in->rows) {
		last = p == end ? NULL : memrchr(p, '\n', (size_t)(end - p));
		return last == NULL ? NULL : last + 1;
	}
	while ((p = csv_behind_row(p, end, &in->row)) != NULL)
		last = p;
	return last;
}

/*
 * The first line of [from, end) that is too long, or end.  Only where one can be, the lines are
 * looked at one by one.
 */
static size_t
first_long(const struct in *in, size_t end)
{
	size_t at = in->from;

	while (end - at > in->max_line + 1) {
		enum csv_state row = CSV_FIELD_START;
		size_t         next = (size_t)(behind_line(in, in->buf + at, in->buf + end, &row) - in->buf);

		if (next - at > in->max_line + 1)
			return at;
		at = next;
	}
	return end;
}

static void
hand_out(struct in *in, size_t end, struct in_chunk *chunk)
{
	*chunk = (struct in_chunk){ .p = in->buf + in->from, .end = in->buf + end,
	                            .offset = in->offset };
	in->offset += end - in->from;
	in->from = end;
}

/* The line at `from` is too long: keep its beginning. */
static void
begin_skipping(struct in *in)
{
	size_t held = in->to - in->from;
	size_t keep = in->max_line < IN_LONG_KEEP_BYTES ? in->max_line : IN_LONG_KEEP_BYTES;

	memmove(in->buf, in->buf + in->from, held);
	in->to = held;
	in->from = in->searched = keep;
	in->row = CSV_FIELD_START;
	if (in->rows)
		csv_behind_row(in->buf, in->buf + keep, &in->row);
	in->skipping = true;
	in->skipped = 0;
}

/* Behind the newline of the skipped line stands [from, to); the line had LENGTH bytes in all. */
static enum in_status
end_skipping(struct in *in, uint64_t length, bool completed, struct in_chunk *chunk)
{
	size_t keep = in->max_line < IN_LONG_KEEP_BYTES ? in->max_line : IN_LONG_KEEP_BYTES;

	*chunk = (struct in_chunk){ .p = in->buf, .end = in->buf + keep, .offset = in->offset,
	                            .long_bytes = length, .completed = completed };
	in->offset += length;
	in->skipping = false;
	in->skipped = 0;
	return IN_LONG_LINE;
}

static enum in_status
go_on_skipping(struct in *in, struct in_chunk *chunk)
{
	size_t      n = in->to - in->from;
	const char *behind = behind_line(in, in->buf + in->from, in->buf + in->to, &in->row);
	uint64_t    length = in->from + in->skipped;

	if (behind != NULL) {
		size_t next = (size_t)(behind - in->buf);

		length += next - in->from;
		in->from = in->searched = next;
		return end_skipping(in, length, false, chunk);
	}
	in->skipped += n;
	in->to = in->searched = in->from;
	if (in->ended && !in->follow)
		return end_skipping(in, length + n, true, chunk);
	return IN_WOULD_BLOCK;
}

/* From what is held, without a read.  IN_WOULD_BLOCK: that needs more. */
static enum in_status
take_held(struct in *in, struct in_chunk *chunk)
{
	const char *behind;
	size_t      last, end;

	if (in->skipping)
		return go_on_skipping(in, chunk);
	behind = behind_last_line(in);
	if (behind == NULL) {
		in->searched = in->to;
		if (in->to - in->from <= in->max_line)
			return IN_WOULD_BLOCK;
		begin_skipping(in);
		return go_on_skipping(in, chunk);
	}
	last = (size_t)(behind - in->buf);
	end = first_long(in, last);
	if (end == in->from) {
		begin_skipping(in);
		return go_on_skipping(in, chunk);
	}
	in->searched = end == last ? in->to : end;
	if (end != last)
		in->row = CSV_FIELD_START;
	hand_out(in, end, chunk);
	return IN_LINES;
}

/* The end of the file, and what is held has no newline. */
static enum in_status
take_last(struct in *in, struct in_chunk *chunk)
{
	if (in->skipping)
		return go_on_skipping(in, chunk);
	if (in->to == in->from)
		return IN_END;
	in->buf[in->to] = '\n';
	hand_out(in, in->to + 1, chunk);
	in->offset--;                      /* the newline is not the file's */
	chunk->completed = true;
	in->from = in->to = in->searched = 0;
	return IN_LINES;
}

enum in_status
in_fill(struct in *in, struct in_chunk *chunk, struct err *err)
{
	for (;;) {
		enum in_status status = take_held(in, chunk);

		if (status != IN_WOULD_BLOCK)
			return status;
		switch (read_once(in, err)) {
		case 1:
			break;
		case 0:
			return in->follow ? IN_END : take_last(in, chunk);
		case -1:
			return IN_WOULD_BLOCK;
		default:
			return IN_ERROR;
		}
	}
}
