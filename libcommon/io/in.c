/* in - a descriptor, as chunks of whole lines */
#include "io/in.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "json/scan.h"

/* One more for the newline that a last line may lack. */
enum { BEHIND_CAP = 1 + SCAN_PAD };

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

static bool
has_input(const struct in *in)
{
	struct pollfd fd = { .fd = in->fd, .events = POLLIN };

	return in->regular || poll(&fd, 1, 0) != 0;
}

bool
in_ready(const struct in *in)
{
	return in->searched < in->to || in->ended || has_input(in);
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

/* 1: bytes came; 0: end; -1: nothing there; -2: error */
static int
read_once(struct in *in, struct err *err)
{
	ssize_t n;

	if (in->ended && !in->follow)
		return 0;
	if (!has_input(in))
		return -1;
	make_room(in);
	do {
		n = read(in->fd, in->buf + in->to, IN_READ_BYTES);
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

/*
 * The first line of [from, end) that is too long, or end.  Only where one can be, the lines are
 * looked at one by one.
 */
static size_t
first_long(const struct in *in, size_t end)
{
	size_t at = in->from;

	while (end - at > in->max_line + 1) {
		const char *nl = memchr(in->buf + at, '\n', end - at);
		size_t      next = (size_t)(nl - in->buf) + 1;

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
	const char *nl = n == 0 ? NULL : memchr(in->buf + in->from, '\n', n);
	uint64_t    length = in->from + in->skipped;

	if (nl != NULL) {
		size_t next = (size_t)(nl - in->buf) + 1;

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
	const char *nl = NULL;
	size_t      end;

	if (in->skipping)
		return go_on_skipping(in, chunk);
	if (in->to > in->searched)
		nl = memrchr(in->buf + in->searched, '\n', in->to - in->searched);
	if (nl == NULL) {
		in->searched = in->to;
		if (in->to - in->from <= in->max_line)
			return IN_WOULD_BLOCK;
		begin_skipping(in);
		return go_on_skipping(in, chunk);
	}
	end = first_long(in, (size_t)(nl - in->buf) + 1);
	if (end == in->from) {
		begin_skipping(in);
		return go_on_skipping(in, chunk);
	}
	in->searched = end == (size_t)(nl - in->buf) + 1 ? in->to : end;
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
