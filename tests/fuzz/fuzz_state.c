/*
 * fuzz_state - any lines as the state of a window operator
 *
 * Lines are loaded until one is refused.  If none is, what the operator then saves must load into
 * another one, which must save the same bytes; and both must close all their windows alike.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/when.h"
#include "op/window.h"
#include "state/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what) do { \
	if (!(what)) { \
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
		abort(); \
	} \
} while (0)

static const char *const columns_text[] = { "n=count", "s=sum(.v)", "m=mean(.v)", "hi=max(.v)", "k=key" };
enum { N_COLUMNS = sizeof(columns_text) / sizeof(columns_text[0]) };

static struct agg_column columns[N_COLUMNS];

static struct op *
new_op(uint64_t seed)
{
	struct window_conf conf = {
		.size = 10, .offset_ms = 3, .allowed_lateness_ms = 5,
		.columns = columns, .n_columns = N_COLUMNS, .stage = "window"
	};

	return window_new(&conf, table_new(window_value_bytes(&conf), seed));
}

/* TEXT ends with a newline and has SCAN_PAD bytes behind it. */
static bool
load(struct op *op, const struct buf *text)
{
	struct err err = ERR_INIT;

	for (const char *p = text->p, *newline; p < text->p + text->n; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(text->p + text->n - p));
		if (op->class->load(op, span_of(p, (size_t)(newline - p)), &err) == -1)
			return false;
	}
	return true;
}

static struct buf
save(struct op *op)
{
	struct snap_writer w = { 0 };

	op->class->save(op, false, &w);
	memset(buf_reserve(&w.buf, SCAN_PAD), 0, SCAN_PAD);
	return w.buf;
}

static struct buf
close_all(struct op *op)
{
	struct buf  out = { 0 }, dead = { 0 };
	struct emit e = { .out = &out, .dead = &dead };

	op->class->watermark(op, WHEN_MAX, &e);
	buf_span(&out, buf_all(&dead));
	buf_release(&dead);
	return out;
}

static void
check_round_trip(struct op *op)
{
	struct op *again = new_op(2);
	struct buf first = save(op), second, results, results_again;

	MUST(load(again, &first));
	second = save(again);
	MUST(span_eq(buf_all(&first), buf_all(&second)));
	results = close_all(op);
	results_again = close_all(again);
	MUST(results.n == results_again.n && (results.n == 0 || memcmp(results.p, results_again.p, results.n) == 0));
	again->class->free(again);
	buf_release(&first);
	buf_release(&second);
	buf_release(&results);
	buf_release(&results_again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = { 0 };
	struct err err = ERR_INIT;
	struct op *op;

	for (size_t i = 0; columns[N_COLUMNS - 1].name == NULL && i < N_COLUMNS; i++)
		MUST(agg_parse(&columns[i], columns_text[i], &err) == 0);
	buf_put(&text, data, size);
	buf_char(&text, '\n');
	memset(buf_reserve(&text, SCAN_PAD), 0, SCAN_PAD);
	op = new_op(1);
	if (load(op, &text))
		check_round_trip(op);
	op->class->free(op);
	buf_release(&text);
	return 0;
}
