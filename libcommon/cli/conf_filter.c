/* conf_filter - what the words ask of stream-filter, and who runs its expressions */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/cli.h"
#include "cli/conf.h"
#include "json/edit.h"
#include "op/filter.h"
#include "rec/rec.h"

/* After an error: nothing. */
static struct expr *
compile(const struct options *o, const struct foreign_class *other, enum option_id id, const char *word, const char *text, struct err *err)
{
	struct expr *e;

	if (err->kind != ERR_NONE)
		return NULL;
	e = expr_compile(text, o->fast ? NULL : other, err);
	if (e == NULL)
		err_in(err, "--%s '%s'", options_table[id].name, word);
	return e;
}

/* The expression of option ID, if it was given. */
static struct expr *
compile_given(const struct options *o, const struct foreign_class *other, enum option_id id, const char *text, struct err *err)
{
	return options_given(o, id) ? compile(o, other, id, text, text, err) : NULL;
}

/* At the first such sign that is not inside a name in quotes; NULL: there is none. */
static const char *
find_sign(const char *text, char sign)
{
	bool in_quotes = false;

	for (; *text != '\0' && (in_quotes || *text != sign); text++) {
		if (*text == '"')
			in_quotes = !in_quotes;
		else if (*text == '\\' && text[1] != '\0')
			text++;
	}
	return *text == '\0' ? NULL : text;
}

/* [TEXT, END) as a place in the payload. */
static int
parse_place(struct path *path, const char *text, const char *end, struct err *err)
{
	char *copy = alloc_string_n(text, (size_t)(end - text));
	int   r = -1;

	if (*copy == '$')
		err_set(err, ERR_USAGE, "%s: only what is in the payload can be edited", copy);
	else if (*copy != '.')
		err_set(err, ERR_USAGE, "a path begins with a dot: .%s?", copy);
	else
		r = path_parse(path, copy, err);
	free(copy);
	return r;
}

/* ---- --set ---- */

static void
parse_set(const struct options *o, const struct foreign_class *other, const char *word, struct filter_set *set, struct err *err)
{
	const char *sign = find_sign(word, '=');

	if (sign == NULL)
		err_set(err, ERR_USAGE, "--set '%s': PATH=EXPR, as in .total='.price * .n'", word);
	else if (parse_place(&set->path, word, sign, err) == -1)
		err_in(err, "--set '%s'", word);
	else
		set->expr = compile(o, other, OPT_SET, word, sign + 1, err);
}

static void
parse_sets(const struct options *o, const struct foreign_class *other, struct filter_conf *c, struct err *err)
{
	if (o->n_sets == 0)
		return;
	c->sets = alloc_zeroed(o->n_sets, sizeof(*c->sets));
	for (; err->kind == ERR_NONE && c->n_sets < o->n_sets; c->n_sets++)
		parse_set(o, other, o->sets[c->n_sets], &c->sets[c->n_sets], err);
}

/* ---- --pick, --drop ---- */

static int
add_place(const char *text, const char *end, struct path **paths, size_t *n, struct err *err)
{
	struct path *p;

	if (*n == EDIT_MAX_PATHS)
		return err_set(err, ERR_USAGE, "more than %d paths", EDIT_MAX_PATHS);
	*paths = alloc_resized(*paths, *n + 1, sizeof(**paths));
	p = &(*paths)[*n];
	*p = (struct path){ 0 };
	if (parse_place(p, text, end, err) == -1) {
		path_release(p);
		return -1;
	}
	++*n;
	return p->n_steps > 0 ? 0 : err_set(err, ERR_USAGE, "'.' is the whole payload");
}

static void
parse_places(enum option_id id, const char *const *words, size_t n_words, struct path **paths, size_t *n, struct err *err)
{
	for (size_t i = 0; err->kind == ERR_NONE && i < n_words; i++) {
		const char *at = words[i], *comma;

		for (comma = find_sign(at, ','); comma != NULL; comma = find_sign(at, ',')) {
			if (add_place(at, comma, paths, n, err) == -1)
				break;
			at = comma + 1;
		}
		if (comma == NULL)
			add_place(at, at + strlen(at), paths, n, err);
		if (err->kind != ERR_NONE)
			err_in(err, "--%s '%s'", options_table[id].name, words[i]);
	}
}

/* ---- all ---- */

static void
release(struct filter_conf *c)
{
	expr_free(c->where);
	expr_free(c->map);
	expr_free(c->set_key);
	for (size_t i = 0; i < c->n_sets; i++) {
		path_release(&c->sets[i].path);
		expr_free(c->sets[i].expr);
	}
	free(c->sets);
	for (size_t i = 0; i < c->n_pick; i++)
		path_release(&c->pick[i]);
	free(c->pick);
	for (size_t i = 0; i < c->n_drop; i++)
		path_release(&c->drop[i]);
	free(c->drop);
}

struct op *
conf_filter(const struct options *o, const struct foreign_class *other, struct err *err)
{
	struct filter_conf c = { .sample = o->sample, .stage = o->name };
	struct op         *op;
	size_t             n;

	c.where = compile_given(o, other, OPT_WHERE, o->where, err);
	c.map = compile_given(o, other, OPT_MAP, o->map, err);
	c.set_key = compile_given(o, other, OPT_SET_KEY, o->set_key, err);
	parse_sets(o, other, &c, err);
	parse_places(OPT_PICK, o->picks, o->n_picks, &c.pick, &c.n_pick, err);
	parse_places(OPT_DROP, o->drops, o->n_drops, &c.drop, &c.n_drop, err);
	if (err->kind != ERR_NONE) {
		release(&c);
		return NULL;
	}
	op = filter_new(&c);
	op->class->wants(op, 0, &n);
	if (n <= REC_MAX_PATHS)
		return op;
	err_set(err, ERR_USAGE, "the expressions name %zu places; at most %d", n, REC_MAX_PATHS);
	op->class->free(op);
	return NULL;
}

/* ---- --explain ---- */

static void
explain(const struct options *o, const struct foreign_class *other, enum option_id id, const char *word, const char *text, struct buf *to)
{
	struct err   err = ERR_INIT;
	struct expr *e = compile(o, other, id, word, text, &err);
	const char  *why = e == NULL ? NULL : expr_why_foreign(e);

	if (e == NULL)
		return;
	buf_printf(to, "--%s '%s': ", options_table[id].name, word);
	if (why == NULL)
		buf_lit(to, "at scan speed\n");
	else
		buf_printf(to, "by %s, for %s\n", other->name, why);
	expr_free(e);
}

int
conf_explain(const struct options *o, const struct foreign_class *other)
{
	static const enum option_id ids[] = { OPT_WHERE, OPT_WHERE_PAIR, OPT_SET_KEY, OPT_MAP };
	const char *const           texts[] = { o->where, o->where, o->set_key, o->map };
	struct buf text = { 0 };
	int        status;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (options_given(o, ids[i]))
			explain(o, other, ids[i], texts[i], texts[i], &text);
	for (size_t i = 0; i < o->n_sets; i++)
		explain(o, other, OPT_SET, o->sets[i], find_sign(o->sets[i], '=') + 1, &text);
	status = cli_print(o, buf_all(&text));
	buf_release(&text);
	return status;
}
