/* draw_sql - what a drawn pipeline means: a table after each stage, with n, ts, key, payload and w */
#include "draw.h"

#include <ctype.h>
#include <string.h>

/* TEXT with @ as the last table and $.a.b as what stands there; '$.a' in quotes stays. */
static void
put_sql(struct draw *d, const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '@') {
			buf_printf(&d->sql, "s%u", d->tables);
		} else if (p[0] == '$' && p[1] == '.' && (p == text || p[-1] != '\'')) {
			size_t n = 1;

			while (isalnum((unsigned char)p[n]) || p[n] == '.' || p[n] == '_')
				n++;
			buf_printf(&d->sql, "json_extract(payload,'%.*s')", (int)n, p);
			p += n - 1;
		} else {
			buf_char(&d->sql, *p);
		}
	}
}

static void
begin_table(struct draw *d)
{
	buf_printf(&d->sql, "create table s%u as ", d->tables + 1);
}

static void
end_table(struct draw *d)
{
	buf_str(&d->sql, ";\n");
	d->tables++;
}

/* It is said, or nothing is any more. */
static bool
says(struct draw *d, bool it_can)
{
	if (!it_can)
		d->flow &= ~(unsigned)IN_SQL;
	return (d->flow & IN_SQL) != 0;
}

/* The lines of NAME, as they are. */
static void
import(struct draw *d, const char *name)
{
	buf_printf(&d->sql, "drop table if exists lines;\ncreate table lines(payload text);\n.mode ascii\n.separator \"\\001\" \"\\n\"\n"
	    ".import %s lines\n", name);
}

#define TS "unixepoch(json_extract(payload, '$.at')) * 1000"

void
draw_sql_source(struct draw *d, const struct choice *key, const struct choice *delay)
{
	d->flow |= IN_SQL | SQL_ORDER | SQL_LATE;
	if (!says(d, !d->has_bad))
		return;
	import(d, "input.ndjson");
	buf_str(&d->sql, "create table s0 as select rowid n, " TS " ts, ");
	put_sql(d, key->sql);
	buf_printf(&d->sql, " key, payload, coalesce(max(" TS ") over (order by rowid rows between unbounded preceding and 1 preceding) - %s, -1) w "
	    "from lines order by rowid;\n", delay->sql);
}

void
draw_sql_choice(struct draw *d, const struct choice *c, bool new_key)
{
	unsigned needs = c->judges ? SQL_LATE : 0;

	if (strstr(c->sql == NULL ? "" : c->sql, "order by") != NULL)
		needs |= SQL_ORDER;
	if (!says(d, c->sql != NULL && (d->flow & needs) == needs))
		return;
	begin_table(d);
	if (new_key) {
		buf_str(&d->sql, "select n, ts, ");
		put_sql(d, d->key_sql);
		buf_str(&d->sql, " key, payload, -1 w from (");
	}
	put_sql(d, c->sql);
	buf_str(&d->sql, new_key ? ")" : "");
	end_table(d);
}

/* A row for each record in each of its windows. */
static void
put_panes(struct draw *d, const struct window_choice *w)
{
	int64_t n = w->step == 0 ? 1 : (w->size + w->step - 1) / w->step;

	switch (w->kind) {
	case TUMBLING:
	case SLIDING:
		buf_printf(&d->sql, "with recursive i(i) as (select 0 union all select i + 1 from i where i < %jd) "
		    "select (ts - %jd) / %jd * %jd + %jd - i * %jd as a, (ts - %jd) / %jd * %jd + %jd - i * %jd + %jd as b, s%u.* from s%u, i "
		    "where ts < b", (intmax_t)n - 1, (intmax_t)w->offset, (intmax_t)w->step, (intmax_t)w->step, (intmax_t)w->offset,
		    (intmax_t)w->step, (intmax_t)w->offset, (intmax_t)w->step, (intmax_t)w->step, (intmax_t)w->offset, (intmax_t)w->step,
		    (intmax_t)w->size, d->tables, d->tables);
		break;
	case CUMULATIVE:
		buf_printf(&d->sql, "with recursive i(i) as (select 1 union all select i + 1 from i where i < %jd) "
		    "select (ts - %jd) / %jd * %jd + %jd as a, (ts - %jd) / %jd * %jd + %jd + i * %jd as b, s%u.* from s%u, i where ts < b",
		    (intmax_t)n, (intmax_t)w->offset, (intmax_t)w->size, (intmax_t)w->size, (intmax_t)w->offset, (intmax_t)w->offset,
		    (intmax_t)w->size, (intmax_t)w->size, (intmax_t)w->offset, (intmax_t)w->step, d->tables, d->tables);
		break;
	case SESSION:
		buf_printf(&d->sql, "with g as (select *, coalesce(ts > lag(ts) over (partition by key order by ts, n) + %jd, 1) f from s%u), "
		    "h as (select *, sum(f) over (partition by key order by ts, n) a from g) "
		    "select *, max(ts) over (partition by key, a) + %jd b from h", (intmax_t)w->size, d->tables, (intmax_t)w->size);
		break;
	case COUNT:
		buf_printf(&d->sql, "with g as (select *, (row_number() over (partition by key order by n) - 1) / %jd a from s%u) "
		    "select *, max(ts) over (partition by key, a) + 1 b from g", (intmax_t)w->size, d->tables);
		break;
	case GLOBAL:
	case ZONE:
		buf_printf(&d->sql, "select *, 0 a, max(ts) over (partition by key) + 1 b from s%u", d->tables);
		break;
	}
}

void
draw_sql_window(struct draw *d, const struct window_choice *w, const struct column_choice *const *columns, size_t n, bool global)
{
	bool it_can = w->kind != ZONE && (w->kind != COUNT || (w->step == w->size && (d->flow & SQL_ORDER) != 0));

	/* Where a session that is late would have been, SQL has no words for; a count and all there is ask for no time. */
	it_can = it_can && (w->kind == COUNT || w->kind == GLOBAL || (d->flow & (w->kind == SESSION ? IN_TIME : IN_TIME | SQL_LATE)) != 0);
	for (size_t i = 0; i < n; i++)
		it_can = it_can && columns[i]->sql != NULL;
	if (!says(d, it_can))
		return;
	if (global) {
		begin_table(d);
		put_sql(d, "select n, ts, null key, payload, w from @");
		end_table(d);
	}
	begin_table(d);
	buf_str(&d->sql, "select 0 n, b - 1 ts, key, json_object('n',count(*)");
	for (size_t i = 0; i < n; i++) {
		buf_char(&d->sql, ',');
		put_sql(d, columns[i]->sql);
	}
	buf_str(&d->sql, ") payload, -1 w from (");
	put_panes(d, w);
	buf_printf(&d->sql, ") %s group by a, b, key", w->kind == COUNT || w->kind == GLOBAL ? "" : "where b > w");
	end_table(d);
	d->flow &= ~(unsigned)SQL_ORDER;
}

void
draw_sql_join(struct draw *d, const struct join_choice *j, unsigned kind, const struct choice *pairs, const char *right)
{
	unsigned t = d->tables + 1;

	if (!says(d, pairs->sql != NULL))
		return;
	import(d, right);
	buf_printf(&d->sql, "create table R as select rowid n, %s ts, json_extract(payload, '$%s') k, payload from lines;\n"
	    "create index R_k on R(k, ts, n);\n", j->is_table ? "0" : TS, j->on);
	buf_printf(&d->sql, "create table L%u as select *, json_extract(payload, '$%s') k from s%u;\n"
	    "create index L%u_k on L%u(k);\n", t, j->on, d->tables, t, t);
	begin_table(d);
	if (kind == JOIN_SEMI || kind == JOIN_ANTI) {
		buf_printf(&d->sql, "select n, ts, key, payload, w from L%u l where %s exists (select 1 from R r where r.k = l.k and %s and %s)", t,
		    kind == JOIN_ANTI ? "not" : "", j->sql, pairs->sql);
	} else {
		for (int pad = 0; pad < 2; pad++) {        /* what is on the left, then what is on the right alone */
			bool alone = pad == 1;

			if (alone && kind != JOIN_RIGHT && kind != JOIN_FULL)
				break;
			buf_printf(&d->sql, "%s select l.n, %s ts, coalesce(l.k, r.k) key, "
			    "json_object('left', json(l.payload), 'right', json(r.payload)) payload, coalesce(l.w, -1) w ", alone ? " union all " : "", j->ts);
			if (alone)
				buf_printf(&d->sql, "from R r left join (select 0 n, 0 ts, 0 k, null payload, 0 w) l on false where not exists "
				    "(select 1 from L%u l where r.k = l.k and %s and %s)", t, j->sql, pairs->sql);
			else
				buf_printf(&d->sql, "from L%u l %s join R r on r.k = l.k and %s and %s", t,
				    kind == JOIN_LEFT || kind == JOIN_FULL ? "left" : "", j->sql, pairs->sql);
		}
	}
	end_table(d);
	buf_str(&d->sql, "drop table R;\n");
	if (!j->is_table)
		d->flow &= ~(unsigned)SQL_ORDER;
}

void
draw_sql_end(struct draw *d)
{
	d->is_in_sql = (d->flow & IN_SQL) != 0;
	if (!d->is_in_sql)
		return;
	buf_str(&d->sql, ".mode list\n");
	put_sql(d, "select json_array(ts, key, json(payload)) from @;\n");
}
