/*
 * fuzz_state - any lines as the state of a window operator (states.h)
 *
 * The first byte chooses the windows, and all of them must close alike.
 */
#include "states.h"

#include "base/when.h"
#include "op/window.h"
#include "state/table.h"

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text;
	struct err err = ERR_INIT;
	struct op *op, *again;

	for (size_t i = 0; columns[N_COLUMNS - 1].name == NULL && i < N_COLUMNS; i++)
		MUST(agg_parse(&columns[i], columns_text[i], &err) == 0);
	if (size == 0)
		return 0;
	text = states_text(data + 1, size - 1);
	op = new_op(data[0], 1);
	again = new_op(data[0], 2);
	if (states_load(op, &text))
		states_check(op, again, close_all);
	op->class->free(op);
	again->class->free(again);
	buf_release(&text);
	return 0;
}
