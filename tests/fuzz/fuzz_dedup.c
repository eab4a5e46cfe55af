/*
 * fuzz_dedup - any lines as the state of a dedup operator
 *
 * The first byte says which: what it keeps, with or without a horizon.  Lines are loaded until one is
 * refused.  If none is, what the operator then saves must load into another one, which must save the
 * same bytes; and both must give out what waits alike.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "json/scan.h"
#include "op/dedup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what) do { \
	if (!(what)) { \
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
		abort(); \
	} \
} while (0)

static struct op *
new_op(uint8_t which, uint64_t seed)
{
	struct dedup_conf conf = {
		.keep = (enum dedup_keep)(which % 3), .within_ms = which / 3 % 2 == 0 ? WHEN_MAX : 1000,
		.refresh = which / 3 % 4 == 3, .seed = seed
	};

	return dedup_new(&conf);
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
	uint64_t           all, changed;

	op->class->entries(op, &all, &changed);
	op->class->save(op, false, &w);
	MUST(w.entries == all);
	memset(buf_reserve(&w.buf, SCAN_PAD), 0, SCAN_PAD);
	return w.buf;
}

static struct buf
give_all(struct op *op)
{
	struct buf  out = { 0 };
	struct emit e = { .out = &out };

	op->class->watermark(op, WHEN_MAX, &e);
	return out;
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

static void
check_round_trip(uint8_t which, struct op *op)
{
	struct op *again = new_op(which, 2);
	struct buf first = save(op), second, out, out_again;

	MUST(load(again, &first));
	second = save(again);
	MUST(same(&first, &second));
	out = give_all(op);
	out_again = give_all(again);
	MUST(same(&out, &out_again));
	again->class->free(again);
	buf_release(&first);
	buf_release(&second);
	buf_release(&out);
	buf_release(&out_again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = { 0 };
	struct op *op;

	if (size == 0)
		return 0;
	buf_put(&text, data + 1, size - 1);
	buf_char(&text, '\n');
	memset(buf_reserve(&text, SCAN_PAD), 0, SCAN_PAD);
	op = new_op(data[0], 1);
	if (load(op, &text))
		check_round_trip(data[0], op);
	op->class->free(op);
	buf_release(&text);
	return 0;
}
