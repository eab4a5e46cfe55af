/* unpack - a compressed descriptor, as the bytes that were compressed */
#include "io/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/alloc.h"
#include "io/wait.h"

enum { PACKED_BYTES = 128 * 1024 };

struct unpack {
	enum unpack_kind kind;
	int         fd;
	const char *name;
	z_stream    gzip;
	ZSTD_DCtx  *zstd;
	bool        ended;               /* of the descriptor */
	bool        inside;              /* a member or frame has begun and not ended */
	bool        holds;               /* the last step filled what it was given: there may be more without input */
	bool        empty;               /* nothing was read yet */
	size_t      from, to;            /* of packed: not yet used */
	char        packed[PACKED_BYTES];
};

static bool
ends_with(const char *path, const char *suffix)
{
	size_t n = strlen(path), m = strlen(suffix);

	return n > m && strcmp(path + n - m, suffix) == 0;
}

enum unpack_kind
unpack_kind_of(const char *path)
{
	return ends_with(path, ".gz") ? UNPACK_GZIP : ends_with(path, ".zst") ? UNPACK_ZSTD : UNPACK_NONE;
}

struct unpack *
unpack_new(enum unpack_kind kind, int fd, const char *name, struct err *err)
{
	struct unpack *u = alloc_zeroed(1, sizeof(*u));
	bool           fine;

	u->kind = kind;
	u->fd = fd;
	u->name = name;
	u->empty = true;
	if (kind == UNPACK_GZIP)
		fine = inflateInit2(&u->gzip, 15 + 16) == Z_OK;      /* 16: gzip's header, not zlib's */
	else
		fine = (u->zstd = ZSTD_createDCtx()) != NULL;
	if (fine)
		return u;
	free(u);
	errno = ENOMEM;
	err_sys(err, "%s", name);
	return NULL;
}

void
unpack_free(struct unpack *u)
{
	if (u == NULL)
		return;
	if (u->kind == UNPACK_GZIP)
		inflateEnd(&u->gzip);
	else
		ZSTD_freeDCtx(u->zstd);
	free(u);
}

void
unpack_restart(struct unpack *u)
{
	u->from = u->to = 0;
	u->ended = u->inside = u->holds = false;
	u->empty = true;
	if (u->kind == UNPACK_GZIP)
		inflateReset(&u->gzip);
	else
		ZSTD_DCtx_reset(u->zstd, ZSTD_reset_session_only);
}

bool
unpack_ready(const struct unpack *u)
{
	return u->holds || u->from < u->to || u->ended || wait_is_readable(u->fd);
}

/* 1: there are packed bytes; 0: the descriptor is at its end; UNPACK_LATER; -1. */
static int
refill(struct unpack *u, struct err *err)
{
	ssize_t n;

	if (u->from < u->to)
		return 1;
	if (u->ended)
		return 0;
	if (!wait_is_readable(u->fd))
		return UNPACK_LATER;
	do {
		n = read(u->fd, u->packed, sizeof(u->packed));
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return UNPACK_LATER;
	if (n < 0)
		return err_sys(err, "%s", u->name);
	u->from = 0;
	u->to = (size_t)n;
	u->ended = n == 0;
	if (n > 0)
		u->empty = false;
	return n > 0;
}

/* One step with what is there; *MADE bytes came.  False: damaged, *REASON. */
static bool
step_gzip(struct unpack *u, void *to, size_t n, size_t *made, const char **reason)
{
	int r;

	if (!u->inside)
		inflateReset(&u->gzip);
	u->inside = true;
	u->gzip.next_in = (Bytef *)u->packed + u->from;
	u->gzip.avail_in = (uInt)(u->to - u->from);
	u->gzip.next_out = to;
	u->gzip.avail_out = (uInt)n;
	r = inflate(&u->gzip, Z_NO_FLUSH);
	u->from = u->to - u->gzip.avail_in;
	*made = n - u->gzip.avail_out;
	if (r == Z_STREAM_END)
		u->inside = false;
	*reason = u->gzip.msg != NULL ? u->gzip.msg : "no gzip";
	return r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR;
}

static bool
step_zstd(struct unpack *u, void *to, size_t n, size_t *made, const char **reason)
{
	ZSTD_inBuffer  in = { u->packed, u->to, u->from };
	ZSTD_outBuffer out = { to, n, 0 };
	size_t         r = ZSTD_decompressStream(u->zstd, &out, &in);

	*reason = "";
	if (ZSTD_isError(r)) {
		*reason = ZSTD_getErrorName(r);
		return false;
	}
	u->from = in.pos;
	*made = out.pos;
	u->inside = r != 0;
	return true;
}

ssize_t
unpack_read(struct unpack *u, void *to, size_t n, struct err *err)
{
	size_t      made = 0;
	const char *reason;

	for (;;) {
		if (u->from < u->to || u->holds) {
			bool fine = u->kind == UNPACK_GZIP ? step_gzip(u, to, n, &made, &reason)
			                                   : step_zstd(u, to, n, &made, &reason);

			if (!fine)
				return err_set(err, ERR_DATA, "%s: damaged: %s", u->name, reason);
			u->holds = made == n && u->inside;
			if (made > 0)
				return (ssize_t)made;
		}
		if (u->from < u->to)
			continue;
		switch (refill(u, err)) {
		case 1:
			continue;
		case UNPACK_LATER:
			return UNPACK_LATER;
		case 0:
			break;
		default:
			return -1;
		}
		if (u->inside || u->empty)
			return err_set(err, ERR_DATA, "%s: cut short: the compressed data does not come to its end", u->name);
		return 0;
	}
}
