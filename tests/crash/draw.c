/* draw - a source, some stages, a sink, each from its table */
#include "draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STAGES = 7, LEAST_FLIGHTS = 300, MORE_FLIGHTS = 900, ALL_FLIGHTS = 8832, TRIES = 30 };

static bool
one_in(struct draw *d, unsigned n)
{
	return chance_below(&d->chance, n) == 0;
}

/* ---- parts of a stage ---- */

/* Where a record may be late: the file for those. */
static void
add_late(struct draw *d)
{
	if ((d->flow & IN_TIME) != 0)
		return;
	draw_word(d, "--late");
	draw_word(d, one_in(d, 4) ? "drop" : (d->pipeline.outputs[d->outputs++] = draw_text(d, "late%u.ndjson", d->stages - 1)));
}

static void
add_source(struct draw *d, const struct choice *key, const struct choice *delay)
{
	draw_word(d, "--time");
	draw_word(d, ".at");
	ADD(d, key->words);
	draw_word(d, "--out-of-order");
	ADD(d, delay->words);
}

static void
add_rate(struct draw *d)
{
	draw_word(d, "--rate");
	draw_word(d, d->rate);
}

/* ---- what can come next ---- */

/* What is judged by time needs the same watermarks in each run, or nothing that could be late. */
static bool
fits(const struct draw *d, unsigned needs, bool judges)
{
	return (d->flow & needs) == needs && (!judges || (d->flow & (IN_TIME | MARKS)) != 0);
}

/* A row that fits, or NULL; rows end with one without words. */
static const struct choice *
pick(struct draw *d, const struct choice *rows)
{
	unsigned n = 0;

	while (rows[n].words[0] != NULL)
		n++;
	for (unsigned i = 0; i < TRIES; i++) {
		const struct choice *c = &rows[chance_below(&d->chance, n)];

		if (fits(d, c->needs, c->judges))
			return c;
	}
	return NULL;
}

static void
passed(struct draw *d, unsigned takes, unsigned gives)
{
	d->flow = (d->flow & ~takes) | gives;
}

/* The operands and options of a command that is its own source; else nothing. */
struct own {
	const struct choice *key, *delay;
	const char          *files[3];
};

static void
add_own(struct draw *d, const struct own *own)
{
	if (own != NULL) {
		add_source(d, own->key, own->delay);
		add_rate(d);
		ADD(d, own->files);
	}
}

static bool
add_simple(struct draw *d, const char *command, const struct choice *rows, const struct own *own)
{
	const struct choice *c = pick(d, rows);
	bool                 words_last = strcmp(command, "stream-exec") == 0, is_ours = rows != draw_foreign;

	if (c == NULL)
		return false;
	if (is_ours) {
		draw_stage(d, command, own != NULL ? "source" : "stage");
		if (c->judges)
			add_late(d);
		if (rows == draw_execs && own == NULL) {
			d->key_sql = "$.tail";
			draw_words(d, (const char *const[]){ "--time", ".at", "--key", ".tail" }, 4);
		}
		if (words_last)
			add_own(d, own);
		ADD(d, c->words);
		if (!words_last)
			add_own(d, own);
	} else {
		draw_stage(d, c->words[0], NULL);
		draw_words(d, c->words + 1, sizeof(c->words) / sizeof(c->words[0]) - 1);
	}
	draw_stage_end(d);
	draw_sql_choice(d, c, rows == draw_execs);
	passed(d, c->takes, c->gives);
	return true;
}

static bool
add_window(struct draw *d, const struct own *own)
{
	const struct window_choice *w;
	const struct choice        *emit;
	const struct column_choice *columns[4];
	size_t                      n = 0, rows = 0;
	bool                        global = own == NULL && one_in(d, 4), judges;

	while (draw_windows[rows].words[0] != NULL)
		rows++;
	w = &draw_windows[chance_below(&d->chance, (unsigned)rows)];
	emit = &draw_emits[w->kind == COUNT || w->kind == GLOBAL ? 0 : chance_below(&d->chance, 8)];
	judges = w->kind != COUNT && w->kind != GLOBAL;
	if (!fits(d, FINAL | (w->kind == COUNT ? IN_ORDER : 0) | emit->needs, judges))
		return false;
	draw_stage(d, "stream-window", own != NULL ? "source" : "stage");
	if (judges)
		add_late(d);
	ADD(d, emit->words);
	if (global)
		draw_word(d, "--global");
	draw_words(d, (const char *const[]){ "-a", "n=count" }, 2);
	for (unsigned i = 0; i < TRIES && n < 3 && n <= chance_below(&d->chance, 4); i++) {
		for (rows = 0; draw_columns[rows].word != NULL; rows++)
			;
		columns[n] = &draw_columns[chance_below(&d->chance, (unsigned)rows)];
		for (rows = 0; rows < n && columns[rows] != columns[n]; rows++)
			;
		if (rows < n || !fits(d, columns[n]->needs, false))
			continue;
		draw_word(d, "-a");
		draw_word(d, columns[n++]->word);
	}
	ADD(d, w->words);
	add_own(d, own);
	draw_stage_end(d);
	if (emit->sql == NULL)
		d->flow &= ~(unsigned)IN_SQL;
	draw_sql_window(d, w, columns, n, global);
	passed(d, SHAPES, RESULTS | IN_TIME);
	passed(d, emit->takes | (w->kind == SESSION && emit->takes != 0 ? FINAL | IN_TIME : 0), 0);      /* one that grows takes back, late */
	if (!judges)                                 /* a result of these is as old as its records are */
		passed(d, IN_TIME | SQL_LATE, 0);
	return true;
}

/* Which one to join with, how, and what becomes of the pairs.  ANY: without --table, which takes no other input. */
static void
pick_join(struct draw *d, bool any, const struct join_choice **j, unsigned *kind, const struct choice **pairs)
{
	unsigned rows = 0, bit;

	while (draw_joins[rows].words[0] != NULL)
		rows++;
	do
		*j = &draw_joins[chance_below(&d->chance, rows)];
	while ((*j)->is_table && !any);
	do
		bit = chance_below(&d->chance, 6);
	while (((*j)->kinds & 1u << bit) == 0);
	*kind = 1u << bit;
	do
		*pairs = &draw_pairs[chance_below(&d->chance, 4)];
	while (*kind >= JOIN_SEMI && (*pairs)->takes != 0);
}

static void
add_join(struct draw *d, const struct join_choice *j, unsigned kind, const struct choice *pairs)
{
	static const char *const memories[] = { "256M", "64K", "16K" };
	unsigned                 bit = 0;

	while (kind >> bit != 1)
		bit++;
	draw_word(d, draw_kinds[bit]);
	ADD(d, j->words);
	ADD(d, pairs->words);
	if (!j->is_table)
		draw_words(d, (const char *const[]){ "--memory", memories[chance_below(&d->chance, 3)] }, 2);
	draw_word(d, "--on");
	draw_word(d, j->on);
}

static void
joined(struct draw *d, const struct join_choice *j, unsigned kind, const struct choice *pairs)
{
	bool as_it_came = kind >= JOIN_SEMI;

	if (!as_it_came)
		passed(d, SHAPES, PAIRS);
	passed(d, pairs->takes, 0);
	if (!j->is_table)
		passed(d, IN_ORDER | MARKS, 0);
	/* What is held until a window closes has the time it had. */
	if (as_it_came && strcmp(j->words[0], "--window") == 0)
		passed(d, IN_TIME | SQL_LATE, 0);
}

/* The other side is a file that it reads itself. */
static bool
add_mixed(struct draw *d)
{
	const struct join_choice *j;
	const struct choice      *pairs;
	unsigned                  kind;
	const char               *right = one_in(d, 2) ? "more.ndjson" : "input.ndjson";

	pick_join(d, true, &j, &kind, &pairs);
	if (!fits(d, FLIGHTS | FINAL | (j->is_table ? 0 : IN_TIME), false) || (d->has_bad && !j->is_table))
		return false;
	draw_stage(d, "stream-join", "stage");
	add_join(d, j, kind, pairs);
	if (!j->is_table)
		draw_words(d, (const char *const[]){ "--time", ".at", "--out-of-order", "24h" }, 4);
	draw_word(d, "-");
	if (!j->is_table)
		draw_word(d, right);
	draw_stage_end(d);
	draw_sql_join(d, j, kind, pairs, j->is_table ? "airlines.ndjson" : right);
	joined(d, j, kind, pairs);
	return true;
}

static bool
add_any(struct draw *d, const struct own *own)
{
	switch (chance_below(&d->chance, own != NULL ? 6 : 10)) {
	case 0:  return add_simple(d, "stream-filter", draw_filters, own);
	case 1:  return add_simple(d, "stream-exec", one_in(d, 2) ? draw_execs : draw_eaches, own);
	case 2:  return add_simple(d, "stream-dedup", draw_dedups, own);
	case 3:  return add_simple(d, "stream-sort", draw_sorts, own);
	case 4:
	case 5:  return add_window(d, own);
	case 6:  return add_simple(d, "", draw_foreign, NULL);
	case 7:  return add_simple(d, "stream-filter", draw_filters, NULL);
	default: return add_mixed(d);
	}
}

/* ---- where it begins and ends ---- */

/* Two sources, and a join of both: three stages. */
static void
begin_joined(struct draw *d, const struct choice *key, const struct choice *delay)
{
	const struct join_choice *j;
	const struct choice      *pairs;
	unsigned                  kind;

	pick_join(d, false, &j, &kind, &pairs);
	for (unsigned i = 0; i < 2; i++) {
		draw_stage(d, "stream-cat", "source");
		add_source(d, key, delay);
		add_rate(d);
		draw_word(d, i == 0 ? "input.ndjson" : "more.ndjson");
		draw_stage_end(d);
	}
	d->pipeline.traits |= FORKED;
	draw_stage(d, "stream-join", "stage");
	add_join(d, j, kind, pairs);
	draw_word(d, FIRST_OUT);
	draw_word(d, "-");
	draw_stage_end(d);
	draw_sql_source(d, key, delay);
	draw_sql_join(d, j, kind, pairs, "more.ndjson");
	joined(d, j, kind, pairs);
}

/* One that reads both. */
static void
begin_join_of_files(struct draw *d, const struct choice *key, const struct choice *delay)
{
	const struct join_choice *j;
	const struct choice      *pairs;
	unsigned                  kind;

	pick_join(d, false, &j, &kind, &pairs);
	draw_stage(d, "stream-join", "source");
	add_join(d, j, kind, pairs);
	add_source(d, key, delay);
	draw_word(d, "input.ndjson");
	draw_word(d, "more.ndjson");
	draw_stage_end(d);
	draw_sql_source(d, key, delay);
	draw_sql_join(d, j, kind, pairs, "more.ndjson");
	joined(d, j, kind, pairs);
}

static void
begin(struct draw *d)
{
	const struct choice *key = &draw_keys[chance_below(&d->chance, 5)], *delay = &draw_delays[chance_below(&d->chance, 6)];
	struct own           own = { key, delay, { one_in(d, 4) ? "input.ndjson.zst" : "input.ndjson" } };
	unsigned             how = chance_below(&d->chance, 12);

	if (how < 3 || d->has_bad)
		delay = &draw_delays[0];             /* who joins needs all of them in time; a bad line's time is anything */
	own.delay = delay;
	d->key_sql = key->sql;
	d->flow = FLIGHTS | IN_ORDER | MARKS | FINAL | (d->has_bad ? 0 : delay->gives);
	if (how < 2 && !d->has_bad) {
		begin_joined(d, key, delay);
		return;
	}
	if (how == 2 && !d->has_bad && one_in(d, 3)) {
		begin_join_of_files(d, key, delay);
		return;
	}
	draw_sql_source(d, key, delay);
	if (how < 6 && add_any(d, &own))
		return;
	draw_stage(d, "stream-cat", "source");
	if (how == 11 && (d->flow & IN_TIME) != 0) {     /* two files: one after the other, or by event time */
		own.files[0] = "input.ndjson";
		own.files[1] = "more.ndjson";
		d->flow &= ~(unsigned)IN_SQL;
		if (one_in(d, 2))
			draw_word(d, "--merge");
		else
			passed(d, IN_TIME, 0);       /* the second one begins where it likes */
	}
	add_own(d, &own);
	draw_stage_end(d);
}

static void
end(struct draw *d)
{
	const struct choice *c = pick(d, draw_sinks);

	draw_stage(d, "stream-sink", "sink");
	ADD(d, c->words);
	draw_stage_end(d);
	d->pipeline.outputs[d->outputs++] = strncmp(c->words[0], "dir:", 4) == 0 ? "out/" : "out.ndjson";
	d->payload_only = c->words[1] != NULL;
	/* What is held back or appears whole needs one. */
	d->reference_with_checkpoint |= strcmp(c->words[0], "file:out.ndjson") != 0;
	draw_sql_end(d);
	if ((d->flow & IN_ORDER) == 0)
		d->pipeline.traits |= AS_SETS;
}

void
draw_make(struct draw *d, uint64_t seed)
{
	unsigned most;

	*d = (struct draw){ .chance = seed * 0x9e3779b97f4a7c15u + 7 };
	d->pipeline.name = "drawn";
	d->count = LEAST_FLIGHTS + chance_below(&d->chance, MORE_FLIGHTS);
	d->first = chance_below(&d->chance, ALL_FLIGHTS - d->count);
	d->has_bad = one_in(d, 8);
	d->reference_with_checkpoint = one_in(d, 2);
	/* Half a second, or a whole one. */
	snprintf(d->rate, sizeof(d->rate), "%u", d->count * 1000 / (500 + chance_below(&d->chance, 500)));
	most = 2 + chance_below(&d->chance, MOST_STAGES - 1);
	begin(d);
	for (unsigned i = 0; i < TRIES && d->stages + 1 < most; i++)
		add_any(d, NULL);
	end(d);
}

void
draw_release(struct draw *d)
{
	buf_release(&d->sql);
}
