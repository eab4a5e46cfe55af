/*
 * optest_join - a join from the words of a case
 *
 * KIND, then how as the command has it: --within A..B or D, --window 'KIND SIZE [STEP]' (all in ms),
 * --as-of, --latest, --table; --on PATH…, --left-on, --right-on, --null-keys, --combine, --as A,B,
 * --where EXPR.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "op/join.h"
#include "op/join_where.h"
#include "optest_ops.h"
#include "spill_memory.h"

enum { MAX_ON = 4 };

struct words_conf {
	struct join_conf   conf;
	struct path        on[2][MAX_ON];
	struct join_where *where;
	char               names[2][20];
};

static void
read_kind(struct join_conf *c, const char *word)
{
	for (int k = JOIN_INNER; k <= JOIN_ANTI; k++)
		if (strcmp(word, join_kind_name((enum join_kind)k)) == 0) {
			c->kind = (enum join_kind)k;
			return;
		}
	fail_msg("no kind of join: %s", word);
}

static void
read_window(struct join_conf *c, const char *words)
{
	char      kind[20];
	long long size, step = 0;
	int       n = sscanf(words, "%19s %lldms %lldms", kind, &size, &step);

	assert_true(n >= 2);
	c->mode = JOIN_WINDOW;
	c->window.size = size;
	c->window.step = step;
	for (int k = WINDOW_TUMBLING; k <= WINDOW_CUMULATIVE; k++)
		if (strcmp(kind, window_kind_name((enum window_kind)k)) == 0)
			c->window.kind = (enum window_kind)k;
}

static void
read_within(struct join_conf *c, const char *word)
{
	char *end;

	c->mode = JOIN_WITHIN;
	c->upper_ms = strtoll(word, &end, 10);
	assert_memory_equal(end, "ms", 2);
	end += 2;
	if (*end == '\0') {
		c->lower_ms = -c->upper_ms;
		return;
	}
	c->lower_ms = c->upper_ms;
	c->upper_ms = strtoll(end + 2, NULL, 10);
}

static void
read_on(struct words_conf *w, const char *word, bool is_left, bool is_right)
{
	struct err err = ERR_INIT;

	for (int side = 0; side < 2; side++)
		if (side == 0 ? is_left : is_right) {
			if (path_parse(&w->on[side][w->conf.n_on[side]++], word, &err) == -1)
				fail_msg("%s", err.text);
			w->conf.on[side] = w->on[side];
		}
}

static void
read_where(struct words_conf *w, const char *word)
{
	struct err err = ERR_INIT;

	w->where = join_where_new(word, NULL, &err);
	if (w->where == NULL)
		fail_msg("%s", err.text);
	w->conf.where = join_where_test;
	w->conf.where_cookie = w->where;
}

static void
read_words(struct words_conf *w, char *const *words, size_t n)
{
	struct join_conf *c = &w->conf;

	read_kind(c, words[0]);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(words[i], "--within") == 0)
			read_within(c, words[++i]);
		else if (strcmp(words[i], "--window") == 0)
			read_window(c, words[++i]);
		else if (strcmp(words[i], "--as-of") == 0)
			c->mode = JOIN_AS_OF;
		else if (strcmp(words[i], "--latest") == 0)
			c->mode = JOIN_LATEST;
		else if (strcmp(words[i], "--table") == 0)
			c->mode = JOIN_TABLE;
		else if (strcmp(words[i], "--on") == 0)
			read_on(w, words[++i], true, true);
		else if (strcmp(words[i], "--left-on") == 0)
			read_on(w, words[++i], true, false);
		else if (strcmp(words[i], "--right-on") == 0)
			read_on(w, words[++i], false, true);
		else if (strcmp(words[i], "--null-keys") == 0)
			c->null_keys = true;
		else if (strcmp(words[i], "--combine") == 0)
			c->combine = true;
		else if (strcmp(words[i], "--where") == 0)
			read_where(w, words[++i]);
		else if (strcmp(words[i], "--as") == 0 && sscanf(words[++i], "%19[^,],%19s", w->names[0], w->names[1]) == 2)
			c->names[0] = w->names[0], c->names[1] = w->names[1];
		else
			fail_msg("no option of a join: %s", words[i]);
	}
}

/* Each has another memory, which must not show: none to speak of, some records', plenty.  What is on disk outlives them. */
static void
set_memory(struct join_conf *c, uint64_t hash_seed)
{
	static const uint64_t sizes[] = { 1, 700, 3000, 1024 * 1024 };
	static struct spill  *all;

	if (all == NULL)
		all = spill_memory_new();
	c->spill = all;
	c->memory_bytes = sizes[(hash_seed >> 40) % 4];
}

struct op *
optest_join(char *const *words, size_t n, uint64_t hash_seed)
{
	static struct words_conf conf;

	for (int side = 0; side < 2; side++)
		for (int i = 0; i < MAX_ON; i++)
			path_release(&conf.on[side][i]);
	join_where_free(conf.where);
	conf = (struct words_conf){ .conf = { .stage = "join" } };
	read_words(&conf, words, n);
	conf.conf.hash_seed = hash_seed;
	set_memory(&conf.conf, hash_seed);
	return join_new(&conf.conf);
}
