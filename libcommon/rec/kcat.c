/* kcat - lines of `kcat -J` as records */
#include "rec/kcat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "json/scan.h"
#include "json/text.h"

enum { K_TOPIC, K_PARTITION, K_OFFSET, K_TS, K_TS_TYPE, K_KEY, K_HEADERS, K_PAYLOAD, K_COUNT };

static const char *const members[K_COUNT] = {
	"topic", "partition", "offset", "ts", "tstype", "key", "headers", "payload",
};

struct kcat {
	struct path        paths[K_COUNT];
	struct scan       *scan;
	struct scan       *bare;         /* of payloads */
	struct buf         text;
	char               reason[200];
};

struct kcat *
kcat_new(void)
{
	struct kcat       *k = alloc_zeroed(1, sizeof(*k));
	const struct path *list[K_COUNT];
	struct err         err = ERR_INIT;

	for (int i = 0; i < K_COUNT; i++) {
		char text[20];

		snprintf(text, sizeof(text), ".%s", members[i]);
		if (path_parse(&k->paths[i], text, &err) == -1)
			abort();
		list[i] = &k->paths[i];
	}
	k->scan = scan_new(list, K_COUNT);
	k->bare = scan_new(NULL, 0);
	return k;
}

void
kcat_free(struct kcat *k)
{
	if (k == NULL)
		return;
	scan_free(k->scan);
	scan_free(k->bare);
	for (int i = 0; i < K_COUNT; i++)
		path_release(&k->paths[i]);
	buf_release(&k->text);
	free(k);
}

static void
put_value(struct buf *b, const char *name, const struct scan_value *v)
{
	bool quoted = v->kind == SCAN_STRING;

	buf_lit(b, ",\"");
	buf_str(b, name);
	buf_lit(b, "\":");
	buf_put(b, v->p - quoted, v->n + 2 * (size_t)quoted);
}

/* One item of a valid JSON array at *AT, inside it, which is moved behind it.  False: no string and no null is there. */
static bool
next_item(const char **at, const char *end, struct span *item)
{
	const char *p = *at;

	while (p < end && strchr(" \t\r,", *p) != NULL)
		p++;
	*at = p;
	if (p == end || (*p != '"' && *p != 'n'))
		return false;
	if (*p == 'n') {
		p += 4;
	} else {
		for (p++; *p != '"'; p++)
			if (*p == '\\')
				p++;
		p++;
	}
	*item = span_of(*at, (size_t)(p - *at));
	*at = p;
	return true;
}

/* ["a","1","b",null] → [{"key":"a","value":"1"},{"key":"b","value":null}] */
static const char *
put_headers(struct buf *b, const struct scan_value *v)
{
	const char *at, *end;
	struct span name, value;
	bool        any = false;

	if (v->kind == SCAN_MISSING || v->kind == SCAN_NULL)
		return NULL;
	if (v->kind != SCAN_ARRAY)
		return "headers is no array";
	at = v->p + 1;                   /* behind its bracket */
	end = v->p + v->n;
	while (next_item(&at, end, &name)) {
		if (name.p[0] != '"' || !next_item(&at, end, &value))
			return "headers is no array of names and values";
		buf_str(b, any ? ",{\"key\":" : ",\"headers\":[{\"key\":");
		buf_span(b, name);
		buf_lit(b, ",\"value\":");
		buf_span(b, value);
		buf_char(b, '}');
		any = true;
	}
	if (*at != ']')
		return "headers is no array of names and values";
	if (any)
		buf_char(b, ']');
	return NULL;
}

/* What the message held: that JSON, else the string. */
static void
put_payload(struct kcat *k, struct buf *b, const struct scan_value *v)
{
	struct scan_result s;

	if (v->kind != SCAN_STRING) {
		put_value(b, "payload", v);
		return;
	}
	buf_reset(&k->text);
	buf_reserve(&k->text, 1);        /* the empty string is one, too */
	text_decode(&k->text, span_of(v->p, v->n));
	if (!text_join_lines(k->text.p, k->text.p + k->text.n)) {
		put_value(b, "payload", v);
		return;
	}
	buf_char(&k->text, '\n');
	memset(buf_reserve(&k->text, SCAN_PAD), 0, SCAN_PAD);
	scan_line(k->bare, k->text.p, NULL, &s);
	if (s.verdict != SCAN_OK) {
		put_value(b, "payload", v);
		return;
	}
	buf_lit(b, ",\"payload\":");
	buf_put(b, s.start, (size_t)(s.end - s.start));
}

/* Messages of old brokers. */
static bool
has_no_time(const struct scan_value *type)
{
	return type->kind == SCAN_STRING && span_eq(span_of(type->p, type->n), SPAN_LIT("unknown"));
}

const char *
kcat_put_record(struct kcat *k, const char *line, struct buf *b)
{
	struct scan_value  v[K_COUNT];
	struct scan_result s;
	const char        *wrong;
	size_t             start = b->n;

	scan_line(k->scan, line, v, &s);
	if (s.verdict == SCAN_EMPTY)
		return NULL;
	if (s.verdict == SCAN_BAD) {
		snprintf(k->reason, sizeof(k->reason), "not JSON: %s at byte %zu", s.reason, (size_t)(s.bad - line) + 1);
		return k->reason;
	}
	if (v[K_TOPIC].kind != SCAN_STRING || v[K_PARTITION].kind != SCAN_NUMBER || v[K_OFFSET].kind != SCAN_NUMBER)
		return "no topic, partition and offset: not a line of kcat -J";
	if (v[K_PAYLOAD].kind == SCAN_MISSING)
		return "no payload: not a line of kcat -J";
	for (int i = K_TOPIC; i <= K_OFFSET; i++)
		put_value(b, members[i], &v[i]);
	b->p[start] = '{';
	if (v[K_TS].kind == SCAN_NUMBER && !has_no_time(&v[K_TS_TYPE]))
		put_value(b, "ts", &v[K_TS]);
	if (v[K_KEY].kind != SCAN_MISSING)
		put_value(b, "key", &v[K_KEY]);
	if ((wrong = put_headers(b, &v[K_HEADERS])) != NULL)
		return wrong;
	put_payload(k, b, &v[K_PAYLOAD]);
	buf_char(b, '}');
	return NULL;
}
