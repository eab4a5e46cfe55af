/*
 * fuzz_agg - any JSON value as the saved state of any aggregate
 *
 * The first byte says which aggregate, from 'a' on in the order of the table; the rest is what it
 * loads.  If it does, what it then saves must load into another one, which must save the same bytes;
 * results must be JSON; and merging breaks nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agg/agg.h"
#include "base/alloc.h"
#include "must.h"

static const struct agg_args args = { .part = 95, .whole = 100, .most = 5, .separator = { ", ", 2 } };

struct acc {
	const struct agg_class *class;
	void                   *bytes;
	struct arena            arena;
};

static struct acc
new_acc(const struct agg_class *class)
{
	struct acc a = { .class = class, .bytes = aligned_alloc(16, class->size) };

	MUST(a.bytes != NULL);
	memset(a.bytes, 0, class->size);
	return a;
}

static void
release(struct acc *a)
{
	free(a->bytes);
	arena_release(&a->arena);
}

static bool
is_json(struct span text)
{
	struct path         all = { 0 };
	const struct path  *paths[] = { &all };
	struct scan        *scan = scan_new(paths, 1);
	struct scan_value   v;
	struct scan_result  r;
	struct buf          line = { 0 };
	bool                good;

	buf_span(&line, text);
	buf_char(&line, '\n');
	memset(buf_reserve(&line, SCAN_PAD), 0, SCAN_PAD);
	scan_line(scan, line.p, &v, &r);
	/* A value as the scanner hands it out: no blanks around. */
	good = r.verdict == SCAN_OK && r.start == line.p && r.end == line.p + text.n;
	scan_free(scan);
	buf_release(&line);
	return good;
}

static void
check_result(const struct acc *a)
{
	struct agg_scope scope = { .args = &args, .has_bounds = true, .start_ms = -5, .end_ms = 1000 };
	struct buf       b = { 0 };

	if (a->class->result(a->bytes, &scope, &b))
		MUST(is_json(buf_all(&b)));
	else
		MUST(b.n == 0);
	buf_release(&b);
}

static void
check_round_trip(const struct acc *a)
{
	struct acc again = new_acc(a->class);
	struct buf first = { 0 }, second = { 0 };

	a->class->save(a->bytes, &first);
	MUST(is_json(buf_all(&first)));
	MUST(a->class->load(again.bytes, buf_all(&first), &again.arena));
	a->class->save(again.bytes, &second);
	MUST(span_eq(buf_all(&first), buf_all(&second)));
	check_result(&again);
	a->class->merge(again.bytes, a->bytes, &args, &again.arena);
	check_result(&again);
	release(&again);
	buf_release(&first);
	buf_release(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t      n_classes = 0;
	struct span json;
	struct acc  a;

	while (agg_classes[n_classes] != NULL)
		n_classes++;
	if (size < 2 || data[0] < 'a' || data[0] >= 'a' + n_classes)
		return 0;
	json = span_of((const char *)data + 1, size - 1);
	if (json.p[json.n - 1] == '\n')
		json.n--;
	if (memchr(json.p, '\n', json.n) != NULL || !is_json(json))
		return 0;
	a = new_acc(agg_classes[data[0] - 'a']);
	if (a.class->load(a.bytes, json, &a.arena)) {
		check_result(&a);
		check_round_trip(&a);
	}
	release(&a);
	return 0;
}
