/*
 * fuzz_sort - any lines as the state of a sort operator, and of the files it has spilled to
 *
 * Lines are loaded until one is refused.  If none is, what is then saved must load into another
 * operator, which must save the same bytes; and both must give out all they have alike.  Of runs
 * there are none: who reads one must stop.
 */
#include "states.h"

#include "base/when.h"
#include "op/sort.h"
#include "store/run_files.h"

struct stage {
	struct run_files *files;
	struct op        *op;
};

static struct stage
stage_new(void)
{
	struct run_files *files = run_files_new("/nowhere/at/all");

	return (struct stage){ files, sort_new(SORT_MEMORY_MIN_BYTES, run_files_spill(files)) };
}

static void
stage_free(struct stage s)
{
	s.op->class->free(s.op);
	run_files_free(s.files);
}

static bool
load(struct stage s, const struct buf *text)
{
	struct err  err = ERR_INIT;
	const char *at = NULL;
	struct span line;

	while (states_line(text, &at, &line))
		if ((run_files_is_line(line) ? run_files_load(s.files, line, &err) : s.op->class->load(s.op, line, &err)) == -1)
			return false;
	return true;
}

static struct buf
save(struct stage s)
{
	struct snap_writer w = { 0 };

	run_files_save(s.files, &w);
	s.op->class->save(s.op, false, &w);
	states_pad(&w.buf);
	return w.buf;
}

static struct buf
give_all(struct stage s)
{
	struct buf  out = { 0 };
	struct emit e = { .out = &out };

	for (int64_t ts_ms = -20; ts_ms < 60; ts_ms += 9)
		s.op->class->watermark(s.op, ts_ms, &e);
	s.op->class->watermark(s.op, WHEN_MAX, &e);
	return out;
}

static void
check_round_trip(struct stage s)
{
	struct stage again = stage_new();
	struct buf   first = save(s), second, results, results_again;

	MUST(load(again, &first));
	second = save(again);
	MUST(states_same(&first, &second));
	results = give_all(s);
	results_again = give_all(again);
	MUST(states_same(&results, &results_again));
	stage_free(again);
	buf_release(&first);
	buf_release(&second);
	buf_release(&results);
	buf_release(&results_again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf   text;
	struct stage s;

	if (size == 0)
		return 0;
	text = states_text(data, size);
	s = stage_new();
	if (load(s, &text))
		check_round_trip(s);
	stage_free(s);
	buf_release(&text);
	return 0;
}
