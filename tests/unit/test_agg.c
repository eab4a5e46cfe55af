/*
 * Aggregates: the golden cases of tests/golden/agg, cut anywhere
 *
 * Every case is replayed with all values in one accumulator; divided in every way between two that
 * are merged, either into the other; and saved and loaded before each value.  Result and saved text
 * must be the same each time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agg/agg.h"
#include "base/alloc.h"
#include "naive_decimal.h"

enum { MAX_VALUES = 16 };

/* an accumulator in memory of its own, so that a sanitizer sees what outlives it */

struct acc {
	const struct agg_class *class;
	const struct agg_scope *scope;           /* whose args count for all */
	void                   *bytes;
	struct arena            arena;
};

static void
acc_init(struct acc *a, const struct agg_class *class, const struct agg_scope *scope)
{
	a->class = class;
	a->scope = scope;
	a->bytes = aligned_alloc(16, class->size);
	assert_non_null(a->bytes);
	memset(a->bytes, 0, class->size);
	a->arena = (struct arena){ 0 };
}

static void
acc_release(struct acc *a)
{
	free(a->bytes);
	arena_release(&a->arena);
}

static char *
saved(const struct acc *a)
{
	struct buf b = { 0 };

	a->class->save(a->bytes, &b);
	buf_char(&b, '\0');
	return b.p;
}

/* NULL: more than 38 digits */
static char *
result(const struct acc *a)
{
	struct buf b = { 0 };

	if (!a->class->result(a->bytes, a->scope, &b)) {
		assert_int_equal(b.n, 0);
		return NULL;
	}
	buf_char(&b, '\0');
	return b.p;
}

static void
save_and_load(struct acc *a)
{
	char      *text = saved(a), *again;
	struct acc fresh;

	acc_init(&fresh, a->class, a->scope);
	if (!a->class->load(fresh.bytes, span_str(text), &fresh.arena))
		fail_msg("%s does not load '%s'", a->class->name, text);
	acc_release(a);
	*a = fresh;
	again = saved(a);
	assert_string_equal(again, text);
	free(again);
	free(text);
}

static void
merge(struct acc *to, struct acc *from)
{
	to->class->merge(to->bytes, from->bytes, to->scope->args, &to->arena);
	acc_release(from);
}

/* TEXT as scan would have found it, in bytes of its own, which the caller frees. */
static char *
found(struct scan_value *v, const char *text)
{
	size_t n = strlen(text), quote = text[0] == '"';
	char  *copy = malloc(n + 1);

	assert_non_null(copy);
	memcpy(copy, text, n);
	*v = (struct scan_value){ .p = copy + quote, .n = (uint32_t)(n - 2 * quote) };
	v->escaped = quote && strchr(text, '\\') != NULL;
	v->kind = quote ? SCAN_STRING : text[0] == '{' ? SCAN_OBJECT : text[0] == '[' ? SCAN_ARRAY :
	    strcmp(text, "missing") == 0 ? SCAN_MISSING : strcmp(text, "null") == 0 ? SCAN_NULL :
	    strcmp(text, "true") == 0 ? SCAN_TRUE : strcmp(text, "false") == 0 ? SCAN_FALSE :
	    SCAN_NUMBER;
	return copy;
}

/* The record at hand: VALUE, VALUE;SECOND, and with @TS behind it. */
struct given {
	char             *first, *second;
	struct scan_value v, w;
	struct agg_at     at;
	struct agg_input  in;
};

static void
given_release(struct given *g)
{
	free(g->first);
	free(g->second);
}

static bool
check(const struct agg_class *class, const struct agg_scope *scope, const char *word, uint64_t arrival,
      struct given *g, const char **reason)
{
	char *text = alloc_string(word), *semicolon = strrchr(text, ';'), *at = strrchr(text, '@');
	bool  is_record = strcmp(text, "record") == 0;

	memset(g, 0xA5, sizeof(*g));
	g->at = (struct agg_at){ at == NULL ? (int64_t)arrival : strtoll(at + 1, NULL, 10), arrival };
	if (at != NULL)
		*at = '\0';
	if (semicolon != NULL)
		*semicolon = '\0';
	g->second = found(&g->w, semicolon == NULL ? "missing" : semicolon + 1);
	g->first = found(&g->v, text);
	g->in.args = scope->args;
	g->in.at = &g->at;
	g->in.second = semicolon == NULL ? NULL : &g->w;
	g->in.skip = g->in.second_is_bad = g->in.escaped = g->in.is_dec = false;
	free(text);
	return class->check(is_record ? NULL : &g->v, &g->in, reason);
}

static void
add(struct acc *a, const char *text, uint64_t arrival)
{
	struct given g;
	const char  *reason = "";

	if (!check(a->class, a->scope, text, arrival, &g, &reason))
		fail_msg("%s refuses %s: %s", a->class->name, text, reason);
	if (!g.in.skip)
		a->class->add(a->bytes, &g.in, &a->arena);
	given_release(&g);
}

static const struct agg_class *
class_named(const char *name)
{
	for (size_t i = 0; agg_classes[i] != NULL; i++)
		if (strcmp(agg_classes[i]->name, name) == 0)
			return agg_classes[i];
	fail_msg("there is no %s", name);
	return NULL;
}

/* golden cases */

struct golden {
	const struct agg_class *class;
	struct agg_column      *column;
	struct agg_scope        scope;
	char                    name[200];
	char                   *values[MAX_VALUES];
	size_t                  n_values;
	char                   *result;          /* NULL: more than 38 digits */
	char                   *saved;           /* NULL: not said */
	bool                    has_result;
};

static void
expect(const struct golden *g, struct acc *a, const char *way)
{
	char *got = result(a), *text = saved(a);

	if ((got == NULL) != (g->result == NULL) || (got != NULL && strcmp(got, g->result) != 0))
		fail_msg("%s: %s, %s: the result is %s, not %s", g->class->name, g->name, way,
		    got == NULL ? "(none)" : got,
		    g->result == NULL ? "(none)" : g->result);
	if (g->saved != NULL && strcmp(text, g->saved) != 0)
		fail_msg("%s: %s, %s: saved as %s, not %s", g->class->name, g->name, way, text,
		    g->saved);
	free(got);
	free(text);
}

/* Bit i of WHERE says which of two accumulators value i goes to. */
static void
replay_in_parts(const struct golden *g, unsigned where, bool swap)
{
	struct acc part[2];

	acc_init(&part[0], g->class, &g->scope);
	acc_init(&part[1], g->class, &g->scope);
	for (size_t i = 0; i < g->n_values; i++)
		add(&part[where >> i & 1], g->values[i], i);
	merge(&part[swap], &part[!swap]);
	expect(g, &part[swap], "in two parts");
	acc_release(&part[swap]);
}

/* Saved and loaded before value AT, or before each where AT is more than there are. */
static void
replay_with_save(const struct golden *g, size_t at)
{
	struct acc a;

	acc_init(&a, g->class, &g->scope);
	for (size_t i = 0; i <= g->n_values; i++) {
		if (i == at || at > g->n_values)
			save_and_load(&a);
		if (i < g->n_values)
			add(&a, g->values[i], i);
	}
	expect(g, &a, "saved and loaded");
	acc_release(&a);
}

static void
replay(struct golden *g)
{
	struct acc a;

	acc_init(&a, g->class, &g->scope);
	for (size_t i = 0; i < g->n_values; i++)
		add(&a, g->values[i], i);
	if (g->saved == NULL)
		g->saved = saved(&a);
	expect(g, &a, "at once");
	acc_release(&a);
	for (unsigned where = 0; where < 1u << g->n_values; where++) {
		replay_in_parts(g, where, false);
		replay_in_parts(g, where, true);
	}
	for (size_t at = 0; at <= g->n_values + 1; at++)
		replay_with_save(g, at);
}

static void
refuses(const struct golden *g, char *line)
{
	char        *says = strchr(line, ' ');
	const char  *reason = NULL;
	struct given given;

	assert_non_null(says);
	*says++ = '\0';
	if (check(g->class, &g->scope, line, 0, &given, &reason))
		fail_msg("%s takes %s", g->class->name, line);
	assert_string_equal(reason, says + (*says == '*'));
	if (given.in.second_is_bad != (*says == '*'))
		fail_msg("%s blames the wrong path for %s", g->class->name, line);
	given_release(&given);
}

static void
does_not_load(const struct golden *g, const char *text)
{
	struct acc a;

	acc_init(&a, g->class, &g->scope);
	if (g->class->load(a.bytes, span_str(text), &a.arena))
		fail_msg("%s loads %s", g->class->name, text);
	acc_release(&a);
}

static void
finish(struct golden *g, size_t *n)
{
	if (g->has_result) {
		replay(g);
		++*n;
	}
	for (size_t i = 0; i < g->n_values; i++)
		free(g->values[i]);
	free(g->result);
	free(g->saved);
	*g = (struct golden){ .class = g->class, .column = g->column, .scope = g->scope };
}

static void
take_values(struct golden *g, char *line)
{
	for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " ")) {
		assert_true(g->n_values < MAX_VALUES);
		g->values[g->n_values++] = alloc_string(word);
	}
}

/* FUNC(PATH,…), as behind -a: for the cases that follow. */
static void
set_arguments(struct golden *g, const char *text)
{
	char       column[200];
	struct err err = ERR_INIT;

	snprintf(column, sizeof(column), "x=%s", text);
	if (g->column->name != NULL)
		agg_column_release(g->column);
	if (agg_parse(g->column, column, &err) == -1)
		fail_msg("%s", err.text);
	assert_ptr_equal(g->column->class, g->class);
}

static void
take_line(struct golden *g, char *line, size_t *n)
{
	char *rest = line + (line[0] != '\0' && line[1] == ' ' ? 2 : 1);

	switch (line[0]) {
	case '<':
		take_values(g, rest);
		break;
	case '>':
		g->result = alloc_string(rest);
		g->has_result = true;
		break;
	case 'x':
		g->has_result = true;
		break;
	case '=':
		if (line[1] == '=') {
			finish(g, n);
			snprintf(g->name, sizeof(g->name), "%s", line + 3);
		} else {
			g->saved = alloc_string(rest);
		}
		break;
	case '!':
		refuses(g, rest);
		++*n;
		break;
	case '~':
		does_not_load(g, rest);
		++*n;
		break;
	case ':':
		set_arguments(g, rest);
		break;
	case '[':
		g->scope.has_bounds = sscanf(line, "[%" SCNd64 ",%" SCNd64 ")", &g->scope.start_ms, &g->scope.end_ms) == 2;
		break;
	case '#':
	case '\0':
		break;
	default:
		fail_msg("%s: what is '%s'?", g->class->name, line);
	}
}

static size_t
replay_file(const struct agg_class *class)
{
	struct agg_column column = { 0 };
	struct golden     g = { .class = class, .column = &column, .scope = { .args = &column.args } };
	char          path[200], *line = NULL;
	size_t        cap = 0, n = 0;
	FILE         *f;

	snprintf(path, sizeof(path), "tests/golden/agg/%s.txt", class->name);
	if ((f = fopen(path, "r")) == NULL)
		fail_msg("no golden cases for %s: %s", class->name, path);
	while (getline(&line, &cap, f) != -1) {
		line[strcspn(line, "\n")] = '\0';
		take_line(&g, line, &n);
	}
	finish(&g, &n);
	agg_column_release(&column);
	free(line);
	fclose(f);
	return n;
}

static void
golden_cases_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; agg_classes[i] != NULL; i++)
		assert_true(replay_file(agg_classes[i]) >= 4);
}

/* random values */

static void
random_value(uint64_t *seed, bool numbers_only, char *to)
{
	static const char *const strings[] = {
		"\"a\"", "\"\\u0061\"", "\"\"", "\"b\"", "\"ab\"", "\"\\n\"", "\"\\u000a\"",
		"\"a long one, so long that it has to leave its place\"",
		"\"a long one, so long that it has to leave its pla\\u0063e\"", "\"\xC3\xA4\"",
		"\"\\u00e4\"", "\"0\""
	};
	static const char *const tails[] = { "", ".0", "e0", ".00", "0e-1", ".5" };
	unsigned mood = naive_below(seed, 8);

	if (mood == 0)
		strcpy(to, naive_below(seed, 2) ? "null" : "missing");
	else if (mood == 1 && !numbers_only)
		strcpy(to, strings[naive_below(seed, sizeof(strings) / sizeof(strings[0]))]);
	else if (mood < 5)
		sprintf(to, "%u%s", naive_below(seed, 4), tails[naive_below(seed, 6)]);
	else
		do
			naive_random_number(seed, to, mood == 5 ? 30 : 6, 9);
		while (numbers_only && !num_parse(span_str(to), &(struct dec){ 0 }));
}

/* Any order, any parts, saved and loaded anywhere: one result. */
static void
order_of_arrival_does_not_show(void **state)
{
	uint64_t seed = 11;
	static const char *const names[] = {
		"count", "sum", "min", "max", "mean", "median", "quantile", "quantile~", "variance", "stddev",
		"variance_pop", "stddev_pop", "distinct", "distinct~", "top", "bottom"
	};
	enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

	(void)state;
	for (int round = 0; round < 60 * N_NAMES; round++) {
		const struct agg_class *class = class_named(names[round % N_NAMES]);
		struct agg_args         none = { .part = 3, .whole = 10, .most = 3 };
		struct golden           g = { .class = class, .name = "random", .has_result = true,
			                      .scope = { .args = &none } };
		bool                    numbers = strstr("min max count distinct~ top bottom", class->name) == NULL;
		struct acc              a;

		g.n_values = 1 + naive_below(&seed, 8);
		for (size_t i = 0; i < g.n_values; i++) {
			char text[400];

			random_value(&seed, numbers, text);
			g.values[i] = alloc_string(text);
		}
		acc_init(&a, class, &g.scope);
		for (size_t i = 0; i < g.n_values; i++)
			add(&a, g.values[i], i);
		g.result = result(&a);
		g.saved = saved(&a);
		acc_release(&a);
		for (size_t i = g.n_values; i-- > 1; ) {
			size_t j = naive_below(&seed, (unsigned)i + 1);
			char  *swap = g.values[i];

			g.values[i] = g.values[j];
			g.values[j] = swap;
		}
		replay(&g);
		finish(&g, &(size_t){ 0 });
	}
}

/* how far the sketches are from the exact ones */

/* N random values of many magnitudes, some of them seen before, some below zero. */
static void
add_to_all(struct acc *accs, size_t n_accs, unsigned n, uint64_t *seed)
{
	char text[60];

	for (unsigned i = 0; i < n; i++) {
		unsigned digits = 1 + naive_below(seed, 9);
		int      sign = naive_below(seed, 4) == 0;

		sprintf(text, "%s%u", sign ? "-" : "", naive_below(seed, 10));
		for (unsigned k = 0; k < digits; k++)
			sprintf(text + strlen(text), "%s%u", k == 2 ? "." : "", naive_below(seed, 10));
		if (text[strlen(text) - 1] == '.')
			strcat(text, "0");
		if (text[sign] == '0' && text[sign + 1] != '.')
			text[sign] = '1';
		if (digits == 9)
			strcat(text, "e12");
		for (size_t k = 0; k < n_accs; k++)
			add(&accs[k], text, i);
	}
}

static double
number_of(const struct acc *a)
{
	char  *text = result(a);
	double v = strtod(text, NULL);

	free(text);
	return v;
}

static void
a_sketched_quantile_is_within_one_per_cent(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (unsigned part = 0; part <= 20; part++) {
		struct agg_args  args = { .part = part, .whole = 20 };
		struct agg_scope scope = { .args = &args };
		struct acc       both[2];

		acc_init(&both[0], class_named("quantile"), &scope);
		acc_init(&both[1], class_named("quantile~"), &scope);
		add_to_all(both, 2, 1 + naive_below(&seed, 3000), &seed);
		if (part == 7)
			save_and_load(&both[1]);
		double exact = number_of(&both[0]), about = number_of(&both[1]);

		if (about < exact - 0.01 * (exact < 0 ? -exact : exact) ||
		    about > exact + 0.01 * (exact < 0 ? -exact : exact))
			fail_msg("%u/20: %g is not within 1 %% of %g", part, about, exact);
		assert_true(both[1].arena.total <= 100000);
		acc_release(&both[0]);
		acc_release(&both[1]);
	}
}

/* Each standard error is 0.81 %: of 60 none is expected beyond four of them. */
static void
about_how_many_is_within_the_stated_error(void **state)
{
	struct agg_args  none = { 0 };
	struct agg_scope scope = { .args = &none };
	double           squares = 0;
	unsigned         n_measured = 0;

	(void)state;
	for (unsigned round = 0; round < 6; round++) {
		struct acc about;
		unsigned   n = 0;
		char       text[40];

		acc_init(&about, class_named("distinct~"), &scope);
		for (unsigned most = 100; most <= 200000; most = most * 15 / 10) {
			double found;

			for (; n < most; n++) {
				sprintf(text, "\"%u of %u\"", n, round);
				add(&about, text, n);
			}
			found = number_of(&about);
			if (most < 3000) {
				assert_true(found <= most && found >= most - 2);
				continue;
			}
			found = found / most - 1;
			squares += found * found;
			n_measured++;
			if (found > 0.0325 || found < -0.0325)
				fail_msg("%u values: wrong by %.2f %%", most, found * 100);
		}
		assert_true(about.arena.total <= 65536);
		acc_release(&about);
	}
	assert_true(n_measured > 50);
	assert_true(squares / n_measured < 0.012 * 0.012);
}

/* Two of 200,000 each, half of them the same: as good as one that saw all, and the same bytes. */
static void
merged_sketches_are_the_sketch_of_all(void **state)
{
	struct agg_args  args = { .part = 1, .whole = 2 };
	struct agg_scope scope = { .args = &args };

	(void)state;
	for (int which = 0; which < 3; which++) {
		static const char *const names[] = { "distinct~", "quantile~", "distinct" };
		struct acc               part[2], all;
		char                     text[40], *one, *other;

		acc_init(&part[0], class_named(names[which]), &scope);
		acc_init(&part[1], class_named(names[which]), &scope);
		acc_init(&all, class_named(names[which]), &scope);
		for (unsigned i = 0; i < 20000; i++) {
			sprintf(text, "%u", (i * 7919u) % 10007u);
			add(&part[i % 3 == 0], text, i);
			add(&all, text, i);
		}
		save_and_load(&part[1]);
		merge(&part[0], &part[1]);
		one = saved(&part[0]);
		other = saved(&all);
		assert_string_equal(one, other);
		free(one);
		free(other);
		acc_release(&part[0]);
		acc_release(&all);
	}
}

/* What an extreme leaves behind in the arena stays below what it holds, twice over. */
static void
garbage_stays_below_what_is_live(void **state)
{
	const struct agg_class *class = class_named("max");
	struct acc              a;
	char                    text[1200];

	(void)state;
	acc_init(&a, class, &(struct agg_scope){ .args = &(struct agg_args){ .most = 1 } });
	for (unsigned n = 1; n <= 1000; n++) {
		text[0] = '"';
		memset(text + 1, 'a', n);
		strcpy(text + 1 + n, "\"");
		add(&a, text, n);
	}
	assert_true(a.arena.total <= 4096);
	acc_release(&a);
}

static void
the_table_is_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; agg_classes[i] != NULL; i++) {
		const struct agg_class *c = agg_classes[i];

		assert_true(c->size > 0 && c->size % 16 == 0);
		assert_true(c->name[0] != '\0' && c->help[0] != '\0');
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(c->name, agg_classes[j]->name);
	}
}

/* what follows -a */

static void
reads_columns(void **state)
{
	struct agg_column c;
	struct err        err = ERR_INIT;

	(void)state;
	assert_int_equal(agg_parse(&c, "flights=count", &err), 0);
	assert_string_equal(c.name, "flights");
	assert_string_equal(c.class->name, "count");
	assert_string_equal(c.text, "count");
	assert_int_equal(c.kind, AGG_COLUMN_FUNC);
	assert_false(c.has_path);
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "delay=sum(.dep_delay)", &err), 0);
	assert_string_equal(c.class->name, "sum");
	assert_true(c.has_path);
	assert_string_equal(c.path.text, ".dep_delay");
	assert_string_equal(c.text, "sum(.dep_delay)");
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "a b=max(.[\"x=(y)\"])", &err), 0);
	assert_string_equal(c.name, "a b");
	assert_string_equal(c.path.text, ".[\"x=(y)\"]");
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "n=count(.)", &err), 0);
	assert_true(c.has_path);
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "q=quantile( .x , 0.950 )", &err), 0);
	assert_string_equal(c.path.text, ".x");
	assert_int_equal(c.args.part, 95);
	assert_int_equal(c.args.whole, 100);
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "t=top(.[\"a,b\"],3)", &err), 0);
	assert_string_equal(c.path.text, ".[\"a,b\"]");
	assert_int_equal(c.args.most, 3);
	assert_false(c.has_second);
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "t=top(.,10000,$.ts)", &err), 0);
	assert_true(c.has_second);
	assert_true(c.second.in_record);
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "all=concat(.x,\", \\\"\")", &err), 0);
	assert_int_equal(c.args.separator.n, 4);
	assert_memory_equal(c.args.separator.p, ", \\\"", 4);
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "r=rate", &err), 0);
	assert_false(c.has_path);
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "d=distinct~(.tail)", &err), 0);
	assert_string_equal(c.class->name, "distinct~");
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "k=key", &err), 0);
	assert_int_equal(c.kind, AGG_COLUMN_KEY);
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "from=start", &err), 0);
	assert_int_equal(c.kind, AGG_COLUMN_START);
	agg_column_release(&c);
	assert_int_equal(agg_parse(&c, "to=end", &err), 0);
	assert_int_equal(c.kind, AGG_COLUMN_END);
	agg_column_release(&c);
	agg_column_release(&c);
}

static void
says_what_is_wrong_with_a_column(void **state)
{
	static const struct { const char *text, *says; } cases[] = {
		{ "", "no name: say NAME=FUNC(PATH)" }, { "count", "no name: say NAME=count" },
		{ "sum(.x)", "no name: say NAME=sum(.x)" },
		{ "=count", "the name is empty: say NAME=count" }, { "=", "the name is empty" },
		{ "\xff=count", "not UTF-8" },
		{ "a=", "no function ''" },
		{ "a=avg(.x)", "no function 'avg': there is count, sum, min, max, mean, median, " },
		{ "a=avg(.x)", ", slope, rate, key, start and end" },
		{ "a=SUM(.x)", "no function 'SUM'" }, { "a=sum", "sum needs a path: sum(.price)" },
		{ "a=sum(.x", "no ')'" }, { "a=sum(", "no ')'" },
		{ "a=sum(.x) ", "no ')'" }, { "a=sum()", "a=sum()" }, { "a=sum(x)", "a=sum(x)" },
		{ "a=key(.x)", "key takes no path" }, { "a=start()", "start takes no path" },
		{ "a=(.x)", "no function ''" },
		{ "a=quantile(.x)", "quantile needs more: quantile(PATH,Q)" },
		{ "a=quantile", "quantile needs more: quantile(PATH,Q)" },
		{ "a=sum(.x,.y)", "sum takes less: sum(PATH)" },
		{ "a=count(.x,1)", "count takes less: count[(PATH)]" },
		{ "a=top(.x,1,.y,2)", "top takes less: top(PATH,N[,PATH2])" },
		{ "a=concat(.x,\",\",1,2,3,4,5)", "concat takes less: concat(PATH[,\"TEXT\"])" },
		{ "a=quantile(.x,1.5)", "'1.5' is no number from 0 to 1" },
		{ "a=quantile(.x,-0.5)", "'-0.5' is no number from 0 to 1" },
		{ "a=quantile(.x,.5)", "'.5' is no number from 0 to 1" },
		{ "a=quantile(.x,\"1\")", "is no number from 0 to 1" },
		{ "a=quantile(.x,)", "'' is no number from 0 to 1" },
		{ "a=quantile(.x,0.1234567891)", "more than 9 digits behind the point" },
		{ "a=top(.x,0)", "'0' is no number from 1 to 10000" },
		{ "a=top(.x,10001)", "'10001' is no number from 1 to 10000" },
		{ "a=top(.x,1.5)", "'1.5' is no number from 1 to 10000" },
		{ "a=top(.x,1,y)", "y" },
		{ "a=concat(.x,;)", "';' is no string in double quotes" },
		{ "a=concat(.x,\"\\q\")", "is no string in double quotes" },
		{ "a=concat(.x,\"a)", "is no string in double quotes" },
		{ "a=corr(.x)", "corr needs more: corr(PATH,PATH2)" }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct agg_column c;
		struct err        err = ERR_INIT;

		if (agg_parse(&c, cases[i].text, &err) != -1 || err.status != 2 ||
		    strstr(err.text, cases[i].says) == NULL)
			fail_msg("'%s': %s", cases[i].text, err.text);
		assert_null(c.name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_cases_cut_anywhere),
		cmocka_unit_test(order_of_arrival_does_not_show),
		cmocka_unit_test(garbage_stays_below_what_is_live),
		cmocka_unit_test(a_sketched_quantile_is_within_one_per_cent),
		cmocka_unit_test(about_how_many_is_within_the_stated_error),
		cmocka_unit_test(merged_sketches_are_the_sketch_of_all),
		cmocka_unit_test(the_table_is_in_order),
		cmocka_unit_test(reads_columns),
		cmocka_unit_test(says_what_is_wrong_with_a_column)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
