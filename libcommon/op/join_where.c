/* join_where - an expression over both sides of a pair */
#include "op/join_where.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "expr/expr.h"
#include "json/scan.h"

struct join_where {
	struct expr       *expr;
	struct scan       *scan;             /* of what the expression wants */
	struct scan_value  wanted[SCAN_MAX_PATHS];
	struct buf         pair;
};

struct join_where *
join_where_new(const char *text, const struct foreign_class *other, struct err *err)
{
	struct join_where        *w;
	struct expr              *expr = expr_compile(text, other, err);
	const struct path *const *paths;
	size_t                    n;

	if (expr == NULL)
		return NULL;
	paths = expr_wants(expr, &n);
	for (size_t i = 0; i < n; i++)
		if (paths[i]->in_record) {
			err_set(err, ERR_USAGE, "%s: there is no record around a pair, only .left and .right", paths[i]->text);
			expr_free(expr);
			return NULL;
		}
	w = alloc_zeroed(1, sizeof(*w));
	w->expr = expr;
	w->scan = scan_new(paths, n);
	return w;
}

void
join_where_free(struct join_where *w)
{
	if (w == NULL)
		return;
	expr_free(w->expr);
	scan_free(w->scan);
	buf_release(&w->pair);
	free(w);
}

const char *
join_where_why_foreign(const struct join_where *w)
{
	return expr_why_foreign(w->expr);
}

bool
join_where_test(void *join_where, struct span left, struct span right, struct join_doubt *doubt)
{
	struct join_where  *w = join_where;
	struct scan_result  r;
	int                 is_pair;

	buf_reset(&w->pair);
	buf_lit(&w->pair, "{\"left\":");
	buf_span(&w->pair, left);
	buf_lit(&w->pair, ",\"right\":");
	buf_span(&w->pair, right);
	buf_lit(&w->pair, "}\n");
	memset(buf_reserve(&w->pair, SCAN_PAD), 0, SCAN_PAD);
	scan_line(w->scan, w->pair.p, w->wanted, &r);
	if (r.verdict != SCAN_OK) {
		doubt->reason = r.reason;          /* two payloads one level short of too deep */
		return false;
	}
	is_pair = expr_test(w->expr, &(struct expr_input){ span_of(w->pair.p, w->pair.n - 1), w->wanted });
	if (is_pair == -1)
		*doubt = (struct join_doubt){ expr_reason(w->expr), expr_gave_up(w->expr) };
	return is_pair == 1;
}
