/* ring - pages that the reader of a pipe reads where they stand */
#include "io/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* Of a pipe no byte has a place: any will do that others do not think of.  "stream", in ASCII. */
static const off_t lock_byte = 0x73747265616d;

static struct flock
lock_of(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = lock_byte, .l_len = 1 };
}

void
ring_announce(int fd)
{
	struct flock lock = lock_of(F_RDLCK);

	(void)fcntl(fd, F_SETLK, &lock);
}

/* Who holds the lock; 0: nobody, or somebody who cannot be named here (another space of process ids). */
static pid_t
reader_of(int fd)
{
	struct flock lock = lock_of(F_WRLCK);

	if (fcntl(fd, F_GETLK, &lock) == -1 || lock.l_type != F_RDLCK || lock.l_pid <= 0)
		return 0;
	return lock.l_pid;
}

/* Never free(3): others may still look at what the pipe holds of these pages. */
static void
give_up(struct ring *r)
{
	if (r->pages != NULL)
		munmap(r->pages, (size_t)RING_CHUNKS * RING_CHUNK_BYTES);
	r->pages = NULL;
	r->is_over = true;
}

/* A forked child has no use for the pages, and would have each copied that is written again meanwhile. */
static bool
find_reader(struct ring *r, int fd)
{
	size_t size = (size_t)RING_CHUNKS * RING_CHUNK_BYTES;
	void  *pages;

	if ((r->reader = reader_of(fd)) == 0)
		return false;
	pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED || madvise(pages, size, MADV_DONTFORK) == -1) {
		if (pages != MAP_FAILED)
			munmap(pages, size);
		r->is_over = true;
		return false;
	}
	r->pages = pages;
	return true;
}

/*
 * A chunk that nobody reads any more, of several the one last given: its pages are still in the cache.  RING_CHUNKS: none.
 * Bytes that others have put into the pipe only make it look fuller.
 */
static size_t
idle_chunk(struct ring *r, int fd, uint64_t put_bytes)
{
	int      held = 0;
	uint64_t taken;
	size_t   best = RING_CHUNKS;

	if (ioctl(fd, FIONREAD, &held) == -1 || held < 0)
		return RING_CHUNKS;
	taken = put_bytes > (uint64_t)held ? put_bytes - (uint64_t)held : 0;
	for (size_t i = 0; i < r->n_used; i++)
		if (r->ends[i] <= taken && (best == RING_CHUNKS || r->ends[i] > r->ends[best]))
			best = i;
	return best == RING_CHUNKS && r->n_used < RING_CHUNKS ? r->n_used++ : best;
}

/* All of it, or as much as went in before an error: the caller's write(2) will meet that again, and tell. */
static size_t
put(int fd, char *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		struct iovec part = { .iov_base = p + done, .iov_len = n - done };
		ssize_t      took = vmsplice(fd, &part, 1, 0);

		if (took > 0) {
			done += (size_t)took;
		} else if (took == -1 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			struct pollfd full = { .fd = fd, .events = POLLOUT };

			poll(&full, 1, -1);
		} else if (took == 0 || errno != EINTR) {
			break;
		}
	}
	return done;
}

size_t
ring_give(struct ring *r, int fd, const char *p, size_t n, uint64_t put_bytes)
{
	size_t i;
	char  *chunk;

	if (n < RING_LEAST_BYTES || r->is_over || (r->pages == NULL && !find_reader(r, fd)))
		return 0;
	if ((i = idle_chunk(r, fd, put_bytes)) == RING_CHUNKS)
		return 0;
	/* Only now: who left before it was asked has left that chunk to whoever reads next. */
	if (reader_of(fd) != r->reader) {
		give_up(r);
		return 0;
	}
	if (n > RING_CHUNK_BYTES)
		n = RING_CHUNK_BYTES;
	chunk = r->pages + i * RING_CHUNK_BYTES;
	memcpy(chunk, p, n);
	r->ends[i] = put_bytes + n;
	i = put(fd, chunk, n);
	if (i < n)
		give_up(r);
	r->given_bytes += i;
	return i;
}

void
ring_release(struct ring *r)
{
	give_up(r);
}
