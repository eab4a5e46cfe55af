/* test_scan - the scanner: what is JSON, and where the wanted values are */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "json/scan.h"
#include "scan_compare.h"

struct json_case {
	const char       *text;
	size_t            n;
	enum scan_verdict verdict;
	int               line;
};

static const struct json_case cases[] = {
#define OK(text)    { text, sizeof(text) - 1, SCAN_OK, __LINE__ },
#define BAD(text)   { text, sizeof(text) - 1, SCAN_BAD, __LINE__ },
#define BLANK(text) { text, sizeof(text) - 1, SCAN_EMPTY, __LINE__ },
#include "json_cases.inc"
#undef OK
#undef BAD
#undef BLANK
};

enum { N_CASES = sizeof(cases) / sizeof(cases[0]) };

/* --- a scanner and its paths --- */

struct fixture {
	struct path        paths[SCAN_MAX_PATHS];
	const struct path *refs[SCAN_MAX_PATHS];
	size_t             n;
	struct scan       *scan;
};

static struct fixture *
fixture_new(const char *const *texts)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err      err = ERR_INIT;

	for (; texts[f->n] != NULL; f->n++) {
		assert_int_equal(path_parse(&f->paths[f->n], texts[f->n], &err), 0);
		f->refs[f->n] = &f->paths[f->n];
	}
	f->scan = scan_new(f->refs, f->n);
	return f;
}

static void
fixture_forget(struct fixture *f)
{
	scan_free(f->scan);
	f->scan = scan_new(f->refs, f->n);
}

static void
fixture_free(struct fixture *f)
{
	scan_free(f->scan);
	for (size_t i = 0; i < f->n; i++)
		path_release(&f->paths[i]);
	free(f);
}

static const char *const envelope_paths[] = {
	".ts", ".key", ".payload", ".payload.price", ".error", ".window", ".headers", ".mark",
	".topic",
	".partition", ".offset", ".payload.user.id", ".payload.tags[0]", ".payload.tags[2].x",
	".key_base64", ".", ".payload.price", NULL
};
static const char *const bare_paths[] = {
	".", ".a", ".a.b", ".a.b.c", ".b", ".a[0]", ".a[1]", ".a[0].b", ".[0]", ".[\"\"]",
	".[\"a\\u0000b\"]", ".a", NULL
};

/* --- lines in memory that ends where the contract says --- */

struct line {
	char *memory;
	char *text;
};

/* PAD_BYTE fills what the scanner may read but must not heed. */
static struct line
line_at(size_t offset, const char *text, size_t n, char pad_byte)
{
	struct line l = { malloc(offset + n + 1 + SCAN_PAD), NULL };

	l.text = l.memory + offset;
	memcpy(l.text, text, n);
	l.text[n] = '\n';
	memset(l.text + n + 1, pad_byte, SCAN_PAD);
	return l;
}

static enum scan_verdict
verdict_of(struct fixture *f, const char *text, size_t n, size_t offset)
{
	static const char  pad[] = "\"0}\\\xFF\n ,]";
	struct scan_value  values[SCAN_MAX_PATHS];
	struct scan_result r;
	struct line        l = line_at(offset, text, n, pad[offset % (sizeof(pad) - 1)]);

	scan_line(f->scan, l.text, values, &r);
	assert_ptr_equal(r.newline, l.text + n);
	free(l.memory);
	return r.verdict;
}

static void
expect_verdict(struct fixture *f, const struct json_case *c, const char *how,
    const char *text, size_t n, enum scan_verdict verdict)
{
	for (size_t offset = 0; offset < 64; offset++)
		if (verdict_of(f, text, n, offset) != verdict)
			fail_msg("json_cases.inc:%d: %.*s: wrong %s, at offset %zu", c->line,
			    (int)c->n, c->text, how, offset);
}

/* --- conformance --- */

static void
test_each_case_cold(void **state)
{
	struct fixture *f = fixture_new(bare_paths);

	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		const struct json_case *c = &cases[i];

		fixture_forget(f);
		expect_verdict(f, c, "by itself", c->text, c->n, c->verdict);
	}
	fixture_free(f);
}

/* Templates of all kinds of lines are there, of an earlier case too. */
static void
test_each_case_warm(void **state)
{
	struct fixture *f = fixture_new(bare_paths);

	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		const struct json_case *c = &cases[i];

		expect_verdict(f, c, "after others", c->text, c->n, c->verdict);
	}
	fixture_free(f);
}

static const char envelope_head[] =
	"{\"topic\":\"t\",\"partition\":0,\"offset\":245,\"ts\":1700000000123,"
	"\"key\":\"user1\",\"payload\":";

static size_t
in_envelope(char *to, size_t size, const char *text, size_t n)
{
	size_t head = sizeof(envelope_head) - 1;

	assert_true(head + n + 1 <= size);
	memcpy(to, envelope_head, head);
	memcpy(to + head, text, n);
	to[head + n] = '}';
	return head + n + 1;
}

/* As a payload, where a template of the envelope with another payload was learnt before. */
static void
test_each_case_as_payload(void **state)
{
	static const char *const payloads[] = { "1", "\"s\"", "null", "{\"price\":1}", "[1,2]" };
	struct fixture          *f = fixture_new(envelope_paths);
	char                     text[1024];
	size_t                   n;

	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		const struct json_case *c = &cases[i];
		enum scan_verdict       verdict = c->verdict == SCAN_OK ? SCAN_OK : SCAN_BAD;

		if (i % 50 == 0)
			fixture_forget(f);
		n = in_envelope(text, sizeof(text), payloads[i % 5], strlen(payloads[i % 5]));
		assert_int_equal(verdict_of(f, text, n, 0), SCAN_OK);
		n = in_envelope(text, sizeof(text), c->text, c->n);
		expect_verdict(f, c, "as a payload", text, n, verdict);
	}
	fixture_free(f);
}

/* As a member and as an item, with more behind it: what ends a value is not the end of the line. */
static void
test_each_case_in_the_middle(void **state)
{
	struct fixture *f = fixture_new(bare_paths);
	char            text[1024];

	(void)state;
	for (size_t i = 0; i < N_CASES; i++) {
		const struct json_case *c = &cases[i];
		enum scan_verdict       verdict = c->verdict == SCAN_OK ? SCAN_OK : SCAN_BAD;

		/* A bad one may become good: [1,<1,2>,3] */
		if (verdict == SCAN_BAD && (memchr(c->text, ',', c->n) != NULL || memchr(c->text, '"', c->n) != NULL))
			continue;
		memcpy(text, "{\"a\":[0,", 8);
		memcpy(text + 8, c->text, c->n);
		memcpy(text + 8 + c->n, ",0],\"b\":0}", 10);
		expect_verdict(f, c, "as an item", text, c->n + 18, verdict);
	}
	fixture_free(f);
}

/* Cut at any byte, a line is bad (or blank), and says so at its end. */
static void
test_a_line_cut_anywhere(void **state)
{
	static const char  whole[] =
	    "{\"topic\":\"\xF0\x9F\x98\x80\",\"a\":[1.5e3,{\"b\":\"\\u00e9\"}],"
	    "\"ts\":17000000000,\"x\":[true,null,false]}";
	struct fixture    *f = fixture_new(envelope_paths);
	size_t             n = sizeof(whole) - 1;

	(void)state;
	for (int warm = 0; warm < 2; warm++) {
		for (size_t cut = 1; cut < n; cut++) {
			if (warm)
				assert_int_equal(verdict_of(f, whole, n, 0), SCAN_OK);
			else
				fixture_forget(f);
			assert_int_equal(verdict_of(f, whole, cut, cut % 64), SCAN_BAD);
		}
	}
	fixture_free(f);
}

static void
nested(char *to, size_t depth, const char *open, const char *close)
{
	char *p = to;

	for (size_t i = 0; i < depth; i++)
		p = stpcpy(p, open);
	for (size_t i = 0; i < depth; i++)
		p = stpcpy(p, close);
}

static void
test_depth_limit(void **state)
{
	static const struct { const char *open, *close, *inner; } kinds[] = {
		{ "[", "]", "" }, { "{\"a\":", "}", "{}" }, { "[{\"a\":", "}]", "[]" }
	};
	struct fixture *f = fixture_new(bare_paths);
	char            text[SCAN_MAX_DEPTH * 10];

	(void)state;
	for (int again = 0; again < 2; again++) {
		nested(text, SCAN_MAX_DEPTH, "[", "]");
		assert_int_equal(verdict_of(f, text, strlen(text), 0), SCAN_OK);
		nested(text, SCAN_MAX_DEPTH + 1, "[", "]");
		assert_int_equal(verdict_of(f, text, strlen(text), 0), SCAN_BAD);
		nested(text, 100000 / 100, "[", "]");
		assert_int_equal(verdict_of(f, text, strlen(text), 0), SCAN_OK);
	}
	for (size_t k = 1; k < 3; k++) {
		size_t step = k, depth = SCAN_MAX_DEPTH - (k == 2 ? 2 : 1);
		char   deep[SCAN_MAX_DEPTH * 10];

		nested(deep, depth / step, kinds[k].open, "");
		strcat(deep, kinds[k].inner);
		nested(deep + strlen(deep), depth / step, "", kinds[k].close);
		assert_int_equal(verdict_of(f, deep, strlen(deep), 0), SCAN_OK);
	}
	fixture_free(f);
}

/* --- what comes out --- */

static void
expect_at(struct fixture *f, const char *text, size_t path, enum scan_kind kind, const char *value)
{
	struct scan_value  values[SCAN_MAX_PATHS];
	struct scan_result r;
	struct line        l = line_at(0, text, strlen(text), '"');
	struct span        found;

	for (int warm = 0; warm < 3; warm++) {
		memset(values, 0x5A, sizeof(values));
		scan_line(f->scan, l.text, values, &r);
		if (r.verdict != SCAN_OK)
			fail_msg("%s: %s at byte %td", text, r.reason, r.bad - l.text);
		found = values[path].kind == SCAN_MISSING ? SPAN_NONE : span_of(values[path].p, values[path].n);
		if (values[path].kind != kind || !span_eq(found, span_str(value)))
			fail_msg("%s: %s is %d %.*s", text, f->paths[path].text, values[path].kind, SPAN_ARGS(found));
	}
	free(l.memory);
}

static void
test_values(void **state)
{
	static const char *const paths[] = {
		".", ".a", ".a.b", ".a[0]", ".a[2]", ".[1]", ".[\"\"]", NULL
	};
	static const struct {
		const char    *text;
		size_t         path;
		enum scan_kind kind;
		const char    *value;
	} table[] = {
		{ "1", 0, SCAN_NUMBER, "1" },
		{ " 1 ", 0, SCAN_NUMBER, "1" },
		{ "\"x\"", 0, SCAN_STRING, "x" },
		{ "\"\"", 0, SCAN_STRING, "" },
		{ " {\"a\":1} \r", 0, SCAN_OBJECT, "{\"a\":1}" },
		{ "[ ]", 0, SCAN_ARRAY, "[ ]" },
		{ "1", 1, SCAN_MISSING, NULL },
		{ "[]", 1, SCAN_MISSING, NULL },
		{ "{}", 1, SCAN_MISSING, NULL },
		{ "{\"a\":null}", 1, SCAN_NULL, "null" },
		{ "{\"a\":true}", 1, SCAN_TRUE, "true" },
		{ "{\"a\":false}", 1, SCAN_FALSE, "false" },
		{ "{\"a\":-1.50e+3}", 1, SCAN_NUMBER, "-1.50e+3" },
		{ "{\"a\":\"\"}", 1, SCAN_STRING, "" },
		{ "{\"a\":\"\\\"\"}", 1, SCAN_STRING, "\\\"" },
		{ "{\"a\" : [1, 2 ] }", 1, SCAN_ARRAY, "[1, 2 ]" },
		{ "{\"b\":{\"a\":1}}", 1, SCAN_MISSING, NULL },
		{ "{\"a\":{\"b\":2}}", 1, SCAN_OBJECT, "{\"b\":2}" },
		{ "{\"a\":{\"b\":2}}", 2, SCAN_NUMBER, "2" },
		{ "{\"a\":{\"c\":{\"b\":2}}}", 2, SCAN_MISSING, NULL },
		{ "{\"a\":[{\"b\":2}]}", 2, SCAN_MISSING, NULL },
		{ "{\"a\":1}", 2, SCAN_MISSING, NULL },
		{ "{\"a\":\"b\"}", 2, SCAN_MISSING, NULL },
		{ "{\"a\":[]}", 3, SCAN_MISSING, NULL },
		{ "{\"a\":[7]}", 3, SCAN_NUMBER, "7" },
		{ "{\"a\":[[7]]}", 3, SCAN_ARRAY, "[7]" },
		{ "{\"a\":{\"0\":7}}", 3, SCAN_MISSING, NULL },
		{ "{\"a\":[1,2]}", 4, SCAN_MISSING, NULL },
		{ "{\"a\":[1,[8,9],3]}", 4, SCAN_NUMBER, "3" },
		{ "{\"a\":[1,{\"x\":[5]},{\"y\":4}]}", 4, SCAN_OBJECT, "{\"y\":4}" },
		{ "[1,\"two\",3]", 5, SCAN_STRING, "two" },
		{ "{\"1\":2}", 5, SCAN_MISSING, NULL },
		{ "{\"\":5}", 6, SCAN_NUMBER, "5" },
		/* names are compared decoded */
		{ "{\"\\u0061\":5}", 1, SCAN_NUMBER, "5" },
		{ "{\"\\u0061\":{\"\\u0062\":6}}", 2, SCAN_NUMBER, "6" },
		{ "{\"\\\\u0061\":5}", 1, SCAN_MISSING, NULL },
		{ "{\"a\\u0000\":5}", 1, SCAN_MISSING, NULL },
		/* of members with one name the last counts, whole */
		{ "{\"a\":1,\"a\":2}", 1, SCAN_NUMBER, "2" },
		{ "{\"a\":1,\"\\u0061\":2}", 1, SCAN_NUMBER, "2" },
		{ "{\"\\u0061\":1,\"a\":2}", 1, SCAN_NUMBER, "2" },
		{ "{\"a\":{\"b\":1},\"a\":{}}", 2, SCAN_MISSING, NULL },
		{ "{\"a\":{\"b\":1},\"a\":3}", 2, SCAN_MISSING, NULL },
		{ "{\"a\":{\"b\":1},\"a\":3}", 1, SCAN_NUMBER, "3" },
		{ "{\"a\":{\"b\":1},\"a\":{\"b\":4}}", 2, SCAN_NUMBER, "4" },
		{ "{\"a\":{},\"a\":{\"b\":4}}", 2, SCAN_NUMBER, "4" },
		{ "{\"a\":[1,2,3],\"a\":[4]}", 4, SCAN_MISSING, NULL },
		{ "{\"a\":[1,2,3],\"a\":[4]}", 3, SCAN_NUMBER, "4" },
		{ "{\"a\":[1,2,3],\"a\":[4]}", 1, SCAN_ARRAY, "[4]" },
		{ "{\"a\":{\"b\":1,\"b\":{\"b\":2}}}", 2, SCAN_OBJECT, "{\"b\":2}" },
	};
	struct fixture *f = fixture_new(paths);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		expect_at(f, table[i].text, table[i].path, table[i].kind, table[i].value);
	fixture_free(f);
}

/* Names that only just differ, and as many paths as there may be. */
static void
test_many_paths(void **state)
{
	static const char many_a[] = "aaaaaaaaaaaaaaaaaaaa";
	char        names[SCAN_MAX_PATHS][40], text[4096] = "{", value[20];
	const char *texts[SCAN_MAX_PATHS + 1] = { NULL };
	size_t      n = 1;

	(void)state;
	for (int i = 0; i < SCAN_MAX_PATHS; i++) {
		snprintf(names[i], sizeof(names[i]), ".m%.*s%d", i % 20, many_a, i / 3);
		texts[i] = names[i];
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\"%s\":%d", i == 0 ? "" : ",", names[i] + 1, i);
	}
	strcat(text, "}");
	struct fixture *f = fixture_new(texts);

	for (size_t i = 0; i < SCAN_MAX_PATHS; i++) {
		snprintf(value, sizeof(value), "%zu", i);
		expect_at(f, text, i, SCAN_NUMBER, value);
		expect_at(f, "{\"maaa\":1,\"m\":2,\"maaaaaaaaaaaaaaaaaaaaaa\":3}", i, SCAN_MISSING, NULL);
	}
	fixture_free(f);
}

static void
test_no_paths(void **state)
{
	static const char *const none[] = { NULL };
	struct fixture          *f = fixture_new(none);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(verdict_of(f, "{\"a\":1}", 7, 0), SCAN_OK);
		assert_int_equal(verdict_of(f, "{\"a\":1", 6, 0), SCAN_BAD);
	}
	fixture_free(f);
}

static void
test_reasons(void **state)
{
	static const struct { const char *text; size_t at; const char *reason; } table[] = {
		{ "{\"a\":1", 6, "unexpected end of line" },
		{ "{\"a\":\"x", 7, "unexpected end of line" },
		{ "{\"a\":1 2}", 7, "expected , or }" },
		{ "[1 2]", 3, "expected , or ]" },
		{ "[1}", 2, "expected , or ]" },
		{ "{\"a\" 1}", 5, "expected a colon" },
		{ "{a:1}", 1, "expected a member name in double quotes" },
		{ "{\"a\":1,}", 7, "expected a member name in double quotes" },
		{ "{\"a\":x}", 5, "expected a value" },
		{ "[1,]", 3, "expected a value" },
		{ "01", 1, "a number does not begin with 0 and a digit" },
		{ "[-]", 2, "a digit is missing" },
		{ "[1.]", 3, "a digit is missing behind the point" },
		{ "[1e]", 3, "a digit is missing in the exponent" },
		{ "[\"\\x\"]", 3, "no such escape" },
		{ "[\"\\u12\"]", 6, "\\u wants four hexadecimal digits" },
		{ "[\"a\tb\"]", 3, "control character in a string" },
		{ "{} {}", 3, "more than one value on the line" },
		{ "[\"a\xC3\"]", 3, "invalid UTF-8" },
	};
	struct scan_value  values[SCAN_MAX_PATHS];
	struct scan_result r;
	struct fixture    *f = fixture_new(bare_paths);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct line l = line_at(3, table[i].text, strlen(table[i].text), ' ');

		scan_line(f->scan, l.text, values, &r);
		assert_int_equal(r.verdict, SCAN_BAD);
		assert_string_equal(r.reason, table[i].reason);
		assert_int_equal(r.bad - l.text, table[i].at);
		free(l.memory);
	}
	fixture_free(f);
}

/* --- lines after which a template is there, and that part from it --- */

static void
expect_same(struct fixture *f, const char *text, size_t n)
{
	struct line l = line_at(n % 16, text, n, "\"0}\\n"[n % 5]);
	const char *how = scan_difference(f->scan, f->refs, f->n, l.text);

	if (how != NULL)
		fail_msg("%s: %.*s", how, (int)n, text);
	free(l.memory);
}

#define HEAD    "{\"topic\":\"t\",\"ts\":17,\"key\":\"k\",\"payload\":"
#define PAYLOAD "{\"price\":9.5,\"user\":{\"id\":7},\"tags\":[\"a\",\"b\",{\"x\":3}]}"

static void
test_parting_from_a_template(void **state)
{
	static const char *const lines[] = {
		HEAD PAYLOAD "}",
		"{\"topic\":\"t\",\"ts\":17x,\"key\":\"k\",\"payload\":{\"price\":9.5}}",
		"{\"topic\":\"t\",\"ts\":1.,\"key\":\"k\",\"payload\":{\"price\":9.5}}",
		"{\"topic\":\"t\",\"ts\":-,\"key\":\"k\",\"payload\":{\"price\":9.5}}",
		"{\"topic\":\"t\",\"ts\":null,\"key\":null,\"payload\":{\"price\":null,\"user\":{\"id\":true},\"tags\":[false,null,{\"x\":\"\"}]}}",
		"{\"topic\":\"t\\u0041\\\"\",\"ts\":\"17\",\"key\":\"\\\\\",\"payload\":" PAYLOAD "}",
		"{\"topic\":\"t\\x\",\"ts\":17,\"key\":\"k\",\"payload\":{\"price\":9.5}}",
		HEAD PAYLOAD "}\r",
		HEAD PAYLOAD "} ",
		HEAD PAYLOAD "}}",
		HEAD PAYLOAD,
		HEAD "{\"price\":9.5,\"user\":{\"id\":7},\"tags\":[\"a\",\"b\",{\"x\":3},\"c\"]}}",
		HEAD "{\"price\":9.5,\"user\":{\"id\":7},\"tags\":[\"a\"]}}",
		HEAD "{\"price\":9.5,\"user\":{\"id\":7},\"tags\":[[\"a\"],[],{\"x\":{}}]}}",
		HEAD "{\"price\":9.5,\"user\":{\"id\":{\"id\":1}},\"tags\":[]}}",
		HEAD "{\"price\":[9.5,{\"price\":8}],\"user\":{\"id\":7}}}",
		HEAD "[9.5]}",
		HEAD "\"{\"}",
		HEAD "{\"price\":9.5,\"price\":8.5,\"user\":{\"id\":7}}}",
		HEAD "{\"price\":9.5},\"payload\":{\"user\":{\"id\":8}}}",
		"{\"topic\":\"t\",\"ts\":17,\"ts\":18,\"key\":\"k\",\"payload\":" PAYLOAD "}",
		HEAD PAYLOAD ",\"payload\":1}",
		"{\"topic\":\"t\",\"\\u0074s\":17,\"key\":\"k\",\"payload\":{\"pric\\u0065\":9.5}}",
		"{ \"topic\": \"t\", \"ts\": 17, \"key\": \"k\", \"payload\": {\"price\": 9.5, \"user\": {\"id\": 7}, \"tags\": [\"a\", \"b\", {\"x\": 3}]}}",
		"{ \"topic\": \"t\", \"ts\": 17, \"key\": \"k\", \"payload\": {\"price\": 9.5,\t\"user\": {\"id\": 7}}}",
		"{\"mark\":\"watermark\",\"ts\":1700000000000}",
		"{\"mark\":\"barrier\",\"epoch\":42}",
		"{\"topic\":\"\xC3\xA9\",\"ts\":17,\"key\":\"\xC3\",\"payload\":{\"price\":9.5}}",
		"{\"topic\":\"\xC3\xA9\",\"ts\":17,\"key\":\"\xE2\x82\xAC\",\"payload\":" PAYLOAD "}",
		"{\"topic\":\"t\",\"ts\":12345678901234567890123,\"key\":\"0123456789abcdef0123456789abcdef\",\"payload\":{\"price\":1.5e10,\"user\":{\"id\":1E5}}}",
		"{\"x\":[1,2],\"ts\":17,\"y\":{\"a\":1},\"payload\":{\"z\":[{\"b\":1},2],\"price\":3}}",
		"{\"x\":[1],\"ts\":18,\"y\":{\"a\":1},\"payload\":{\"z\":[{\"b\":1},2],\"price\":4}}",
		"{\"x\":[],\"ts\":18,\"y\":{\"a\":1,\"b\":2},\"payload\":{\"z\":[{\"c\":[]}],\"price\":4}}",
		"{\"x\":[ ] ,\"ts\":18,\"y\":{},\"payload\":{\"z\":[{\"b\":1},2,3],\"price\":[4]}}",
		"{\"x\":[1,[2}],\"ts\":18,\"y\":{\"a\":1},\"payload\":{\"z\":[{\"b\":1},2],\"price\":4}}",
		"{\"x\":[1,2,3],\"ts\":18,\"y\":{\"a\":{}},\"payload\":{\"z\":[{\"b\":[1]},2],\"price\":4},\"ts\":19}",
		"{\"x\":[{\"ts\":1}],\"ts\":18,\"y\":{\"a\":\"\xC3\"},\"payload\":{\"z\":[],\"price\":4}}",
		"17", "\"t\"", "[1,2,3]", "[4,5,6]", "[\"a\",5,[]]", "{}", "[]", "[1,2,3,4]", "",
		" ", "\r", "\"t\\n\"", "nul",
	};
	struct fixture *f = fixture_new(envelope_paths);
	size_t          n = sizeof(lines) / sizeof(lines[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			fixture_forget(f);
			for (int again = 0; again < 3; again++) {
				expect_same(f, lines[i], strlen(lines[i]));
				expect_same(f, lines[k], strlen(lines[k]));
			}
		}
	}
	fixture_free(f);
}

/* --- against the naive one, on lines damaged at random --- */

static uint64_t random_state = 0x9E3779B97F4A7C15;

static uint64_t
random_next(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % below;
}

static const char *const seeds[] = {
	"{\"topic\":\"bench.ndjson\",\"partition\":0,\"offset\":245,\"ts\":1700000000123,\"key\":\"user1\",\"payload\":{\"id\":1,\"price\":12.50,\"user\":{\"id\":\"u7\",\"name\":\"Jo\"},\"tags\":[\"a\",\"b\",{\"x\":1}]}}",
	"{\"topic\":\"bench.ndjson\",\"partition\":0,\"offset\":1245,\"ts\":1700000000124,\"key\":null,\"payload\":{\"id\":2,\"price\":-3,\"user\":{\"id\":\"u7\",\"name\":\"Zo\xC3\xAB\"},\"tags\":[]},\"headers\":[{\"key\":\"h\",\"value\":\"v\"}]}",
	"{\"ts\":-5,\"key\":\"a\\\"b\\u0041\",\"payload\":{\"price\":1e3,\"tags\":[1,2,{\"x\":[]}]},\"window\":{\"start\":0,\"end\":10}}",
	"{\"at\":\"2013-01-01T05:17:00-05:00\",\"id\":\"2013-01-01/UA/1545\",\"carrier\":\"UA\",\"dep_delay\":2,\"arr_delay\":null,\"a\":{\"b\":{\"c\":0.5}},\"b\":true}",
	"{\"a\":{\"b\":{\"c\":\"\xE2\x82\xAC\xF0\x9F\x98\x80\"}},\"a\":[0,{\"b\":1}],\"\":false,\"a\\u0000b\":[[[]]]}",
	"{ \"a\" : { \"b\" : [ 1 , 2.5e-3 , null ] } , \"b\" : \"x\\ny\" } \r",
	"[{\"b\":1},[2,3],\"0123456789abcdef0123456789abcdef\",123456789012345678901234567890,-0.0]",
	"{\"mark\":\"watermark\",\"ts\":1700000000000}",
	("{\"x\":[1,{\"y\":[]},\"z\"],\"ts\":5,\"q\":{\"r\":[[2]],\"s\":{}},\"a\":1,"
	"\"payload\":{\"u\":[1,2],\"price\":3,\"v\":{\"w\":{}},\"tags\":[{\"x\":1}]},\"b\":[{\"c\":null}]}"),
};

enum { MUTANT_MAX = 1024 };

/* Change the line in T (length N) in one way. */
static size_t
mutate(char *t, size_t n)
{
	static const char *const bits[] = {
		"\"", "\\", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e", "E", "+", " ",
		"\t", "\r", "null", "true", "false", "\\u00e9", "\\n",
		"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\x80", "\xFF", "\xED\xA0\x80",
		"\xC3", "\x01", "\x7F", "\"a\":1", ",\"a\":{\"b\":2}", ",\"ts\":3",
		",\"payload\":{}", "{}", "[]", "\"\"", "1234567890123456", "0.5",
		"0123456789abcdef", "\\", "\\ud800", "u"
	};
	size_t      at = n == 0 ? 0 : random_next(n), from, length, most;
	const char *bit = bits[random_next(sizeof(bits) / sizeof(bits[0]))];

	switch (random_next(6)) {
	case 0:                      /* one byte becomes another */
		if (n > 0)
			t[at] = random_next(4) == 0 ? (char)random_next(256) : bit[0];
		break;
	case 1:                      /* some go */
		most = random_next(8) == 0 || n - at < 4 ? n - at : 4;
		length = n == 0 ? 0 : 1 + random_next(most);
		memmove(t + at, t + at + length, n - at - length);
		n -= length;
		break;
	case 2:                      /* some come twice, elsewhere */
		length = n == 0 ? 0 : 1 + random_next(n - at < 40 ? n - at : 40);
		if (n + length < MUTANT_MAX / 2) {
			char copy[64];

			memcpy(copy, t + at, length);
			from = random_next(n + 1);
			memmove(t + from + length, t + from, n - from);
			memcpy(t + from, copy, length);
			n += length;
		}
		break;
	case 3:
		if (n > 0)
			t[at] ^= (char)(1 << random_next(8));
		break;
	default:                     /* something comes in */
		length = strlen(bit);
		if (n + length < MUTANT_MAX / 2) {
			memmove(t + at + length, t + at, n - at);
			memcpy(t + at, bit, length);
			n += length;
		}
		break;
	}
	for (size_t i = 0; i < n; i++)
		if (t[i] == '\n')
			t[i] = ' ';
	return n;
}

static void
differ_on_mutants(const char *const *paths, size_t rounds)
{
	static const size_t n_seeds = sizeof(seeds) / sizeof(seeds[0]);
	struct fixture     *cold = fixture_new(paths), *warm = fixture_new(paths);
	char                text[MUTANT_MAX];
	size_t              n, seed = 0;

	for (size_t i = 0; i < rounds; i++) {
		if (i % 128 == 0) {
			seed = random_next(n_seeds);
			fixture_forget(cold);
		}
		if (i % 1000 == 0)
			fixture_forget(warm);
		n = strlen(seeds[seed]);
		memcpy(text, seeds[seed], n);
		for (uint64_t k = random_next(4); k > 0; k--)
			n = mutate(text, n);
		expect_same(warm, text, n);
		expect_same(warm, seeds[seed], strlen(seeds[seed]));
		if (i % 4 == 0) {
			fixture_forget(cold);
			expect_same(cold, text, n);
		}
	}
	fixture_free(cold);
	fixture_free(warm);
}

static void
test_mutants_in_envelope(void **state)
{
	(void)state;
	differ_on_mutants(envelope_paths, 60000);
}

static void
test_mutants_bare(void **state)
{
	(void)state;
	differ_on_mutants(bare_paths, 60000);
}

/* --- values that are the same line after line, for a while --- */

static void
test_first_values_stay_and_change(void **state)
{
	struct fixture *f = fixture_new(envelope_paths);
	char            text[400];
	int             n;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		/* Topics in long runs, partitions in short ones; now and then a line of another shape, or a damaged one. */
		unsigned topic = i / 700 % 5, partition = topic == 1 ? i % 2 : topic == 2 ? i / 50 : 7;

		if (i % 97 == 0)
			n = snprintf(text, sizeof(text), "{\"topic\":\"t%u\",\"x\":[%u],\"ts\":%u}", topic, i, i);
		else if (i % 89 == 0)
			n = snprintf(text, sizeof(text), "{\"topic\":\"t%u\",\"partition\":%u,\"offset\":%u x}", topic, partition, i);
		else
			n = snprintf(text, sizeof(text), "{\"topic\":\"%s%u\",\"partition\":%u,\"offset\":%u,\"ts\":%u,\"key\":\"k%u\",\"payload\":"
			             "{\"price\":9.%u,\"user\":{\"id\":7}}}", topic == 3 ? "\xC3\xA9" : "t\\u0041", topic, partition, i, i / 40,
			             i % 30, i);
		expect_same(f, text, i % 83 == 0 ? (size_t)n - 1 - i % 60 : (size_t)n);
	}
	fixture_free(f);
}

/* --- members one by one --- */

static void
test_member_walk(void **state)
{
	static const char text[] =
	    "{ \"a\" : 1.5,\"\\u0062\":\"x\\\"y\" , \"\":[1,{\"]\":\"}\"}],\"d\":{\"e\":[]} ,"
	    "\"f\":null,\"g\":true,\"h\":false}";
	static const struct { const char *name; enum scan_kind kind; const char *value; } want[] = {
		{ "a", SCAN_NUMBER, "1.5" }, { "\\u0062", SCAN_STRING, "x\\\"y" },
		{ "", SCAN_ARRAY, "[1,{\"]\":\"}\"}]" },
		{ "d", SCAN_OBJECT, "{\"e\":[]}" }, { "f", SCAN_NULL, "null" },
		{ "g", SCAN_TRUE, "true" }, { "h", SCAN_FALSE, "false" }
	};
	struct line       l = line_at(0, text, sizeof(text) - 1, '"');
	const char       *at = l.text + 1;
	struct span       name;
	struct scan_value v;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(scan_member(&at, &name, &v));
		assert_true(span_eq(name, span_str(want[i].name)));
		assert_int_equal(v.kind, want[i].kind);
		assert_true(span_eq(span_of(v.p, v.n), span_str(want[i].value)));
		assert_int_equal(v.escaped, i == 1);
	}
	assert_false(scan_member(&at, &name, &v));
	assert_int_equal(*at, '}');
	free(l.memory);

	l = line_at(0, "{ }", 3, '"');
	at = l.text + 1;
	assert_false(scan_member(&at, &name, &v));
	free(l.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_case_cold),
		cmocka_unit_test(test_each_case_warm),
		cmocka_unit_test(test_each_case_as_payload),
		cmocka_unit_test(test_each_case_in_the_middle),
		cmocka_unit_test(test_a_line_cut_anywhere),
		cmocka_unit_test(test_depth_limit),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_many_paths),
		cmocka_unit_test(test_no_paths),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_parting_from_a_template),
		cmocka_unit_test(test_mutants_in_envelope),
		cmocka_unit_test(test_mutants_bare),
		cmocka_unit_test(test_first_values_stay_and_change),
		cmocka_unit_test(test_member_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
