/*
 * fuzz_dedup - any lines as the state of a dedup operator (states.h)
 *
 * The first byte says which: what it keeps, with or without a horizon.  What waits must come out alike.
 */
#include "states.h"

#include "base/when.h"
#include "op/dedup.h"

static struct op *
new_op(uint8_t which, uint64_t seed)
{
	struct dedup_conf conf = {
		.keep = (enum dedup_keep)(which % 3), .within_ms = which / 3 % 2 == 0 ? WHEN_MAX : 1000,
		.refresh = which / 3 % 4 == 3, .seed = seed
	};

	return dedup_new(&conf);
}

static struct buf
give_all(struct op *op)
{
	struct buf  out = { 0 };
	struct emit e = { .out = &out };

	op->class->watermark(op, WHEN_MAX, &e);
	return out;
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
	if (states_load(op, &text))
		states_check(op, again, give_all);
	op->class->free(op);
	again->class->free(again);
	buf_release(&text);
	return 0;
}
