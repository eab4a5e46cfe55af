/* err - what went wrong, worded once */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int
status_of(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:            return 0;
	case ERR_USAGE:           return 2;
	case ERR_DATA:            return 1;
	case ERR_FATAL:           return 1;
	case ERR_RETRY:           return 75;
	case ERR_READER_GONE:     return 141;
	case ERR_FAILED_UPSTREAM: return 1;
	}
	return 1;
}

/* What goes away by itself, or when somebody makes room; all else stays as it is until a person acts. */
static enum err_kind
kind_of_errno(int sys)
{
	static const int passing[] = { ENOSPC, EDQUOT, EIO, ENOMEM, EAGAIN, EINTR, EMFILE, ENFILE, EBUSY, ENOLCK, ETIMEDOUT, ESTALE };

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (passing[i] == sys)
			return ERR_RETRY;
	return ERR_FATAL;
}

enum err_kind
err_kind_said(const char *said, enum err_kind otherwise)
{
	enum { LAST_ERRNO = 133 };           /* of Linux */
	size_t n = strlen(said);

	for (int sys = 1; sys <= LAST_ERRNO; sys++) {
		const char *text = strerror(sys);
		size_t      text_n = strlen(text);

		if (n >= text_n && memcmp(said + n - text_n, text, text_n) == 0)
			return kind_of_errno(sys);
	}
	return otherwise;
}

const char *
err_text(int sys)
{
	return sys == 0 ? "unknown error" : strerror(sys);
}

int
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	err->kind = kind;
	err->status = status_of(kind);
	err->sys = 0;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_sys(struct err *err, const char *fmt, ...)
{
	int     sys = errno;
	size_t  n;
	va_list ap;

	err->kind = kind_of_errno(sys);
	err->status = status_of(err->kind);
	err->sys = sys;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", err_text(sys));
	return -1;
}

int
err_in(struct err *err, const char *fmt, ...)
{
	char    was[sizeof(err->text)];
	size_t  n;
	va_list ap;

	memcpy(was, err->text, sizeof(was));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", was);
	return -1;
}
