/*
 * scan - what the scanner costs, from memory
 *
 *     scan [FILE.ndjson PATH…]
 *
 * Without operands: lines of about 245 bytes in several shapes, three members of them wanted (of
 * the envelope all).
 * Prints CPU nanoseconds a line and GB/s, the median of several passes: with templates, and the
 * validator alone (which leaves UTF-8 unchecked).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "json/check.h"
#include "json/scan.h"
#include "json/want.h"

enum { N_LINES = 20000, N_PASSES = 15, MAX_PATHS = 32 };

static uint64_t random_state = 88172645463325252;

static unsigned
any(unsigned below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)((random_state >> 20) % below);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* --- lines --- */

static const char *const words[] = { "click", "view", "purchase", "refund", "search", "login" };

static const char odd_place[] = "Z\xC3\xBCrich \\u2013 Gen\xC3\xA8ve";
static const char odd_note[] =
	"said \\\"na\xC3\xAFve caf\xC3\xA9\\\" \xE2\x82\xAC" "5\\nand went on, a line of text";
static const char plain_note[] =
	"a line of text of some length that nobody ever reads, but it is there";

static void
put_members(struct buf *b, int i, bool escapes, bool shuffled)
{
	char m[9][160];
	int  order[9] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };

	snprintf(m[0], 160, "\"at\":\"2024-03-%02uT%02u:%02u:%02u.%03uZ\"", 1 + any(28), any(24),
	    any(60), any(60), any(1000));
	snprintf(m[1], 160, "\"id\":%u", 100000 + i);
	snprintf(m[2], 160, "\"user\":\"user%u\"", any(10000));
	snprintf(m[3], 160, "\"kind\":\"%s\"", words[any(6)]);
	snprintf(m[4], 160, "\"price\":%u.%02u", any(2000), any(100));
	snprintf(m[5], 160, "\"quantity\":%u", any(20));
	snprintf(m[6], 160, "\"member\":%s", any(2) ? "true" : "false");
	snprintf(m[7], 160, "\"place\":\"%s\"", escapes ? odd_place : "Zurich Geneva");
	snprintf(m[8], 160, "\"note\":\"%s\"", escapes ? odd_note : plain_note);
	for (int k = 8; shuffled && k > 0; k--) {
		int j = (int)any((unsigned)k + 1), t = order[k];

		order[k] = order[j];
		order[j] = t;
	}
	for (int k = 0; k < 9; k++)
		buf_printf(b, "%s%s", k == 0 ? "{" : ",", m[order[k]]);
	buf_str(b, "}");
}

enum shape { FLAT, ENVELOPE, SHUFFLED, ESCAPES, TWO, LIST, NESTED, N_SHAPES };

static const char *const shape_names[] = {
	"flat", "envelope", "shuffled", "escapes", "two layouts", "list", "nested"
};

static void
put_line(struct buf *b, enum shape shape, int i)
{
	bool other = shape == TWO && i % 2 == 1;

	switch (shape) {
	case ENVELOPE:
		buf_printf(b, "{\"topic\":\"bench.ndjson\",\"partition\":0,\"offset\":%zu,", b->n);
		buf_printf(b, "\"ts\":17000%08u,\"key\":\"user%u\",", any(100000000), any(10000));
		buf_str(b, "\"payload\":");
		put_members(b, i, false, false);
		buf_str(b, "}");
		break;
	case LIST:
		buf_printf(b, "{\"id\":%d,\"tags\":[", i);
		for (unsigned k = 0, n = any(6); k < n; k++)
			buf_printf(b, "%s\"%s\"", k == 0 ? "" : ",", words[any(6)]);
		buf_str(b, "],\"rest\":");
		put_members(b, i, false, false);
		buf_char(b, '}');
		break;
	case NESTED:
		buf_printf(b, "{\"id\":%d,\"user\":{\"id\":\"u%u\",\"tags\":[", i, any(10000));
		for (unsigned k = 0, n = any(4); k < n; k++)
			buf_printf(b, "%s\"%s\"", k == 0 ? "" : ",", words[any(6)]);
		buf_printf(b, "]%s},\"items\":[", any(2) ? ",\"vip\":true" : "");
		for (unsigned k = 0, n = 1 + any(3); k < n; k++)
			buf_printf(b, "%s{\"sku\":\"%06u\",\"n\":%u,\"price\":%u.%02u}",
			    k == 0 ? "" : ",", any(1000000), any(10), any(100), any(100));
		buf_printf(b, "],\"price\":%u.%02u,\"at\":\"2024-03-11T10:00:00Z\"%s}",
		    any(100), any(100), any(3) ? ",\"coupon\":null" : "");
		break;
	default:
		if (other)
			buf_str(b, "{\"type\":1,\"p\":");
		put_members(b, i, shape == ESCAPES, shape == SHUFFLED);
		if (other)
			buf_char(b, '}');
	}
	buf_char(b, '\n');
}

/* --- measuring --- */

struct setup {
	struct path        paths[MAX_PATHS];
	const struct path *refs[MAX_PATHS];
	size_t             n;
};

static void
set_paths(struct setup *s, const char *const *texts)
{
	struct err err = ERR_INIT;

	for (s->n = 0; texts[s->n] != NULL && s->n < MAX_PATHS; s->n++) {
		if (path_parse(&s->paths[s->n], texts[s->n], &err) != 0) {
			fprintf(stderr, "%s\n", err.text);
			exit(2);
		}
		s->refs[s->n] = &s->paths[s->n];
	}
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* One pass over the text; how many wanted values there were (so that nothing is optimised away). */
static size_t
pass(struct scan *s, const struct buf *b, size_t n_paths)
{
	struct scan_value  values[MAX_PATHS];
	struct scan_result r;
	size_t             found = 0;

	for (const char *p = b->p, *end = b->p + b->n; p < end; p = r.newline + 1) {
		scan_line(s, p, values, &r);
		if (r.verdict == SCAN_BAD) {
			fprintf(stderr, "bad line: %s: %.*s\n", r.reason, (int)(r.newline - p), p);
			exit(1);
		}
		for (size_t i = 0; i < n_paths && i < 3; i++)
			found += values[i].kind != SCAN_MISSING;
	}
	return found;
}

static size_t
pass_of_validator(struct check *c, const struct buf *b)
{
	struct scan_value values[MAX_PATHS];
	const char       *newline;
	size_t            found = 0;

	c->values = values;
	for (const char *p = b->p, *end = b->p + b->n; p < end; p = newline + 1) {
		newline = check_line(c, p);
		if (newline == NULL)
			exit(1);
		found += (size_t)__builtin_popcountll(c->set);
	}
	return found;
}

static size_t
count_lines(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->p[i] == '\n';
	return n;
}

static double
median(double *times)
{
	qsort(times, N_PASSES, sizeof(times[0]), by_size);
	return times[N_PASSES / 2];
}

static void
measure(const char *name, const struct buf *b, const char *const *texts)
{
	static struct check check;
	struct setup        setup = { .n = 0 };
	struct scan        *s;
	struct want         want;
	double              times[N_PASSES], alone[N_PASSES], n_lines = (double)count_lines(b), ns;
	size_t              found = 0;

	set_paths(&setup, texts);
	s = scan_new(setup.refs, setup.n);
	want_init(&want, setup.refs, setup.n);
	check_init(&check, want.nodes);
	for (int i = 0; i < N_PASSES; i++) {
		double from = seconds(), between;

		found = pass(s, b, setup.n);
		between = seconds();
		found += pass_of_validator(&check, b);
		times[i] = between - from;
		alone[i] = seconds() - between;
	}
	ns = median(times) * 1e9 / n_lines;
	printf("%-14s %2zu paths  %4.0f bytes  %6.1f ns a line %6.2f GB/s   ", name, setup.n,
	    (double)b->n / n_lines, ns, (double)b->n / n_lines / ns);
	printf("validator alone %6.1f ns   (%zu values)\n", median(alone) * 1e9 / n_lines, found);
	want_release(&want);
	scan_free(s);
	for (size_t i = 0; i < setup.n; i++)
		path_release(&setup.paths[i]);
}

static void
measure_file(const char *name, const char *const *paths)
{
	static char chunk[1 << 16];
	struct buf  b = { 0 };
	FILE       *f = fopen(name, "r");

	if (f == NULL) {
		perror(name);
		exit(1);
	}
	for (size_t n; b.n < 64 << 20 && (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
		buf_put(&b, chunk, n);
	fclose(f);
	while (b.n > 0 && b.p[b.n - 1] != '\n')
		b.n--;
	memset(buf_reserve(&b, SCAN_PAD), 0, SCAN_PAD);
	measure(name, &b, paths);
	buf_release(&b);
}

int
main(int argc, char **argv)
{
	static const char *const bare[] = { ".at", ".user", ".price", NULL };
	static const char *const under_rest[] = { ".rest.at", ".rest.user", ".rest.price", NULL };
	static const char *const whole[] = {
		".ts", ".key", ".payload", ".payload.price", ".error", ".window", ".pane", ".n",
		".headers", ".mark", ".key_base64", ".payload_base64", ".topic", ".partition",
		".offset", NULL
	};

	if (argc > 2) {
		measure_file(argv[1], (const char *const *)argv + 2);
		return 0;
	}
	for (int shape = 0; shape < N_SHAPES; shape++) {
		struct buf b = { 0 };

		for (int i = 0; i < N_LINES; i++)
			put_line(&b, (enum shape)shape, i);
		memset(buf_reserve(&b, SCAN_PAD), 0, SCAN_PAD);
		measure(shape_names[shape], &b,
		    shape == ENVELOPE ? whole : shape == LIST ? under_rest : bare);
		buf_release(&b);
	}
	return 0;
}
