/* foreign - another engine, for what ours does not have */
#include "expr/foreign.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "expr/expr.h"
#include "expr/foreign_text.h"
#include "json/scan.h"

struct foreign {
	const struct foreign_class *class;
	void                       *compiled;
	struct foreign_paths        paths;
	struct buf                  input;       /* where there are paths */
	char                        reason[300];
};

struct foreign *
foreign_compile(const struct foreign_class *class, const char *text, struct err *err)
{
	struct foreign *f = alloc_zeroed(1, sizeof(*f));
	struct buf      program = { 0 };

	f->class = class;
	if (foreign_text_put(&program, &f->paths, text, err) == 0) {
		f->compiled = class->compile(program.p, err);
		if (f->compiled == NULL)
			foreign_text_reword(err);
	}
	buf_release(&program);
	if (f->compiled == NULL) {
		foreign_free(f);
		return NULL;
	}
	return f;
}

void
foreign_free(struct foreign *f)
{
	if (f == NULL)
		return;
	if (f->compiled != NULL)
		f->class->free(f->compiled);
	foreign_paths_release(&f->paths);
	buf_release(&f->input);
	free(f);
}

const struct path *const *
foreign_wants(const struct foreign *f, size_t *n)
{
	*n = f->paths.n;
	return (const struct path *const *)f->paths.items;
}

const char *
foreign_reason(const struct foreign *f)
{
	return f->reason;
}

/* ---- a record ---- */

static void
put_wanted(struct buf *b, const struct scan_value *v)
{
	switch ((enum scan_kind)v->kind) {
	case SCAN_MISSING:
	case SCAN_NULL:
		buf_lit(b, "null");
		break;
	case SCAN_STRING:
		buf_char(b, '"');
		buf_put(b, v->p, v->n);
		buf_char(b, '"');
		break;
	case SCAN_FALSE:
		buf_lit(b, "false");
		break;
	case SCAN_TRUE:
		buf_lit(b, "true");
		break;
	case SCAN_NUMBER:
	case SCAN_ARRAY:
	case SCAN_OBJECT:
		buf_put(b, v->p, v->n);
		break;
	}
}

static struct span
input_of(struct foreign *f, const struct expr_input *in)
{
	if (f->paths.n == 0)
		return in->payload;
	buf_reset(&f->input);
	buf_char(&f->input, '[');
	buf_span(&f->input, in->payload);
	for (size_t i = 0; i < f->paths.n; i++) {
		buf_char(&f->input, ',');
		put_wanted(&f->input, &in->wanted[i]);
	}
	buf_char(&f->input, ']');
	return buf_all(&f->input);
}

/* What is done with the outputs of one record. */
struct taker {
	struct buf *out;                 /* NULL: they are only judged */
	uint64_t    bytes_left;
	size_t      n;
	bool        found;               /* one that is neither false nor null */
	bool        too_many;
};

static bool
take(void *cookie, struct span output)
{
	struct taker *t = cookie;

	if (t->n == FOREIGN_MAX_OUTPUTS || output.n >= t->bytes_left) {
		t->too_many = true;
		return false;
	}
	t->n++;
	t->bytes_left -= output.n + 1;
	if (t->out == NULL) {
		t->found = !span_eq(output, SPAN_LIT("false")) && !span_eq(output, SPAN_LIT("null"));
		return !t->found;
	}
	buf_span(t->out, output);
	buf_char(t->out, '\n');
	return true;
}

static int
run(struct foreign *f, const struct expr_input *in, struct taker *t, bool *gave_up)
{
	enum foreign_end end;

	*gave_up = false;
	if (in->payload.p == NULL) {
		snprintf(f->reason, sizeof(f->reason), "the payload is no JSON");
		return -1;
	}
	end = f->class->each(f->compiled, input_of(f, in), take, t, f->reason, sizeof(f->reason));
	*gave_up = end == FOREIGN_GAVE_UP;
	if (t->too_many)
		snprintf(f->reason, sizeof(f->reason), "the expression has too many outputs for this record");
	return end == FOREIGN_DONE && !t->too_many ? 0 : -1;
}

int
foreign_run(struct foreign *f, const struct expr_input *in, struct buf *out, size_t *n_outputs, bool *gave_up)
{
	struct taker t = { .out = out, .bytes_left = EXPR_MAX_BYTES };
	size_t       from = out->n;

	if (run(f, in, &t, gave_up) == -1) {
		out->n = from;
		return -1;
	}
	*n_outputs = t.n;
	return 0;
}

int
foreign_test(struct foreign *f, const struct expr_input *in, bool *gave_up)
{
	struct taker t = { .bytes_left = EXPR_MAX_BYTES };

	return run(f, in, &t, gave_up) == -1 ? -1 : t.found;
}
