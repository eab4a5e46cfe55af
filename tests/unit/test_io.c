/* io: whole lines in and out, waiting, files replaced for good, locks, side files */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "io/child.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/in.h"
#include "io/out.h"
#include "io/side.h"
#include "io/signals.h"
#include "io/wait.h"
#include "json/scan.h"

static char home[] = "/tmp/test_io.XXXXXX";

static int
enter_home(void **state)
{
	(void)state;
	return mkdtemp(home) == NULL || chdir(home) != 0 ? -1 : 0;
}

static int
leave_home(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", home);
	return chdir("/") != 0 || system(command) != 0 ? -1 : 0;
}

static void
write_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

static struct buf
content_of(const char *path)
{
	struct buf b = { 0 };
	int        fd = open(path, O_RDONLY);
	struct err err = ERR_INIT;

	assert_true(fd >= 0);
	assert_int_equal(file_read_fd(fd, path, 1 << 20, &b, &err), 1);
	close(fd);
	return b;
}

static void
assert_file(const char *path, const char *text)
{
	struct buf b = content_of(path);

	buf_char(&b, '\0');
	assert_string_equal(b.p, text);
	buf_release(&b);
}

/* ---- in ---- */

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
	assert_false(in_ready(&in));
	assert_int_equal(in_fill(&in, &chunk, &err), IN_WOULD_BLOCK);
	assert_int_equal(write(fds[1], "one\ntwo\nthr", 11), 11);
	assert_true(in_ready(&in));
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

/* ---- out ---- */

static void
out_writes_all_to_a_slow_non_blocking_pipe(void **state)
{
	struct out o;
	struct err err = ERR_INIT;
	int        fds[2], status;
	size_t     total = 3 << 20, got = 0;
	pid_t      child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		if (out_init(&o, fds[1], "pipe", &err) != 0 || o.kind != OUT_PIPE)
			_exit(1);
		for (size_t i = 0; i < total / 4; i++) {
			buf_put(&o.buf, "abc\n", 4);
			if (out_spill(&o, &err) != 0)
				_exit(2);
		}
		_exit(out_close(&o, &err) != 0 || o.written_bytes != total);
	}
	close(fds[1]);
	for (char some[5000]; ; ) {
		ssize_t n = read(fds[0], some, sizeof(some));

		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++, got++)
			if (some[i] != "abc\n"[got % 4])
				fail();
	}
	assert_int_equal(got, total);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	close(fds[0]);
}

static void
out_widens_a_narrow_pipe_only(void **state)
{
	struct err err = ERR_INIT;
	struct out out;
	int        fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(out_init(&out, fds[1], "a pipe", &err), 0);
	assert_int_equal(fcntl(fds[1], F_GETPIPE_SZ), OUT_PIPE_BYTES);
	out_release(&out);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, 2 * OUT_PIPE_BYTES), 2 * OUT_PIPE_BYTES);
	assert_int_equal(out_init(&out, fds[1], "a pipe", &err), 0);
	assert_int_equal(fcntl(fds[1], F_GETPIPE_SZ), 2 * OUT_PIPE_BYTES);
	out_release(&out);
	close(fds[0]);
	close(fds[1]);
}

static void
out_says_that_the_reader_is_gone(void **state)
{
	struct out o;
	struct err err = ERR_INIT;
	int        fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(out_init(&o, fds[1], "standard output", &err), 0);
	assert_false(wait_reader_gone(fds[1]));
	close(fds[0]);
	assert_true(wait_reader_gone(fds[1]));
	buf_lit(&o.buf, "x\n");
	assert_int_equal(out_flush(&o, &err), -1);
	assert_int_equal(err.kind, ERR_READER_GONE);
	assert_int_equal(err.status, 141);
	assert_int_equal(o.buf.n, 2);
	assert_int_equal(out_close(&o, &err), -1);
}

static void
out_says_that_the_disk_is_full(void **state)
{
	struct out o;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(out_init(&o, open("/dev/full", O_WRONLY), "out", &err), 0);
	buf_lit(&o.buf, "x\n");
	assert_int_equal(out_close(&o, &err), -1);
	assert_int_equal(err.status, 75);
	assert_string_equal(err.text, "out: No space left on device");
}

static void
out_refuses_what_cannot_be_written(void **state)
{
	struct out o;
	struct err err = ERR_INIT;
	int        fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_int_equal(out_init(&o, fd, "standard output", &err), -1);
	close(fd);
	assert_int_equal(out_init(&o, fd, "standard output", &err), -1);
	assert_string_equal(err.text, "standard output: Bad file descriptor");
}

static void
out_knows_what_it_writes_to(void **state)
{
	struct out o;
	struct err err = ERR_INIT;
	int        fd = open("plain", O_WRONLY | O_CREAT, 0600), null = open("/dev/null", O_WRONLY);

	(void)state;
	assert_int_equal(out_init(&o, fd, "plain", &err), 0);
	assert_int_equal(o.kind, OUT_REGULAR);
	assert_int_equal(out_close(&o, &err), 0);
	assert_int_equal(out_init(&o, null, "null", &err), 0);
	assert_int_equal(o.kind, OUT_OTHER);
	assert_int_equal(out_close(&o, &err), 0);
}

/* ---- wait and signals ---- */

static void
wait_tells_what_has_happened(void **state)
{
	struct wait_for what = WAIT_FOR_NOTHING;
	int             in[2], out[2];

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	what.in_fd = in[0];
	what.out_fd = out[1];
	what.deadline_ms = clock_mono_ms() + 5;
	assert_int_equal(wait_any(&what, false), WAIT_TIME);
	assert_true(clock_mono_ms() >= what.deadline_ms);
	what.deadline_ms = CLOCK_NEVER;
	assert_int_equal(write(in[1], "x", 1), 1);
	assert_int_equal(wait_any(&what, false), WAIT_INPUT);
	close(out[0]);
	assert_int_equal(wait_any(&what, false), WAIT_INPUT | WAIT_NO_READER);
	what.in_fd = -1;
	assert_int_equal(wait_any(&what, false), WAIT_NO_READER);
	close(in[0]);
	close(in[1]);
	close(out[1]);
}

static void
wait_sees_a_file_grow(void **state)
{
	struct wait_for what = WAIT_FOR_NOTHING;
	int             fd;

	(void)state;
	write_file("grows", "", 0);
	what.watch_fd = watch_new();
	if (what.watch_fd < 0 || watch_path(what.watch_fd, "grows") != 0)
		skip();
	what.deadline_ms = clock_mono_ms();
	assert_int_equal(wait_any(&what, false), WAIT_TIME);
	fd = open("grows", O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	what.deadline_ms = CLOCK_NEVER;
	assert_int_equal(wait_any(&what, false), WAIT_CHANGED);
	watch_drain(what.watch_fd);
	what.deadline_ms = clock_mono_ms();
	assert_int_equal(wait_any(&what, false), WAIT_TIME);
	close(what.watch_fd);
}

/* A child that says over a pipe when it is ready, then waits; its wait status. */
static int
signalled(enum signals_role role, int sig, bool again)
{
	int   ready[2], status = 0;
	char  c;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct wait_for what = WAIT_FOR_NOTHING;

		signals_set(role);
		if (write(ready[1], "r", 1) != 1)
			_exit(9);
		wait_any(&what, false);            /* only a stop ends it */
		if (!signals_stop_asked() || wait_any(&what, false) != WAIT_STOP)
			_exit(8);
		if (!again)
			_exit(7);
		for (;;)
			wait_any(&what, true);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	kill(child, sig);
	while (again && waitpid(child, &status, WNOHANG) == 0)
		kill(child, sig);
	if (!again)
		waitpid(child, &status, 0);
	close(ready[0]);
	close(ready[1]);
	return status;
}

static void
signals_stop_a_source_and_end_anybody_at_the_second(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(signalled(SIGNALS_SOURCE, SIGTERM, false)), 7);
	assert_int_equal(WEXITSTATUS(signalled(SIGNALS_SOURCE, SIGINT, false)), 7);
	assert_int_equal(WTERMSIG(signalled(SIGNALS_SOURCE, SIGTERM, true)), SIGTERM);
	assert_int_equal(WTERMSIG(signalled(SIGNALS_FILTER, SIGTERM, true)), SIGTERM);
	assert_int_equal(WTERMSIG(signalled(SIGNALS_FILTER, SIGINT, true)), SIGINT);
}

static void
signals_let_a_filter_go_on(void **state)
{
	int   fds[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		struct wait_for what = WAIT_FOR_NOTHING;

		close(fds[1]);
		what.in_fd = fds[0];
		signals_set(SIGNALS_FILTER);
		raise(SIGTERM);
		raise(SIGPIPE);
		_exit(wait_any(&what, false) == WAIT_INPUT && !signals_stop_asked() ? 0 : 1);
	}
	close(fds[0]);
	close(fds[1]);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static void
signals_that_were_ignored_stay_ignored(void **state)
{
	int   status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		signal(SIGINT, SIG_IGN);
		signals_set(SIGNALS_SOURCE);
		raise(SIGINT);
		_exit(signals_stop_asked());
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

/* ---- files ---- */

static struct file_dir
open_dir(const char *path)
{
	struct file_dir d;
	struct err      err = ERR_INIT;

	assert_int_equal(file_dir_open(&d, NULL, path, true, true, &err), 0);
	return d;
}

static void
file_replace_leaves_the_new_content_and_no_temp(void **state)
{
	struct file_dir d = open_dir("replace");
	struct err      err = ERR_INIT;
	struct buf      b = { 0 };
	struct stat     st;

	(void)state;
	assert_int_equal(file_read(&d, "a", 100, &b, &err), 0);
	assert_int_equal(file_replace(&d, "a", SPAN_LIT("one"), true, &err), 0);
	assert_int_equal(file_replace(&d, "a", SPAN_LIT("two!"), false, &err), 0);
	assert_file("replace/a", "two!");
	assert_int_equal(file_read(&d, "a", 4, &b, &err), 1);
	assert_true(span_eq(buf_all(&b), SPAN_LIT("two!")));
	assert_int_equal(file_read(&d, "a", 3, &b, &err), -1);
	assert_int_equal(stat("replace/a", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat("replace", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(unlink("replace/a"), 0);
	assert_int_equal(rmdir("replace"), 0);       /* no temp file is left */
	assert_int_equal(file_replace(&d, "a", SPAN_LIT("three"), true, &err), -1);
	buf_release(&b);
	file_dir_close(&d);
}

static void
file_dirs_are_not_made_without_a_parent(void **state)
{
	struct file_dir d;
	struct err      err = ERR_INIT;

	(void)state;
	assert_int_equal(file_dir_open(&d, NULL, "no/such", true, true, &err), -1);
	assert_string_equal(err.text, "no/such: No such file or directory");
	assert_int_equal(err.status, 1);
	write_file("a-file", "", 0);
	assert_int_equal(file_dir_open(&d, NULL, "a-file", true, true, &err), -1);
	assert_string_equal(err.text, "a-file: Not a directory");
}

/* ---- locks ---- */

static pid_t
hold(const char *dir, int *ready_fd)
{
	int   fds[2];
	char  c;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		struct file_dir d = open_dir(dir);
		struct err      err = ERR_INIT;
		int             fd;

		close(fds[0]);
		if (file_lock(&d, "lock", clock_mono_ms() + 10000, NULL, &fd, &err) != 0 ||
		    file_lock_note(fd, "lock", 12, &err) != 0 || write(fds[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	*ready_fd = fds[0];
	return child;
}

static void
end_child(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static int
see_run(void *cookie, struct span content, struct err *err)
{
	int64_t pid;

	file_lock_read(content, cookie, &pid);
	(void)err;
	return 0;
}

static void
lock_waits_until_its_deadline_and_says_who_holds_it(void **state)
{
	struct file_dir  d = open_dir("locks");
	struct err       err = ERR_INIT;
	uint64_t         run = 0;
	struct file_busy busy = { see_run, &run };
	int              fd, ready;
	pid_t            child = hold("locks", &ready);
	int64_t          deadline = clock_mono_ms() + 30;
	char             text[100];

	(void)state;
	assert_int_equal(file_lock(&d, "lock", deadline, &busy, &fd, &err), -1);
	assert_true(clock_mono_ms() >= deadline);
	assert_int_equal(err.status, 75);
	snprintf(text, sizeof(text), "locks/lock: held by pid %d", (int)child);
	assert_string_equal(err.text, text);
	assert_int_equal(run, 12);
	end_child(child);
	close(ready);
	assert_int_equal(file_lock(&d, "lock", 0, NULL, &fd, &err), 0);
	close(fd);
	file_dir_close(&d);
}

/* Somebody is waiting for it: now the holder dies. */
static int
kill_holder(void *cookie, struct span content, struct err *err)
{
	(void)content;
	(void)err;
	kill(*(pid_t *)cookie, SIGKILL);
	return 0;
}

static void
lock_is_taken_when_its_holder_dies(void **state)
{
	struct file_dir  d = open_dir("locks");
	struct err       err = ERR_INIT;
	int              fd, ready;
	pid_t            child = hold("locks", &ready);
	struct file_busy busy = { kill_holder, &child };

	(void)state;
	assert_int_equal(file_lock(&d, "lock", clock_mono_ms() + 20000, &busy, &fd, &err), 0);
	waitpid(child, NULL, 0);
	close(fd);
	close(ready);
	file_dir_close(&d);
}

static int
refuse(void *cookie, struct span content, struct err *err)
{
	(void)cookie;
	(void)content;
	return err_set(err, ERR_USAGE, "not with that one");
}

static void
lock_wait_ends_when_the_asker_does_not_like_the_holder(void **state)
{
	struct file_dir  d = open_dir("locks");
	struct err       err = ERR_INIT;
	int              fd, ready;
	pid_t            child = hold("locks", &ready);
	struct file_busy busy = { refuse, NULL };

	(void)state;
	assert_int_equal(file_lock(&d, "lock", CLOCK_NEVER, &busy, &fd, &err), -1);
	assert_string_equal(err.text, "not with that one");
	end_child(child);
	close(ready);
	file_dir_close(&d);
}

static void
lock_of_a_file_that_was_replaced_is_none(void **state)
{
	struct file_dir d = open_dir("locks");
	struct err      err = ERR_INIT;
	int             fd, other, ready;
	pid_t           child = hold("locks", &ready);

	(void)state;
	assert_int_equal(rename("locks/lock", "locks/gone"), 0);
	assert_int_equal(file_lock(&d, "lock", 0, NULL, &fd, &err), 0);
	assert_false(file_is_deleted(fd));
	assert_int_equal(file_is_same(&d, "lock", fd, &err), 1);
	other = open("locks/gone", O_RDONLY);
	assert_true(file_lock_is_held(other));
	assert_int_equal(file_is_same(&d, "lock", other, &err), 0);
	unlink("locks/gone");
	assert_true(file_is_deleted(other));
	end_child(child);
	assert_false(file_lock_is_held(other));
	close(other);
	close(ready);
	close(fd);
	file_dir_close(&d);
}

static void
lock_notes_survive_garbage(void **state)
{
	uint64_t run;
	int64_t  pid;

	(void)state;
	file_lock_read(SPAN_LIT("{\"run\":12,\"pid\":34}   \n"), &run, &pid);
	assert_int_equal(run, 12);
	assert_int_equal(pid, 34);
	file_lock_read(SPAN_LIT("\0\0\0\0"), &run, &pid);
	assert_int_equal(run, 0);
	file_lock_read(SPAN_LIT("{\"run\":-1,\"pid\":true}"), &run, &pid);
	assert_int_equal(run, 0);
	assert_int_equal(pid, 0);
	file_lock_read(SPAN_LIT(""), &run, &pid);
	assert_int_equal(run, 0);
}

static void
child_holds_no_lock_and_keeps_one_descriptor(void **state)
{
	struct file_dir d = open_dir("locks");
	struct err      err = ERR_INIT;
	int             fd, status, out[2];
	pid_t           child;
	char            c;

	(void)state;
	assert_int_equal(pipe(out), 0);
	assert_int_equal(file_lock(&d, "lock", 0, NULL, &fd, &err), 0);
	child = child_fork(out[1], &err);
	if (child == 0) {
		bool lone = fcntl(0, F_GETFD) < 0 && fcntl(fd, F_GETFD) < 0 && fcntl(out[0], F_GETFD) < 0 &&
		            fcntl(2, F_GETFD) >= 0;

		if (write(out[1], lone ? "y" : "n", 1) != 1)
			child_exit(1);
		for (;;)
			pause();
	}
	close(out[1]);
	assert_int_equal(read(out[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	close(fd);
	assert_int_equal(file_lock(&d, "lock", 0, NULL, &fd, &err), 0);
	assert_int_equal(child_poll(child, &status), 0);
	child_kill(child);
	close(fd);
	close(out[0]);
	file_dir_close(&d);
}

static void
child_dies_with_its_parent(void **state)
{
	int   out[2], life[2];
	pid_t parent;
	char  c;

	(void)state;
	assert_int_equal(pipe(out), 0);
	assert_int_equal(pipe(life), 0);
	parent = fork();
	if (parent == 0) {
		struct err err = ERR_INIT;

		close(out[0]);
		if (child_fork(out[1], &err) == 0) {
			if (write(out[1], "r", 1) != 1)
				child_exit(1);
			for (;;)
				pause();
		}
		for (;;)
			pause();
	}
	close(out[1]);
	assert_int_equal(read(out[0], &c, 1), 1);
	end_child(parent);
	assert_int_equal(read(out[0], &c, 1), 0);        /* nobody has the other end any more */
	close(out[0]);
	close(life[0]);
	close(life[1]);
}

/* ---- side files ---- */

static struct side *
side_with(const char *path, const struct side_place *known, bool is_new, const char *text)
{
	struct err   err = ERR_INIT;
	bool         new;
	struct side *s = side_open(path, known, &new, &err);

	assert_non_null(s);
	assert_int_equal(new, is_new);
	buf_str(side_buf(s), text);
	assert_int_equal(side_sync(s, &err), 0);
	return s;
}

static void
side_appends_without_a_checkpoint(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	write_file("late", "old\n", 4);
	assert_int_equal(side_close(side_with("late", NULL, true, "new\n"), &err), 0);
	assert_file("late", "old\nnew\n");
	assert_int_equal(side_close(NULL, &err), 0);
}

static void
side_is_cut_back_to_the_checkpoint(void **state)
{
	struct err        err = ERR_INIT;
	struct side_place place;
	struct side      *s;

	(void)state;
	unlink("late");
	s = side_with("late", NULL, true, "one\n");
	side_place(s, &place);
	assert_int_equal(place.length_bytes, 4);
	place.path = "late";
	buf_str(side_buf(s), "lost with the crash\n");
	assert_int_equal(side_close(s, &err), 0);
	assert_int_equal(side_close(side_with("late", &place, false, "two\n"), &err), 0);
	assert_file("late", "one\ntwo\n");
	/* Found again under another name too. */
	assert_int_equal(rename("late", "moved"), 0);
	assert_int_equal(side_close(side_with("moved", &place, false, "2\n"), &err), 0);
	assert_file("moved", "one\n2\n");
}

static void
side_begins_anew_when_rotated_away(void **state)
{
	struct err        err = ERR_INIT;
	struct side_place place;
	struct side      *s;

	(void)state;
	unlink("late");
	s = side_with("late", NULL, true, "one\n");
	side_place(s, &place);
	place.path = "late";
	assert_int_equal(side_close(s, &err), 0);
	assert_int_equal(rename("late", "late.1"), 0);
	assert_int_equal(side_close(side_with("late", &place, false, "two\n"), &err), 0);
	assert_file("late", "two\n");
	/* Killed before the next snapshot: the same place is known, and again another file is found. */
	assert_int_equal(side_close(side_with("late", &place, false, "2\n"), &err), 0);
	assert_file("late", "2\n");
	assert_file("late.1", "one\n");
}

static void
side_of_another_path_keeps_what_is_there(void **state)
{
	struct err        err = ERR_INIT;
	struct side_place place = { "late", 1, 1, 0 };

	(void)state;
	write_file("other", "mine\n", 5);
	assert_int_equal(side_close(side_with("other", &place, true, "late\n"), &err), 0);
	assert_file("other", "mine\nlate\n");
}

static void
side_that_got_shorter_is_an_error(void **state)
{
	struct err        err = ERR_INIT;
	struct side_place place;
	struct side      *s;
	bool              is_new;

	(void)state;
	unlink("late");
	s = side_with("late", NULL, true, "one\n");
	side_place(s, &place);
	place.path = "late";
	assert_int_equal(side_close(s, &err), 0);
	assert_int_equal(truncate("late", 3), 0);
	assert_null(side_open("late", &place, &is_new, &err));
	assert_string_equal(err.text, "late: shorter than the checkpoint knows: 3 bytes, not 4");
	assert_int_equal(err.status, 1);
}

static void
side_has_one_holder(void **state)
{
	struct err   err = ERR_INIT;
	struct side *s;
	bool         is_new;

	(void)state;
	s = side_with("late", NULL, true, "");
	assert_null(side_open("late", NULL, &is_new, &err));
	assert_int_equal(err.status, 2);
	side_free(s);
	/* Devices are for everybody. */
	s = side_with("/dev/null", NULL, false, "x\n");
	assert_int_equal(side_close(side_with("/dev/null", NULL, false, "x\n"), &err), 0);
	assert_int_equal(side_close(s, &err), 0);
	s = side_open("/dev/full", NULL, &is_new, &err);
	buf_str(side_buf(s), "x\n");
	assert_int_equal(side_close(s, &err), -1);
	assert_int_equal(err.status, 75);
	assert_null(side_open("no/such/file", NULL, &is_new, &err));
	assert_int_equal(err.status, 1);
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
		cmocka_unit_test(out_writes_all_to_a_slow_non_blocking_pipe),
		cmocka_unit_test(out_widens_a_narrow_pipe_only),
		cmocka_unit_test(out_says_that_the_reader_is_gone),
		cmocka_unit_test(out_says_that_the_disk_is_full),
		cmocka_unit_test(out_refuses_what_cannot_be_written),
		cmocka_unit_test(out_knows_what_it_writes_to),
		cmocka_unit_test(wait_tells_what_has_happened),
		cmocka_unit_test(wait_sees_a_file_grow),
		cmocka_unit_test(signals_stop_a_source_and_end_anybody_at_the_second),
		cmocka_unit_test(signals_let_a_filter_go_on),
		cmocka_unit_test(signals_that_were_ignored_stay_ignored),
		cmocka_unit_test(file_replace_leaves_the_new_content_and_no_temp),
		cmocka_unit_test(file_dirs_are_not_made_without_a_parent),
		cmocka_unit_test(lock_waits_until_its_deadline_and_says_who_holds_it),
		cmocka_unit_test(lock_is_taken_when_its_holder_dies),
		cmocka_unit_test(lock_wait_ends_when_the_asker_does_not_like_the_holder),
		cmocka_unit_test(lock_of_a_file_that_was_replaced_is_none),
		cmocka_unit_test(lock_notes_survive_garbage),
		cmocka_unit_test(child_holds_no_lock_and_keeps_one_descriptor),
		cmocka_unit_test(child_dies_with_its_parent),
		cmocka_unit_test(side_appends_without_a_checkpoint),
		cmocka_unit_test(side_is_cut_back_to_the_checkpoint),
		cmocka_unit_test(side_begins_anew_when_rotated_away),
		cmocka_unit_test(side_of_another_path_keeps_what_is_there),
		cmocka_unit_test(side_that_got_shorter_is_an_error),
		cmocka_unit_test(side_has_one_holder),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("io", tests, enter_home, leave_home);
}
