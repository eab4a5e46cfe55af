/* The command line: what is read from it, what is refused and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/guess.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/parse.h"

static const char *
no_env(const char *name)
{
	(void)name;
	return NULL;
}

static const char *
env_checkpoint(const char *name)
{
	return strcmp(name, "STREAM_CHECKPOINT") == 0 ? "from-env" :
	       strcmp(name, "STATE_DIRECTORY") == 0 ? "/var/lib/x" : NULL;
}

static const char *
env_empty_checkpoint(const char *name)
{
	return strcmp(name, "STREAM_CHECKPOINT") == 0 ? "" :
	       strcmp(name, "STATE_DIRECTORY") == 0 ? "/var/lib/x" : NULL;
}

static const char *
env_systemd(const char *name)
{
	return strcmp(name, "STATE_DIRECTORY") == 0 ? "/var/lib/x:/var/lib/y" : NULL;
}

static const char *
env_posix(const char *name)
{
	return strcmp(name, "POSIXLY_CORRECT") == 0 ? "1" : NULL;
}

/* Words separated by blanks; `'…'` is one word. */
struct line {
	char  text[400];
	char *argv[40];
	int   argc;
};

static void
split(struct line *l, const char *text)
{
	char *p = l->text;

	snprintf(l->text, sizeof(l->text), "%s", text);
	l->argc = 0;
	l->argv[l->argc++] = "stream";
	while (*p != '\0') {
		char end = ' ';

		if (*p == '\'') {
			end = '\'';
			p++;
		}
		l->argv[l->argc++] = p;
		while (*p != end && *p != '\0')
			p++;
		if (*p != '\0')
			*p++ = '\0';
		while (*p == ' ')
			p++;
	}
	l->argv[l->argc] = NULL;
}

static struct line line;

/* What parses; the caller releases. */
static struct options
good_with(unsigned command, const char *text, parse_env_fn *env)
{
	struct options o;
	struct err     err = ERR_INIT;

	split(&line, text);
	if (parse_argv(&o, command, line.argc, line.argv, env, &err) != 0)
		fail_msg("refused: %s: %s", text, err.text);
	return o;
}

static struct options
good(unsigned command, const char *text)
{
	return good_with(command, text, no_env);
}

static void
bad(unsigned command, const char *text, const char *says)
{
	struct options o;
	struct err     err = ERR_INIT;

	split(&line, text);
	if (parse_argv(&o, command, line.argc, line.argv, no_env, &err) == 0)
		fail_msg("accepted: %s", text);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(err.status, 2);
	if (strstr(err.text, says) == NULL)
		fail_msg("%s: says \"%s\", not \"%s\"", text, err.text, says);
	options_release(&o);
}

static void
defaults_are_those_of_the_table(void **state)
{
	struct options o = good(CMD_CAT, "");

	(void)state;
	assert_string_equal(o.name, "cat");
	assert_int_equal(o.out_of_order_ms, 0);
	assert_int_equal(o.watermark_step_ms, 100);
	assert_int_equal(o.checkpoint_interval_ms, 1000);
	assert_int_equal(o.lock_wait_ms, 30000);
	assert_int_equal(o.max_line_bytes, 64 << 20);
	assert_true(o.max_records == UINT64_MAX && o.max_errors == UINT64_MAX && o.rate == 0);
	assert_true(o.time_format == WHEN_AUTO && o.format == FORMAT_BY_FIRST_LINE);
	assert_null(o.checkpoint);
	assert_int_equal(o.n_inputs, 0);
	options_release(&o);

	o = good(CMD_SINK, "-");
	assert_int_equal(o.body, BODY_RECORD);
	assert_int_equal(o.delivery, DELIVERY_BEST);
	assert_string_equal(o.target, "-");
	options_release(&o);
}

static void
every_way_to_write_a_value(void **state)
{
	static const char *const ways[] = {
		"--key=.x f -n 5", "--key .x -n5 f", "-k.x f --max-records=5", "f -k .x --max-records 5", "-n5 -k.x -- f"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct options o = good(CMD_CAT, ways[i]);

		assert_int_equal(o.n_keys, 1);
		assert_string_equal(o.keys[0].text, ".x");
		assert_int_equal(o.max_records, 5);
		assert_int_equal(o.n_inputs, 1);
		assert_string_equal(o.inputs[0], "f");
		options_release(&o);
	}
}

static void
flags_may_be_written_together(void **state)
{
	struct options o = good(CMD_CAT, "-fen3 f");

	(void)state;
	assert_true(o.follow && o.exit_at_end && o.max_records == 3);
	options_release(&o);
}

static void
the_last_counts_but_lists_grow(void **state)
{
	struct options o = good(CMD_CAT, "-t .a -t .b -k .x -k .y --rate 1 --rate 2");

	(void)state;
	assert_string_equal(o.time.text, ".b");
	assert_int_equal(o.n_keys, 2);
	assert_string_equal(o.keys[1].text, ".y");
	assert_int_equal(o.rate, 2);
	options_release(&o);
}

static void
operands_and_options_mix_unless_posix(void **state)
{
	struct options o = good(CMD_CAT, "a -n 1 - b");

	(void)state;
	assert_int_equal(o.n_inputs, 3);
	assert_string_equal(o.inputs[1], "-");
	options_release(&o);

	o = good_with(CMD_CAT, "-n 1 a -f", env_posix);
	assert_int_equal(o.n_inputs, 2);
	assert_string_equal(o.inputs[1], "-f");
	assert_false(o.follow);
	options_release(&o);

	o = good(CMD_CAT, "-- -f --help");
	assert_int_equal(o.n_inputs, 2);
	options_release(&o);
}

static void
words_that_are_no_options_are_told(void **state)
{
	(void)state;
	bad(CMD_CAT, "--tme .at f", "unknown option --tme (did you mean --time?)");
	bad(CMD_CAT, "--out-of-ordr 1h", "did you mean --out-of-order?");
	bad(CMD_WINDOW, "tumbling 1d --lateness 1h", "did you mean --allowed-lateness?");
	bad(CMD_CAT, "--xyzzy", "unknown option --xyzzy");
	bad(CMD_CAT, "--time-form auto", "did you mean --time-format?");
	bad(CMD_CAT, "--late drop", "--late is an option of stream-window, not of stream-cat");
	bad(CMD_SINK, "--time .at -", "--time is an option of stream-cat, not of stream-sink");
	bad(CMD_CAT, "-Z", "unknown option -Z");
	bad(CMD_CAT, "--follow=yes", "--follow takes no value");
	bad(CMD_CAT, "f --time", "--time needs a value: --time PATH");
	bad(CMD_CAT, "f -n", "--max-records needs a value: --max-records N");
	bad(CMD_CAT, "--time= f", "--time: the value is empty");
}

static void
help_and_version_win_over_what_follows(void **state)
{
	struct options o = good(CMD_WINDOW, "--help --xyzzy");

	(void)state;
	assert_true(o.help);
	options_release(&o);
	o = good(CMD_SINK, "-qV -Z");
	assert_true(o.version);
	options_release(&o);
}

static void
values_are_checked(void **state)
{
	(void)state;
	bad(CMD_CAT, "--time at f", "a path begins with . (in the payload) or $ (in the record): .at?");
	bad(CMD_CAT, "--time Now f", "--time: a path begins with .");
	bad(CMD_CAT, "--time .a[ f", "--time");
	bad(CMD_CAT, "--rate 0 f", "--rate: 0 is too small");
	bad(CMD_CAT, "--rate -3 f", "is no count");
	bad(CMD_CAT, "-n 1k f", "\"1k\" is no count");
	bad(CMD_CAT, "--out-of-order -5m f", "--out-of-order");
	bad(CMD_CAT, "--out-of-order 5parsecs f", "--out-of-order");
	bad(CMD_CAT, "--watermark-step 0 f", "--watermark-step: 0 is too small");
	bad(CMD_CAT, "--max-line 0 f", "--max-line: 0 is too small");
	bad(CMD_CAT, "--max-line 3G f", "--max-line: 3G is too large");
	bad(CMD_CAT, "-t .t --since noon f", "--since: \"noon\" is no time");
	bad(CMD_CAT, "--format xml f", "\"xml\" is none of its values: json, record, text, binary, csv or kcat");
	bad(CMD_CAT, "-t .a --time-format iso f", "--time-format");
	bad(CMD_SINK, "--delivery twice -", "exactly-once, at-least-once or at-most-once");
	bad(CMD_SINK, "--delivery at-most-once -", "--delivery at-most-once is for what reads an input");
	bad(CMD_CAT, "--delivery exactly-once f", "--delivery exactly-once needs --checkpoint");
	bad(CMD_CAT, "-o noon f", "--from: \"noon\" is none of its values");
	bad(CMD_CAT, "-o end f", "--from end");
	bad(CMD_CAT, "-o 5 f g", "--from 5: an offset is of one file");
	bad(CMD_CAT, "-t .t --since 1h --until 2h f", "--since is not before --until");
	bad(CMD_CAT, "-t .a --time-format %F\xff f", "--time-format: the value is not UTF-8");
	bad(CMD_CAT, "-k .\xed\xa0\x80 f", "--key: the value is not UTF-8");
	bad(CMD_CAT, "--name a/b f", "only letters, digits");
	bad(CMD_CAT, "--name .. f", "no dot in front");
	bad(CMD_CAT, "--name run f", "taken by the checkpoint");
	bad(CMD_WINDOW, "tumbling 1d -a n=nonsense", "nonsense");
	bad(CMD_WINDOW, "tumbling 1d -a n=count -a n=sum(.x)", "there is a \"n\" already");
}

static void
values_in_their_units(void **state)
{
	struct options o = good(CMD_WINDOW, "tumbling 1d --offset -5h --allowed-lateness 90m --out-of-order 24h "
	                        "-t .at --time-format '%d/%b/%Y %H:%M' --max-line 1K f");

	(void)state;
	assert_int_equal((int)o.window.kind, WINDOW_TUMBLING);
	assert_int_equal(o.window.size, 86400000);
	assert_int_equal(o.window.offset_ms, -5 * 3600000);
	assert_int_equal(o.window.allowed_lateness_ms, 5400000);
	assert_int_equal(o.out_of_order_ms, 86400000);
	assert_int_equal(o.time_format, WHEN_STRPTIME);
	assert_string_equal(o.time_strptime, "%d/%b/%Y %H:%M");
	assert_int_equal(o.max_line_bytes, 1024);
	assert_int_equal(o.n_inputs, 1);
	assert_string_equal(o.inputs[0], "f");
	options_release(&o);
}

static void
operands_of_a_window(void **state)
{
	struct options o = good(CMD_WINDOW, "-t .at tumbling 5m ./50s - -k .x");

	(void)state;
	assert_int_equal(o.window.size, 300000);
	assert_int_equal(o.n_inputs, 2);
	assert_string_equal(o.inputs[0], "./50s");
	options_release(&o);

	bad(CMD_WINDOW, "", "what kind of window?");
	bad(CMD_WINDOW, "tumblin 1d", "did you mean tumbling?");
	bad(CMD_WINDOW, "hopping 1d", "unknown kind of window hopping; there is: tumbling SIZE, sliding SIZE STEP");
	bad(CMD_WINDOW, "tumbling", "tumbling needs SIZE");
	bad(CMD_WINDOW, "tumbling f", "f is none");
	bad(CMD_WINDOW, "tumbling 0", "holds nothing");
	bad(CMD_WINDOW, "tumbling 1d 1h f", "1h is one too many (a file of that name: ./1h)");
}

static void
operands_of_a_sink(void **state)
{
	(void)state;
	bad(CMD_SINK, "", "where to?");
	bad(CMD_SINK, "a b", "b is one too many");
}

static void
late_drop_is_a_word(void **state)
{
	struct options o = good(CMD_WINDOW, "tumbling 1d --late drop");

	(void)state;
	assert_true(o.late_drop && o.late == NULL);
	options_release(&o);
	o = good(CMD_WINDOW, "tumbling 1d --late ./drop");
	assert_false(o.late_drop);
	assert_string_equal(o.late, "./drop");
	options_release(&o);
}

static void
what_does_not_go_together(void **state)
{
	(void)state;
	bad(CMD_CAT, "--time-format s f", "--time-format needs --time");
	bad(CMD_CAT, "--max-errors 3 f", "--max-errors needs --dead-letter");
	bad(CMD_WINDOW, "tumbling 1d --global -k .x", "--global is one group");
	bad(CMD_SINK, "--cut-is-end --checkpoint d -", "do not go together");
	bad(CMD_SINK, "-qv -", "give one of them");
}

static void
the_checkpoint_comes_from_the_environment_too(void **state)
{
	struct options o = good_with(CMD_CAT, "f", env_checkpoint);

	(void)state;
	assert_string_equal(o.checkpoint, "from-env");
	assert_string_equal(o.checkpoint_given, "STREAM_CHECKPOINT=from-env is set");
	options_release(&o);

	o = good_with(CMD_CAT, "--checkpoint given f", env_checkpoint);
	assert_string_equal(o.checkpoint, "given");
	assert_string_equal(o.checkpoint_given, "--checkpoint given is given");
	options_release(&o);

	o = good_with(CMD_CAT, "f", env_systemd);
	assert_string_equal(o.checkpoint, "/var/lib/x");
	options_release(&o);

	o = good_with(CMD_CAT, "f", env_empty_checkpoint);
	assert_null(o.checkpoint);
	options_release(&o);
}

static void
means(unsigned command, const char *text, const char *json)
{
	struct options o = good(command, text);
	struct buf     b = { 0 };

	options_meaning(&o, &b);
	buf_char(&b, '\0');
	assert_string_equal(b.p, json);
	buf_release(&b);
	options_release(&o);
}

static void
the_fingerprint_holds_what_means_something(void **state)
{
	(void)state;
	means(CMD_CAT, "f", "{}");
	means(CMD_CAT, "-t .at -k .carrier --out-of-order 24h f",
	      "{\"--time\":\".at\",\"--key\":\".carrier\",\"--out-of-order\":\"1d\"}");
	means(CMD_CAT, "-k '.[\"a b\"]' -k .c f", "{\"--key\":\".[\\\"a b\\\"] .c\"}");
	means(CMD_CAT, "--out-of-order 0 --watermark-step 100ms -t .at --time-format auto f", "{\"--time\":\".at\"}");
	means(CMD_CAT, "-t .at --time-format %F f", "{\"--time\":\".at\",\"--time-format\":\"%F\"}");
	means(CMD_CAT, "-o earliest f", "{}");
	means(CMD_CAT, "-f -o newest f", "{\"--from\":\"end\"}");
	means(CMD_CAT, "-o -010 f", "{\"--from\":\"-10\"}");
	means(CMD_CAT, "-t .t -o s@60m f", "{\"--time\":\".t\",\"--from\":\"@1h ago\"}");
	means(CMD_CAT, "-t .t --since -90m --until now f", "{\"--time\":\".t\",\"--since\":\"1h30m ago\",\"--until\":\"now\"}");
	means(CMD_CAT, "--delivery at-most-once f", "{}");
	means(CMD_CAT, "--checkpoint-interval 5ms --name x -n 5 --rate 7 -fe --close --dead-letter d --max-errors 3 -v f", "{}");
	means(CMD_WINDOW, "tumbling 24h --offset 5h -a n=count -a delay=sum(.dep_delay) --late l",
	      "{\"tumbling\":\"1d\",\"--aggregate\":\"n=count delay=sum(.dep_delay)\",\"--offset\":\"5h\"}");
	means(CMD_WINDOW, "tumbling 1d --offset -5h --global",
	      "{\"tumbling\":\"1d\",\"--global\":\"true\",\"--offset\":\"-5h\"}");
	means(CMD_SINK, "--body payload file:x", "{\"--body\":\"payload\"}");
	means(CMD_SINK, "--body record --delivery exactly-once file:x", "{}");
}

static void
the_words_behind_the_dashes_are_the_commands(void **state)
{
	struct options o = good(CMD_EXEC, "-t .at a --each b -- jq -t --each");

	(void)state;
	assert_int_equal(o.n_inputs, 2);
	assert_string_equal(o.inputs[1], "b");
	assert_true(o.each);
	assert_string_equal(o.program[0], "jq");
	assert_string_equal(o.program[2], "--each");
	assert_null(o.program[3]);
	options_release(&o);
	o = good(CMD_EXEC, "-- -- --help");
	assert_string_equal(o.program[0], "--");
	options_release(&o);
	o = good_with(CMD_EXEC, "a -- cat", env_posix);
	assert_int_equal(o.n_inputs, 1);
	assert_string_equal(o.program[0], "cat");
	options_release(&o);
	o = good(CMD_EXEC, "--shell 'a | b' x");
	assert_null(o.program);
	assert_string_equal(o.shell, "a | b");
	options_release(&o);
	bad(CMD_EXEC, "", "which command?");
	bad(CMD_EXEC, "jq .", "it stands behind --");
	bad(CMD_EXEC, "--", "which command?");
	bad(CMD_EXEC, "--shell 'a' -- b", "give one of them");
	bad(CMD_EXEC, "--shell '  '", "empty command line");
	bad(CMD_EXEC, "-- '' a", "an empty word");
	bad(CMD_EXEC, "-- a\377", "UTF-8");
	bad(CMD_EXEC, "--timeout 0 -- a", "too small");
	means(CMD_EXEC, "--timeout 5s -- jq '\"a b\"' c", "{\"--\":\"[\\\"jq\\\",\\\"\\\\\\\"a b\\\\\\\"\\\",\\\"c\\\"]\"}");
	means(CMD_EXEC, "--each --shell 'a | b'", "{\"--each\":\"true\",\"--shell\":\"a | b\"}");
}

static void
equal_meanings_have_equal_fingerprints(void **state)
{
	static const char *const lines[] = { "tumbling 24h", "tumbling 1d --offset 0", "tumbling 2d" };
	char hex[3][17];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct options o = good(CMD_WINDOW, lines[i]);

		options_fingerprint(&o, hex[i]);
		assert_int_equal(strspn(hex[i], "0123456789abcdef"), 16);
		options_release(&o);
	}
	assert_string_equal(hex[0], hex[1]);
	assert_string_not_equal(hex[0], hex[2]);
}

static void
the_table_is_sound(void **state)
{
	(void)state;
	for (int i = 0; i < N_OPTIONS; i++) {
		const struct option *a = &options_table[i];

		assert_non_null(a->name);
		assert_true(a->commands != 0 && a->help != NULL);
		assert_true((a->arg == NULL) == (a->kind == OPTION_FLAG));
		assert_true((a->choices != NULL) == (a->kind == OPTION_CHOICE));
		for (int j = 0; j < i; j++) {
			const struct option *b = &options_table[j];

			if (strcmp(a->name, b->name) == 0 && (a->commands & b->commands) != 0)
				fail_msg("--%s twice in one command", a->name);
			if (a->letter != 0)
				assert_int_not_equal(a->letter, b->letter);
			if (a->field == b->field && (a->commands & b->commands) != 0)
				fail_msg("--%s and --%s share a field", a->name, b->name);
		}
	}
}

static void
help_shows_every_option_of_a_command_and_no_other(void **state)
{
	(void)state;
	for (const struct command *c = options_commands; c->name != NULL; c++) {
		struct buf page = { 0 };

		help_put(&page, c);
		buf_char(&page, '\0');
		for (int i = 0; i < N_OPTIONS; i++) {
			char     want[80];
			unsigned commands = 0;

			for (int j = 0; j < N_OPTIONS; j++)          /* a name may mean two things to two commands */
				if (strcmp(options_table[i].name, options_table[j].name) == 0)
					commands |= options_table[j].commands;
			snprintf(want, sizeof(want), " --%s ", options_table[i].name);
			if ((strstr(page.p, want) != NULL) != ((commands & c->bit) != 0))
				fail_msg("%s --help and --%s", c->name, options_table[i].name);
		}
		for (const char *p = page.p, *end; (end = strchr(p, '\n')) != NULL; p = end + 1)
			if (end - p > 80)
				fail_msg("%s --help has a long line: %.*s", c->name, (int)(end - p), p);
		buf_release(&page);
	}
}

static void
guesses_are_near(void **state)
{
	(void)state;
	assert_int_equal(guess_distance("", ""), 0);
	assert_int_equal(guess_distance("time", "time"), 0);
	assert_int_equal(guess_distance("tiem", "time"), 1);
	assert_int_equal(guess_distance("tme", "time"), 1);
	assert_int_equal(guess_distance("", "abc"), 3);
	assert_int_equal(guess_distance("kitten", "sitting"), 3);
	assert_false(guess_is_near("xyzzy", "time"));
	assert_false(guess_is_near("a", "key"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_table),
		cmocka_unit_test(every_way_to_write_a_value),
		cmocka_unit_test(flags_may_be_written_together),
		cmocka_unit_test(the_last_counts_but_lists_grow),
		cmocka_unit_test(operands_and_options_mix_unless_posix),
		cmocka_unit_test(words_that_are_no_options_are_told),
		cmocka_unit_test(help_and_version_win_over_what_follows),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(values_in_their_units),
		cmocka_unit_test(operands_of_a_window),
		cmocka_unit_test(operands_of_a_sink),
		cmocka_unit_test(late_drop_is_a_word),
		cmocka_unit_test(what_does_not_go_together),
		cmocka_unit_test(the_checkpoint_comes_from_the_environment_too),
		cmocka_unit_test(the_fingerprint_holds_what_means_something),
		cmocka_unit_test(the_words_behind_the_dashes_are_the_commands),
		cmocka_unit_test(equal_meanings_have_equal_fingerprints),
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(help_shows_every_option_of_a_command_and_no_other),
		cmocka_unit_test(guesses_are_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
