/* conf - from the command line to a run */
#include "cli/conf.h"

#include "cli/cli.h"
#include "io/clock.h"
#include "io/module.h"
#include "io/program.h"
#include "io/signals.h"
#include "op/join_where.h"
#include "run/run.h"

/* Those who watch a run, and where. */
struct audience {
	const struct options *options;
	struct term           term;
};

static void
show(void *cookie, const char *text)
{
	struct audience *a = cookie;

	cli_show(a->options, &a->term, text);
}

static void
say(void *cookie, const char *text)
{
	struct audience *a = cookie;

	cli_show(a->options, &a->term, NULL);
	cli_say(a->options, "%s", text);
}

static void
note(void *cookie, const char *text)
{
	struct audience *a = cookie;

	cli_show(a->options, &a->term, NULL);
	cli_note(a->options, "%s", text);
}

/* What was said as so long ago, by the clock. */
static struct run_bound
bound(bool given, const struct moment *m, int64_t none_ms, int64_t now_ms)
{
	if (!given)
		return (struct run_bound){ .ms = none_ms };
	return (struct run_bound){ .ms = m->is_ago ? when_sub(now_ms, m->ms) : m->ms, .by_clock = m->is_ago };
}

static struct source_from
source_from(const struct place *p)
{
	static const enum source_from_kind kinds[] = {
		[PLACE_BEGINNING] = SOURCE_FROM_BEGINNING, [PLACE_OFFSET] = SOURCE_FROM_OFFSET,
		[PLACE_LAST] = SOURCE_FROM_LAST, [PLACE_TIME] = SOURCE_FROM_TIME
	};

	return (struct source_from){ .kind = kinds[p->kind], .n = p->n };
}

/* Where the time stands on a side; NULL: nobody said, or the clock gives it. */
static const struct path *
time_of(const struct options *o, enum option_id own, const struct path *path)
{
	if (options_given(o, own))
		return path;
	return options_given(o, OPT_TIME) && !o->time_now ? &o->time : NULL;
}

static void
set_inputs(struct run_conf *c, const struct options *o)
{
	const struct path *left = time_of(o, OPT_LEFT_TIME, &o->left_time);

	c->inputs[0] = (struct run_input){ o->inputs, o->n_inputs, left };
	c->n_inputs = 1;
	if (o->command->bit != CMD_JOIN)
		return;
	if (o->table != NULL) {
		c->table = (struct run_input){ &o->table, 1, options_given(o, OPT_RIGHT_TIME) ? &o->right_time : NULL };
		c->table_watch = o->table_watch;
		return;
	}
	c->inputs[0].n_operands = 1;
	c->inputs[1] = (struct run_input){ o->inputs + 1, 1, time_of(o, OPT_RIGHT_TIME, &o->right_time) };
	c->n_inputs = 2;
	c->left_alone = join_left_alone(o->join_mode);
	c->memory_bytes = o->memory_bytes;
}

static int
run_with(const struct options *o, struct op *op, struct run_files *files, struct shelf_files *shelf, const struct exec_conf *exec)
{
	struct buf      meaning = { 0 };
	struct err      err = ERR_INIT;
	struct audience audience = { .options = o };
	struct run_conf c;
	struct remote_conf remote = {
		.properties = o->properties, .n_properties = o->n_properties, .properties_file = o->properties_file,
		.debug = o->debug, .connect_timeout_ms = o->connect_timeout_ms,
		.stop_asked = signals_stop_asked, .say = say, .note = o->verbose ? note : NULL, .say_cookie = &audience,
	};
	int64_t         now_ms = clock_wall_ms();
	int             status = 0;

	if (o->n_inputs == 0)
		cli_stdin_hint(o);
	options_meaning(o, &meaning);
	buf_char(&meaning, '\0');
	c = (struct run_conf){
		.stage = o->name,
		.time_now = o->time_now,
		.time_format = o->time_format, .time_strptime = o->time_strptime,
		.time_format_text = o->time_format == WHEN_AUTO ? NULL : options_time_format(o),
		.keys = o->keys, .n_keys = o->n_keys,
		.out_of_order_ms = o->out_of_order_ms, .out_of_order_given = options_given(o, OPT_OUT_OF_ORDER),
		.watermark_step_ms = o->watermark_step_ms, .idle_timeout_ms = o->idle_timeout_ms, .close_idle = o->close_idle,
		.max_future_ms = o->max_future_ms,
		.format = (enum run_format)o->format, .csv_numbers = o->csv_numbers,
		.at_most_once = o->delivery == DELIVERY_AT_MOST_ONCE, .from = source_from(&o->from), .from_time = bound(true, &o->from.time, WHEN_MIN, now_ms),
		.since = bound(options_given(o, OPT_SINCE), &o->since, WHEN_MIN, now_ms),
		.until = bound(options_given(o, OPT_UNTIL), &o->until, WHEN_MAX, now_ms),
		.max_records = o->max_records, .rate = o->rate, .speed = o->speed, .merge = o->merge, .max_line_bytes = o->max_line_bytes,
		.follow = o->follow, .exit_at_end = o->exit_at_end, .close = o->close, .cut_is_end = o->cut_is_end,
		.slice = o->slice.i, .n_slices = o->slice.n, .skip_gaps = o->on_gap == GAP_SKIP, .remote = &remote, .op = op, .run_files = files, .shelf_files = shelf, .exec = exec,
		.target = o->target, .payload_only = o->body == BODY_PAYLOAD,
		.roll_ms = o->roll_ms,
		.want_exactly_once = o->delivery == DELIVERY_EXACTLY_ONCE, .want_at_least_once = o->delivery == DELIVERY_AT_LEAST_ONCE,
		.create_partitions = o->create_topic.partitions, .create_replication = o->create_topic.replication,
		.has_assumed = options_given(o, OPT_ASSUME_EPOCH), .assumed_epoch = o->assumed_epoch, .plain = o->plain,
		.dead_letter = o->dead_letter, .max_errors = o->max_errors, .late = o->late, .late_drop = o->late_drop,
		.aside = o->duplicates, .aside_name = "duplicates",
		.checkpoint = o->checkpoint, .checkpoint_given = o->checkpoint_given, .checkpoint_interval_ms = o->checkpoint_interval_ms,
		.lock_deadline_ms = clock_mono_ms() + o->lock_wait_ms, .no_sync = o->no_sync, .options = meaning.p,
		.metrics = o->metrics,
		.say = say, .note = o->verbose ? note : NULL, .show = cli_show_init(o, &audience.term) ? show : NULL,
		.say_cookie = &audience,
	};
	set_inputs(&c, o);
	if (run(&c, &err) == -1)
		status = cli_fail(o, &err);
	buf_release(&meaning);
	return status;
}

int
conf_run(const struct options *o, struct op *op)
{
	return run_with(o, op, NULL, NULL, NULL);
}

int
conf_run_spilling(const struct options *o, struct op *op, struct run_files *files)
{
	return run_with(o, op, files, NULL, NULL);
}

int
conf_run_shelving(const struct options *o, struct op *op, struct shelf_files *shelf)
{
	struct err err = ERR_INIT;

	if (!options_given(o, OPT_MEMORY_OF_IDS) || module_check("rocksdb", &err) == 0)
		return run_with(o, op, NULL, shelf, NULL);
	if (!o->plain)
		run_tell_failure(o->name, err.status, err.text);
	return cli_fail(o, &err);
}

int
conf_run_exec(const struct options *o)
{
	const char *const shell[] = { "/bin/sh", "-c", o->shell, NULL };
	bool              is_shell = o->shell != NULL;
	struct exec_conf  exec = { .argv = is_shell ? shell : o->program, .called = is_shell ? "sh" : o->program[0],
	                           .is_shell = is_shell, .each = o->each, .timeout_ms = o->timeout_ms };
	struct err        err = ERR_INIT;

	if (program_check(exec.argv[0], &err) == 0)
		return run_with(o, NULL, NULL, NULL, &exec);
	if (!o->plain)
		run_tell_failure(o->name, err.status, err.text);
	return cli_fail(o, &err);
}

struct dedup_conf
conf_dedup(const struct options *o, uint64_t seed)
{
	static const enum dedup_keep keeps[] = {
		[KEEP_FIRST] = DEDUP_FIRST, [KEEP_EARLIEST] = DEDUP_EARLIEST, [KEEP_LATEST] = DEDUP_LATEST
	};

	return (struct dedup_conf){
		.keep = keeps[o->keep], .by = o->by, .n_by = o->n_by, .by_id = o->by_id,
		.within_ms = options_given(o, OPT_WITHIN) ? o->within_ms : WHEN_MAX, .refresh = o->refresh, .seed = seed,
		.memory_bytes = options_given(o, OPT_MEMORY_OF_IDS) ? o->memory_bytes : UINT64_MAX,
	};
}

int
conf_join(const struct options *o, const struct foreign_class *other, uint64_t seed, struct join_conf *c, struct err *err)
{
	const struct path *left = o->n_left_on > 0 ? o->left_on : o->on, *right = o->n_right_on > 0 ? o->right_on : o->on;

	*c = (struct join_conf){
		.kind = o->join_kind, .mode = o->join_mode,
		.lower_ms = o->within.lower_ms, .upper_ms = o->within.upper_ms, .window = o->window,
		.on = { left, right },
		.n_on = { o->n_left_on > 0 ? o->n_left_on : o->n_on, o->n_right_on > 0 ? o->n_right_on : o->n_on },
		.null_keys = o->null_keys, .combine = o->combine, .names = { o->sides[0], o->sides[1] },
		.stage = o->name, .hash_seed = seed, .memory_bytes = o->memory_bytes,
	};
	if (o->where == NULL)
		return 0;
	c->where = join_where_test;
	c->where_cookie = join_where_new(o->where, o->fast ? NULL : other, err);
	return c->where_cookie == NULL ? err_in(err, "--where '%s'", o->where) : 0;
}
