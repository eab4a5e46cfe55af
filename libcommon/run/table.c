/* table - the second side of a join as a file */
#include "run/table.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "io/signals.h"
#include "op/join.h"
#include "run/loop.h"

/* Lines are bare JSON or saved records, as with any file. */
static struct input_conf
input_conf(const struct loop *l)
{
	const struct run_conf *c = l->conf;
	struct input_conf      in = {
		.source = { .inputs = c->table.operands, .n_inputs = 1, .max_line_bytes = c->max_line_bytes },
		.plan = { .time = c->table.time, .time_format = c->time_format, .time_strptime = c->time_strptime,
		          .keys = c->keys, .n_keys = c->n_keys, .is_source = true },
		.max_future_ms = WHEN_MAX, .since = { .ms = WHEN_MIN }, .until = { .ms = WHEN_MAX }, .watermark_step_ms = 1,
		.max_records = UINT64_MAX,
	};

	in.plan.wanted = c->op->class->wants(c->op, 1, &in.plan.n_wanted);
	return in;
}

static int
take_rows(struct loop *l, struct input *in, struct err *err)
{
	struct op  *op = l->conf->op;
	struct emit none = { .origin = &in->origin };

	for (size_t done = 0; done < in->n_recs; done++) {
		struct op_refusal why;

		done += op->class->feed(op, 1, in->recs + done, in->n_recs - done, &none, &why);
		if (done < in->n_recs && refuse_bad(l, in, &in->recs[done], BAD_VALUE, why.reason, err) == -1)
			return -1;
	}
	return 0;
}

static int
take_all(struct loop *l, struct input *in, struct err *err)
{
	enum input_event event = INPUT_EMPTY;

	for (;;) {
		if (event == INPUT_EMPTY) {
			struct wait_for   w = WAIT_FOR_NOTHING;
			enum input_filled filled = input_fill(in, err);

			if (filled == INPUT_END)
				return 0;
			if (filled == INPUT_ERROR || filled == INPUT_LEAVE)
				return -1;
			if (filled == INPUT_WAIT) {
				input_wait_for(in, &w);
				wait_any(&w, true);
				continue;
			}
		}
		if (input_next(in, SIZE_MAX, &event, err) == -1)
			return -1;
		if (event == INPUT_RECS && take_rows(l, in, err) == -1)
			return -1;
		if (event == INPUT_BAD && refuse_bad(l, in, &in->recs[0], in->bad_kind, in->reason, err) == -1)
			return -1;
	}
}

static int
load(struct loop *l, struct err *err)
{
	struct input     *in = alloc_zeroed(1, sizeof(*in));
	struct input_conf conf = input_conf(l);
	int               r = input_open(in, &conf, err);

	if (r == 0) {
		join_table_begin(l->conf->op);
		in->may_be_stream = false;
		r = take_all(l, in, err);
		if (r == 0)
			join_table_end(l->conf->op);
	}
	input_release(in);
	free(in);
	return r;
}

static bool
has_table(const struct loop *l)
{
	return l->conf->table.n_operands > 0;
}

int
table_read(struct loop *l, struct err *err)
{
	if (!has_table(l))
		return 0;
	signals_take_hangup();
	if (stat(l->conf->table.operands[0], &l->table.seen) == -1)
		l->table.seen = (struct stat){ .st_size = -1 };
	return load(l, err);
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size
	       && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void
table_look(struct loop *l)
{
	const char *path;
	struct stat now;
	struct err  err = ERR_INIT;
	bool        is_asked;

	if (!has_table(l))
		return;
	is_asked = signals_take_hangup();
	if (!is_asked && !l->conf->table_watch)
		return;
	path = l->conf->table.operands[0];
	if (stat(path, &now) == -1) {
		if (is_asked)
			loop_say(l, "%s: is not there just now: the table stays as it was", path);
		return;
	}
	if (!S_ISREG(now.st_mode)) {
		if (is_asked)
			loop_say(l, "%s: is no file, and cannot be read again: the table stays as it was", path);
		return;
	}
	if (!is_asked && is_same(&now, &l->table.seen))
		return;
	l->table.seen = now;
	if (load(l, &err) == -1)
		loop_say(l, "%s: the table stays as it was", err.text);
	else
		loop_note(l, "%s: read again", path);
}
