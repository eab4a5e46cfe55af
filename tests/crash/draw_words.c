/* draw_words - a drawn stage, word by word; and the line as one can paste it */
#include "draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *
draw_text(struct draw *d, const char *fmt, ...)
{
	va_list ap;
	char   *at = d->pool + d->used;
	int     n;

	va_start(ap, fmt);
	n = vsnprintf(at, sizeof(d->pool) - d->used, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 1 > sizeof(d->pool) - d->used)
		die("a drawn pipeline has too many words");
	d->used += (size_t)n + 1;
	return at;
}

void
draw_word(struct draw *d, const char *word)
{
	if (d->args + 1 >= MAX_ARGS)
		die("a drawn stage has too many words");
	d->pipeline.stages[d->stages - 1].argv[d->args++] = word;
}

void
draw_words(struct draw *d, const char *const *words, size_t cap)
{
	for (size_t i = 0; i < cap && words[i] != NULL; i++)
		draw_word(d, words[i]);
}


void
draw_stage(struct draw *d, const char *command, const char *role)
{
	static const char ours[] = "stream-";
	struct stage     *s = &d->pipeline.stages[d->stages];

	s->name = draw_text(d, "%s%u", command + (role == NULL ? 0 : strlen(ours)), d->stages);
	s->role = role;
	d->stages++;
	d->args = 0;
	draw_word(d, command);
	if (role != NULL && strcmp(role, "sink") != 0) {
		draw_word(d, "--name");
		draw_word(d, s->name);
	}
	if (role != NULL && d->has_bad) {
		draw_word(d, "--dead-letter");
		draw_word(d, d->pipeline.outputs[d->outputs++] = draw_text(d, "dead%u.ndjson", d->stages - 1));
	}
}

void
draw_stage_end(struct draw *d)
{
	d->pipeline.stages[d->stages - 1].argv[d->args] = NULL;
}

static void
put_quoted(struct buf *to, const char *word)
{
	if (word[strcspn(word, " \t'\"\\$&|;<>()*?[]{}~#!`")] == '\0') {
		buf_str(to, word);
		return;
	}
	buf_char(to, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			buf_str(to, "'\\'");
		buf_char(to, *word);
	}
	buf_char(to, '\'');
}

static void
put_stage(const struct draw *d, const struct stage *s, struct buf *to)
{
	for (const char *const *arg = s->argv; *arg != NULL; arg++) {
		if (arg > s->argv)
			buf_char(to, ' ');
		if (strcmp(*arg, FIRST_OUT) == 0) {
			buf_str(to, "<(");
			put_stage(d, &d->pipeline.stages[0], to);
			buf_char(to, ')');
		} else {
			put_quoted(to, *arg);
		}
	}
}

void
draw_line(const struct draw *d, struct buf *to)
{
	for (unsigned i = (d->pipeline.traits & FORKED) != 0 ? 1 : 0; i < d->stages; i++) {
		put_stage(d, &d->pipeline.stages[i], to);
		buf_str(to, i + 1 < d->stages ? " | " : "");
	}
	buf_char(to, '\0');
}
