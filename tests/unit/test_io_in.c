/* io/in: whole lines, however they come */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "home.h"
#include "io/file.h"
#include "io/in.h"
#include "json/scan.h"

static void
assert_lines(struct in *in, const char *text, uint64_t offset, bool completed)
{
	struct in_chunk chunk;
	struct err      err = ERR_INIT;

	assert_int_equal(in_fill(in, &chunk, &err), IN_LINES);
	assert_int_equal(chunk.end - chunk.p, strlen(text));
	assert_memory_equal(chunk.p, text, strlen(text));
	assert_int_equal(chunk.offset, offset);
	assert_int_equal(chunk.completed, completed);
}

static void
in_hands_out_whole_lines_as_they_come(void **state)
{
	struct in       in;
	struct in_chunk chunk;
	struct err      err = ERR_INIT;
	int             fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(in_init(&in, fds[0], "pipe", 1000, false, &err), 0);
	assert_int_equal(in_fill(&in, &chunk, &err), IN_WOULD_BLOCK);
	assert_int_equal(write(fds[1], "one\ntwo\nthr", 11), 11);
	assert_lines(&in, "one\ntwo\n", 0, false);
	assert_int_equal(in_fill(&in, &chunk, &err), IN_WOULD_BLOCK);
	assert_int_equal(write(fds[1], "ee", 2), 2);
	assert_int_equal(in_fill(&in, &chunk, &err), IN_WOULD_BLOCK);
	assert_int_equal(write(fds[1], "\n\nfour", 6), 6);
	assert_lines(&in, "three\n\n", 8, false);
	close(fds[1]);
	assert_lines(&in, "four\n", 15, true);
	assert_int_equal(in_offset(&in), 19);
	assert_int_equal(in_fill(&in, &chunk, &err), IN_END);
	assert_int_equal(in_fill(&in, &chunk, &err), IN_END);
	in_release(&in);
	close(fds[0]);
}

static void
in_takes_a_non_blocking_descriptor(void **state)
{
	struct in       in;
	struct in_chunk chunk;
	struct err      err = ERR_INIT;
	int             fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(in_init(&in, fds[0], "pipe", 1000, false, &err), 0);
	assert_int_equal(in_fill(&in, &chunk, &err), IN_WOULD_BLOCK);
	assert_int_equal(write(fds[1], "x\n", 2), 2);
	assert_lines(&in, "x\n", 0, false);
	in_release(&in);
	close(fds[0]);
	close(fds[1]);
}

static void
in_seeks_in_files_and_follows_them(void **state)
{
	struct in       in;
	struct in_chunk chunk;
	struct err      err = ERR_INIT;
	int             fd, more;

	(void)state;
	write_file("f", "one\ntwo\nhalf", 12);
	fd = open("f", O_RDONLY);
	more = open("f", O_WRONLY | O_APPEND);
	assert_int_equal(in_init(&in, fd, "f", 1000, true, &err), 0);
	assert_int_equal(in_seek(&in, 4, &err), 0);
	assert_lines(&in, "two\n", 4, false);
	assert_int_equal(in_offset(&in), 8);
	assert_int_equal(in_fill(&in, &chunk, &err), IN_END);
	assert_int_equal(in_fill(&in, &chunk, &err), IN_END);
	assert_int_equal(write(more, " a line\n", 8), 8);
	assert_lines(&in, "half a line\n", 8, false);
	assert_int_equal(in_seek(&in, 0, &err), 0);
	assert_lines(&in, "one\ntwo\nhalf a line\n", 0, false);
	in_release(&in);
	close(more);
	close(fd);
}

static void
in_begins_where_a_file_descriptor_stands(void **state)
{
	struct in  in;
	struct err err = ERR_INIT;
	int        fd;

	(void)state;
	write_file("f", "head\nbody", 9);
	fd = open("f", O_RDONLY);
	lseek(fd, 5, SEEK_SET);
	assert_int_equal(in_init(&in, fd, "f", 1000, false, &err), 0);
	assert_lines(&in, "body\n", 5, true);
	in_release(&in);
	close(fd);
}

static void
in_says_what_is_no_input(void **state)
{
	struct in  in;
	struct err err = ERR_INIT;
	int        fd = open(".", O_RDONLY);

	(void)state;
	assert_int_equal(in_init(&in, fd, "here", 1000, false, &err), -1);
	assert_string_equal(err.text, "here: Is a directory");
	assert_int_equal(err.status, 1);
	close(fd);
	assert_int_equal(in_init(&in, fd, "closed", 1000, false, &err), -1);
	assert_string_equal(err.text, "closed: Bad file descriptor");
}

static void
in_keeps_the_beginning_of_a_line_that_is_too_long(void **state)
{
	struct in       in;
	struct in_chunk chunk;
	struct err      err = ERR_INIT;
	int             fd;

	(void)state;
	write_file("f", "ok\n12345678\n123456789\nlast", 26);
	fd = open("f", O_RDONLY);
	assert_int_equal(in_init(&in, fd, "f", 8, false, &err), 0);
	assert_lines(&in, "ok\n12345678\n", 0, false);
	assert_int_equal(in_fill(&in, &chunk, &err), IN_LONG_LINE);
	assert_int_equal(chunk.offset, 12);
	assert_int_equal(chunk.long_bytes, 10);
	assert_int_equal(chunk.end - chunk.p, 8);
	assert_memory_equal(chunk.p, "12345678", 8);
	assert_lines(&in, "last\n", 22, true);
	in_release(&in);
	close(fd);
}

/* Lines of all lengths around the limit, through a pipe in pieces of all sizes: nothing lost, nothing cut. */
struct walk {
	const char *text;
	size_t      n, at;         /* at: what was handed out so far */
	size_t      max_line;
};

static void
check_chunk(struct walk *w, enum in_status status, const struct in_chunk *chunk)
{
	size_t n = (size_t)(chunk->end - chunk->p);

	assert_int_equal(chunk->offset, w->at);
	if (status == IN_LONG_LINE) {
		const char *nl = memchr(w->text + w->at, '\n', w->n - w->at);
		size_t      end = nl == NULL ? w->n : (size_t)(nl - w->text) + 1;

		assert_int_equal(chunk->long_bytes, end - w->at);
		assert_int_equal(chunk->completed, nl == NULL);
		assert_true(end - w->at - (nl != NULL) > w->max_line);
		assert_memory_equal(chunk->p, w->text + w->at, n);
		w->at = end;
		return;
	}
	assert_int_equal(chunk->end[-1], '\n');
	n -= chunk->completed;
	assert_memory_equal(chunk->p, w->text + w->at, n);
	for (const char *p = chunk->p; p < chunk->end; ) {
		const char *nl = memchr(p, '\n', (size_t)(chunk->end - p));

		assert_true((size_t)(nl - p) <= w->max_line);
		p = nl + 1;
	}
	/* The scanner reads that far. */
	for (volatile const char *p = chunk->end; p < chunk->end + SCAN_PAD; p++)
		(void)*p;
	w->at += n;
}

static void
read_all(struct in *in, struct walk *w, int write_fd, unsigned *seed)
{
	size_t          written = 0;
	struct in_chunk chunk;
	struct err      err = ERR_INIT;
	enum in_status  status;

	while ((status = in_fill(in, &chunk, &err)) != IN_END) {
		if (status != IN_WOULD_BLOCK) {
			check_chunk(w, status, &chunk);
		} else if (written < w->n) {
			size_t n = 1 + (size_t)rand_r(seed) % 40;

			n = n < w->n - written ? n : w->n - written;
			assert_int_equal(write(write_fd, w->text + written, n), n);
			written += n;
			if (written == w->n)
				close(write_fd);
		}
	}
	assert_int_equal(w->at, w->n);
}

static void
in_loses_nothing_however_it_comes(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct buf text = { 0 };
		struct in  in;
		struct err err = ERR_INIT;
		int        fds[2];

		for (int i = 0, n = 1 + rand_r(&seed) % 30; i < n; i++) {
			for (int j = rand_r(&seed) % 25; j > 0; j--)
				buf_char(&text, (char)('a' + j % 26));
			if (i < n - 1 || round % 2 == 0)
				buf_char(&text, '\n');
		}
		if (text.n == 0)
			buf_char(&text, '\n');
		struct walk w = { text.p, text.n, 0, 1 + (size_t)rand_r(&seed) % 24 };

		assert_int_equal(pipe(fds), 0);
		assert_int_equal(in_init(&in, fds[0], "pipe", w.max_line, false, &err), 0);
		read_all(&in, &w, fds[1], &seed);
		in_release(&in);
		close(fds[0]);
		buf_release(&text);
	}
}

static void
in_grows_for_long_lines_and_skips_longer_ones(void **state)
{
	enum { MAX = 1 << 20 };
	struct in       in;
	struct in_chunk chunk;
	struct err      err = ERR_INIT;
	struct buf      text = { 0 };
	uint64_t        seen = 0;
	int             fd, lines = 0, longs = 0;
	enum in_status  status;

	(void)state;
	for (size_t n = MAX - 2; n <= MAX + 2; n++) {
		memset(buf_reserve(&text, n), 'x', n);
		text.n += n;
		buf_char(&text, '\n');
		buf_lit(&text, "short\n");
	}
	write_file("f", text.p, text.n);
	fd = open("f", O_RDONLY);
	assert_int_equal(in_init(&in, fd, "f", MAX, false, &err), 0);
	while ((status = in_fill(&in, &chunk, &err)) != IN_END) {
		if (status == IN_WOULD_BLOCK)
			continue;
		assert_int_equal(chunk.offset, seen);
		seen += status == IN_LONG_LINE ? chunk.long_bytes : (uint64_t)(chunk.end - chunk.p);
		longs += status == IN_LONG_LINE;
		for (const char *p = chunk.p; status == IN_LINES && p < chunk.end; p++)
			lines += *p == '\n';
	}
	assert_int_equal(seen, text.n);
	assert_int_equal(longs, 2);
	assert_int_equal(lines, 8);
	in_release(&in);
	close(fd);
	buf_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_hands_out_whole_lines_as_they_come),
		cmocka_unit_test(in_takes_a_non_blocking_descriptor),
		cmocka_unit_test(in_seeks_in_files_and_follows_them),
		cmocka_unit_test(in_begins_where_a_file_descriptor_stands),
		cmocka_unit_test(in_says_what_is_no_input),
		cmocka_unit_test(in_keeps_the_beginning_of_a_line_that_is_too_long),
		cmocka_unit_test(in_loses_nothing_however_it_comes),
		cmocka_unit_test(in_grows_for_long_lines_and_skips_longer_ones),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("io, in", tests, home_enter, home_leave);
}
