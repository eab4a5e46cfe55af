/* expr - compile, run, test */
#include "expr/expr.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "expr/eval.h"
#include "json/text.h"

struct expr {
	struct prog     prog;
	struct machine  machine;
	struct foreign *foreign;         /* NULL: ours runs it */
	char           *why_foreign;
	bool            gave_up;
};

/* Ours does not have what is in it.  If the other one does not, either, ours says more about what is none of jq's language. */
static struct foreign *
hand_over(struct expr *e, const struct foreign_class *other, const char *text, struct err *err)
{
	struct err      why = ERR_INIT;
	struct foreign *f = foreign_compile(other, text, &why);

	if (f != NULL)
		e->why_foreign = alloc_string(err->text);
	if (f != NULL || e->prog.is_uncommon)
		*err = why;
	return f;
}

struct expr *
expr_compile(const char *text, const struct foreign_class *other, struct err *err)
{
	struct expr *e = alloc_zeroed(1, sizeof(*e));

	e->machine.prog = &e->prog;
	if (prog_parse(&e->prog, text, err) == 0 && prog_resolve(&e->prog, err) == 0)
		return e;
	if (other != NULL && text[0] != '\0' && text_is_utf8(span_str(text)))
		e->foreign = hand_over(e, other, text, err);
	if (e->foreign == NULL) {
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
	foreign_free(e->foreign);
	free(e->why_foreign);
	prog_release(&e->prog);
	arena_release(&e->machine.work.arena);
	buf_release(&e->machine.work.scratch);
	free(e);
}

const struct path *const *
expr_wants(const struct expr *e, size_t *n)
{
	if (e->foreign != NULL)
		return foreign_wants(e->foreign, n);
	*n = e->prog.n_wants;
	return e->prog.wants;
}

const char *
expr_reason(const struct expr *e)
{
	return e->foreign != NULL ? foreign_reason(e->foreign) : e->machine.work.reason;
}

bool
expr_gave_up(const struct expr *e)
{
	return e->gave_up;
}

const char *
expr_why_foreign(const struct expr *e)
{
	return e->why_foreign;
}

static inline int
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
	if (in->payload.p[0] == '{')
		m->top = (struct val){ .p = in->payload.p, .n = (uint32_t)in->payload.n, .kind = SCAN_OBJECT };
	else
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

	if (e->foreign != NULL)
		return foreign_run(e->foreign, in, out, n_outputs, &e->gave_up);
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

	if (e->foreign != NULL)
		return foreign_test(e->foreign, in, &e->gave_up);
	if (begin(e, in) == -1)
		return -1;
	if (e->prog.nodes[e->prog.root].single)
		return eval_truth(&e->machine, e->prog.root);
	if (eval_each(&e->machine, e->prog.root, e->machine.top, &t.then) == EVAL_FAILED)
		return -1;
	return t.found;
}
