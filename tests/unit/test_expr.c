/* test_expr - the everyday part of jq's language: what each construct gives, and with which words it fails */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exprtest.h"
#include "optest.h"

struct example {
	const char *expr, *line, *gives;
};

static void
check(const struct example *rows, size_t n, bool envelope, int outcome)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < n; i++) {
		int rc;

		buf_reset(&out);
		rc = exprtest_run(rows[i].expr, rows[i].line, envelope, &out);
		buf_char(&out, '\0');
		if (rc != outcome || strcmp(out.p, rows[i].gives) != 0)
			fail_msg("%s on %s gives %s\nexpected: %s", rows[i].expr, rows[i].line, out.p, rows[i].gives);
	}
	buf_release(&out);
}

#define CHECK(rows, outcome) check(rows, sizeof(rows) / sizeof((rows)[0]), false, outcome)

static void
paths(void **state)
{
	static const struct example rows[] = {
		{ ".", " {\"a\": 1 } ", "{\"a\": 1 }" },
		{ ".a", "{\"a\":1}", "1" },
		{ ".a", "{}", "null" },
		{ ".a", "null", "null" },
		{ ".a.b.c", "{\"a\":{\"b\":null}}", "null" },
		{ ".a.b.c", "{\"a\":{\"b\":{\"c\":[1, 2]}}}", "[1, 2]" },
		{ ".a.b", "{\"b\":1}", "null" },
		{ ".[\"x y\"], .\"x y\", .[\"x\" + \" y\"]", "{\"x y\":1}", "1 1 1" },
		{ ".[0], .[1], .[2], .[-1], .[-3]", "[5,6]", "5 6 null 6 null" },
		{ ".[0.5]", "[5,6]", "null" },
		{ ".a[1].b", "{\"a\":[0,{\"b\":\"x\"}]}", "\"x\"" },
		{ ".a.[1]", "{\"a\":[0,1]}", "1" },
		{ ".[]", "[1,\"a\",[2]]", "1 \"a\" [2]" },
		{ ".[]", "{\"b\":1,\"a\":2}", "1 2" },
		{ ".[].a", "[{\"a\":1},{},null]", "1 null null" },
		{ ".[.i]", "{\"i\":\"j\",\"j\":3}", "3" },
		{ ".[\"a\",\"b\"]", "{\"a\":1,\"b\":2}", "1 2" },
		{ ".a, .if, .and", "{\"a\":1,\"if\":2,\"and\":3}", "1 2 3" },
		{ ".\"\\u0061\"", "{\"\\u0061\":1}", "1" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
}

static void
of_equal_names_the_last_counts(void **state)
{
	static const struct example rows[] = {
		{ ".a", "{\"a\":1,\"b\":2,\"\\u0061\":3}", "3" },
		{ "[.[]], length, keys", "{\"a\":1,\"b\":2,\"\\u0061\":3}", "[3,2] 2 [\"a\",\"b\"]" },
		{ ".x.a", "{\"x\":{\"a\":1,\"a\":3}}", "3" },
		{ "(. | .a), . + {}", "{\"a\":1,\"b\":2,\"a\":3}", "3 {\"a\":3,\"b\":2}" },
		{ "{a: 1, b: 2, a: 3}", "0", "{\"a\":3,\"b\":2}" },
		{ "[.[]] | length", "{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0,\"k\":0,\"l\":0,"
		  "\"m\":0,\"n\":0,\"o\":0,\"p\":0,\"q\":0,\"r\":0,\"a\":1,\"b\":1,\"b\":2}", "18" },
		{ "[.[]]", "{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0,\"k\":0,\"l\":0,"
		  "\"m\":0,\"n\":0,\"o\":0,\"p\":0,\"q\":0,\"r\":0,\"a\":1,\"b\":1,\"b\":2}", "[1,2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
}

static void
what_is_not_computed_keeps_its_bytes(void **state)
{
	static const struct example rows[] = {
		{ ".", "1.10", "1.10" },
		{ ".a", "{\"a\":12345678901234567890123}", "12345678901234567890123" },
		{ "{id}", "{\"id\":9007199254740993}", "{\"id\":9007199254740993}" },
		{ ".s, [.s]", "{\"s\":\"\\u00e9\\/\"}", "\"\\u00e9\\/\" [\"\\u00e9\\/\"]" },
		{ ".s | ltrimstr(\"x\")", "{\"s\":\"\\ud800\"}", "\"\\ud800\"" },
		{ "[.[]]", "[1.0, {\"a\" : 1e2}]", "[1.0,{\"a\" : 1e2}]" },
		{ "tostring, \"\\(.)\"", "{\"a\": 1.10, \"b\": [ ]}", "\"{\\\"a\\\":1.10,\\\"b\\\":[]}\" \"{\\\"a\\\":1.10,\\\"b\\\":[]}\"" },
		{ "tonumber", "\"1.10\"", "1.10" },
		{ "1.50, 100000000000000000000", "0", "1.50 100000000000000000000" },
		/* They are compared by all their digits … */
		{ ".[0] == .[1], .[0] < .[1]", "[9007199254740992,9007199254740993]", "false true" },
		{ ". == 9007199254740993", "9007199254740993", "true" },
		{ ". == 1, . == 1.00, . == 10e-1, . < 1.0001", "1.0", "true true true true" },
		{ ".[0] < .[1]", "[0.1234567890123456788,0.1234567890123456789]", "true" },
		/* … and computed with as doubles. */
		{ ". + 0", "9007199254740993", "9007199254740992" },
		{ ".[0] + .[1]", "[0.1,0.2]", "0.30000000000000004" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
}

static void
numbers_that_are_computed_are_written_as_jq_does(void **state)
{
	static const struct example rows[] = {
		{ ".[] * 1", "[0,-0,1.50,1e3,123456789012345678,0.1,-2.5]", "0 -0 1.5 1000 123456789012345680 0.1 -2.5" },
		{ ".[] * 1", "[1e15,1e16,1e17,12345e16,0.0001,0.00001,1.5e-7]", "1000000000000000 1e+16 1e+17 1.2345e+20 0.0001 1e-05 1.5e-07" },
		{ ".[] * 1", "[5e-324,1.7976931348623157e308,4.35,2.675,1e400,-1e400]",
		  "5e-324 1.7976931348623157e+308 4.35 2.675 1.7976931348623157e+308 -1.7976931348623157e+308" },
		{ "1 / 3, 2 / 3 * 3, 1e1000 - 1e1000", "0", "0.3333333333333333 2 null" },
		{ "floor, ceil, round", "-2.5", "-3 -2 -3" },
		{ "floor, ceil, round", "1e300", "1e+300 1e+300 1e+300" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
}

/* What the C library says is the shortest text that reads back. */
static void
numbers_that_are_computed_have_the_fewest_digits_that_read_back(void **state)
{
	uint64_t   random = 20130101;
	struct buf out = { 0 };
	char       text[40], shortest[40];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = optest_random(&random);
		double   d;
		int      n = 1, digits = 0;

		/* From 2^-16 to 2^53; every eighth a power of two or next to one. */
		bits = (bits >> 12) | (uint64_t)(1023 - 16 + (int)(bits % 70)) << 52;
		if (i % 8 == 0)
			bits = (bits >> 52 << 52) + (uint64_t)(i / 8 % 3) - 1;
		memcpy(&d, &bits, sizeof(d));
		if (i % 3 == 0)
			d = (double)(int64_t)(d * 1000) / 1000;
		do
			snprintf(shortest, sizeof(shortest), "%.*e", n++ - 1, d);
		while (strtod(shortest, NULL) != d);
		snprintf(text, sizeof(text), "%.17g", d);
		buf_reset(&out);
		assert_int_equal(exprtest_run(". * 1", text, false, &out), EXPRTEST_OK);
		buf_char(&out, '\0');
		if (strtod(out.p, NULL) != d)
			fail_msg("%s is written as %s", text, out.p);
		for (const char *p = out.p + strspn(out.p, "-0."); *p != '\0' && *p != 'e'; p++)
			digits += *p != '.';
		for (const char *p = out.p + strcspn(out.p, "e"); strchr(out.p, '.') == NULL && p > out.p && p[-1] == '0'; p--)
			digits--;
		if (digits > n - 1)
			fail_msg("%s is written as %s: %d digits, and %s would do", text, out.p, digits, shortest);
	}
	buf_release(&out);
}

static void
operators(void **state)
{
	static const struct example rows[] = {
		{ "1 + 2 * 3, (1 + 2) * 3, 7 - 2 - 1, 8 / 2 / 2, -1 - -2, 2 * -3", "0", "7 9 4 2 1 -6" },
		{ "7 % 4, -7 % 4, 7 % -4, 5.9 % 2.9", "0", "3 -3 3 1" },
		{ "null + 1, 1 + null, \"a\" + \"b\", [1] + [2], {a:1} + {b:2} + {a:3}", "0", "1 1 \"ab\" [1,2] {\"a\":3,\"b\":2}" },
		{ "[1,2,1,3] - [1,4]", "0", "[2,3]" },
		{ "\"ab\" * 3, \"ab\" * 2.7, \"ab\" * 0.1, \"ab\" * 0, 2 * \"x\"", "0", "\"ababab\" \"abab\" \"ab\" null \"xx\"" },
		{ "{a:{b:1,c:2}} * {a:{b:3},d:4}", "0", "{\"a\":{\"b\":3,\"c\":2},\"d\":4}" },
		{ "\"a,b\" / \",\"", "0", "[\"a\",\"b\"]" },
		{ "-.a, 3 + -.a", "{\"a\":2}", "-2 1" },
		{ ".a-1", "{\"a\":2}", "1" },
		{ "[(1,2) + (10,20)]", "0", "[11,12,21,22]" },
		{ "null < false, false < true, true < 0, 0 < \"\", \"\" < [], [] < {}", "0", "true true true true true true" },
		{ "\"a\" < \"b\", \"a\" < \"aa\", \"Z\" < \"a\", [1] < [1,0], {a:2} < {b:1}, {a:1,b:0} > {b:1}", "0", "true true true true true false" },
		{ "{a:1,b:2} == {b:2,a:1.0}, [1] != [1], \"\\u0061\" == \"a\"", "0", "true false true" },
		{ "(true,false) and (true,null), ((null,1) or (false,2))", "0", "true false false false true true" },
		{ "false and .a, (true or .a)", "0", "false true" },
		{ "1 == 1 and 2 == 2 or 1 == 2, (true | not), (null, 0 | not)", "0", "true false true false" },
		{ ".a // \"none\", (.b // .c // 3), [(false, null, 1) // 2], [empty // 2]", "{\"a\":false}", "\"none\" 3 [1] [2]" },
		{ "1, 2 | . * 10", "0", "10 20" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
}

static void
if_and_select(void **state)
{
	static const struct example rows[] = {
		{ "if . > 2 then \"big\" elif . > 1 then \"middle\" else \"small\" end", "2", "\"middle\"" },
		{ "if . then 1 end", "false", "false" },
		{ "[if (true,null,1) then \"a\",\"b\" else \"c\" end]", "0", "[\"a\",\"b\",\"c\",\"a\",\"b\"]" },
		{ "if empty then 1 else 2 end", "0", "" },
		{ ".[] | select(. > 1)", "[1,2,3]", "2 3" },
		{ "select(.a == \"x\" and .b > 3)", "{\"a\":\"x\",\"b\":4}", "{\"a\":\"x\",\"b\":4}" },
		{ "select(.[] > 1)", "[1,2,3]", "[1,2,3] [1,2,3]" },
		{ "[.[] | values], empty", "[1,null,false]", "[1,false]" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
}

static void
question_mark_catches_what_goes_wrong_in_front_of_it(void **state)
{
	static const struct example rows[] = {
		{ ".a?, 1", "5", "1" },
		{ "[.[] | .a?]", "[{\"a\":1},2,{\"a\":3}]", "[1,3]" },
		{ "[(1, .a, 2)?]", "5", "[1]" },
		{ ".a?.b?, .[\"a\"]?, .[0]?, .[]?", "5", "" },
		{ "[.a.b?, .a[.k]?, .a[\"x\",\"y\"]?, .a[]?, .a[0]?, (.a.b.c)?]", "{\"a\":5,\"k\":\"z\"}", "[]" },
		{ "(.a | tonumber)? // 0", "{\"a\":\"x\"}", "0" },
	};
	static const struct example behind[] = {
		/* Of a path it is the last step that may fail. */
		{ ".a.b?", "5", "Cannot index number with \"a\"" },
		{ ".a[.b.c]?", "{\"b\":1}", "Cannot index number with \"c\"" },
		{ ".[.a]?", "5", "Cannot index number with \"a\"" },
		{ ".a? | .b", "{\"a\":1}", "Cannot index number with \"b\"" },
		{ "[.[]?] | .[0].x", "[1]", "Cannot index number with \"x\"" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
	CHECK(behind, EXPRTEST_ERROR);
}

static void
making_things(void **state)
{
	static const struct example rows[] = {
		{ "{a, b: .c, \"d e\", \"f\": 1, (.c): 2, \"g\\(1)\": 3}", "{\"a\":1,\"c\":\"x\",\"d e\":4}",
		  "{\"a\":1,\"b\":\"x\",\"d e\":4,\"f\":1,\"x\":2,\"g1\":3}" },
		{ "{a: (1,2), b: (3,4)}", "0", "{\"a\":1,\"b\":3} {\"a\":1,\"b\":4} {\"a\":2,\"b\":3} {\"a\":2,\"b\":4}" },
		{ "{(\"a\",\"b\"): (1,2)}", "0", "{\"a\":1} {\"a\":2} {\"b\":1} {\"b\":2}" },
		{ "{if: 1, a: .x | length, b: 1 + 1, c: -1,}", "{\"x\":\"abc\"}", "{\"if\":1,\"a\":3,\"b\":2,\"c\":-1}" },
		{ "[], {}, [[]], [1, [2, {a: []}]]", "0", "[] {} [[]] [1,[2,{\"a\":[]}]]" },
		{ "[.[] | [., . * 2]]", "[1,2]", "[[1,2],[2,4]]" },
		{ "\"\\(.a) and \\(.b): \\([.a])\"", "{\"a\":\"x\",\"b\":1.50}", "\"x and 1.50: [\\\"x\\\"]\"" },
		{ "\"\\(1,2)-\\(3,4)\"", "0", "\"1-3\" \"2-3\" \"1-4\" \"2-4\"" },
		{ "\"a\\\"b\\\\\\n\\u00e9\\ud83d\\ude00\"", "0", "\"a\\\"b\\\\\\né😀\"" },
		{ "\"\\(\"x\" + \"\\(1 + 1)\")\"", "0", "\"x2\"" },
		{ "map(. + 1), add, (map(tostring) | add), ([] | add)", "[1,2,3]", "[2,3,4] 6 \"123\" null" },
		{ ".[0].a, {a: 1}.a, [1,2][1], \"x\".y?", "[{\"a\":3}]", "3 1 2" },
		{ "# a remark\n .a # another", "{\"a\":1}", "1" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
}

static void
changing_a_part(void **state)
{
	static const struct example rows[] = {
		{ ".a = 1", "{\"b\": 1.50, \"a\":{}}", "{\"b\":1.50,\"a\":1}" },
		{ ".a = .b", "{\"b\":[1, 2]}", "{\"b\":[1, 2],\"a\":[1, 2]}" },
		{ ".a.b = 1, .[\"x y\"] = 2", "{}", "{\"a\":{\"b\":1}} {\"x y\":2}" },
		{ ".a[2] = 1, .a[-1] = 9, .a[0].b = 3", "{\"a\":[{}]}", "{\"a\":[{},null,1]} {\"a\":[9]} {\"a\":[{\"b\":3}]}" },
		{ ".a = (1,2)", "null", "{\"a\":1} {\"a\":2}" },
		{ ".a += 1, .a -= 1, .a *= 2, .a /= 2, .a %= 3", "{\"a\":4}", "{\"a\":5} {\"a\":3} {\"a\":8} {\"a\":2} {\"a\":1}" },
		{ ".a //= 3, .b //= 3", "{\"a\":1}", "{\"a\":1} {\"a\":1,\"b\":3}" },
		{ ".a |= . + 1, .b |= (.a, 2), .a |= empty, .c |= empty", "{\"a\":1}", "{\"a\":2} {\"a\":1,\"b\":null} {} {\"a\":1}" },
		{ ".a = .b // 7", "{}", "{\"a\":null}" },
		{ ".total = (.items | map(.p) | add) | del(.items)", "{\"items\":[{\"p\":1},{\"p\":2.5}],\"id\":7}", "{\"id\":7,\"total\":3.5}" },
		{ "del(.a), del(.a, .c.d), del(.b[0]), del(.b[-1]), del(.b[9]), del(.x.y)", "{\"a\":1,\"b\":[1,2],\"c\":{\"d\":1}}",
		  "{\"b\":[1,2],\"c\":{\"d\":1}} {\"b\":[1,2],\"c\":{}} {\"a\":1,\"b\":[2],\"c\":{\"d\":1}} {\"a\":1,\"b\":[1],\"c\":{\"d\":1}} "
		  "{\"a\":1,\"b\":[1,2],\"c\":{\"d\":1}} {\"a\":1,\"b\":[1,2],\"c\":{\"d\":1}}" },
		{ "[.[] | .n = 1]", "[{},{\"n\":2}]", "[{\"n\":1},{\"n\":1}]" },
	};
	static const struct example errors[] = {
		{ ".a.b = 1", "{\"a\":5}", "Cannot index number with \"b\"" },
		{ "del(.a)", "[1]", "Cannot index array with \"a\"" },
		{ ".a[-1] = 1", "{}", "Out of bounds negative array index" },
		{ ".a[999999999] = 1", "{}", "the expression takes too much memory for this record" },
	};
	static const struct example no_place[] = {
		{ ". = 1", "0", "byte 1: in the everyday part of jq's language only places such as .a.b or .a[0] can be changed" },
		{ ".[] = 1", "0", "byte 1: in the everyday part of jq's language only places such as .a.b or .a[0] can be changed" },
		{ "1 | (.a, .b) = 1", "0", "byte 5: in the everyday part of jq's language only places such as .a.b or .a[0] can be changed" },
		{ "del(.a[])", "0", "byte 1: in the everyday part of jq's language only places such as .a.b or .a[0] can be changed" },
		{ "del(.a[0], .a[1])", "0", "byte 1: of several places to delete none may be an item of an array" },
		{ ".a = 1 = 2", "0", "byte 8: assignments do not follow each other: write .a = 1 | .b = 2" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
	CHECK(errors, EXPRTEST_ERROR);
	CHECK(no_place, EXPRTEST_NO_EXPR);
}

static void
functions(void **state)
{
	static const struct example rows[] = {
		{ ".[] | length", "[null,\"aé€\",[1,2],{\"a\":1},-5]", "0 3 2 1 5" },
		{ "map(type)", "[null,true,1,\"\",[],{}]", "[\"null\",\"boolean\",\"number\",\"string\",\"array\",\"object\"]" },
		{ "has(\"a\"), has(\"b\"), has(\"a\",\"c\")", "{\"a\":null}", "true false true false" },
		{ "has(0), has(1), has(-1)", "[1]", "true false false" },
		{ "has(\"a\"), has(0)", "null", "false false" },
		{ "startswith(\"ab\"), endswith(\"bc\"), startswith(\"\"), endswith(\"abcd\")", "\"abc\"", "true true true false" },
		{ "ltrimstr(\"a\"), rtrimstr(\"c\"), ltrimstr(\"b\"), ltrimstr(1)", "\"abc\"", "\"bc\" \"ab\" \"abc\" \"abc\"" },
		{ "split(\", \"), split(\"\"), (\"\" | split(\",\"))", "\"a, b\"", "[\"a\",\"b\"] [\"a\",\",\",\" \",\"b\"] []" },
		{ "split(\"é\")", "\"xé\\u00e9y\"", "[\"x\",\"\",\"y\"]" },
		{ "join(\",\"), ([] | join(\"-\")), join(null)", "[1,null,\"a\",true]", "\"1,,a,true\" \"\" \"1atrue\"" },
		{ ".[] | tonumber", "[\" 12 \",\"-0.5e3\",7,\"007\",\"+1\",\".5\"]", "12 -0.5e3 7 7 1 0.5" },
		{ "map(tostring)", "[1.0,\"x\",null,[1, 2]]", "[\"1.0\",\"x\",\"null\",\"[1,2]\"]" },
		{ "ascii_downcase, ascii_upcase", "\"aBÉ[`\"", "\"abÉ[`\" \"ABÉ[`\"" },
		{ "any, all, any(. == null), all(. != 5), any(.[]; . == 1), all(1, null; .)", "[1,null]", "true false true true true false" },
		{ "any, all", "[]", "false true" },
		{ "any(. > 1)", "[2,\"x\"]", "true" },
		{ "keys", "{\"b\":1,\"a\":2}", "[\"a\",\"b\"]" },
		{ "keys, (.[0] | keys)", "[[7,8]]", "[0] [0,1]" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_OK);
}

static void
errors_are_in_jqs_words(void **state)
{
	static const struct example rows[] = {
		{ ".a", "5", "Cannot index number with \"a\"" },
		{ ".a.b", "{\"a\":true}", "Cannot index boolean with \"b\"" },
		{ ".[0]", "{}", "Cannot index object with number" },
		{ ".[0].a", "[[]]", "Cannot index array with \"a\"" },
		{ ".[{}]", "[]", "Cannot index array with object" },
		{ ".[]", "null", "Cannot iterate over null (null)" },
		{ ".[]", "\"abcdefghijklmnop\"", "Cannot iterate over string (\"abcdefghij...)" },
		{ ".[]", "\"ééééééééé\"", "Cannot iterate over string (\"ééééé...)" },
		{ ". + 1", "{}", "object ({}) and number (1) cannot be added" },
		{ ". - 1", "\"a\"", "string (\"a\") and number (1) cannot be subtracted" },
		{ ". * []", "1", "number (1) and array ([]) cannot be multiplied" },
		{ "1 / .", "0", "number (1) and number (0) cannot be divided because the divisor is zero" },
		{ "1 % .", "0.5", "number (1) and number (0.5) cannot be divided (remainder) because the divisor is zero" },
		{ "-.", "\"a\"", "string (\"a\") cannot be negated" },
		{ "length", "true", "boolean (true) has no length" },
		{ "keys", "1", "number (1) has no keys" },
		{ "has(0)", "{}", "Cannot check whether object has a number key" },
		{ "startswith(\"a\")", "1", "startswith() requires string inputs" },
		{ "split(1)", "\"a\"", "split input and separator must be strings" },
		{ "join(\",\")", "[\"a\",[1]]", "string (\"a,\") and array ([1]) cannot be added" },
		{ "tonumber", "\"abc\"", "string (\"abc\") cannot be parsed as a number" },
		{ "tonumber", "null", "null (null) cannot be parsed as a number" },
		{ "floor", "null", "null (null) number required" },
		{ "ascii_downcase", "1", "ascii_downcase input must be a string" },
		{ "{(.): 1}", "1", "Object keys must be strings, not number (1)" },
		{ ".[] | 1, .a", "[null,1]", "Cannot index number with \"a\"" },
	};

	(void)state;
	CHECK(rows, EXPRTEST_ERROR);
}

static void
what_is_no_expression_says_where(void **state)
{
	static const struct example rows[] = {
		{ "", "0", "an empty expression" },
		{ " # nothing", "0", "an empty expression" },
		{ ".a >", "0", "byte 5: here it ends; expected a value" },
		{ ".a b", "0", "byte 4: unexpected b; expected an operator, or the end" },
		{ "(.a", "0", "byte 4: here it ends; expected )" },
		{ "\"abc", "0", "byte 1: the string does not end" },
		{ "\"a\\qb\"", "0", "byte 3: no JSON escape" },
		{ "\"a\\(1\"", "0", "byte 6: unexpected \"; expected )" },
		{ "1 < 2 < 3", "0", "byte 7: comparisons do not follow each other: write a < b and b < c" },
		{ "&", "0", "byte 1: & means nothing here" },
		{ "if 1 then 2", "0", "byte 12: here it ends; expected else" },
		{ "{a b}", "0", "byte 4: unexpected b; expected }" },
		{ "$.", "0", "byte 1: after $. comes a member of the record, as in $.topic" },
		{ "\xff", "0", "not UTF-8" },
		{ "select(. == 1", "0", "byte 14: here it ends; expected )" },
	};
	static const struct example uncommon[] = {
		{ "reduce .[] as $x (0; . + $x)", "0", "byte 1: reduce" },
		{ ".a as $x | $x", "0", "byte 4: a variable" },
		{ "$x", "0", "byte 1: a variable" },
		{ ".a[1:2]", "0", "byte 5: a slice" },
		{ ".a[:2]", "0", "byte 4: a slice" },
		{ ".. | .a", "0", "byte 1: .." },
		{ "@csv", "0", "byte 1: a format" },
		{ "def f: 1; f", "0", "byte 1: def" },
		{ "try 1", "0", "byte 1: try" },
		{ ".a | test(\"x\")", "0", "byte 6: test/1" },
		{ "select(1; 2)", "0", "byte 1: select/2" },
	};
	struct buf out = { 0 };

	(void)state;
	CHECK(rows, EXPRTEST_NO_EXPR);
	for (size_t i = 0; i < sizeof(uncommon) / sizeof(uncommon[0]); i++) {
		char expected[200];

		snprintf(expected, sizeof(expected), "%s: not in the everyday part of jq's language", uncommon[i].gives);
		buf_reset(&out);
		assert_int_equal(exprtest_run(uncommon[i].expr, "0", false, &out), EXPRTEST_NO_EXPR);
		buf_char(&out, '\0');
		assert_string_equal(out.p, expected);
	}
	buf_release(&out);
}

static void
paths_into_the_record(void **state)
{
	static const struct example bare[] = {
		{ "$.topic, $.offset, $.key, $.window.start", "{\"a\":1}", "\"t.ndjson\" 7 null null" },
		{ "$.payload.a + .a", "{\"a\":1}", "2" },
	};
	static const struct example envelope[] = {
		{ "$.topic, $.ts, $.window.start + 1, $[\"key\"]",
		  "{\"topic\":\"t\",\"ts\":5,\"key\":\"k\",\"window\":{\"start\":1,\"end\":2},\"payload\":{\"a\":1}}", "\"t\" 5 2 \"k\"" },
		{ "$.headers[] | select(.key == \"h\") | .value", "{\"headers\":[{\"key\":\"g\",\"value\":\"1\"},{\"key\":\"h\",\"value\":\"2\"}],\"payload\":0}",
		  "\"2\"" },
		{ ".a | $.topic", "{\"topic\":\"t\",\"payload\":{\"a\":1}}", "\"t\"" },
		{ "{a, at: $.ts}", "{\"ts\":5,\"payload\":{\"a\":1}}", "{\"a\":1,\"at\":5}" },
	};

	(void)state;
	check(bare, 2, false, EXPRTEST_OK);
	check(envelope, sizeof(envelope) / sizeof(envelope[0]), true, EXPRTEST_OK);
}

static size_t
wants(const char *text)
{
	struct err   err = ERR_INIT;
	struct expr *e = expr_compile(text, NULL, &err);
	size_t       n;

	assert_non_null(e);
	expr_wants(e, &n);
	expr_free(e);
	return n;
}

static void
the_reader_looks_up_paths_from_the_top_once(void **state)
{
	struct buf many = { 0 };

	(void)state;
	assert_int_equal(wants(".a == \"x\" and .b.c > 3 and .a != $.topic"), 3);
	assert_int_equal(wants("select(.a > 1) | .b"), 1);
	assert_int_equal(wants(".a[] | .b"), 1);
	assert_int_equal(wants(".[0].a, .[0].a, .[-1]"), 1);
	assert_int_equal(wants("{a, b: .c, d: [.e]}"), 3);
	assert_int_equal(wants("."), 0);
	for (int i = 0; i < 100; i++)
		buf_printf(&many, "%s.a%d", i == 0 ? "" : " // ", i);
	buf_char(&many, '\0');
	assert_int_equal(wants(many.p), EXPR_MAX_WANTS);
	many.n = 0;
	for (int i = 0; i < 100; i++)
		buf_printf(&many, "%s.a%d", i == 0 ? "" : " + ", i);
	buf_char(&many, '\0');
	{
		struct buf out = { 0 };

		assert_int_equal(exprtest_run(many.p, "{\"a0\":1,\"a99\":2}", false, &out), EXPRTEST_OK);
		assert_int_equal(out.n, 1);
		assert_memory_equal(out.p, "3", 1);
		buf_release(&out);
	}
	buf_release(&many);
}

/* ---- limits ---- */

static void
ends_with(const char *expr, const char *line, int outcome, const char *words)
{
	struct buf out = { 0 };

	assert_int_equal(exprtest_run(expr, line, false, &out), outcome);
	buf_char(&out, '\0');
	if (strstr(out.p, words) == NULL)
		fail_msg("%.100s gives %.200s, expected: %s", expr, out.p, words);
	buf_release(&out);
}

static char *
repeated(const char *head, const char *text, int n, const char *tail)
{
	struct buf b = { 0 };

	buf_str(&b, head);
	for (int i = 0; i < n; i++)
		buf_str(&b, text);
	buf_str(&b, tail);
	buf_char(&b, '\0');
	return b.p;
}

static void
a_hostile_expression_ends_with_an_error(void **state)
{
	char *text;

	(void)state;
	ends_with("\"abc\" * 1e9", "0", EXPRTEST_ERROR, "too much memory");
	ends_with("\"abc\" * 1e9 | .x?", "0", EXPRTEST_ERROR, "too much memory");
	/* Small inside, large when it is written. */
	text = repeated("[.]", " | [., .]", 40, "");
	ends_with(text, "1", EXPRTEST_ERROR, "the expression ");
	free(text);
	text = repeated("[.]", " | [., .]", 40, " | . == 1 or . == .");
	ends_with(text, "1", EXPRTEST_ERROR, "too many steps");
	free(text);
	char *loops = repeated("", " | (.,.,.,.,.,.,.,.,.,.)", 12, "");
	char *both = repeated("any(1", loops, 1, "; . == 2)");

	ends_with(both, "1", EXPRTEST_ERROR, "too many steps");
	free(both);
	free(loops);
}

static void
an_expression_has_a_size(void **state)
{
	char *text;

	(void)state;
	text = repeated("", "(", 300, "1");
	ends_with(text, "1", EXPRTEST_NO_EXPR, "too many brackets inside each other");
	free(text);
	text = repeated("", "-", 300, "1");
	ends_with(text, "1", EXPRTEST_NO_EXPR, "too many brackets");
	free(text);
	text = repeated("1", " + 1", 3000, "");
	ends_with(text, "1", EXPRTEST_NO_EXPR, "the expression is too long");
	free(text);
	text = repeated("1", " | .", 900, "");
	ends_with(text, "1", EXPRTEST_OK, "1");
	free(text);
	text = repeated("(1,2)", " | (.,empty)", 300, "");
	ends_with(text, "1", EXPRTEST_OK, "1 2");
	free(text);
}

static void
a_deep_value_is_no_matter(void **state)
{
	char      *deep = repeated("", "[", 1000, ""), *line = repeated(deep, "]", 1000, "");
	struct buf out = { 0 };

	(void)state;
	assert_int_equal(exprtest_run(". == ., tostring == tostring, (.[0] | length)", line, false, &out), EXPRTEST_OK);
	buf_char(&out, '\0');
	assert_string_equal(out.p, "true true 1");
	buf_release(&out);
	free(deep);
	free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(of_equal_names_the_last_counts),
		cmocka_unit_test(what_is_not_computed_keeps_its_bytes),
		cmocka_unit_test(numbers_that_are_computed_are_written_as_jq_does),
		cmocka_unit_test(numbers_that_are_computed_have_the_fewest_digits_that_read_back),
		cmocka_unit_test(operators),
		cmocka_unit_test(if_and_select),
		cmocka_unit_test(question_mark_catches_what_goes_wrong_in_front_of_it),
		cmocka_unit_test(making_things),
		cmocka_unit_test(changing_a_part),
		cmocka_unit_test(functions),
		cmocka_unit_test(errors_are_in_jqs_words),
		cmocka_unit_test(what_is_no_expression_says_where),
		cmocka_unit_test(paths_into_the_record),
		cmocka_unit_test(the_reader_looks_up_paths_from_the_top_once),
		cmocka_unit_test(a_hostile_expression_ends_with_an_error),
		cmocka_unit_test(an_expression_has_a_size),
		cmocka_unit_test(a_deep_value_is_no_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
