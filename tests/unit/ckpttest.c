/* ckpttest - a checkpoint in the folder D, and a sink and a source at work on it */
#include "ckpttest.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"

int
no_dir(void **state)
{
	(void)state;
	return system("rm -rf D");
}

void
shell(const char *command)
{
	assert_int_equal(system(command), 0);
}

bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

int
count_names(const char *dir, const char *part)
{
	DIR           *d = opendir(dir);
	struct dirent *e;
	int            n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += strstr(e->d_name, part) != NULL;
	closedir(d);
	return n;
}

/* ---- a state to save: numbered values, and a position ---- */

void
values_set(struct values *s, int i, int v)
{
	if (i >= s->n)
		s->n = i + 1;
	s->v[i] = v;
	s->n_changed += !s->changed[i];
	s->changed[i] = true;
}

static void
values_entries(void *cookie, uint64_t *all, uint64_t *changed)
{
	struct values *s = cookie;

	*all = (uint64_t)s->n;
	*changed = (uint64_t)s->n_changed;
}

static void
values_save(void *cookie, bool delta, struct snap_writer *w)
{
	struct values *s = cookie;

	buf_printf(&w->buf, "{\"position\":%ld}", s->position);
	snap_line(w);
	for (int i = 0; i < s->n; i++) {
		if (delta && !s->changed[i])
			continue;
		buf_printf(&w->buf, "{\"i\":%d,\"v\":%d}", i, s->v[i]);
		snap_line(w);
	}
}

void
values_settle(void *cookie)
{
	struct values *s = cookie;

	memset(s->changed, 0, sizeof(s->changed));
	s->n_changed = 0;
}

static int
values_line(void *cookie, struct span line, struct err *err)
{
	struct values *s = cookie;
	int            i, v;

	s->lines_taken++;
	if (line.p[line.n] != '\n')
		return err_set(err, ERR_DATA, "no newline");
	if (sscanf(line.p, "{\"position\":%ld}", &s->position) == 1)
		return 0;
	if (sscanf(line.p, "{\"i\":%d,\"v\":%d}", &i, &v) != 2 || i < 0 || i >= MAX_VALUES)
		return err_set(err, ERR_DATA, "no value: %.*s", SPAN_ARGS(line));
	values_set(s, i, v);
	return 0;
}

struct ckpt_saver
saver_of(struct values *s)
{
	return (struct ckpt_saver){ values_entries, values_save, values_settle, s };
}

struct ckpt_loader
loader_of(struct values *s)
{
	return (struct ckpt_loader){ .line = values_line, .cookie = s };
}

void
assert_values(const struct values *a, const struct values *b)
{
	assert_int_equal(a->position, b->position);
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->v, b->v, (size_t)a->n * sizeof(a->v[0]));
}

/* ---- opening ---- */

struct ckpt_conf
conf_of(const char *stage)
{
	return (struct ckpt_conf){
		.dir = "D", .given = "STREAM_CHECKPOINT=D is set", .stage = stage,
		.options = "{\"--key\":\".carrier\"}", .no_sync = true,
	};
}

const struct ckpt_conf *
conf_for(const char *stage)
{
	static struct ckpt_conf all[8];
	size_t i = 0;

	while (all[i].stage != NULL && strcmp(all[i].stage, stage) != 0)
		i++;
	all[i] = conf_of(stage);
	return &all[i];
}

struct ckpt *
open_sink(void)
{
	struct err   err = ERR_INIT;
	struct ckpt *k = ckpt_open_sink(conf_for("sink"), &err);

	if (k == NULL)
		fail_msg("%s", err.text);
	return k;
}

struct ckpt *
sink_at(uint64_t epoch)
{
	struct err   err = ERR_INIT;
	struct ckpt *k = open_sink();

	assert_int_equal(ckpt_register(k, ckpt_next_run(k, 0), epoch, SPAN_LIT("{\"length\":0}"), &err), 0);
	return k;
}

struct ckpt *
open_source(const char *stage)
{
	struct err   err = ERR_INIT;
	struct ckpt *s = ckpt_open_source(conf_for(stage), &err);

	if (s == NULL)
		fail_msg("%s", err.text);
	return s;
}

struct hello
hello_of(const struct ckpt *source)
{
	struct hello h = { 0 };

	h.pipeline = strdup(ckpt_pipeline(source));
	h.run = ckpt_run(source);
	h.epoch = ckpt_epoch(source);
	hello_add_via(&h, "cat", "91ab");
	return h;
}

struct line
line_at(uint64_t epoch)
{
	struct line l = { .sink = sink_at(epoch), .source = open_source("cat") };

	l.hello = hello_of(l.source);
	return l;
}

void
line_end(struct line *l)
{
	ckpt_free(l->source);
	ckpt_free(l->sink);
	hello_release(&l->hello);
}

void
commit_up_to(struct ckpt *k, uint64_t from, uint64_t epoch)
{
	struct err err = ERR_INIT;

	while (from < epoch)
		assert_int_equal(ckpt_commit(k, ++from, SPAN_LIT("{\"length\":7}"), &err), 0);
}

void
assert_error(const void *what, const struct err *err, int status, const char *text)
{
	assert_null(what);
	assert_string_equal(err->text, text);
	assert_int_equal(err->status, status);
}

/* ---- saving ---- */

int
state_load(struct ckpt *ck, struct values *v, struct ckpt_loaded *loaded, struct err *err)
{
	struct ckpt_loader loader = loader_of(v);

	memset(v, 0, sizeof(*v));
	return ckpt_load(ck, &loader, loaded, err);
}

void
state_save(struct ckpt *ck, uint64_t epoch, enum ckpt_last last, struct values *v)
{
	struct ckpt_saver saver = saver_of(v);
	struct err        err = ERR_INIT;

	if (ckpt_save(ck, epoch, last, &saver, &err) != 0)
		fail_msg("%s", err.text);
}

void
state_tidy(struct ckpt *ck, struct values *v)
{
	struct ckpt_saver saver = saver_of(v);
	struct err        err = ERR_INIT;

	if (ckpt_tidy(ck, &saver, &err) != 0)
		fail_msg("%s", err.text);
}

struct line
line_from(uint64_t epoch)
{
	char command[200];

	snprintf(command, sizeof(command), "test ! -e D/commit || sed -i 's/\"epoch\":[0-9]*/\"epoch\":%llu/' D/commit",
	         (unsigned long long)epoch);
	shell(command);
	return line_at(epoch);
}
