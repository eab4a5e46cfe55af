/* options - are the options that mean something still what they were? */
#include "ckpt/priv.h"

#include <stdio.h>
#include <string.h>

#include "json/tree.h"

static void
put_value(struct buf *to, const struct tree *value)
{
	struct span s;

	if (value == NULL)
		buf_lit(to, "nothing");
	else if (tree_value_string(value, &s))
		buf_span(to, s);
	else
		tree_put(to, value);
	buf_char(to, '\0');
}

static int
say_changed(const struct ckpt *ck, const char *name, const struct tree *was, const struct tree *now,
            struct err *err)
{
	struct buf old = { 0 }, new = { 0 };

	put_value(&old, was);
	put_value(&new, now);
	if (was != NULL && now != NULL)
		err_set(err, ERR_DATA, "%s was %s, is %s now", name, old.p, new.p);
	else if (was != NULL)
		err_set(err, ERR_DATA, "%s was %s, is not given now", name, old.p);
	else
		err_set(err, ERR_DATA, "%s was not given, is %s now", name, new.p);
	err_in(err, "%s/%s", ck->conf.dir, ck->conf.stage);
	buf_release(&old);
	buf_release(&new);
	return -1;
}

static bool
same_value(const struct tree *a, const struct tree *b)
{
	struct buf one = { 0 }, two = { 0 };
	bool       same;

	put_value(&one, a);
	put_value(&two, b);
	same = span_eq(buf_all(&one), buf_all(&two));
	buf_release(&one);
	buf_release(&two);
	return same;
}

static int
find_difference(const struct ckpt *ck, const struct tree *was, const struct tree *now,
                struct err *err)
{
	const struct tree *value, *other;
	const char        *name;
	void              *iter = NULL;

	while (tree_next(was, &iter, &name, &value)) {
		other = tree_member(now, name);
		if (other == NULL || !same_value(value, other))
			return say_changed(ck, name, value, other, err);
	}
	iter = NULL;
	while (tree_next(now, &iter, &name, &value))
		if (tree_member(was, name) == NULL)
			return say_changed(ck, name, NULL, value, err);
	return 0;
}

int
options_compare(const struct ckpt *ck, struct span was, struct err *err)
{
	struct tree *old = tree_parse(was, err);
	struct tree *new = old == NULL ? NULL : tree_parse(span_str(ck->conf.options), err);
	int          rc = -1;

	if (new != NULL && find_difference(ck, old, new, err) != 0) {
		size_t n = strlen(err->text);

		snprintf(err->text + n, sizeof(err->text) - n,
		         "; give the old one, another --name or a new directory");
	} else if (new != NULL) {
		rc = 0;
	}
	tree_free(old);
	tree_free(new);
	return rc;
}
