/* test_join - the join: golden cases cut anywhere, random streams against a naive reading of the rules */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/when.h"
#include "json/scan.h"
#include "naive_join.h"
#include "op/join_where.h"
#include "optest.h"

enum { GOLDEN_ROUNDS = 30, STREAMS = 6, STREAM_ROUNDS = 2, SIDE_LINES = 90, INTERLEAVINGS = 3, MAX_LINES = 2000 };

/* Printed with what fails; STREAM_SEED=n repeats it. */
static uint64_t
seed_of_run(void)
{
	const char *text = getenv("STREAM_SEED");

	return text == NULL ? 20130101 : strtoull(text, NULL, 10) | 1;
}

static void
golden_cases_hold_at_every_cut(void **state)
{
	(void)state;
	assert_true(optest_run_golden("join", seed_of_run(), GOLDEN_ROUNDS) >= 40);
}

/* ---- random streams, read naively ---- */

static const char *const key_texts[] = { "null", "\"a\"", "\"b\"", "\"\"", "\"caf\xc3\xa9\"", "\"0123456789012345678\"" };
enum { N_KEYS = sizeof(key_texts) / sizeof(key_texts[0]) };

static int64_t
between(uint64_t *random, int64_t low, int64_t high)
{
	return low + (int64_t)((optest_random(random) >> 11) % (uint64_t)(high - low + 1));
}

/* The lines of one side, in the order in which that side has them. */
struct side_stream {
	struct naive_line lines[SIDE_LINES];
	size_t            n;
	struct buf        text;
};

static void
add_line(struct side_stream *s, struct naive_line l)
{
	size_t at = s->text.n;

	if (l.is_watermark && l.ts_ms == WHEN_MAX)
		buf_lit(&s->text, "{\"mark\":\"watermark\",\"ts\":\"max\"}");
	else if (l.is_watermark)
		buf_printf(&s->text, "{\"mark\":\"watermark\",\"ts\":%lld}", (long long)l.ts_ms);
	else if (l.is_idle || l.is_active)
		buf_printf(&s->text, "{\"mark\":\"%s\"}", l.is_idle ? "idle" : "active");
	else
		buf_printf(&s->text, "{\"topic\":\"t\",\"partition\":%d,\"offset\":%zu,\"ts\":%lld,\"key\":%s,\"payload\":%s}",
		    l.side, s->n, (long long)l.ts_ms, l.key, l.payload);
	l.line = span_of(s->text.p + at, s->text.n - at);
	buf_char(&s->text, '\n');
	s->lines[s->n++] = l;
}

/* A side wanders upwards with disorder; marks now and then, some of them too high for what comes behind. */
static void
make_side(struct side_stream *s, int side, uint64_t *random, bool with_idleness)
{
	int64_t now = between(random, -100, 0), disorder = between(random, 0, 60), pace = between(random, 1, 30);
	int64_t n_keys = between(random, 1, N_KEYS);
	bool    is_idle = false;

	*s = (struct side_stream){ .n = 0 };
	buf_reserve(&s->text, 256 * SIDE_LINES);      /* lines are pointed to: it must not move */
	while (s->n + 2 < SIDE_LINES) {
		struct naive_line l = { .side = side, .ts_ms = now - between(random, 0, disorder), .v = between(random, 0, 9) };

		l.key = key_texts[between(random, 0, n_keys - 1)];
		if (between(random, 0, 9) == 0)
			snprintf(l.payload, sizeof(l.payload), "null");
		else
			snprintf(l.payload, sizeof(l.payload), "{\"v\":%ld,\"id\":%zu}", l.v, s->n);
		if (with_idleness && between(random, 0, 9) == 0) {
			is_idle = !is_idle;
			l.is_idle = is_idle;
			l.is_active = !is_idle;
		} else if (is_idle) {
			continue;
		} else if (between(random, 0, 4) == 0) {
			l.is_watermark = true;
			l.ts_ms = now - between(random, 0, disorder + 5);
		}
		now += between(random, 0, 15) == 0 ? between(random, 0, 100) : between(random, 0, pace);
		add_line(s, l);
	}
	if (is_idle)
		add_line(s, (struct naive_line){ .side = side, .is_active = true });
	add_line(s, (struct naive_line){ .side = side, .is_watermark = true, .ts_ms = WHEN_MAX });
}

/* Any join that can be asked for, as words and for the naive reading. */
static void
any_join(struct join_conf *c, uint64_t *random, enum join_mode mode, char *words, size_t size)
{
	int at;

	*c = (struct join_conf){ .mode = mode };
	do
		c->kind = (enum join_kind)between(random, JOIN_INNER, JOIN_ANTI);
	while (!join_fits(c->kind, mode));
	c->null_keys = between(random, 0, 2) == 0;
	at = snprintf(words, size, "%s%s", join_kind_name(c->kind), c->null_keys ? " --null-keys" : "");
	if (between(random, 0, 2) == 0) {
		c->where = join_where_test;          /* the naive reading has its own of it */
		at += snprintf(words + at, size - (size_t)at,
		    " --where '(.left.v | type) == \"number\" and .right.v != null and .left.v <= .right.v'");
	}
	if (mode == JOIN_WITHIN) {
		c->lower_ms = between(random, -60, 40);
		c->upper_ms = c->lower_ms + between(random, 0, 80);
		snprintf(words + at, size - (size_t)at, " --within %lldms..%lldms", (long long)c->lower_ms, (long long)c->upper_ms);
	} else if (mode == JOIN_WINDOW) {
		c->window.kind = (enum window_kind)between(random, WINDOW_TUMBLING, WINDOW_CUMULATIVE);
		c->window.step = between(random, 5, 40);
		c->window.size = c->window.kind == WINDOW_CUMULATIVE ? c->window.step * between(random, 1, 5) : between(random, 5, 60);
		at += snprintf(words + at, size - (size_t)at, " --window '%s %lldms", window_kind_name(c->window.kind), (long long)c->window.size);
		if (c->window.kind != WINDOW_TUMBLING)
			at += snprintf(words + at, size - (size_t)at, " %lldms", (long long)c->window.step);
		snprintf(words + at, size - (size_t)at, "'");
	} else {
		snprintf(words + at, size - (size_t)at, " --%s", join_mode_name(mode));
	}
}

static int64_t
lag_of(struct join_conf conf)
{
	struct op *op;
	int64_t    lag_ms;

	conf.stage = "join";
	conf.where = NULL;
	op = join_new(&conf);
	lag_ms = op->lag_ms;
	op->class->free(op);
	return lag_ms;
}

/* What leaves is not late for whoever reads it: no older than the last watermark less the lag. */
static void
assert_in_time(const struct buf *came, int64_t watermark_ms, int64_t lag_ms, const char *words)
{
	for (const char *p = came->p, *end = p + came->n; p < end; p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1) {
		const char *ts = memmem(p, (size_t)(end - p), "\"ts\":", 5);

		assert_non_null(ts);
		if (strtoll(ts + 5, NULL, 10) < when_sub(watermark_ms, lag_ms))
			fail_msg("%s: behind %lld, less %lld: %.*s", words, (long long)watermark_ms, (long long)lag_ms, (int)(end - p), p);
	}
}

/* The two sides' lines in some order, each side's own kept; what must come of them; replayed in every way. */
static void
run_interleaved(const struct join_conf *conf, const char *words, const struct side_stream sides[2], uint64_t *random, int rounds,
                struct buf *came)
{
	static struct naive_join n;
	struct optest_case       c;
	size_t                   at[2] = { 0, 0 };
	int64_t                  bias = between(random, 1, 9), lag_ms = lag_of(*conf);
	char                     name[400];

	naive_join_init(&n, conf);
	snprintf(name, sizeof(name), "random stream: %s", words);
	optest_case_init(&c, "join", name, words);
	while (at[0] < sides[0].n || at[1] < sides[1].n) {
		int                      side = between(random, 0, 9) < bias ? 0 : 1;
		const struct naive_line *l;
		struct optest_step      *step;
		int64_t                  watermark_ms = n.watermark_ms;

		side = at[side] == sides[side].n ? 1 - side : side;
		l = &sides[side].lines[at[side]++];
		step = optest_add(&c, l->line);
		step->side = side == 0 ? OPTEST_LEFT : OPTEST_RIGHT;
		naive_join_take(&n, l, step);
		if (conf->mode != JOIN_LATEST)
			assert_in_time(&step->expected[OPTEST_OUT], watermark_ms, lag_ms, words);
		buf_span(came, buf_all(&step->expected[OPTEST_OUT]));
	}
	optest_run(&c, optest_random(random), rounds);
	optest_case_release(&c);
	naive_join_release(&n);
}

static void
random_streams_of(enum join_mode mode)
{
	uint64_t random = seed_of_run() + (uint64_t)mode * 2;

	for (int i = 0; i < STREAMS; i++) {
		struct side_stream sides[2];
		struct join_conf   conf;
		struct buf         came = { 0 };
		char               words[300];
		bool               with_idleness = between(&random, 0, 2) == 0;

		any_join(&conf, &random, mode, words, sizeof(words));
		make_side(&sides[0], 0, &random, with_idleness);
		make_side(&sides[1], 1, &random, with_idleness);
		run_interleaved(&conf, words, sides, &random, STREAM_ROUNDS, &came);
		buf_release(&came);
		buf_release(&sides[0].text);
		buf_release(&sides[1].text);
	}
}

#define RANDOM_STREAMS(name, mode) static void random_##name(void **state) { (void)state; random_streams_of(mode); }

RANDOM_STREAMS(interval_joins, JOIN_WITHIN)
RANDOM_STREAMS(window_joins, JOIN_WINDOW)
RANDOM_STREAMS(joins_as_of, JOIN_AS_OF)
RANDOM_STREAMS(joins_of_the_latest, JOIN_LATEST)

/* ---- results as a set ---- */

struct lines {
	char  *all[MAX_LINES];
	size_t n;
};

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Without the running number of results; those that pass keep theirs. */
static void
take_lines(struct lines *to, const struct buf *came)
{
	static const char head[] = "{\"topic\":\"join\",\"partition\":0,\"offset\":";

	for (const char *p = came->p, *end = p + came->n, *newline; p < end; p = newline + 1) {
		const char *from = p;

		newline = memchr(p, '\n', (size_t)(end - p));
		if (span_starts(span_of(p, (size_t)(newline - p)), span_str(head)))
			from = memchr(p + sizeof(head), ',', (size_t)(newline - p));
		assert_true(to->n < MAX_LINES);
		to->all[to->n++] = alloc_string_n(from, (size_t)(newline - from));
	}
}

static void
sort_lines(struct lines *l)
{
	qsort(l->all, l->n, sizeof(l->all[0]), by_text);
}

static void
release_lines(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->all[i]);
	l->n = 0;
}

static void
assert_same_lines(struct lines *a, struct lines *b, const char *words)
{
	sort_lines(a);
	sort_lines(b);
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->all[i], b->all[i]) != 0)
			fail_msg("%s: %s\nand not\n%s", words, a->all[i], b->all[i]);
	if (a->n != b->n)
		fail_msg("%s: %zu lines and not %zu", words, a->n, b->n);
}

static void
the_set_of_results_does_not_depend_on_how_the_sides_interleave(void **state)
{
	uint64_t random = seed_of_run();

	(void)state;
	for (int i = 0; i < 2 * STREAMS; i++) {
		static struct lines first, other;
		struct side_stream  sides[2];
		struct join_conf    conf;
		char                words[300];

		any_join(&conf, &random, (enum join_mode)(i % (JOIN_AS_OF + 1)), words, sizeof(words));
		make_side(&sides[0], 0, &random, false);
		make_side(&sides[1], 1, &random, false);
		for (int k = 0; k < INTERLEAVINGS; k++) {
			struct buf came = { 0 };

			run_interleaved(&conf, words, sides, &random, 1, &came);
			take_lines(k == 0 ? &first : &other, &came);
			if (k > 0)
				assert_same_lines(&other, &first, words);
			release_lines(&other);
			buf_release(&came);
		}
		release_lines(&first);
		buf_release(&sides[0].text);
		buf_release(&sides[1].text);
	}
}

/* What the sides' records give with another kind of the same join. */
static void
lines_of(struct join_conf conf, enum join_kind kind, const char *words, const struct side_stream sides[2], uint64_t *random,
         struct lines *to)
{
	struct buf came = { 0 };
	char       all[400];

	conf.kind = kind;
	snprintf(all, sizeof(all), "%s%s", join_kind_name(kind), strchr(words, ' '));
	run_interleaved(&conf, all, sides, random, 0, &came);
	take_lines(to, &came);
	buf_release(&came);
}

/* Of TO, the lines that say TEXT. */
static void
only_with(struct lines *to, const char *text, bool with)
{
	size_t n = 0;

	for (size_t i = 0; i < to->n; i++)
		if ((strstr(to->all[i], text) != NULL) == with)
			to->all[n++] = to->all[i];
		else
			free(to->all[i]);
	to->n = n;
}

static void
left_and_right_padding_make_full_and_semi_and_anti_part_the_left(void **state)
{
	uint64_t random = seed_of_run();

	(void)state;
	for (int i = 0; i < STREAMS; i++) {
		static struct lines  a, b, semi;
		struct side_stream   sides[2];
		struct join_conf     conf;
		struct buf           accepted = { 0 };
		char                 words[300];

		any_join(&conf, &random, i % 2 == 0 ? JOIN_WITHIN : JOIN_WINDOW, words, sizeof(words));
		make_side(&sides[0], 0, &random, false);
		make_side(&sides[1], 1, &random, false);
		lines_of(conf, JOIN_LEFT, words, sides, &random, &a);
		lines_of(conf, JOIN_RIGHT, words, sides, &random, &b);
		only_with(&b, "\"left\":null", true);
		while (b.n > 0)
			a.all[a.n++] = b.all[--b.n];
		lines_of(conf, JOIN_FULL, words, sides, &random, &b);
		/* A left payload may itself be null: what is said twice then, is said once by full. */
		only_with(&a, "\"left\":null", false);
		only_with(&b, "\"left\":null", false);
		assert_same_lines(&a, &b, words);
		release_lines(&a);
		release_lines(&b);
		lines_of(conf, JOIN_SEMI, words, sides, &random, &semi);
		lines_of(conf, JOIN_ANTI, words, sides, &random, &b);
		while (b.n > 0)
			semi.all[semi.n++] = b.all[--b.n];
		sort_lines(&semi);
		for (size_t k = 1; k < semi.n; k++)
			assert_string_not_equal(semi.all[k - 1], semi.all[k]);
		assert_true(semi.n > 0);
		release_lines(&semi);
		buf_release(&accepted);
		buf_release(&sides[0].text);
		buf_release(&sides[1].text);
	}
}

/* ---- what is kept ---- */

enum { KEYS = 100, PAYLOAD_BYTES = 203 };

struct by_hand {
	struct op        *op;
	struct buf        out;
	struct emit       emit;
	struct rec_origin origin;
	char              payload[PAYLOAD_BYTES + 1];
	uint64_t          n_fed;
};

static void
by_hand_init(struct by_hand *h, enum join_kind kind, int64_t within_ms)
{
	struct join_conf conf = { .kind = kind, .lower_ms = -within_ms, .upper_ms = within_ms, .stage = "join", .hash_seed = 3 };

	*h = (struct by_hand){ .op = join_new(&conf) };
	memset(h->payload, '7', PAYLOAD_BYTES);
	rec_origin_set(&h->origin, SPAN_LIT("input"), 0);
	h->emit = (struct emit){ .out = &h->out, .origin = &h->origin };
}

static void
by_hand_release(struct by_hand *h)
{
	h->op->class->free(h->op);
	rec_origin_release(&h->origin);
	buf_release(&h->out);
}

/* A record a millisecond from FROM_MS on, by turns left and right, of KEYS keys, but left ones have keys of their own. */
static void
by_hand_feed(struct by_hand *h, int64_t from_ms, int64_t n)
{
	static const struct scan_value missing;

	for (int64_t ts_ms = from_ms; ts_ms < from_ms + n; ts_ms++) {
		char              key[40];
		unsigned          side = (unsigned)(ts_ms & 1);
		struct op_refusal refusal;
		struct rec        r = { .ts_ms = ts_ms, .has_ts = true, .payload = span_of(h->payload, PAYLOAD_BYTES - (size_t)(ts_ms % 16)), .wanted = &missing };

		snprintf(key, sizeof(key), "%s-%d", side == 0 ? "left" : "right", (int)(h->n_fed++ % KEYS));
		r.key = span_str(key);
		assert_int_equal(h->op->class->feed(h->op, side, &r, 1, &h->emit, &refusal), 1);
		buf_reset(&h->out);
	}
}

static void
by_hand_mark(struct by_hand *h, int64_t ts_ms)
{
	h->op->class->input_watermark(h->op, 0, ts_ms);
	h->op->class->input_watermark(h->op, 1, ts_ms);
	h->op->class->watermark(h->op, ts_ms, &h->emit);
	buf_reset(&h->out);
}

static uint64_t
entries(const struct by_hand *h, bool changed)
{
	uint64_t all, since;

	h->op->class->entries(h->op, &all, &since);
	return changed ? since : all;
}

static void
memory_goes_back_to_what_is_live(void **state)
{
	enum { HORIZON = 2000 };
	static const enum join_kind kinds[] = { JOIN_INNER, JOIN_FULL, JOIN_ANTI };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct by_hand h;
		uint64_t       bytes = 0, all = 0;

		by_hand_init(&h, kinds[i], HORIZON);
		for (int64_t now = 0; now < 10 * HORIZON; now += 50) {
			by_hand_feed(&h, now, 50);
			by_hand_mark(&h, now);
			if (now == 2 * HORIZON) {
				bytes = h.op->class->bytes(h.op);
				all = entries(&h, false);
			}
		}
		assert_true(entries(&h, false) <= all + 50);
		assert_true(h.op->class->bytes(h.op) < bytes + bytes / 10);
		by_hand_mark(&h, 100 * HORIZON);
		assert_int_equal(entries(&h, false), 1);
		assert_true(h.op->class->bytes(h.op) < 64 * 1024);
		by_hand_release(&h);
	}
}

static void
a_record_kept_is_its_bytes_and_little_beside(void **state)
{
	enum { N = 40000 };
	struct by_hand h;
	double         bytes;

	(void)state;
	by_hand_init(&h, JOIN_INNER, 1000000);
	by_hand_feed(&h, 0, N);
	assert_int_equal(entries(&h, false), 1 + N);
	bytes = (double)h.op->class->bytes(h.op) / N - (PAYLOAD_BYTES - 7.5);
	if (bytes > 48)
		fail_msg("%.1f bytes beside", bytes);
	by_hand_release(&h);
}

static void
a_delta_has_what_changed_and_no_more(void **state)
{
	struct by_hand     h;
	struct snap_writer w = { 0 };

	(void)state;
	by_hand_init(&h, JOIN_FULL, 1000);
	by_hand_feed(&h, 0, 1000);
	h.op->class->save(h.op, false, &w);
	assert_int_equal(w.entries, 1001);
	h.op->class->settle(h.op);
	assert_int_equal(entries(&h, true), 1);
	by_hand_feed(&h, 1000, 30);
	assert_int_equal(entries(&h, true), 31);
	/* What the watermark makes go is not said; of what is new, what is left. */
	by_hand_mark(&h, 1900);
	assert_int_equal(entries(&h, true), 31);
	by_hand_mark(&h, 2011);
	assert_int_equal(entries(&h, true), 31 - 11);
	by_hand_mark(&h, 3000);
	assert_int_equal(entries(&h, true), 1);
	buf_release(&w.buf);
	by_hand_release(&h);
}

static void
a_snapshot_of_another_join_is_refused(void **state)
{
	static const char *const lines[] = {
		"{\"join\":\"within\",\"kind\":\"left\",\"watermark\":null,\"left\":null,\"right\":null,\"next_offset\":0,\"arrived\":0}",
		"{\"join\":\"as-of\",\"kind\":\"inner\",\"watermark\":null,\"left\":null,\"right\":null,\"next_offset\":0,\"arrived\":0}",
		"{\"join\":\"within\",\"kind\":\"inner\",\"watermark\":null,\"left\":null,\"right\":null,\"next_offset\":0}",
		"{\"side\":\"left\",\"n\":0,\"ts\":1,\"key\":\"a\",\"text\":1}",
		"{\"side\":\"middle\",\"n\":0,\"ts\":1,\"key\":\"a\",\"text\":1}",
		"{\"side\":\"left\",\"matched\":0,\"ts\":1,\"key\":\"a\"}",
		"{\"side\":\"left\",\"gone\":0,\"ts\":1,\"key\":\"a\"}",
		"{\"side\":\"left\",\"n\":0,\"ts\":1}",
		"17",
		"{",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct by_hand h;
		struct buf     b = { 0 };
		struct err     err = ERR_INIT;

		by_hand_init(&h, JOIN_INNER, 1000);
		buf_str(&b, lines[i]);
		buf_char(&b, '\n');
		memset(buf_reserve(&b, SCAN_PAD), 0, SCAN_PAD);
		assert_int_equal(h.op->class->load(h.op, span_of(b.p, b.n - 1), &err), -1);
		assert_int_equal(err.kind, ERR_DATA);
		buf_release(&b);
		by_hand_release(&h);
	}
}

/* ---- where ---- */

static void
where_judges_a_pair_and_says_what_it_cannot_judge(void **state)
{
	struct err         err = ERR_INIT;
	struct join_where *w = join_where_new(".left.a + 1 == .right[0].b", NULL, &err);
	struct join_doubt  doubt = { NULL, false };

	(void)state;
	assert_non_null(w);
	assert_true(join_where_test(w, SPAN_LIT("{\"a\":1}"), SPAN_LIT("[{\"b\":2.0}]"), &doubt));
	assert_false(join_where_test(w, SPAN_LIT("{\"a\":1}"), SPAN_LIT("[{\"b\":3}]"), &doubt));
	assert_false(join_where_test(w, SPAN_LIT("{}"), SPAN_LIT("[]"), &doubt));
	assert_null(doubt.reason);
	assert_false(join_where_test(w, SPAN_LIT("{\"a\":\"x\"}"), SPAN_LIT("[]"), &doubt));
	assert_non_null(strstr(doubt.reason, "cannot be added"));
	join_where_free(w);
	assert_null(join_where_new("$.ts > 1", NULL, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, "$.ts: there is no record around a pair, only .left and .right");
	assert_null(join_where_new(".left.a ==", NULL, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_cases_hold_at_every_cut),
		cmocka_unit_test(random_interval_joins),
		cmocka_unit_test(random_window_joins),
		cmocka_unit_test(random_joins_as_of),
		cmocka_unit_test(random_joins_of_the_latest),
		cmocka_unit_test(the_set_of_results_does_not_depend_on_how_the_sides_interleave),
		cmocka_unit_test(left_and_right_padding_make_full_and_semi_and_anti_part_the_left),
		cmocka_unit_test(where_judges_a_pair_and_says_what_it_cannot_judge),
		cmocka_unit_test(memory_goes_back_to_what_is_live),
		cmocka_unit_test(a_record_kept_is_its_bytes_and_little_beside),
		cmocka_unit_test(a_delta_has_what_changed_and_no_more),
		cmocka_unit_test(a_snapshot_of_another_join_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
