/* test_edit - parts of a JSON text set, dropped, picked: the other bytes stay; what is not there is made or not missed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/edit.h"
#include "json/scan.h"

enum { MAX_PATHS = 8 };

struct paths {
	struct path items[MAX_PATHS];
	size_t      n;
};

/* Of words with blanks between. */
static void
paths_init(struct paths *p, const char *text)
{
	struct err err = ERR_INIT;
	char       copy[200], *word, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", text);
	for (p->n = 0; (word = strtok_r(rest, " ", &rest)) != NULL; p->n++)
		if (path_parse(&p->items[p->n], word, &err) == -1)
			fail_msg("%s", err.text);
}

static void
paths_release(struct paths *p)
{
	for (size_t i = 0; i < p->n; i++)
		path_release(&p->items[i]);
}

/* Behind the text a reader finds a newline and more. */
static struct span
padded(struct buf *b, const char *text)
{
	buf_str(b, text);
	buf_char(b, '\n');
	memset(buf_reserve(b, SCAN_PAD), 'x', SCAN_PAD);
	return span_of(b->p, b->n - 1);
}

static void
sets(const char *text, const char *path, const char *value, const char *expected)
{
	struct buf   line = { 0 }, out = { 0 };
	struct span  in = padded(&line, text);
	struct paths p;
	char         reason[200] = "";

	paths_init(&p, path);
	buf_lit(&out, "<");
	if (edit_set(&out, in, &p.items[0], span_str(value), reason, sizeof(reason)) == -1)
		buf_str(&out, reason);
	buf_char(&out, '\0');
	if (strcmp(out.p + 1, expected) != 0)
		fail_msg("%s: %s = %s\n gives    %s\n expected %s", text, path, value, out.p + 1, expected);
	paths_release(&p);
	buf_release(&line);
	buf_release(&out);
}

static void
changes(bool picks, const char *text, const char *paths, const char *expected)
{
	struct buf   line = { 0 }, out = { 0 };
	struct span  in = padded(&line, text);
	struct paths p;

	paths_init(&p, paths);
	if (!picks)
		edit_drop(&out, in, p.items, p.n);
	else if (edit_pick(&out, in, p.items, p.n) == -1)
		buf_lit(&out, "no parts");
	buf_char(&out, '\0');
	if (strcmp(out.p, expected) != 0)
		fail_msg("%s %s of %s\n gives    %s\n expected %s", picks ? "pick" : "drop", paths, text, out.p, expected);
	paths_release(&p);
	buf_release(&line);
	buf_release(&out);
}

static void
drops(const char *text, const char *paths, const char *expected)
{
	changes(false, text, paths, expected);
}

static void
picks(const char *text, const char *paths, const char *expected)
{
	changes(true, text, paths, expected);
}

static void
what_is_set_leaves_all_other_bytes(void **state)
{
	(void)state;
	sets("{\"a\":1}", ".a", "2", "{\"a\":2}");
	sets("{ \"a\" : 1.10 , \"b\":\t[ 1 ] }", ".b", "null", "{ \"a\" : 1.10 , \"b\":\tnull }");
	sets("{\"a\":{\"b\":1,\"c\":\"x,}\"},\"d\":2}", ".a.b", "[3]", "{\"a\":{\"b\":[3],\"c\":\"x,}\"},\"d\":2}");
	sets("[1, 2 ,3]", ".[1]", "\"x\"", "[1, \"x\" ,3]");
	sets("{\"a\":[{\"b\":1},{\"b\":2}]}", ".a[1].b", "9", "{\"a\":[{\"b\":1},{\"b\":9}]}");
	sets("5", ".", "6", "6");
}

static void
what_is_missing_is_made(void **state)
{
	(void)state;
	sets("{}", ".a", "1", "{\"a\":1}");
	sets("{ }", ".a.b", "1", "{\"a\":{\"b\":1} }");
	sets("{\"a\":1 }", ".b", "2", "{\"a\":1,\"b\":2 }");
	sets("null", ".a[2].b", "1", "{\"a\":[null,null,{\"b\":1}]}");
	sets("{\"a\":null}", ".a.b", "1", "{\"a\":{\"b\":1}}");
	sets("[]", ".[0]", "1", "[1]");
	sets("[1]", ".[3]", "4", "[1,null,null,4]");
	sets("{}", ".[\"q\\\"\"]", "1", "{\"q\\\"\":1}");
}

static void
names_are_compared_decoded_and_the_last_one_counts(void **state)
{
	(void)state;
	sets("{\"\\u0061\":1,\"b\":2}", ".a", "3", "{\"\\u0061\":3,\"b\":2}");
	sets("{\"\xc3\xa9\":1}", ".[\"\xc3\xa9\"]", "2", "{\"\xc3\xa9\":2}");
	sets("{\"\\u00e9\":1}", ".[\"\xc3\xa9\"]", "2", "{\"\\u00e9\":2}");
	sets("{\"a\":1,\"b\":0,\"a\":2}", ".a", "3", "{\"a\":1,\"b\":0,\"a\":3}");
	drops("{\"a\":1,\"b\":0,\"\\u0061\":2}", ".a", "{\"b\":0}");
	picks("{\"a\":1,\"b\":0,\"\\u0061\":2}", ".a", "{\"\\u0061\":2}");
	picks("{\"a\":{\"x\":1},\"a\":5}", ".a.x", "{}");
}

static void
a_place_that_cannot_be_is_an_error_in_jqs_words(void **state)
{
	(void)state;
	sets("{\"a\":1}", ".a.b", "1", "Cannot index number with \"b\"");
	sets("\"x\"", ".a", "1", "Cannot index string with \"a\"");
	sets("{\"a\":true}", ".a[0]", "1", "Cannot index boolean with number");
	sets("{\"a\":{}}", ".a[0]", "1", "Cannot index object with number");
	sets("[]", ".a", "1", "Cannot index array with \"a\"");
	sets("{\"z\":0}", ".a[4000000]", "1", "an index more than 1000000 behind the end of the array");
	sets("[1]", ".[2000000]", "1", "an index more than 1000000 behind the end of the array");
}

static void
what_is_dropped_takes_its_comma(void **state)
{
	(void)state;
	drops("{\"a\":1,\"b\":2,\"c\":3}", ".a", "{\"b\":2,\"c\":3}");
	drops("{\"a\":1,\"b\":2,\"c\":3}", ".b", "{\"a\":1,\"c\":3}");
	drops("{\"a\":1,\"b\":2,\"c\":3}", ".c", "{\"a\":1,\"b\":2}");
	drops("{\"a\":1,\"b\":2,\"c\":3}", ".a .c", "{\"b\":2}");
	drops("{\"a\":1,\"b\":2}", ".b .a", "{}");
	drops("{ \"a\" : 1.10 , \"b\" : 2 }", ".a", "{ \"b\" : 2 }");
	drops("{ \"a\" : 1.10 , \"b\" : 2 }", ".b", "{ \"a\" : 1.10 }");
	drops("{\"a\":{\"b\":1, \"c\":2}, \"d\":[1,2 ,3]}", ".a.b .d[0] .d[2]", "{\"a\":{\"c\":2}, \"d\":[2]}");
	drops("[0,1,2,3]", ".[1] .[2]", "[0,3]");
}

static void
what_is_not_there_is_not_missed(void **state)
{
	static const char *const texts[] = { "{ \"a\": 1 }", "5", "null", "[ 1 ]", "\"x\"", "{\"c\":\"s\",\"d\":[]}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		drops(texts[i], ".b .c.x .d[3] .[7]", texts[i]);
}

static void
what_is_picked_is_alone_where_it_stood(void **state)
{
	(void)state;
	picks("{\"a\":1.10,\"b\":{\"c\": [1, 2] ,\"d\":3},\"e\":4}", ".b.c .a", "{\"a\":1.10,\"b\":{\"c\": [1, 2]}}");
	picks("{\"a\":{\"b\":1},\"c\":2}", ".a .a.b", "{\"a\":{\"b\":1}}");
	picks("{\"a\":{\"b\":1},\"c\":2}", ".a.x .c", "{\"c\":2}");
	picks("[0,1,2,3]", ".[1] .[3]", "[null,1,null,3]");
	picks("[[1,2],{\"a\":3,\"b\":4}]", ".[1].a .[0][0]", "[[1],{\"a\":3}]");
	picks("{\"a\":1}", ".b", "{}");
	picks("[1]", ".b", "[]");
	picks("null", ".b", "null");
	picks("17", ".b", "no parts");
	picks("{\"a\":[5]}", ".a[0].x .a[1]", "{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_set_leaves_all_other_bytes),
		cmocka_unit_test(what_is_missing_is_made),
		cmocka_unit_test(names_are_compared_decoded_and_the_last_one_counts),
		cmocka_unit_test(a_place_that_cannot_be_is_an_error_in_jqs_words),
		cmocka_unit_test(what_is_dropped_takes_its_comma),
		cmocka_unit_test(what_is_not_there_is_not_missed),
		cmocka_unit_test(what_is_picked_is_alone_where_it_stood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
