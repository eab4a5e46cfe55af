/* jq - all of jq's language, by libjq */
#include "io/jq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jq.h>

#include "base/alloc.h"
#include "io/leash.h"

enum { CPU_MS = 5000, GRACE_MS = 3000 };

#define MEMORY_BYTES (UINT64_C(1) << 30)

struct program {
	jq_state     *jq;
	struct leash *leash;
	struct err   *err;               /* while it compiles */
};

/* ---- compiling ---- */

/*
 * The first of its messages: "jq: error: foo/0 is not defined at <top-level>, line 1:" and the whole
 * program, of which the user has not written all.
 */
static void
hear(void *cookie, jv message)
{
	static const char intro[] = "jq: error: ", place[] = " at <top-level>, line ", shell[] = " (Unix shell quoting issues?)";
	struct program *p = cookie;
	const char     *text, *end, *quoting;
	unsigned        line = 1;

	if (p->err != NULL && p->err->kind == ERR_NONE && jv_get_kind(message) == JV_KIND_STRING) {
		text = jv_string_value(message);
		if (strncmp(text, intro, sizeof(intro) - 1) == 0)
			text += sizeof(intro) - 1;
		end = strstr(text, place);
		if (end == NULL)
			end = text + strcspn(text, "\n");
		else
			line = (unsigned)strtoul(end + sizeof(place) - 1, NULL, 10);
		quoting = strstr(text, shell);
		if (quoting != NULL && quoting < end)
			end = quoting;
		err_set(p->err, ERR_USAGE, "%.*s", (int)(end - text), text);
		if (line > 1)
			snprintf(p->err->text + strlen(p->err->text), sizeof(p->err->text) - strlen(p->err->text), " in line %u", line);
	}
	jv_free(message);
}

/* libjq reads definitions from ~/.jq by itself: for that moment there is no home. */
static int
compile_without_home(jq_state *jq, const char *text)
{
	char *home = alloc_string(getenv("HOME"));
	int   ok;

	unsetenv("HOME");
	ok = jq_compile(jq, text);
	if (home != NULL)
		setenv("HOME", home, 1);
	free(home);
	return ok;
}

static void
no_memory(void *cookie)
{
	(void)cookie;
	alloc_failed();
}

static void
stop(void *cookie)
{
	struct program *p = cookie;

	jq_halt(p->jq, jv_null(), jv_null());
}

static void
jq_free(void *compiled)
{
	struct program *p = compiled;

	leash_free(p->leash);
	jq_teardown(&p->jq);
	free(p);
}

static void *
jq_compile_program(const char *text, struct err *err)
{
	struct program   *p = alloc_zeroed(1, sizeof(*p));
	struct leash_conf leash = { .cpu_ms = CPU_MS, .grace_ms = GRACE_MS, .memory_bytes = MEMORY_BYTES,
	                            .stop = stop, .cookie = p, .name = "libjq" };

	p->jq = jq_init();
	if (p->jq == NULL)
		alloc_failed();
	p->err = err;
	jq_set_nomem_handler(p->jq, no_memory, NULL);
	jq_set_error_cb(p->jq, hear, p);
	if (!compile_without_home(p->jq, text)) {
		if (err->kind == ERR_NONE)
			err_set(err, ERR_USAGE, "libjq does not take it");
		jq_free(p);
		return NULL;
	}
	p->err = NULL;
	p->leash = leash_new(&leash, err);
	if (p->leash == NULL) {
		jq_free(p);
		return NULL;
	}
	return p;
}

/* ---- running ---- */

/* A message of libjq's, without the text that it could not read; what is no string as JSON.  It is used up. */
static enum foreign_end
say_error(jv message, char *reason, size_t cap)
{
	static const char parsing[] = " (while parsing '";
	const char *text, *end;
	int         n;

	if (jv_get_kind(message) != JV_KIND_STRING)
		message = jv_dump_string(message, 0);
	text = jv_string_value(message);
	end = strstr(text, parsing);
	n = end != NULL ? (int)(end - text) : jv_string_length_bytes(jv_copy(message));
	if ((size_t)n >= cap)
		for (n = (int)cap - 1; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80; n--)
			;
	snprintf(reason, cap, "%.*s", n, text);
	jv_free(message);
	return FOREIGN_ERROR;
}

/* In place of what is nested too deep, libjq writes a remark, and so no JSON. */
static bool
is_cut(struct span text)
{
	const char *p = text.p, *end = text.p + text.n;

	if (memmem(text.p, text.n, "<s", 2) == NULL)
		return false;
	for (; p < end && *p != '<'; p++)
		if (*p == '"')
			for (p++; *p != '"'; p++)
				p += *p == '\\';
	return p < end;
}

/* 1: TAKE wants more; 0: no more; -1: libjq cannot write it. */
static int
give(jv value, bool (*take)(void *, struct span), void *cookie)
{
	jv          text = jv_dump_string(value, 0);
	struct span s = span_of(jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)));
	int         r = is_cut(s) ? -1 : take(cookie, s);

	jv_free(text);
	return r;
}

static enum foreign_end
run(struct program *p, struct span input, bool (*take)(void *, struct span), void *cookie, char *reason, size_t cap)
{
	jv  value = jv_parse_sized(input.p, (int)input.n), message;
	int r;

	if (!jv_is_valid(value)) {
		message = jv_invalid_get_msg(value);
		return say_error(message, reason, cap);
	}
	jq_start(p->jq, value, 0);
	for (;;) {
		value = jq_next(p->jq);
		if (!jv_is_valid(value))
			break;
		r = give(value, take, cookie);
		if (r == -1)
			snprintf(reason, cap, "what it gives is nested too deep");
		if (r != 1)
			return r == 0 ? FOREIGN_DONE : FOREIGN_ERROR;
	}
	message = jv_invalid_get_msg(value);
	if (jv_get_kind(message) == JV_KIND_NULL)
		return FOREIGN_DONE;
	return say_error(message, reason, cap);
}

static enum foreign_end
jq_each(void *compiled, struct span input, bool (*take)(void *cookie, struct span output), void *cookie, char *reason, size_t cap)
{
	struct program  *p = compiled;
	enum foreign_end end;

	if (input.n > INT32_MAX) {
		snprintf(reason, cap, "too long for libjq");
		return FOREIGN_ERROR;
	}
	leash_begin(p->leash);
	end = run(p, input, take, cookie, reason, cap);
	switch (leash_end(p->leash)) {
	case LEASH_GOOD:
		return end;
	case LEASH_TOO_LONG:
		snprintf(reason, cap, "the expression takes more than %d seconds for this record", CPU_MS / 1000);
		break;
	case LEASH_TOO_LARGE:
		snprintf(reason, cap, "the expression takes more than 1 GiB for this record");
		break;
	}
	return FOREIGN_GAVE_UP;
}

const struct foreign_class jq_class = {
	.name = "libjq", .compile = jq_compile_program, .each = jq_each, .free = jq_free,
};
