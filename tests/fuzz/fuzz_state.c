/*
 * fuzz_state - any lines as the state of a window operator
 *
 * The first byte chooses the windows, what follows are lines.  Lines are loaded until one is refused.  If none is, what the operator then saves must load into
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

static const struct window_conf confs[] = {
	{ .kind = WINDOW_TUMBLING, .size = 10, .offset_ms = 3, .allowed_lateness_ms = 5 },
	{ .kind = WINDOW_SLIDING, .size = 25, .step = 10 },
	{ .kind = WINDOW_SLIDING, .size = 70, .step = 2, .emit = WINDOW_EVERY, .every_ms = 7, .discarding = true },
	{ .kind = WINDOW_CUMULATIVE, .size = 40, .step = 10, .emit = WINDOW_EVERY, .every_ms = 20 },
	{ .kind = WINDOW_SESSION, .size = 30 },
	{ .kind = WINDOW_SESSION, .size = 30, .allowed_lateness_ms = 50, .emit = WINDOW_EVERY, .every_ms = 10 },
	{ .kind = WINDOW_COUNT, .size = 6, .step = 4, .emit = WINDOW_EVERY, .every_ms = 10 },
	{ .kind = WINDOW_GLOBAL, .emit = WINDOW_EVERY, .every_ms = 10 },
};
enum { N_CONFS = sizeof(confs) / sizeof(confs[0]) };

static struct op *
new_op(unsigned choice, uint64_t seed)
{
	struct window_conf conf = confs[choice % N_CONFS];

	conf.columns = columns;
	conf.n_columns = N_COLUMNS;
	conf.stage = "window";
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

/* By some steps, then at once. */
static struct buf
close_all(struct op *op)
{
	struct buf  out = { 0 }, dead = { 0 };
	struct emit e = { .out = &out, .dead = &dead };

	for (int64_t ts_ms = -20; ts_ms < 60; ts_ms += 9)
		op->class->watermark(op, ts_ms, &e);
	op->class->watermark(op, WHEN_MAX, &e);
	buf_span(&out, buf_all(&dead));
	buf_release(&dead);
	return out;
}

static void
check_round_trip(struct op *op, unsigned choice)
{
	struct op *again = new_op(choice, 2);
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
	if (size == 0)
		return 0;
	buf_put(&text, data + 1, size - 1);
	buf_char(&text, '\n');
	memset(buf_reserve(&text, SCAN_PAD), 0, SCAN_PAD);
	op = new_op(data[0], 1);
	if (load(op, &text))
		check_round_trip(op, data[0]);
	op->class->free(op);
	buf_release(&text);
	return 0;
}
