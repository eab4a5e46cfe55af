/* snapshot - what a stage keeps: the source's position, side files, counts, then the operator's own lines */
#include <stdlib.h>

#include "base/alloc.h"
#include "json/text.h"
#include "json/tree.h"
#include "run/loop.h"

const struct sink_state *
sink_state(const struct loop *l)
{
	return l->out.sink == NULL ? NULL : l->out.sink->class->state;
}

static void
save_side(struct snap_writer *w, const char *name, const struct side *side)
{
	struct side_place place;
	struct buf       *b = &w->buf;

	if (side == NULL)
		return;
	side_place(side, &place);
	buf_lit(b, "{\"side\":");
	text_quote(b, span_str(name));
	buf_lit(b, ",\"path\":");
	text_quote(b, span_str(place.path));
	buf_lit(b, ",\"inode\":");
	buf_u64(b, place.inode);
	buf_lit(b, ",\"born\":");
	buf_i64(b, place.born_ns);
	buf_lit(b, ",\"length\":");
	buf_u64(b, place.length_bytes);
	buf_char(b, '}');
	snap_line(w);
}

static void
save(void *cookie, bool delta, struct snap_writer *w)
{
	struct loop *l = cookie;
	struct buf  *b = &w->buf;

	if (l->position.n > 0) {
		buf_str(b, l->n_inlets > 1 ? "{\"inputs\":" : "{\"source\":");
		buf_span(b, buf_all(&l->position));
		buf_char(b, '}');
		snap_line(w);
	}
	save_side(w, "late", l->late);
	save_side(w, "dead-letter", l->dead);
	if (l->aside != NULL)
		save_side(w, l->conf->aside_name, l->aside);
	buf_lit(b, "{\"count\":{\"late\":");
	buf_u64(b, l->n_late);
	buf_lit(b, ",\"bad\":");
	buf_u64(b, l->n_bad);
	buf_lit(b, ",\"outside\":");
	buf_u64(b, l->n_outside);
	buf_lit(b, "}}");
	snap_line(w);
	if (l->conf->run_files != NULL)
		run_files_save(l->conf->run_files, w);
	if (l->conf->shelf_files != NULL)
		shelf_files_save(l->conf->shelf_files, w);
	if (l->exec != NULL)
		exec_save(l->exec, w);
	if (l->conf->op != NULL)
		l->conf->op->class->save(l->conf->op, delta, w);
	if (sink_state(l) != NULL)
		sink_state(l)->save(l->out.sink, delta, w);
}

static void
entries(void *cookie, uint64_t *all, uint64_t *changed)
{
	struct loop *l = cookie;

	*all = *changed = 0;
	if (l->conf->op != NULL)
		l->conf->op->class->entries(l->conf->op, all, changed);
	if (sink_state(l) != NULL)
		sink_state(l)->entries(l->out.sink, all, changed);
}

static void
settle(void *cookie)
{
	struct loop *l = cookie;

	if (l->conf->op != NULL)
		l->conf->op->class->settle(l->conf->op);
	if (sink_state(l) != NULL)
		sink_state(l)->settle(l->out.sink);
}

struct ckpt_saver
snapshot_saver(struct loop *l)
{
	return (struct ckpt_saver){ .entries = entries, .save = save, .settle = settle, .cookie = l };
}

static int
load_side(struct loop *l, const struct tree *t, struct err *err)
{
	struct span        name, path;
	int64_t            inode, born, length;
	struct side_place *known;
	char             **owned;

	if (!tree_string(t, "side", &name) || !tree_string(t, "path", &path) || !tree_i64(t, "inode", &inode)
	    || !tree_i64(t, "born", &born) || !tree_i64(t, "length", &length))
		return err_set(err, ERR_DATA, "not a side file");
	if (span_eq(name, SPAN_LIT("late"))) {
		known = &l->known_late;
		owned = &l->known_late_path;
	} else if (span_eq(name, SPAN_LIT("dead-letter"))) {
		known = &l->known_dead;
		owned = &l->known_dead_path;
	} else {
		known = &l->known_aside;
		owned = &l->known_aside_path;
	}
	free(*owned);
	*owned = alloc_string_n(path.p, path.n);
	*known = (struct side_place){ *owned, (uint64_t)inode, born, (uint64_t)length };
	return 0;
}

/* The lines that are ours.  A delta's come after its base's and replace them. */
static int
load_own(struct loop *l, struct span line, bool *own, struct err *err)
{
	bool         source = span_starts(line, SPAN_LIT("{\"source\":"));
	bool         inputs = span_starts(line, SPAN_LIT("{\"inputs\":"));
	bool         side = span_starts(line, SPAN_LIT("{\"side\":"));
	bool         count = span_starts(line, SPAN_LIT("{\"count\":"));
	struct tree *t;
	int64_t      n = 0;
	int          r = 0;

	*own = source || inputs || side || count;
	if (!*own)
		return 0;
	if ((t = tree_parse(line, err)) == NULL)
		return -1;
	if (source || inputs) {
		buf_reset(&l->position);
		tree_put(&l->position, tree_member(t, source ? "source" : "inputs"));
	} else if (side) {
		r = load_side(l, t, err);
	} else {
		if (tree_i64(tree_member(t, "count"), "late", &n))
			l->n_late = (uint64_t)n;
		if (tree_i64(tree_member(t, "count"), "bad", &n))
			l->n_bad = (uint64_t)n;
		if (tree_i64(tree_member(t, "count"), "outside", &n))
			l->n_outside = (uint64_t)n;
	}
	tree_free(t);
	return r;
}

static int
load_line(void *cookie, struct span line, struct err *err)
{
	struct loop *l = cookie;
	bool         own;

	if (load_own(l, line, &own, err) == -1)
		return -1;
	if (own)
		return 0;
	if (l->conf->run_files != NULL && run_files_is_line(line))
		return run_files_load(l->conf->run_files, line, err);
	if (l->conf->shelf_files != NULL && shelf_files_is_line(line))
		return shelf_files_load(l->conf->shelf_files, line, err);
	if (l->exec != NULL && exec_is_line(line))
		return exec_load(l->exec, line, err);
	if (sink_state(l) != NULL)
		return sink_state(l)->load(l->out.sink, line, err);
	if (l->conf->op == NULL)
		return err_set(err, ERR_DATA, "a line that is no part of this stage's state");
	return l->conf->op->class->load(l->conf->op, line, err);
}

/* Lines of ours, and of others beside the operator, it leaves to load_line. */
static const char *
load_lines(void *cookie, const char *p, const char *end, uint64_t *n)
{
	struct loop *l = cookie;

	return l->conf->op->class->load_lines(l->conf->op, p, end, n);
}

static void
expect(void *cookie, uint64_t lines, uint64_t bytes)
{
	struct loop *l = cookie;

	l->conf->op->class->expect(l->conf->op, lines, bytes);
}

static int
loaded(void *cookie, struct err *err)
{
	struct loop *l = cookie;

	return l->conf->op->class->loaded(l->conf->op, err);
}

struct ckpt_loader
snapshot_loader(struct loop *l)
{
	const struct op_class *class = l->conf->op == NULL ? NULL : l->conf->op->class;

	return (struct ckpt_loader){
		.line = load_line, .cookie = l,
		.lines = class != NULL && class->load_lines != NULL ? load_lines : NULL,
		.expect = class != NULL && class->expect != NULL ? expect : NULL,
		.loaded = class != NULL && class->loaded != NULL ? loaded : NULL,
	};
}
