/*
 * gen - made-up orders, one JSON object a line, the same bytes for the same options
 *
 * Every shape has .at (event time), .user (the key) and .price (a decimal), so that one command
 * line serves them all; what else stands in a record, and in which order, is the shape's.  A record
 * is 240 to 250 bytes long, newline included.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LENGTH_MIN = 240, LENGTH_SPREAD = 11, MEMBERS = 8, MEMBER_MAX = 160 };

enum shape { FLAT, SHUFFLED, ESCAPES, NESTED };

struct options {
	uint64_t   records;
	uint64_t   keys;
	uint64_t   seed;
	uint64_t   rate;          /* records in a second of event time */
	uint64_t   disorder_ms;   /* a record is at most this much behind */
	enum shape shape;
	int        rfc3339;
};

struct member {
	char   text[MEMBER_MAX];
	size_t n;
};

static const int64_t START_MS = INT64_C(1700000000000);

/* splitmix64: small, and the same everywhere. */
static uint64_t
draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t
draw_below(uint64_t *state, uint64_t bound)
{
	return draw(state) % bound;
}

static void __attribute__((format(printf, 2, 3)))
member_add(struct member *m, const char *fmt, ...)
{
	va_list ap;
	int     n;

	va_start(ap, fmt);
	n = vsnprintf(m->text + m->n, sizeof(m->text) - m->n, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(m->text) - m->n)
		errx(1, "a member is longer than %d bytes", MEMBER_MAX);
	m->n += (size_t)n;
}

static void
member_time(struct member *m, int64_t ts_ms, int rfc3339)
{
	time_t    s = ts_ms / 1000;
	struct tm tm;
	char      text[32];

	if (!rfc3339) {
		member_add(m, "\"at\":%" PRId64, ts_ms);
		return;
	}
	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	member_add(m, "\"at\":\"%s.%03dZ\"", text, (int)(ts_ms % 1000));
}

/* The member that only one shape has; the others give that room to the note. */
static void
member_extra(struct member *m, enum shape shape, uint64_t *state)
{
	uint64_t r = draw(state);
	size_t   items = r % 3 + 1;

	if (shape != NESTED) {
		member_add(m, "\"page\":\"/shop/item/%" PRIu64 "\"", r % 100000);
		return;
	}
	member_add(m, "\"cart\":{\"gift\":%s,\"items\":[", r & 8 ? "true" : "null");
	for (size_t i = 0; i < items; i++, r >>= 12)
		member_add(m, "%s{\"sku\":%" PRIu64 "}", i == 0 ? "" : ",", (r >> 8) % 4096);
	member_add(m, "]%s}", r & 1 ? ",\"deep\":[[{}]]" : "");
}

/* Text of exactly n bytes between the quotes; with escapes and two-byte letters if asked for. */
static void
member_note(struct member *m, size_t n, enum shape shape, uint64_t *state)
{
	static const char *const piece[] = { "\\\"", "\\n", "\\u00e9", "é", "ß", "\\\\" };
	static const char words[] = "left with the neighbour as agreed and paid at the door ";
	size_t            from = draw_below(state, sizeof(words) - 1), used = 0;

	if (n + 10 > sizeof(m->text))
		errx(1, "a note of %zu bytes does not fit", n);
	m->n = 8;
	memcpy(m->text, "\"note\":\"", 8);
	while (used < n) {
		const char *p = piece[draw_below(state, 6)];

		if (shape == ESCAPES && used % 12 == 6 && used + strlen(p) <= n) {
			memcpy(m->text + m->n, p, strlen(p));
			m->n += strlen(p);
			used += strlen(p);
		} else {
			m->text[m->n++] = words[(from + used) % (sizeof(words) - 1)];
			used++;
		}
	}
	m->text[m->n++] = '"';
}

static void
shuffle(struct member **order, uint64_t *state)
{
	for (size_t i = MEMBERS - 1; i > 0; i--) {
		size_t         j = draw_below(state, i + 1);
		struct member *m = order[i];

		order[i] = order[j];
		order[j] = m;
	}
}

static void
write_record(const struct options *o, uint64_t i, uint64_t *state)
{
	struct member member[MEMBERS], *order[MEMBERS];
	size_t        length = 2 + MEMBERS, target = LENGTH_MIN + draw_below(state, LENGTH_SPREAD);
	int64_t       ts_ms = START_MS + (int64_t)(i * 1000 / o->rate);
	uint64_t      cents = draw_below(state, 100000);

	for (size_t k = 0; k < MEMBERS; k++)
		member[k].n = 0;
	if (o->disorder_ms > 0)
		ts_ms -= (int64_t)draw_below(state, o->disorder_ms + 1);
	member_time(&member[0], ts_ms, o->rfc3339);
	member_add(&member[1], "\"id\":\"%016" PRIx64 "\"", draw(state));
	member_add(&member[2], "\"user\":\"user%" PRIu64 "\"", draw_below(state, o->keys));
	member_add(&member[3], "\"price\":%" PRIu64 ".%02" PRIu64, cents / 100, cents % 100);
	member_add(&member[4], "\"quantity\":%" PRIu64, draw_below(state, 9) + 1);
	member_add(&member[5], "\"paid\":%s", draw(state) & 1 ? "true" : "false");
	member_extra(&member[6], o->shape, state);
	for (size_t k = 0; k < MEMBERS - 1; k++)
		length += member[k].n;
	member_note(&member[7], target - length - 9, o->shape, state);

	for (size_t k = 0; k < MEMBERS; k++)
		order[k] = &member[k];
	if (o->shape == SHUFFLED)
		shuffle(order, state);
	for (size_t k = 0; k < MEMBERS; k++) {
		putchar_unlocked(k == 0 ? '{' : ',');
		fwrite_unlocked(order[k]->text, 1, order[k]->n, stdout);
	}
	fputs_unlocked("}\n", stdout);
}

static uint64_t
count_of(const char *text, uint64_t min)
{
	char    *end;
	uint64_t v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || v < min)
		errx(2, "%s is not a count of at least %" PRIu64, text, min);
	return v;
}

static enum shape
shape_of(const char *text)
{
	static const char *const name[] = { "flat", "shuffled", "escapes", "nested" };

	for (int i = 0; i < 4; i++)
		if (strcmp(text, name[i]) == 0)
			return (enum shape)i;
	errx(2, "--shape %s: flat, shuffled, escapes or nested", text);
}

static const char USAGE[] =
    "usage: gen [-n RECORDS] [-k KEYS] [-s SEED] [--shape flat|shuffled|escapes|nested]\n"
    "           [--event-rate RECORDS_A_SECOND] [--disorder MS] [--time-format ms|rfc3339]\n";

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "shape", required_argument, NULL, 'S' },
		{ "event-rate", required_argument, NULL, 'r' },
		{ "disorder", required_argument, NULL, 'd' },
		{ "time-format", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .records = 1000000, .keys = 10000, .seed = 1, .rate = 10000 };
	uint64_t       state;
	int            c;

	while ((c = getopt_long(argc, argv, "n:k:s:h", longs, NULL)) != -1) {
		switch (c) {
		case 'n': o.records = count_of(optarg, 0); break;
		case 'k': o.keys = count_of(optarg, 1); break;
		case 's': o.seed = count_of(optarg, 0); break;
		case 'r': o.rate = count_of(optarg, 1); break;
		case 'd': o.disorder_ms = count_of(optarg, 0); break;
		case 'S': o.shape = shape_of(optarg); break;
		case 't':
			o.rfc3339 = strcmp(optarg, "rfc3339") == 0;
			if (!o.rfc3339 && strcmp(optarg, "ms") != 0)
				errx(2, "--time-format %s: ms or rfc3339", optarg);
			break;
		case 'h':
			fputs(USAGE, stdout);
			return 0;
		default:
			fputs(USAGE, stderr);
			return 2;
		}
	}
	if (optind < argc)
		errx(2, "%s: no operands are taken", argv[optind]);
	setvbuf(stdout, NULL, _IOFBF, 256 * 1024);
	state = o.seed;
	for (uint64_t i = 0; i < o.records; i++)
		write_record(&o, i, &state);
	if (fflush(stdout) != 0 || ferror(stdout))
		err(1, "standard output");
	return 0;
}
