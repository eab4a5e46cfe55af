/* kind - which windows the words behind stream-window ask for */
#include "cli/kind.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"
#include "cli/guess.h"

enum { MONDAY = -3 };            /* 1970-01-01 was a Thursday */

struct kind {
	const char *name;
	unsigned    least, most;     /* sizes */
	const char *synopsis;
};

static const struct kind kinds[] = {
	[WINDOW_TUMBLING]   = { "tumbling", 1, 1, "SIZE" },
	[WINDOW_SLIDING]    = { "sliding", 2, 2, "SIZE STEP" },
	[WINDOW_CUMULATIVE] = { "cumulative", 2, 2, "SIZE STEP" },
	[WINDOW_SESSION]    = { "session", 1, 1, "GAP" },
	[WINDOW_COUNT]      = { "count", 1, 2, "N [STEP]" },
	[WINDOW_GLOBAL]     = { "global", 0, 0, "" },
};

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]), MOST_SIZES = 2 };

/* A size as it is written: of time, of civil time, or a count. */
struct size {
	int64_t          n;
	enum window_unit unit;
	bool             in_weeks;
};

/* ---- one size ---- */

/* 3d, 2w, 6mo */
static bool
read_civil(const char *word, struct size *s)
{
	static const struct { const char *name; enum window_unit unit; int64_t n; } units[] = {
		{ "d", WINDOW_DAYS, 1 }, { "w", WINDOW_DAYS, 7 }, { "mo", WINDOW_MONTHS, 1 }
	};
	size_t digits = strspn(word, "0123456789");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t n;

		if (strcmp(word + digits, units[i].name) != 0 || !num_i64(span_of(word, digits), &n) || n > 1000000)
			continue;
		*s = (struct size){ n * units[i].n, units[i].unit, units[i].n == 7 };
		return true;
	}
	return false;
}

/* Does the word read as a size of that kind, whether it is a good one or not? */
static bool
reads_as_size(const struct options *o, enum window_kind kind, const char *word, struct size *s)
{
	struct err err = ERR_INIT;

	*s = (struct size){ .unit = WINDOW_MS };
	if (kind == WINDOW_COUNT)
		return num_i64(span_str(word), &s->n) && strchr(word, '-') == NULL;
	if (o->tz != NULL && read_civil(word, s))
		return true;
	return when_duration(word, false, &s->n, &err) == 0 || read_civil(word, s);
}

static void
note_size(struct options *o, const struct size *s, enum window_kind kind)
{
	struct buf text = { 0 };
	size_t     used = strlen(o->window_sizes);

	if (kind == WINDOW_COUNT)
		buf_i64(&text, s->n);
	else if (s->unit == WINDOW_MONTHS)
		buf_printf(&text, "%lldmo", (long long)s->n);
	else if (s->unit == WINDOW_DAYS)
		buf_printf(&text, "%lld%s", (long long)(s->in_weeks ? s->n / 7 : s->n), s->in_weeks ? "w" : "d");
	else
		when_put_duration(&text, s->n);
	snprintf(o->window_sizes + used, sizeof(o->window_sizes) - used, "%s%.*s", used > 0 ? " " : "",
	         SPAN_ARGS(buf_all(&text)));
	buf_release(&text);
}

/* ---- all of them ---- */

static int
read_sizes(struct options *o, enum window_kind kind, const char *const *words, size_t n_words, struct size *sizes, unsigned *n,
           struct err *err)
{
	const struct kind *k = &kinds[kind];
	unsigned           most = kind == WINDOW_SESSION && o->window.gap_path != NULL ? 0 : k->most;
	unsigned           least = most < k->least ? most : k->least;
	struct size        more;

	for (*n = 0; *n < most && *n + 1 < n_words; ++*n) {
		const char *word = words[*n + 1];

		if (!reads_as_size(o, kind, word, &sizes[*n])) {
			if (*n < least)
				return err_set(err, ERR_USAGE, "%s needs %s, a %s: %s is none", k->name, k->synopsis,
				    kind == WINDOW_COUNT ? "number of records such as 100"
				                         : "duration such as 10s, 5m, 1d", word);
			return 0;
		}
		if (sizes[*n].n <= 0)
			return err_set(err, ERR_USAGE, "a window of %s holds nothing", word);
		note_size(o, &sizes[*n], kind);
	}
	if (*n < least)
		return err_set(err, ERR_USAGE, "%s needs %s, such as %s", k->name, k->synopsis,
		    kind == WINDOW_COUNT ? "100" : least == 2 ? "1h 5m" : "10s, 5m, 1d");
	if (*n == most && *n + 1 < n_words && reads_as_size(o, kind, words[*n + 1], &more))
		return most == 0
		       ? err_set(err, ERR_USAGE, "%s has no size%s: %s is one too many (a file of that name: ./%s)", k->name,
		             kind == WINDOW_SESSION ? " beside --gap-path" : "", words[*n + 1], words[*n + 1])
		       : err_set(err, ERR_USAGE, "%s has %s%s: %s is one too many (a file of that name: ./%s)", k->name,
		             k->most == 1 ? "one " : "", k->synopsis, words[*n + 1], words[*n + 1]);
	return 0;
}

/* Sizes in milliseconds, unless --tz makes them civil. */
static int
settle_units(struct options *o, const struct size *sizes, unsigned n, struct err *err)
{
	struct window_conf *w = &o->window;

	for (unsigned i = 0; i < n; i++) {
		if (o->tz == NULL && sizes[i].unit != WINDOW_MS)
			return err_set(err, ERR_USAGE, "months are civil time: say whose, with --tz UTC or --tz Europe/Berlin");
		if (o->tz != NULL && sizes[i].unit == WINDOW_MS)
			return err_set(err, ERR_USAGE, "with --tz sizes are whole days, weeks or months: 1d, 2w, 3mo");
		if (sizes[i].unit != sizes[0].unit)
			return err_set(err, ERR_USAGE, "months have no fixed number of days: give both sizes in months, or none");
	}
	if (o->tz == NULL)
		return 0;
	w->unit = sizes[0].unit;
	/* The grid begins on a Monday where what repeats is a number of weeks. */
	if (sizes[w->kind == WINDOW_SLIDING ? 1 : 0].in_weeks)
		w->first_day = MONDAY;
	return 0;
}

static int
check_kind(struct options *o, struct err *err)
{
	static const enum option_id time_only[] = { OPT_OFFSET, OPT_TZ };
	const struct window_conf   *w = &o->window;
	const char                 *name = kinds[w->kind].name;

	for (size_t i = 0; i < sizeof(time_only) / sizeof(time_only[0]); i++)
		if (w->kind > WINDOW_CUMULATIVE && options_given(o, time_only[i]))
			return err_set(err, ERR_USAGE, "--%s is for windows on a grid of time; %s lies on none",
			    options_table[time_only[i]].name, name);
	if (w->kind > WINDOW_SESSION && options_given(o, OPT_ALLOWED_LATENESS))
		return err_set(err, ERR_USAGE, "--allowed-lateness: nothing is late for %s", name);
	if (w->kind != WINDOW_SESSION && w->gap_path != NULL)
		return err_set(err, ERR_USAGE, "--gap-path is for session");
	if (w->kind == WINDOW_CUMULATIVE && w->size % w->step != 0)
		return err_set(err, ERR_USAGE, "cumulative: SIZE must be a multiple of STEP");
	if (w->discarding && w->emit == WINDOW_FINAL && w->allowed_lateness_ms == 0)
		return err_set(err, ERR_USAGE, "--discarding needs results that follow one another: "
		    "--emit updates, --emit every:DUR or --allowed-lateness");
	return 0;
}

static int
unknown_kind(const char *word, struct err *err)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (guess_is_near(word, kinds[i].name))
			return err_set(err, ERR_USAGE, "unknown kind of window %s (did you mean %s?)", word, kinds[i].name);
	return err_set(err, ERR_USAGE, "unknown kind of window %s; there is: tumbling SIZE, sliding SIZE STEP, "
	    "cumulative SIZE STEP, session GAP, count N [STEP], global", word);
}

/* The kind and its sizes, of words of which at least one is there; USED: how many of them. */
static int
read_kind(struct options *o, const char *const *words, size_t n_words, size_t *used, struct err *err)
{
	struct size  sizes[MOST_SIZES] = { 0 };
	unsigned     n, kind = 0;

	while (kind < N_KINDS && strcmp(words[0], kinds[kind].name) != 0)
		kind++;
	if (kind == N_KINDS)
		return unknown_kind(words[0], err);
	o->window.kind = (enum window_kind)kind;
	if (options_given(o, OPT_GAP_PATH))
		o->window.gap_path = &o->gap_path;
	if (read_sizes(o, o->window.kind, words, n_words, sizes, &n, err) != 0 || settle_units(o, sizes, n, err) != 0)
		return -1;
	o->window.size = sizes[0].n;
	o->window.step = n > 1 ? sizes[1].n : sizes[0].n;
	*used = n + 1;
	return check_kind(o, err);
}

int
kind_take(struct options *o, struct err *err)
{
	size_t used;

	if (o->n_inputs == 0)
		return err_set(err, ERR_USAGE, "what kind of window? tumbling SIZE, such as: stream-window tumbling 1m");
	if (read_kind(o, o->inputs, o->n_inputs, &used, err) != 0)
		return -1;
	o->n_inputs -= used;
	memmove(o->inputs, o->inputs + used, o->n_inputs * sizeof(*o->inputs));
	return 0;
}

int
kind_parse(struct options *o, struct err *err)
{
	enum { MOST_WORDS = 8 };
	char        text[200], *rest = text;
	const char *words[MOST_WORDS + 1];
	size_t      n = 0, used = 0;

	if (strlen(o->window_words) >= sizeof(text))
		return err_set(err, ERR_USAGE, "--window: \"%.40s...\" is no window such as 'tumbling 1h'", o->window_words);
	strcpy(text, o->window_words);
	while (n < MOST_WORDS && (words[n] = strsep(&rest, " \t")) != NULL)
		n += words[n][0] != '\0';
	if (n == 0)
		return err_set(err, ERR_USAGE, "--window: what kind of window? 'tumbling 1h', for instance");
	if (read_kind(o, words, n, &used, err) != 0)
		return err_in(err, "--window");
	if (o->window.kind > WINDOW_CUMULATIVE)
		return err_set(err, ERR_USAGE, "--window: tumbling, sliding and cumulative windows have records of two inputs; "
		               "%s ones do not", kinds[o->window.kind].name);
	return used == n ? 0 : err_set(err, ERR_USAGE, "--window: %s is one too many", words[used]);
}
