/*
 * exec_paths - where the program's lines have their time and key
 *
 * Where the source found them in its own lines, unless options say it.  A path into the record leads nowhere: the
 * program's lines have no record around them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/exec_parts.h"

static bool
is_in_payload(const struct path *p)
{
	return !p->in_record || (p->n_steps > 0 && !p->steps[0].is_index && span_eq(p->steps[0].name, SPAN_LIT("payload")));
}

static int
refuse_path(const char *option, const struct path *p, struct err *err)
{
	return err_set(err, ERR_USAGE, "--%s %s: the command's lines have no record around them: give a path into them, or --each",
	               option, p->text);
}

/* One of hello's.  0: it leads nowhere here, or is none. */
static int
take_path(struct path *to, const char *text)
{
	struct err ignored = ERR_INIT;

	if (path_parse(to, text, &ignored) == -1)
		return 0;
	if (is_in_payload(to))
		return 1;
	path_release(to);
	*to = (struct path){ 0 };
	return 0;
}

static int
find_time(struct exec *e, bool is_stream, struct err *err)
{
	const struct run_conf *c = e->loop->conf;
	const struct hello    *h = &e->loop->hello;
	const struct path     *given = c->inputs[0].time;

	if (given != NULL && !is_in_payload(given))
		return refuse_path("time", given, err);
	e->time_now = c->time_now;
	if (given != NULL) {
		path_copy(&e->time, given);
		e->has_time = true;
		e->time_format = c->time_format;
		e->time_strptime = alloc_string(c->time_strptime);
	} else if (is_stream && !e->time_now && h->time != NULL && strcmp(h->time, "now") != 0 && take_path(&e->time, h->time)) {
		e->has_time = true;
		e->time_format = WHEN_AUTO;
		if (h->time_format != NULL && !when_format_named(h->time_format, &e->time_format)) {
			e->time_format = WHEN_STRPTIME;
			e->time_strptime = alloc_string(h->time_format);
		}
	}
	return 0;
}

static int
find_keys(struct exec *e, bool is_stream, struct err *err)
{
	const struct run_conf *c = e->loop->conf;
	const struct hello    *h = &e->loop->hello;
	size_t                 n = c->n_keys > 0 ? c->n_keys : is_stream ? h->n_keys : 0;

	e->keys = alloc_zeroed(n, sizeof(*e->keys));
	for (size_t i = 0; i < n; i++) {
		if (c->n_keys > 0 && !is_in_payload(&c->keys[i]))
			return refuse_path("key", &c->keys[i], err);
		if (c->n_keys > 0)
			path_copy(&e->keys[i], &c->keys[i]);
		else if (!take_path(&e->keys[i], h->keys[i]))
			return 0;              /* as if it were not known: exec_check_known */
		e->n_keys = i + 1;
	}
	return 0;
}

/* What we say: where those who come behind find them. */
static void
tell_paths(const struct exec *e)
{
	const struct run_conf *c = e->loop->conf;
	struct hello          *h = &e->loop->hello;
	const char            *strptime = e->time_strptime;

	hello_forget_time(h);
	if (e->time_now)
		h->time = alloc_string("now");
	else if (e->has_time)
		h->time = alloc_string(e->time.text);
	if (e->has_time && c->inputs[0].time != NULL)
		h->time_format = alloc_string(c->time_format_text);
	else if (e->has_time && e->time_format != WHEN_AUTO)
		h->time_format = alloc_string(strptime != NULL ? strptime : when_format_name(e->time_format));
	h->n_keys = e->n_keys;
	h->keys = alloc_zeroed(e->n_keys, sizeof(char *));
	for (size_t i = 0; i < e->n_keys; i++)
		h->keys[i] = alloc_string(e->keys[i].text);
}

int
exec_settle(struct exec *e, bool is_stream, struct err *err)
{
	const struct run_conf *c = e->loop->conf;
	struct rec_plan        plan = { .origin = &e->origin };

	if (e->conf->each && is_stream && (c->inputs[0].time != NULL || c->time_now || c->n_keys > 0))
		return err_set(err, ERR_USAGE, "--each keeps time and key, so --%s says nothing", c->n_keys > 0 ? "key" : "time");
	if (!e->conf->each) {
		if (find_time(e, is_stream, err) == -1 || find_keys(e, is_stream, err) == -1)
			return -1;
		tell_paths(e);
		plan.time = e->has_time ? &e->time : NULL;
		plan.arrival_ms = e->time_now ? &e->now_ms : NULL;
		plan.time_format = e->time_format;
		plan.time_strptime = e->time_strptime;
		plan.keys = e->keys;
		plan.n_keys = e->n_keys;
	}
	e->reader = rec_reader_new(&plan);
	return 0;
}

int
exec_check_known(const struct exec *e, const struct rec *rec, struct err *err)
{
	bool knows_time = e->has_time || e->time_now;

	if (e->conf->each)
		return 0;
	if (rec->has_ts && !knows_time)
		return err_set(err, ERR_USAGE, "records have an event time, and nobody says where the command's lines have theirs: "
		               "--time PATH, or --each");
	if (!rec->has_ts && knows_time)
		return err_set(err, ERR_USAGE, "--time: upstream's records have no event time, so there are no watermarks either: "
		               "give it there");
	if (rec->key.p != NULL && e->n_keys == 0)
		return err_set(err, ERR_USAGE, "records have a key, and nobody says where the command's lines have theirs: "
		               "--key PATH, or --each");
	return 0;
}

void
exec_paths_release(struct exec *e)
{
	path_release(&e->time);
	for (size_t i = 0; i < e->n_keys; i++)
		path_release(&e->keys[i]);
	free(e->keys);
	free(e->time_strptime);
}
