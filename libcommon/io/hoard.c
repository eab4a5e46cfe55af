/* hoard - bytes of a pipe that were read before anybody wanted them */
#include "io/hoard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/file.h"

enum {
	BLOCK_BYTES = 256 * 1024,
	PUNCH_BYTES = 16 * 1024 * 1024       /* the file's space goes back in portions of that much */
};

static const char for_what[] = "a place for what has to wait";

struct block {
	struct block *next;
	size_t        from, to;
	char          bytes[BLOCK_BYTES];
};

/* The oldest bytes stand in blocks, then come those in the file; while there are any, new ones go behind them. */
struct hoard {
	struct block *first, *last;
	size_t        n_blocks, max_blocks;
	struct block *spare;                 /* for reads on their way to the file */
	int           fd;                    /* -1: no file yet */
	uint64_t      file_from, file_to, punched;
	bool          ended;
};

struct hoard *
hoard_new(size_t memory_bytes)
{
	struct hoard *h = alloc_zeroed(1, sizeof(*h));

	h->max_blocks = memory_bytes / BLOCK_BYTES;
	h->fd = -1;
	return h;
}

void
hoard_free(struct hoard *h)
{
	if (h == NULL)
		return;
	for (struct block *b = h->first, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(h->spare);
	if (h->fd != -1)
		close(h->fd);
	free(h);
}

bool
hoard_is_empty(const struct hoard *h)
{
	return (h->first == NULL || h->first->from == h->first->to) && h->file_from == h->file_to;
}

bool
hoard_has_ended(const struct hoard *h)
{
	return h->ended;
}

uint64_t
hoard_disk_bytes(const struct hoard *h)
{
	return h->file_to - h->file_from;
}

/* ---- the file ---- */

static int
write_file(struct hoard *h, const char *p, size_t n, struct err *err)
{
	if (h->fd == -1 && file_unnamed(file_temp_dir(), for_what, &h->fd, err) == -1)
		return -1;
	while (n > 0) {
		ssize_t done = pwrite(h->fd, p, n, (off_t)h->file_to);

		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return err_sys(err, "%s: %s", file_temp_dir(), for_what);
		p += done;
		n -= (size_t)done;
		h->file_to += (uint64_t)done;
	}
	return 0;
}

/* What was read of the file is not needed any more. */
static void
give_back(struct hoard *h)
{
	if (h->file_from == h->file_to) {
		h->file_from = h->file_to = h->punched = 0;
		if (ftruncate(h->fd, 0) == -1)
			return;                      /* then it is overwritten */
	} else if (h->file_from - h->punched >= PUNCH_BYTES) {
		fallocate(h->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)h->punched, (off_t)(h->file_from - h->punched));
		h->punched = h->file_from;
	}
}

static ssize_t
take_of_file(struct hoard *h, void *to, size_t n, struct err *err)
{
	uint64_t left = h->file_to - h->file_from;
	ssize_t  done;

	if (left == 0)
		return 0;
	do {
		done = pread(h->fd, to, left < n ? (size_t)left : n, (off_t)h->file_from);
	} while (done == -1 && errno == EINTR);
	if (done <= 0) {
		errno = done == 0 ? EIO : errno;
		return err_sys(err, "%s: what had to wait cannot be read", file_temp_dir());
	}
	h->file_from += (uint64_t)done;
	give_back(h);
	return done;
}

/* ---- memory ---- */

static struct block *
new_block(struct hoard *h)
{
	struct block *b = h->spare;

	h->spare = NULL;
	if (b == NULL)
		b = alloc_zeroed(1, sizeof(*b));
	b->next = NULL;
	b->from = b->to = 0;
	return b;
}

/* Where the next bytes go; *DISK: from there on to the file. */
static struct block *
room(struct hoard *h, bool *disk)
{
	struct block *b = h->last;

	*disk = h->file_from != h->file_to;
	if (!*disk && b != NULL && b->to < BLOCK_BYTES)
		return b;
	if (!*disk && h->n_blocks < h->max_blocks) {
		b = new_block(h);
		if (h->last == NULL)
			h->first = b;
		else
			h->last->next = b;
		h->last = b;
		h->n_blocks++;
		return b;
	}
	*disk = true;
	return h->spare = new_block(h);
}

int
hoard_fill(struct hoard *h, int fd, const char *name, struct err *err)
{
	bool          disk;
	struct block *b;
	ssize_t       n;

	if (h->ended)
		return 0;
	b = room(h, &disk);
	do {
		n = read(fd, b->bytes + b->to, BLOCK_BYTES - b->to);
	} while (n == -1 && errno == EINTR);
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n == -1)
		return err_sys(err, "%s", name);
	if (n == 0) {
		h->ended = true;
		return 0;
	}
	if (disk)
		return write_file(h, b->bytes, (size_t)n, err) == -1 ? -1 : 1;
	b->to += (size_t)n;
	return 1;
}

int
hoard_put(struct hoard *h, const void *bytes, size_t n, struct err *err)
{
	const char *p = bytes;

	while (n > 0) {
		bool          disk;
		struct block *b = room(h, &disk);
		size_t        some;

		if (disk)
			return write_file(h, p, n, err);
		some = n < BLOCK_BYTES - b->to ? n : BLOCK_BYTES - b->to;
		memcpy(b->bytes + b->to, p, some);
		b->to += some;
		p += some;
		n -= some;
	}
	return 0;
}

static void
drop_first(struct hoard *h)
{
	struct block *b = h->first;

	h->first = b->next;
	if (h->first == NULL)
		h->last = NULL;
	h->n_blocks--;
	if (h->spare == NULL)
		h->spare = b;
	else
		free(b);
}

ssize_t
hoard_take(struct hoard *h, void *to, size_t n, struct err *err)
{
	struct block *b = h->first;

	if (b == NULL || b->from == b->to)
		return take_of_file(h, to, n, err);
	if (n > b->to - b->from)
		n = b->to - b->from;
	memcpy(to, b->bytes + b->from, n);
	b->from += n;
	if (b->from == b->to)
		drop_first(h);
	return (ssize_t)n;
}
