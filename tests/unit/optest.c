/* optest - operators, cut anywhere */
#include "optest.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/when.h"
#include "cli/parse.h"
#include "io/zonefile.h"
#include "mark/align.h"
#include "mark/mark.h"
#include "op/join.h"
#include "optest_ops.h"

enum { MAX_DELTAS = 4096 };

/* ---- cases ---- */

uint64_t
optest_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

/* Words as the shell would see them: blanks between, '…' keeps them together. */
static void
split_words(struct optest_case *c, const char *p)
{
	while (*p != '\0') {
		struct buf word = { 0 };

		for (; *p == ' '; p++)
			;
		if (*p == '\0')
			break;
		for (; *p != '\0' && *p != ' '; p++) {
			if (*p != '\'') {
				buf_char(&word, *p);
				continue;
			}
			for (p++; *p != '\'' && *p != '\0'; p++)
				buf_char(&word, *p);
		}
		assert_true(c->n_words < OPTEST_MAX_WORDS);
		c->words[c->n_words++] = alloc_string_n(word.p, word.n);
		buf_release(&word);
	}
}

void
optest_case_init(struct optest_case *c, const char *operator, const char *name, const char *words)
{
	*c = (struct optest_case){ .operator = operator, .name = alloc_string(name) };
	split_words(c, words);
}

struct optest_step *
optest_add(struct optest_case *c, struct span input)
{
	if (c->n_steps == c->cap_steps) {
		c->cap_steps = c->cap_steps == 0 ? 16 : c->cap_steps * 2;
		c->steps = alloc_resized(c->steps, c->cap_steps, sizeof(*c->steps));
	}
	c->steps[c->n_steps] = (struct optest_step){ .input = input };
	return &c->steps[c->n_steps++];
}

void
optest_case_release(struct optest_case *c)
{
	for (size_t i = 0; i < c->n_words; i++)
		free(c->words[i]);
	for (size_t i = 0; i < c->n_steps; i++)
		for (int k = 0; k < OPTEST_KINDS; k++)
			buf_release(&c->steps[i].expected[k]);
	free(c->steps);
	free(c->name);
	*c = (struct optest_case){ 0 };
}

/* ---- what the words ask for ---- */

struct setup {
	const struct optest_operator *operator;
	struct options                options;
	struct zone                   zone;
	struct rec_plan               plan;
	struct rec_origin             origin;
	uint64_t                      hash_seed;
	char *const                  *words;
	size_t                        n_words;
};

static const char *
no_environment(const char *name)
{
	(void)name;
	return NULL;
}

static const struct optest_operator *
operator_of(const char *name)
{
	for (const struct optest_operator *o = optest_operators; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	fail_msg("no operator %s in optest_ops.c", name);
	return NULL;
}

/* The words are those of a command line. */
static void
setup_init(struct setup *s, const struct optest_case *c)
{
	char       command[40], *argv[OPTEST_MAX_WORDS + 3] = { command };
	int        argc = 1;
	struct err err = ERR_INIT;

	*s = (struct setup){ .operator = operator_of(c->operator), .hash_seed = 1, .words = c->words, .n_words = c->n_words };
	rec_origin_set(&s->origin, SPAN_LIT("input"), 0);
	s->plan.origin = &s->origin;
	if (s->operator->make_from_words != NULL)
		return;
	snprintf(command, sizeof(command), "stream-%s", c->operator);
	if (s->operator->kind != NULL && c->n_words > 0 && c->words[0][0] >= '0' && c->words[0][0] <= '9')
		argv[argc++] = (char *)(uintptr_t)s->operator->kind;
	for (size_t i = 0; i < c->n_words; i++)
		argv[argc++] = c->words[i];
	if (parse_argv(&s->options, s->operator->command, argc, argv, no_environment, &err) == -1)
		fail_msg("%s: %s", c->name, err.text);
	if (s->options.tz != NULL && zonefile_read(s->options.tz, &s->zone, &err) == -1)
		fail_msg("%s: %s", c->name, err.text);
	s->plan.keys = s->options.keys;
	s->plan.n_keys = s->options.n_keys;
	if (options_given(&s->options, OPT_TIME))
		s->plan.time = &s->options.time;
	s->plan.is_source = s->plan.time != NULL;
}

static void
setup_release(struct setup *s)
{
	if (s->operator->make_from_words == NULL)
		options_release(&s->options);
	zone_release(&s->zone);
	rec_origin_release(&s->origin);
}

/* ---- a run ---- */

/* What happens in front of a step. */
enum {
	CUT = 1,              /* the batch ends */
	SAVE_BASE = 2,
	SAVE_DELTA = 4,
	LOAD = 8              /* of what has been saved, which must be all there is: into a fresh op */
};

struct run {
	struct setup      *setup;
	const char        *how;           /* for messages */
	struct op         *op;
	struct rec_reader *readers[2];
	struct align       align;         /* two inputs */
	int                side;          /* of the records at hand */
	const struct optest_step *rows;   /* of the table that is in place, n_rows; or of the one being read */
	size_t             n_rows;
	bool               is_reading_table;
	struct buf         saved[MAX_DELTAS];     /* a base and its deltas, each with room behind it */
	size_t             n_saved;
	struct buf         came[OPTEST_KINDS];
	struct rec         recs[REC_BATCH_MAX];
	size_t             n_recs;
};

static struct op *
new_op(struct setup *s)
{
	/* Another seed each time: nothing that comes out may depend on it. */
	if (s->operator->make_from_words != NULL)
		return s->operator->make_from_words(s->words, s->n_words, s->hash_seed++ * 0x9e3779b97f4a7c15);
	return s->operator->make(&s->options, s->options.tz == NULL ? NULL : &s->zone, s->hash_seed++ * 0x9e3779b97f4a7c15);
}

static void
tell_refusal(struct buf *to, const struct op_refusal *r)
{
	if (r->kind == OP_REFUSED_LATE)
		buf_printf(to, "late %lldms\n", (long long)r->late_ms);
	else if (r->kind == OP_REFUSED_OUTSIDE)
		buf_lit(to, "between windows\n");
	else
		buf_printf(to, "%s\n", r->reason);
}

static struct emit
emit_of(struct run *r)
{
	return (struct emit){ .out = &r->came[OPTEST_OUT], .dead = &r->came[OPTEST_DEAD], .aside = &r->came[OPTEST_ASIDE],
	                      .origin = &r->setup->origin };
}

static void
feed(struct run *r)
{
	struct emit       e = emit_of(r);
	struct op_refusal refusal;
	size_t            at = 0;

	while (at < r->n_recs) {
		at += r->op->class->feed(r->op, r->side == OPTEST_LEFT ? 0 : 1, r->recs + at, r->n_recs - at, &e, &refusal);
		if (at < r->n_recs) {
			tell_refusal(&r->came[OPTEST_REFUSED], &refusal);
			at++;
		}
	}
	r->n_recs = 0;
	rec_reader_reset(r->readers[r->side == OPTEST_LEFT ? 0 : 1]);
}

/* As the loop of a run with two inputs does. */
static void
take_mark_of_side(struct run *r, const struct mark *mark, size_t side, struct emit *e)
{
	struct align_said said;

	switch (mark->kind) {
	case MARK_WATERMARK:
		r->op->class->input_watermark(r->op, (unsigned)side, mark->ts_ms);
		align_watermark(&r->align, side, mark->ts_ms, &said);
		break;
	case MARK_IDLE:
		align_idle(&r->align, side, &said);
		break;
	case MARK_ACTIVE:
		align_active(&r->align, side, &said);
		break;
	default:
		fail_msg("a mark that no case needs");
	}
	if (said.watermark)
		r->op->class->watermark(r->op, said.watermark_ms, e);
}

static void
take_mark(struct run *r, struct span line, int side)
{
	struct emit e = emit_of(r);
	struct err  err = ERR_INIT;
	struct mark mark = { 0 };

	if (mark_parse(&mark, line, &err) == -1)
		fail_msg("%s", err.text);
	if (r->op->class->n_inputs == 2) {
		take_mark_of_side(r, &mark, side == OPTEST_LEFT ? 0 : 1, &e);
	} else {
		assert_int_equal(mark.kind, MARK_WATERMARK);
		r->op->class->watermark(r->op, mark.ts_ms, &e);
	}
	mark_release(&mark);
}

static void
take_record(struct run *r, struct span line, int side)
{
	const char        *newline;
	struct rec        *rec;
	struct rec_reader *reader = r->readers[side == OPTEST_LEFT ? 0 : 1];
	enum rec_verdict   v;

	if (side != r->side)
		feed(r);
	r->side = side;
	rec = &r->recs[r->n_recs];
	v = r->setup->plan.is_source ? rec_read_bare(reader, line.p, 0, 1, rec, &newline)
	                             : rec_read_envelope(reader, line.p, 0, 1, rec, &newline);
	if (v != REC_OK)
		fail_msg("%s: %s", rec_reason(reader), line.p);
	if (++r->n_recs == REC_BATCH_MAX)
		feed(r);
}

/* ---- saving and loading ---- */

static void
save(struct run *r, bool delta)
{
	struct snap_writer w = { 0 };
	uint64_t           all, changed;

	assert_true(r->n_saved < MAX_DELTAS);
	r->op->class->entries(r->op, &all, &changed);
	r->op->class->save(r->op, delta, &w);
	assert_int_equal(w.entries, delta ? changed : all);
	if (!delta) {
		for (size_t i = 0; i < r->n_saved; i++)
			buf_release(&r->saved[i]);
		r->n_saved = 0;
	}
	memset(buf_reserve(&w.buf, SCAN_PAD), 0, SCAN_PAD);
	r->saved[r->n_saved++] = w.buf;
	r->op->class->settle(r->op);
	r->op->class->entries(r->op, &all, &changed);
	assert_int_equal(changed, 1);
}

/* Line by line, or those of a kind together; whoever reads on a restart may do either. */
static void
load_lines(struct op *op, const struct buf *lines)
{
	const char *p = lines->p, *end = lines->p + lines->n;
	bool        together = op->class->load_lines != NULL && lines->n % 2 == 0;
	struct err  err = ERR_INIT;

	while (p < end) {
		const char *newline;
		uint64_t    n = 0;

		if (together && (p = op->class->load_lines(op, p, end, &n)) == end)
			break;
		newline = memchr(p, '\n', (size_t)(end - p));
		if (op->class->load(op, span_of(p, (size_t)(newline - p)), &err) == -1)
			fail_msg("%s", err.text);
		p = newline + 1;
	}
}

/* What a base says of both must be the same, byte by byte. */
static void
compare_states(struct run *r, struct op *loaded)
{
	struct snap_writer was = { 0 }, is = { 0 };
	uint64_t           all, changed;

	r->op->class->save(r->op, false, &was);
	loaded->class->save(loaded, false, &is);
	if (!span_eq(buf_all(&was.buf), buf_all(&is.buf)))
		fail_msg("%s: state was\n%.*sis, when loaded,\n%.*s", r->how, SPAN_ARGS(buf_all(&was.buf)),
		    SPAN_ARGS(buf_all(&is.buf)));
	loaded->class->entries(loaded, &all, &changed);
	assert_int_equal(all, was.entries);
	assert_int_equal(changed, 1);
	buf_release(&was.buf);
	buf_release(&is.buf);
}

static void
load(struct run *r)
{
	struct op *loaded = new_op(r->setup);
	struct err err = ERR_INIT;

	if (loaded->class->expect != NULL)
		loaded->class->expect(loaded, r->n_saved * 10, r->saved[0].n);
	for (size_t i = 0; i < r->n_saved; i++)
		load_lines(loaded, &r->saved[i]);
	if (loaded->class->loaded != NULL && loaded->class->loaded(loaded, &err) == -1)
		fail_msg("%s", err.text);
	compare_states(r, loaded);
	r->op->class->free(r->op);
	r->op = loaded;
	if (r->n_rows > 0) {
		join_table_begin(r->op);
		for (size_t i = 0; i < r->n_rows; i++)
			take_record(r, r->rows[i].input, OPTEST_TABLE);
		feed(r);
		join_table_end(r->op);
	}
}

/* Rows that follow each other make up a table. */
static void
take_row(struct run *r, const struct optest_case *c, size_t i)
{
	if (!r->is_reading_table) {
		feed(r);
		join_table_begin(r->op);
		r->rows = &c->steps[i];
		r->n_rows = 0;
	}
	take_record(r, c->steps[i].input, OPTEST_TABLE);
	r->n_rows++;
	r->is_reading_table = i + 1 < c->n_steps && c->steps[i + 1].side == OPTEST_TABLE;
	if (!r->is_reading_table) {
		feed(r);
		join_table_end(r->op);
	}
}

/* ---- ways to replay ---- */

struct way {
	const char *how;
	size_t      at;                  /* before step AT: ACTIONS */
	unsigned    actions;
	unsigned    everywhere;          /* before every step */
	bool        is_random;
	uint64_t    seed;
};

static unsigned
actions_before(struct way *w, size_t step)
{
	unsigned a = w->everywhere;
	uint64_t random;

	if (w->actions != 0 && step == w->at)
		a |= w->actions;
	if (w->is_random) {
		random = optest_random(&w->seed) >> 33;
		a |= random % 3 == 0 ? CUT : 0;
		a |= random % 7 == 0 ? SAVE_DELTA : 0;
		a |= random % 29 == 0 ? SAVE_BASE : 0;
		a |= random % 11 == 0 ? SAVE_DELTA | LOAD : 0;
	}
	return a;
}

static void
act(struct run *r, unsigned actions)
{
	if (actions != 0)
		feed(r);
	if ((actions & SAVE_BASE) != 0 || ((actions & SAVE_DELTA) != 0 && r->n_saved == 0))
		save(r, false);
	else if ((actions & SAVE_DELTA) != 0)
		save(r, true);
	if ((actions & LOAD) != 0)
		load(r);
}

static void
compare(struct run *r, const struct optest_case *c, const struct buf *expected, struct span after)
{
	static const char *const kinds[] = { "out", "to the dead letters", "aside", "as refusals" };

	for (int k = 0; k < OPTEST_KINDS; k++) {
		if (!span_eq(buf_all(&r->came[k]), buf_all(&expected[k])) && r->came[k].n + expected[k].n > 0)
			fail_msg("%s: %s: after %.*s came %s\n%.*sand not\n%.*s", c->name, r->how, SPAN_ARGS(after),
			    kinds[k], SPAN_ARGS(buf_all(&r->came[k])), SPAN_ARGS(buf_all(&expected[k])));
		buf_reset(&r->came[k]);
	}
}

static void
run_init(struct run *r, struct setup *s)
{
	*r = (struct run){ .setup = s, .op = new_op(s) };
	for (unsigned i = 0; i < r->op->class->n_inputs; i++) {
		s->plan.wanted = r->op->class->wants(r->op, i, &s->plan.n_wanted);
		r->readers[i] = rec_reader_new(&s->plan);
	}
	align_init(&r->align, 2, 0);
}

static void
run_release(struct run *r)
{
	for (size_t i = 0; i < r->n_saved; i++)
		buf_release(&r->saved[i]);
	rec_reader_free(r->readers[0]);
	rec_reader_free(r->readers[1]);
	align_release(&r->align);
	r->op->class->free(r->op);
	for (int k = 0; k < OPTEST_KINDS; k++)
		buf_release(&r->came[k]);
}

static void
replay(const struct optest_case *c, struct setup *s, struct way way, const struct buf *expected)
{
	static struct run r;
	bool              by_step = (way.everywhere & CUT) != 0;
	char              how[200];
	uint64_t          seed = way.seed;

	run_init(&r, s);
	snprintf(how, sizeof(how), "%s (at %zu, seed %llu)", way.how, way.at, (unsigned long long)seed);
	r.how = how;
	for (size_t i = 0; i < c->n_steps; i++) {
		struct span line = c->steps[i].input;
		unsigned    actions = actions_before(&way, i);

		if (!r.is_reading_table)
			act(&r, actions);
		if (mark_starts(line.p, line.p + line.n)) {
			feed(&r);
			take_mark(&r, line, c->steps[i].side);
		} else if (c->steps[i].side == OPTEST_TABLE) {
			take_row(&r, c, i);
		} else {
			take_record(&r, line, c->steps[i].side);
		}
		if (by_step) {
			feed(&r);
			compare(&r, c, c->steps[i].expected, line);
		}
	}
	feed(&r);
	if (!by_step)
		compare(&r, c, expected, SPAN_LIT("all"));
	run_release(&r);
}

void
optest_run(const struct optest_case *c, uint64_t seed, int random_rounds)
{
	struct buf   expected[OPTEST_KINDS] = { { 0 } };
	struct setup s;

	setup_init(&s, c);
	for (size_t i = 0; i < c->n_steps; i++)
		for (int k = 0; k < OPTEST_KINDS; k++)
			buf_span(&expected[k], buf_all(&c->steps[i].expected[k]));
	replay(c, &s, (struct way){ .how = "record by record", .everywhere = CUT }, expected);
	replay(c, &s, (struct way){ .how = "in whole batches" }, expected);
	replay(c, &s, (struct way){ .how = "saved and loaded everywhere", .everywhere = CUT | SAVE_BASE | LOAD }, expected);
	replay(c, &s, (struct way){ .how = "a delta everywhere", .everywhere = CUT | SAVE_DELTA }, expected);
	replay(c, &s, (struct way){ .how = "a delta loaded everywhere", .everywhere = CUT | SAVE_DELTA | LOAD }, expected);
	for (size_t i = 0; i < c->n_steps && c->n_steps <= 100; i++) {
		replay(c, &s, (struct way){ .how = "cut once", .at = i, .actions = CUT }, expected);
		replay(c, &s, (struct way){ .how = "saved and loaded once", .at = i, .actions = SAVE_BASE | LOAD }, expected);
		replay(c, &s, (struct way){ .how = "deltas, loaded once", .everywhere = SAVE_DELTA, .at = i, .actions = LOAD },
		    expected);
	}
	for (int i = 0; i < random_rounds; i++)
		replay(c, &s, (struct way){ .how = "at random", .is_random = true, .seed = optest_random(&seed) }, expected);
	for (int k = 0; k < OPTEST_KINDS; k++)
		buf_release(&expected[k]);
	setup_release(&s);
}

/* ---- golden files ---- */

static void
read_whole(const char *path, struct buf *b)
{
	FILE  *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		fail_msg("cannot open %s (tests run in the top directory)", path);
	while ((n = fread(buf_reserve(b, 65536), 1, 65536, f)) > 0)
		b->n += n;
	fclose(f);
	memset(buf_reserve(b, SCAN_PAD), 0, SCAN_PAD);
}

static void
finish_case(struct optest_case *c, uint64_t seed, int random_rounds)
{
	if (c->name == NULL)
		return;
	optest_run(c, seed, random_rounds);
	optest_case_release(c);
}

static void
expect(struct optest_case *c, enum optest_kind kind, struct span line)
{
	struct buf *b;

	assert_true(c->n_steps > 0);
	b = &c->steps[c->n_steps - 1].expected[kind];
	buf_span(b, line);
	buf_char(b, '\n');
}

static void
take_line(struct optest_case *c, const char *path, struct span line)
{
	struct span rest = line.n > 2 ? span_of(line.p + 2, line.n - 2) : SPAN_LIT("");
	char       *words;

	switch (line.p[0]) {
	case ':':
		words = alloc_string_n(rest.p, rest.n);
		split_words(c, words);
		free(words);
		return;
	case '<':
	case 'l':
		optest_add(c, rest)->side = OPTEST_LEFT;
		return;
	case 'r':
		optest_add(c, rest)->side = OPTEST_RIGHT;
		return;
	case 't':
		optest_add(c, rest)->side = OPTEST_TABLE;
		return;
	case '>':
		expect(c, OPTEST_OUT, rest);
		return;
	case 'x':
		expect(c, OPTEST_DEAD, rest);
		return;
	case '+':
		expect(c, OPTEST_ASIDE, rest);
		return;
	case '!':
		expect(c, OPTEST_REFUSED, rest);
		return;
	case '#':
		return;
	default:
		fail_msg("%s: what is this: %.*s", path, SPAN_ARGS(line));
	}
}

static size_t
run_file(const char *operator, const char *path, uint64_t seed, int random_rounds)
{
	struct optest_case c = { .operator = operator };
	struct buf         text = { 0 };
	size_t             n_cases = 0;

	read_whole(path, &text);
	for (const char *p = text.p, *newline; p < text.p + text.n; p = newline + 1) {
		struct span line;

		newline = memchr(p, '\n', (size_t)(text.p + text.n - p));
		assert_non_null(newline);
		line = span_of(p, (size_t)(newline - p));
		if (line.n == 0)
			continue;
		if (!span_starts(line, SPAN_LIT("== "))) {
			take_line(&c, path, line);
			continue;
		}
		finish_case(&c, seed, random_rounds);
		c.operator = operator;
		c.name = alloc_string_n(p + 3, line.n - 3);
		n_cases++;
	}
	finish_case(&c, seed, random_rounds);
	buf_release(&text);
	return n_cases;
}

size_t
optest_run_golden(const char *operator, uint64_t seed, int random_rounds)
{
	char   pattern[100];
	glob_t g;
	size_t n = 0;

	snprintf(pattern, sizeof(pattern), "tests/golden/%s/*.t", operator);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		n += run_file(operator, g.gl_pathv[i], seed, random_rounds);
	globfree(&g);
	return n;
}
