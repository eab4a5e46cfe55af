/* start - from nothing to the first record: the output, the input, who we are, hello */
#include <stdio.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "io/signals.h"
#include "run/loop.h"

static enum source_values
values_of(enum run_format format)
{
	switch (format) {
	case RUN_BY_FIRST_LINE:
	case RUN_JSON:          return SOURCE_VALUES_JSON;
	case RUN_TEXT:          return SOURCE_VALUES_TEXT;
	case RUN_BINARY:        return SOURCE_VALUES_BINARY;
	default:                return SOURCE_VALUES_OTHER;
	}
}

/* Is it one input whose parts can be taken by time? */
static bool
has_lanes(const struct run_input *from)
{
	struct err                 ignored = ERR_INIT;
	const struct source_class *class = from->n_operands == 1 ? source_class_of(from->operands[0], &ignored) : NULL;

	return class != NULL && class->lane != NULL;
}

static struct input_conf
input_conf(const struct loop *l, const struct run_input *from, unsigned n)
{
	static const char *const stdin_only[] = { "-" };
	const struct run_conf   *c = l->conf;
	struct input_conf        in = {
		.source = { .inputs = from->operands, .n_inputs = from->n_operands, .pipes = c->n_inputs > 1, .max_line_bytes = c->max_line_bytes,
		            .follow = c->follow, .exit_at_end = c->exit_at_end, .rows = c->format == RUN_CSV,
		            .from = c->from, .from_ms = c->from_time.ms, .values = values_of(c->format),
		            .slice = c->slice, .n_slices = c->n_slices, .skip_gaps = c->skip_gaps, .takes_what_comes = c->at_most_once, .remote = c->remote },
		.plan = { .time = from->time, .time_format = c->time_format, .time_strptime = c->time_strptime,
		          .keys = c->keys, .n_keys = c->n_keys, .is_source = true },
		.time_now = c->time_now, .max_future_ms = c->max_future_ms,
		.format = c->format, .csv_numbers = c->csv_numbers, .from_time = c->from_time, .since = c->since, .until = c->until,
		.out_of_order_ms = c->out_of_order_ms, .watermark_step_ms = c->watermark_step_ms,
		.max_records = c->max_records, .merge = c->merge && (from->n_operands > 1 || has_lanes(from)), .looks_ahead = c->speed > 0,
	};

	if (from->n_operands == 0) {
		in.source.inputs = stdin_only;
		in.source.n_inputs = 1;
	}
	if (c->op != NULL)
		in.plan.wanted = c->op->class->wants(c->op, n, &in.plan.n_wanted);
	return in;
}

/* Each path costs a little for each record; the scanner looks for so many at once. */
static int
check_paths(const struct rec_plan *plan, struct err *err)
{
	size_t n = (plan->time != NULL) + plan->n_keys + plan->n_wanted;

	if (n <= REC_MAX_PATHS)
		return 0;
	return err_set(err, ERR_USAGE, "%zu paths into a record; %d can be looked for", n, REC_MAX_PATHS);
}

static int
open_output(struct loop *l, struct err *err)
{
	const struct run_conf *c = l->conf;
	struct sink_conf       conf = { .target = c->target, .stage = c->stage, .roll_ms = c->roll_ms, .payload_only = c->payload_only, .no_sync = c->no_sync,
	                                .has_checkpoint = c->checkpoint != NULL, .origin = &l->inlets[0].in.origin, .remote = c->remote,
	                                .at_least_once = c->want_at_least_once, .create_partitions = c->create_partitions,
	                                .create_replication = c->create_replication, .has_assumed = c->has_assumed,
	                                .assumed_epoch = c->assumed_epoch };

	if (c->target == NULL)
		return output_open_pipe(&l->out, c->plain, c->checkpoint != NULL, &l->inlets[0].in.origin, err);
	if (output_open_sink(&l->out, &conf, err) == -1)
		return -1;
	if (c->want_exactly_once && (l->out.sink->class->level != SINK_EXACTLY_ONCE || c->checkpoint == NULL))
		return err_set(err, ERR_USAGE, "%s: --delivery exactly-once needs %s", c->target,
		               c->checkpoint == NULL ? "--checkpoint" : "a target that can be cut back, such as file:PATH");
	loop_note(l, "%s: %s", c->target, c->checkpoint == NULL ? "no checkpoint, so no guarantee" :
	          l->out.sink->class->level == SINK_EXACTLY_ONCE && !(l->out.sink->class->can_less && c->want_at_least_once)
	          ? "exactly-once" : "at-least-once");
	return 0;
}

/* What only a source can be told; NULL: none was. */
static const char *
options_of_the_source(const struct run_conf *c, const struct inlet *t)
{
	if (c->n_inputs > 1)            /* they are for those inputs that are sources */
		return NULL;
	if (t->in.has_time && c->exec == NULL)
		return "--time";
	if (c->out_of_order_given)
		return "--out-of-order";
	if (c->from.kind != SOURCE_FROM_BEGINNING)
		return "--from";
	if (c->since.ms != WHEN_MIN)
		return "--since";
	if (c->until.ms != WHEN_MAX)
		return "--until";
	if (c->idle_timeout_ms > 0)
		return "--idle-timeout";
	return c->max_future_ms != WHEN_MAX ? "--max-future" : NULL;
}

/* A bare input without --time cannot feed what needs time; a stream of ours brings its own. */
int
start_check_form(const struct loop *l, const struct inlet *t, struct err *err)
{
	const struct run_conf *c = l->conf;
	const char            *upstreams = options_of_the_source(c, t);

	if (t->in.form == INPUT_STREAM && upstreams != NULL)
		return err_set(err, ERR_USAGE, "%s: upstream is a stream of records that have their time; give it there", upstreams);
	if (t->in.form == INPUT_BARE && c->op != NULL && c->op->key_option[t->n] != NULL && c->n_keys == 0)
		return err_set(err, ERR_USAGE, "no %s, and the input's lines are plain JSON, which have no key: give a path, such as "
		               "%s .id", c->op->key_option[t->n], c->op->key_option[t->n]);
	if (t->in.form != INPUT_BARE || t->in.has_time)
		return 0;
	if (c->close_idle || c->max_future_ms != WHEN_MAX)
		return err_set(err, ERR_USAGE, "--%s needs --time: where does the time stand?",
		               c->close_idle ? "close-idle" : "max-future");
	if (c->merge || c->speed > 0)
		return err_set(err, ERR_USAGE, "%s needs --time: where does the time stand?", c->merge ? "--merge" : "--speed");
	if (c->from.kind == SOURCE_FROM_TIME)
		return err_set(err, ERR_USAGE, "--from @TIME needs --time: where does the time stand?");
	if (c->since.ms != WHEN_MIN || c->until.ms != WHEN_MAX)
		return err_set(err, ERR_USAGE, "--since and --until need --time: where does the time stand?");
	if (c->op != NULL && c->op->needs_time)
		return err_set(err, ERR_USAGE, "no --time, and the input's lines are plain JSON: give the path of the event time, "
		               "such as --time .at");
	return 0;
}

/* What the operator gives out has time or key elsewhere: nobody behind it shall look for them where they were. */
static void
forget_moved(struct loop *l)
{
	const struct op *op = l->conf->op;

	if (op != NULL && op->moves_time)
		hello_forget_time(&l->hello);
	if (op != NULL && op->moves_key)
		hello_forget_keys(&l->hello);
}

static void
set_hello(struct loop *l)
{
	const struct run_conf *c = l->conf;

	if (c->time_now) {
		l->hello.time = alloc_string("now");
	} else if (c->inputs[0].time != NULL) {
		l->hello.time = alloc_string(c->inputs[0].time->text);
		l->hello.time_format = alloc_string(c->time_format_text);
	}
	l->hello.n_keys = c->n_keys;
	l->hello.keys = alloc_zeroed(c->n_keys, sizeof(char *));
	for (size_t i = 0; i < c->n_keys; i++)
		l->hello.keys[i] = alloc_string(c->keys[i].text);
	forget_moved(l);
}

static int
say_hello(struct loop *l, struct err *err)
{
	struct buf fingerprint = { 0 };

	buf_hex64(&fingerprint, hash_sum(span_str(l->conf->options)));
	buf_char(&fingerprint, '\0');
	hello_add_via(&l->hello, l->conf->stage, fingerprint.p);
	buf_release(&fingerprint);
	if (output_hello(&l->out, &l->hello, err) == -1)
		return -1;
	ckpt_crash_point(l->conf->stage, "hello");
	return 0;
}

/* What we say: the one run and epoch that all streams name, and all stages before us. */
static int
join_hellos(struct loop *l, struct err *err)
{
	const struct inlet *first = NULL;

	for (size_t i = 0; i < l->n_inlets; i++) {
		const struct inlet *t = &l->inlets[i];

		if (t->is_source)
			continue;
		if (first == NULL)
			hello_copy(&l->hello, &t->hello);
		else if (hello_join(&l->hello, &t->hello, err) == -1)
			return err_in(err, "%s", input_name(&t->in));
		first = first == NULL ? t : first;
	}
	if (l->n_sources > 0 && l->n_inlets > 1)
		hello_forget_time(&l->hello);
	forget_moved(l);
	return 0;
}

/* All that is read is read here: a run, our position, hello. */
static enum step
start_source(struct loop *l, struct err *err)
{
	l->leads = true;
	if (l->role == ROLE_SINK)
		return refuse_open(l, err) == -1 ? STEP_FAILED : STEP_ON;
	l->role = ROLE_SOURCE;
	if (l->n_inlets == 1)
		set_hello(l);
	if (l->exec != NULL && exec_settle(l->exec, false, err) == -1)
		return STEP_FAILED;
	if (guard_open_source(l, err) == -1 || say_hello(l, err) == -1)
		return STEP_FAILED;
	if (l->is_over)
		return output_simple(&l->out, MARK_END, err) == -1 ? STEP_FAILED : STEP_DONE;
	return STEP_ON;
}

/* At least one is a stream. */
static enum step
start_reader(struct loop *l, struct err *err)
{
	for (size_t i = 0; i < l->n_inlets; i++) {
		const struct inlet *t = &l->inlets[i];

		if (t->is_source)
			continue;
		if (l->conf->op != NULL)
			rec_reader_keep_bytes(t->in.reader);    /* what is late leaves as it came, whatever key it was counted under */
		if (l->exec != NULL)
			rec_reader_forget_paths(t->in.reader);      /* they are for the program's lines */
		if (start_check_form(l, t, err) == -1)
			return STEP_FAILED;
	}
	if (join_hellos(l, err) == -1)
		return STEP_FAILED;
	if (l->exec != NULL && exec_settle(l->exec, true, err) == -1)
		return STEP_FAILED;
	if (l->role == ROLE_SINK)
		return guard_check_hello(l, err) == -1 ? STEP_FAILED : STEP_ON;
	return guard_open_stage(l, err) == -1 || say_hello(l, err) == -1 ? STEP_FAILED : STEP_ON;
}

/* It is known of each input what it is. */
static enum step
start_all(struct loop *l, struct err *err)
{
	enum step s;

	for (size_t i = 0; i < l->n_inlets; i++) {
		if (l->inlets[i].is_source)
			l->n_sources++;
		if (l->inlets[i].is_source && start_check_form(l, &l->inlets[i], err) == -1)
			return STEP_FAILED;
	}
	if (l->n_sources > 0)
		signals_set(SIGNALS_SOURCE);
	if (l->conf->table.n_operands > 0)
		signals_set_hangup();
	s = l->n_sources == l->n_inlets ? start_source(l, err) : start_reader(l, err);
	if (s == STEP_ON && table_read(l, err) == -1)
		s = STEP_FAILED;
	for (size_t i = 0; i < l->n_inlets && s == STEP_ON; i++)
		if (l->inlets[i].is_source && l->conf->idle_timeout_ms == 0 && !l->inlets[i].in.is_live && lull_end(l, &l->inlets[i], err) == -1)
			s = STEP_FAILED;        /* it was idle, and need not be any more */
	return s;
}

/* ---- what each input is: the first line of a pipe says it ---- */

static enum step
broke_off_early(struct err *err)
{
	err_set(err, ERR_RETRY, "upstream broke off before its hello");
	return STEP_FAILED;
}

/* Of a stream: its first mark is there. */
static enum step
hear_hello(struct loop *l, struct inlet *t, struct mark *first, struct err *err)
{
	if (first->kind == MARK_FAIL)
		return leave_at_fail(l, first, err);
	if (first->kind != MARK_HELLO) {
		err_set(err, ERR_DATA, "the stream does not begin with hello: a filter before me drops marks");
		return STEP_FAILED;
	}
	hello_copy(&t->hello, &first->hello);
	return STEP_ON;
}

/* Its first lines are there, or its end. */
static enum step
settle_pipe(struct loop *l, struct inlet *t, enum input_filled filled, struct err *err)
{
	bool        guarded = l->conf->checkpoint != NULL;
	struct mark first = { 0 };
	enum step   s = STEP_ON;
	int         is_mark;

	if (filled == INPUT_ERROR)
		return STEP_FAILED;
	t->is_source = true;
	if (filled == INPUT_END)
		return guarded ? broke_off_early(err) : STEP_ON;
	if (input_is_torn(&t->in) && (guarded || mark_starts(t->in.chunk.p, t->in.chunk.end)))
		return broke_off_early(err);
	if ((is_mark = input_take_hello(&t->in, &first, err)) == 1) {
		t->is_source = false;
		s = hear_hello(l, t, &first, err);
	} else if (is_mark == -1) {
		s = STEP_FAILED;
	} else if (guarded && (l->conf->op != NULL || l->exec != NULL || l->role != ROLE_STAGE)) {    /* else stream-cat: its source says no */
		err_set(err, ERR_DATA, "%s is no stream with marks: a filter before me drops them, or stream-cat is missing",
		        input_name(&t->in));
		s = STEP_FAILED;
	}
	mark_release(&first);
	return s;
}

static enum step
start_pipes(struct loop *l, struct err *err)
{
	bool              guarded = l->conf->checkpoint != NULL;
	enum input_filled filled[RUN_MAX_INPUTS];
	size_t            waiting = 0;

	for (size_t i = 0; i < l->n_inlets; i++) {
		struct inlet *t = &l->inlets[i];

		if (t->is_source)
			continue;
		filled[i] = input_fill(&t->in, err);
		if (filled[i] == INPUT_END && guarded)  /* no run for a pipeline that is already broken */
			return broke_off_early(err);
	}
	if (l->role == ROLE_SINK && guarded && guard_open_sink(l, err) == -1)
		return STEP_FAILED;
	do {
		if (waiting > 0 && pace_wait(l, err) == -1)
			return STEP_FAILED;
		waiting = 0;
		for (size_t i = 0; i < l->n_inlets; i++) {
			struct inlet *t = &l->inlets[i];

			if (!t->is_source && filled[i] == INPUT_WAIT && (filled[i] = input_fill(&t->in, err)) == INPUT_WAIT)
				waiting++;
			t->is_begun = t->is_source || filled[i] != INPUT_WAIT;
		}
	} while (waiting > 0);
	for (size_t i = 0; i < l->n_inlets; i++) {
		struct inlet *t = &l->inlets[i];

		if (!t->is_source && settle_pipe(l, t, filled[i], err) == STEP_FAILED)
			return STEP_FAILED;
	}
	return start_all(l, err);
}

/* ---- all of it ---- */

static int
open_inlets(struct loop *l, struct err *err)
{
	for (size_t i = 0; i < l->n_inlets; i++) {
		struct input_conf in = input_conf(l, &l->conf->inputs[i], (unsigned)i);

		if (l->out.sink != NULL && l->out.sink->class->wants != NULL)
			in.plan.wanted = l->out.sink->class->wants(l->out.sink, &in.plan.n_wanted);
		if (check_paths(&in.plan, err) == -1 || input_open(&l->inlets[i].in, &in, err) == -1)
			return -1;
	}
	return 0;
}

enum step
start_run(struct loop *l, struct err *err)
{
	bool has_pipe = false;

	signals_set(SIGNALS_FILTER);
	l->role = l->conf->target == NULL ? ROLE_STAGE : ROLE_SINK;
	l->n_inlets = l->conf->n_inputs;
	l->inlets = alloc_zeroed(l->n_inlets, sizeof(*l->inlets));
	for (size_t i = 0; i < l->n_inlets; i++) {
		l->inlets[i].n = (unsigned)i;
		l->inlets[i].watermark_ms = WHEN_MIN;
	}
	if (l->conf->exec != NULL)
		l->exec = exec_new(l);
	if (open_output(l, err) == -1 || open_inlets(l, err) == -1)
		return STEP_FAILED;
	for (size_t i = 0; i < l->n_inlets; i++) {
		l->inlets[i].is_source = !l->inlets[i].in.may_be_stream;
		has_pipe |= l->inlets[i].in.may_be_stream;
	}
	if (!has_pipe && l->role == ROLE_SINK && l->conf->checkpoint != NULL) {
		err_set(err, ERR_USAGE, "stdin is a file: under a checkpoint stream-cat reads it and writes to me");
		return STEP_FAILED;
	}
	return has_pipe ? start_pipes(l, err) : start_all(l, err);
}
