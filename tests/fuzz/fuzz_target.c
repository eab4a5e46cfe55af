/*
 * fuzz_target - any text as the target of a sink, any values as names of folders
 *
 * The first line is what stands behind `dir:`.  Every other line is a value: the folder it gives is one
 * name, cannot lead out of the target, and is no other value's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sink/dir_parts.h"
#include "must.h"

enum { MOST_VALUES = 16, NAME_MOST_BYTES = 255 };

static void
try_target(struct span line)
{
	struct buf        text = { 0 };
	struct err        err = ERR_INIT;
	struct dir_target t;

	buf_lit(&text, "dir:");
	buf_span(&text, line);
	buf_char(&text, '\0');
	if (dir_target_parse(&t, text.p, &err) == -1) {
		MUST(err.kind != ERR_NONE && err.status != 0 && err.text[0] != '\0');
	} else {
		MUST(t.path[0] != '\0' && t.size_bytes > 0 && t.window_ms >= 0);
		dir_target_release(&t);
	}
	buf_release(&text);
}

static void
check_name(struct span name)
{
	MUST(name.n > 4 && memcmp(name.p, "key=", 4) == 0 && name.n <= NAME_MOST_BYTES);
	for (size_t i = 0; i < name.n; i++)
		MUST(name.p[i] != '/' && (unsigned char)name.p[i] >= 0x20 && name.p[i] != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;
	struct span values[MOST_VALUES];
	struct buf  names[MOST_VALUES] = { { 0 } };
	size_t      n = 0;

	for (bool is_first = true; p < end && n < MOST_VALUES; is_first = false) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		struct span line = span_of(p, (size_t)((newline == NULL ? end : newline) - p));

		p += line.n + 1;
		if (is_first) {
			try_target(line);
			continue;
		}
		/* The value of a missing key: no line can be it. */
		if (line.n > 0) {
			dir_put_key(&names[n], line);
			check_name(buf_all(&names[n]));
			values[n++] = line;
		}
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			MUST(span_eq(values[i], values[j]) == span_eq(buf_all(&names[i]), buf_all(&names[j])));
	for (size_t i = 0; i < n; i++)
		buf_release(&names[i]);
	return 0;
}
