/*
 * lines - what a fuzzer makes of its bytes that looks at lines
 */
#ifndef FUZZ_LINES_H
#define FUZZ_LINES_H

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "json/scan.h"

/* A text becomes a line that can be scanned. */
static inline void
lines_pad(struct buf *line)
{
	buf_char(line, '\n');
	memset(buf_reserve(line, SCAN_PAD), 0, SCAN_PAD);
}

/* The first line as a C string, all behind it as a line to be scanned.  false: there is no newline. */
static inline bool
lines_split(const uint8_t *data, size_t size, struct buf *text, struct buf *line)
{
	const char *newline = memchr(data, '\n', size);
	size_t      n;

	if (newline == NULL)
		return false;
	n = (size_t)(newline - (const char *)data);
	buf_put(text, data, n);
	buf_char(text, '\0');
	buf_put(line, newline + 1, size - n - 1);
	lines_pad(line);
	return true;
}

#endif
