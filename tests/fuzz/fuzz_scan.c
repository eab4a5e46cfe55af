/*
 * fuzz_scan - any bytes as lines: the scanner and the naive one must agree on each
 *
 * Each '\n' ends a line, so one input teaches templates with its first lines and tries them with
 * the others.  Build with -fsanitize=fuzzer, or with replay.c to run a corpus.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/scan_compare.h"
#include "must.h"

static const char *const texts[] = {
	".", ".a", ".a.b", ".a[0]", ".a[1].b", ".b", ".ts", ".key", ".payload", ".payload.price",
	".payload", ".[0]", ".[\"\"]", ".[1].a"
};

enum { N_PATHS = sizeof(texts) / sizeof(texts[0]) };

static struct path        paths[N_PATHS];
static const struct path *refs[N_PATHS];

static void
parse_paths(void)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < N_PATHS && refs[i] == NULL; i++) {
		if (path_parse(&paths[i], texts[i], &err) != 0)
			abort();
		refs[i] = &paths[i];
	}
}

/*
 * Twice over the lines: the second time the templates of all of them are there.  Short inputs more often, until it is
 * known which of their first values stay the same.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char        *text = malloc(size + 1 + SCAN_PAD);
	struct scan *s;

	parse_paths();
	s = scan_new(refs, N_PATHS);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\n';
	memset(text + size + 1, '"', SCAN_PAD);
	for (int again = 0; again < (size < 500 ? 40 : 2); again++) {
		for (const char *line = text, *end; line <= text + size; line = end + 1) {
			const char *how = scan_difference(s, refs, N_PATHS, line);

			end = memchr(line, '\n', (size_t)(text + size + 1 - line));
			if (how != NULL) {
				fprintf(stderr, "%s: %.*s\n", how, (int)(end - line), line);
				abort();
			}
		}
	}
	scan_free(s);
	free(text);
	return 0;
}
