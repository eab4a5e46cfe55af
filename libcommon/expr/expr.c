/* expr - compile, run, test */
#include "expr/expr.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "expr/eval.h"

struct expr {
	struct prog    prog;
	struct machine machine;
};

struct expr *
expr_compile(const char *text, struct err *err)
{
	struct expr *e = alloc_zeroed(1, sizeof(*e));

	e->machine.prog = &e->prog;
	if (prog_parse(&e->prog, text, err) == -1 || prog_resolve(&e->prog, err) == -1) {
		expr_free(e);
		return NULL;
	}
	return e;
}

void
expr_free(struct expr *e)
{
	if (e == NULL)
		return;
	prog_release(&e->prog);
	arena_release(&e->machine.work.arena);
	buf_release(&e->machine.work.scratch);
	free(e);
}

const struct path *const *
expr_wants(const struct expr *e, size_t *n)
{
	*n = e->prog.n_wants;
	return e->prog.wants;
}

const char *
expr_reason(const struct expr *e)
{
	return e->machine.work.reason;
}

static int
begin(struct expr *e, const struct expr_input *in)
{
	struct machine *m = &e->machine;

	if (m->work.arena.blocks != NULL)
		arena_reset(&m->work.arena);
	m->work.steps_left = EXPR_MAX_STEPS;
	m->work.bytes_left = EXPR_MAX_BYTES;
	m->in = in;
	if (in->payload.p == NULL)
		return work_fail(&m->work, "the payload is no JSON");
	m->top = val_json(in->payload);
	return 0;
}

struct writer {
	struct then then;
	struct buf *out;
	size_t      n;
};

static int
write_take(struct machine *m, struct then *then, struct val v)
{
	struct writer *w = (struct writer *)then;

	if (val_put(&m->work, w->out, v) == -1)
		return EVAL_FAILED;
	buf_char(w->out, '\n');
	w->n++;
	return EVAL_DONE;
}

int
expr_run(struct expr *e, const struct expr_input *in, struct buf *out, size_t *n_outputs)
{
	struct writer w = { { write_take }, out, 0 };
	size_t        from = out->n;

	if (begin(e, in) == -1 || eval_each(&e->machine, e->prog.root, e->machine.top, &w.then) == EVAL_FAILED) {
		out->n = from;
		return -1;
	}
	*n_outputs = w.n;
	return 0;
}

struct tester {
	struct then then;
	bool        found;
};

static int
test_take(struct machine *m, struct then *then, struct val v)
{
	struct tester *t = (struct tester *)then;

	(void)m;
	t->found = val_truth(v);
	return t->found ? EVAL_STOP : EVAL_DONE;
}

int
expr_test(struct expr *e, const struct expr_input *in)
{
	struct tester t = { { test_take }, false };

	if (begin(e, in) == -1 || eval_each(&e->machine, e->prog.root, e->machine.top, &t.then) == EVAL_FAILED)
		return -1;
	return t.found;
}
