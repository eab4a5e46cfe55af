/*
 * fuzz_join - any lines as the state of a join (states.h)
 *
 * The first byte says which kind of join, and whether texts may be on disk, where any of them is sevens.  Then both take the same records of both sides, at watermarks that go
 * up by steps and at once, and must give out the same.
 */
#include "states.h"

#include "base/when.h"
#include "op/join.h"

static const struct join_conf confs[] = {
	{ .kind = JOIN_INNER, .mode = JOIN_WITHIN, .lower_ms = -10, .upper_ms = 10 },
	{ .kind = JOIN_FULL, .mode = JOIN_WITHIN, .lower_ms = 2, .upper_ms = 25, .null_keys = true },
	{ .kind = JOIN_LEFT, .mode = JOIN_WITHIN, .lower_ms = -5, .upper_ms = 0, .combine = true },
	{ .kind = JOIN_SEMI, .mode = JOIN_WITHIN, .lower_ms = -10, .upper_ms = 10 },
	{ .kind = JOIN_ANTI, .mode = JOIN_WITHIN, .lower_ms = -10, .upper_ms = 10 },
	{ .kind = JOIN_FULL, .mode = JOIN_WINDOW, .window = { .kind = WINDOW_TUMBLING, .size = 10 } },
	{ .kind = JOIN_RIGHT, .mode = JOIN_WINDOW, .window = { .kind = WINDOW_SLIDING, .size = 20, .step = 10 }, .combine = true },
	{ .kind = JOIN_ANTI, .mode = JOIN_WINDOW, .window = { .kind = WINDOW_CUMULATIVE, .size = 20, .step = 5 } },
	{ .kind = JOIN_LEFT, .mode = JOIN_AS_OF },
	{ .kind = JOIN_SEMI, .mode = JOIN_AS_OF },
	{ .kind = JOIN_LEFT, .mode = JOIN_LATEST, .combine = true },
	{ .kind = JOIN_INNER, .mode = JOIN_TABLE },
};
enum { N_CONFS = sizeof(confs) / sizeof(confs[0]) };

static uint64_t
begin(struct spill *s)
{
	(void)s;
	return 1;
}

static void
put(struct spill *s, const void *p, size_t n)
{
	(void)s;
	(void)p;
	(void)n;
}

static uint64_t
end(struct spill *s)
{
	(void)s;
	return 0;
}

static bool
read_sevens(struct spill *s, uint64_t run, uint64_t at, void *to, size_t n)
{
	(void)s;
	(void)run;
	(void)at;
	memset(to, '7', n);
	return true;
}

static void
drop(struct spill *s, uint64_t run)
{
	(void)s;
	(void)run;
}

static const struct spill_class sevens = { .begin = begin, .put = put, .end = end, .read = read_sevens, .say_damaged = drop, .drop = drop };

static struct op *
new_op(uint8_t which, uint64_t seed)
{
	static struct spill spill = { .class = &sevens };
	struct join_conf    conf = confs[which % N_CONFS];
	struct op          *op;

	conf.spill = which < 128 || conf.combine ? NULL : &spill;
	conf.memory_bytes = UINT64_C(1) << 40;       /* nothing goes there by itself */

	conf.hash_seed = seed;
	conf.stage = "join";
	op = join_new(&conf);
	if (conf.mode == JOIN_TABLE)
		join_table_begin(op);        /* what the right side says is of the next table, for ever */
	return op;
}

/* Late ones are left out. */
static void
feed(struct op *op, unsigned side, int64_t ts_ms, const char *key, struct emit *e)
{
	struct rec_plan    plan = { 0 };
	struct rec_reader *reader;
	struct rec         rec;
	struct op_refusal  refusal;
	struct buf         line = { 0 };
	const char        *newline;

	plan.wanted = op->class->wants(op, side, &plan.n_wanted);
	reader = rec_reader_new(&plan);
	buf_printf(&line, "{\"ts\":%lld,\"key\":%s,\"payload\":{\"side\":%u}}\n", (long long)ts_ms, key, side);
	states_pad(&line);
	MUST(rec_read_envelope(reader, line.p, 0, 1, &rec, &newline) == REC_OK);
	op->class->feed(op, side, &rec, 1, e, &refusal);
	rec_reader_free(reader);
	buf_release(&line);
}

static void
step(struct op *op, int64_t ts_ms, struct emit *e)
{
	op->class->input_watermark(op, 0, ts_ms);
	op->class->input_watermark(op, 1, ts_ms);
	op->class->watermark(op, ts_ms, e);
}

static struct buf
run_to_the_end(struct op *op)
{
	static const char *const keys[] = { "\"a\"", "\"b\"", "null" };
	struct buf               out = { 0 }, dead = { 0 };
	struct emit              e = { .out = &out, .dead = &dead };

	for (int64_t ts_ms = -20; ts_ms < 60; ts_ms += 9) {
		step(op, ts_ms, &e);
		for (unsigned i = 0; i < 6; i++)
			feed(op, i % 2, ts_ms + 3 * (i % 4), keys[i / 2], &e);
	}
	step(op, WHEN_MAX, &e);
	buf_span(&out, buf_all(&dead));
	buf_release(&dead);
	return out;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * Records are told apart by their numbers, by which equal ones are in order.  That no number stands there twice nobody
 * checks but the snapshot's sum.
 */
static bool
has_a_number_twice(struct op *op)
{
	struct buf  text = states_save(op), numbers = { 0 };
	const char *at = NULL;
	struct span line;
	bool        twice = false;

	while (states_line(&text, &at, &line)) {
		const char *n = memmem(line.p, line.n, ",\"n\":", 5);

		if (n != NULL)
			buf_put(&numbers, &(uint64_t){ strtoull(n + 5, NULL, 10) }, sizeof(uint64_t));
	}
	if (numbers.n > 0)
		qsort(numbers.p, numbers.n / sizeof(uint64_t), sizeof(uint64_t), compare);
	for (size_t i = sizeof(uint64_t); i < numbers.n; i += sizeof(uint64_t))
		twice |= memcmp(numbers.p + i, numbers.p + i - sizeof(uint64_t), sizeof(uint64_t)) == 0;
	buf_release(&text);
	buf_release(&numbers);
	return twice;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text;
	struct op *op, *again;

	if (size == 0)
		return 0;
	text = states_text(data + 1, size - 1);
	op = new_op(data[0], 1);
	again = new_op(data[0], 2);
	if (states_load(op, &text) && !has_a_number_twice(op))
		states_check(op, again, run_to_the_end);
	op->class->free(op);
	again->class->free(again);
	buf_release(&text);
	return 0;
}
