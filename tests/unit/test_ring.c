/* ring: who reads sees what was written, whoever it is and however it leaves */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/out.h"
#include "io/ring.h"

enum { ALL_BYTES = 24 * 1024 * 1024, HELD_BYTES = 512 * 1024 };

/* Of a pipe, and of a second one by which a process says that it is ready. */
struct place {
	int       fds[2], said[2];
	uint64_t *taken;               /* shared: by those who have left */
};

static char
byte_at(uint64_t i)
{
	return (char)(i * 2654435761u >> 13);
}

static void
place_init(struct place *at)
{
	assert_int_equal(pipe(at->fds), 0);
	assert_int_equal(pipe(at->said), 0);
	at->taken = mmap(NULL, sizeof(*at->taken), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(at->taken, MAP_FAILED);
	*at->taken = 0;
}

static void
place_release(struct place *at)
{
	close(at->said[0]);
	close(at->said[1]);
	munmap(at->taken, sizeof(*at->taken));
}

static void
say(const struct place *at)
{
	if (write(at->said[1], "x", 1) != 1)
		_exit(9);
}

static void
wait_until_said(const struct place *at)
{
	char c;

	if (read(at->said[0], &c, 1) != 1)
		_exit(9);
}

/* Reads up to N bytes of the stream, in pieces of all sizes, and looks at each.  Where the stream stands then. */
static uint64_t
read_on(const struct place *at, uint64_t n)
{
	static char buf[300000];
	uint64_t    from = *at->taken, end = from + n;
	unsigned    seed = (unsigned)from;

	while (from < end) {
		size_t  want = 1 + (size_t)rand_r(&seed) % (rand_r(&seed) % 8 == 0 ? 5000 : sizeof(buf));
		ssize_t got = read(at->fds[0], buf, want < end - from ? want : (size_t)(end - from));

		if (got == 0)
			break;
		if (got == -1)
			_exit(8);
		for (ssize_t i = 0; i < got; i++, from++)
			if (buf[i] != byte_at(from))
				_exit(7);
	}
	return *at->taken = from;
}

/* Of ours: N bytes, then it leaves. */
static void
be_ours(const struct place *at, uint64_t n)
{
	ring_announce(at->fds[0]);
	say(at);
	_exit(read_on(at, n) == ALL_BYTES || n < ALL_BYTES ? 0 : 6);
}

/* Somebody else: splices some of it into a pipe of its own, reads the rest, and looks at what it holds at last. */
static void
be_foreign(const struct place *at)
{
	uint64_t first = *at->taken, held = 0;
	int      own[2];
	char     c;

	if (pipe(own) == -1 || fcntl(own[1], F_SETPIPE_SZ, 2 * HELD_BYTES) == -1)
		_exit(5);
	while (held < HELD_BYTES) {
		ssize_t n = splice(at->fds[0], NULL, own[1], NULL, 16384, 0);

		if (n <= 0)
			_exit(4);
		held += (uint64_t)n;
	}
	*at->taken = first + held;
	read_on(at, ALL_BYTES);
	for (uint64_t i = 0; i < held; i++)
		if (read(own[0], &c, 1) != 1 || c != byte_at(first + i))
			_exit(3);
	_exit(*at->taken == ALL_BYTES ? 0 : 6);
}

/*
 * Readers that follow each other on one pipe, as in { first; second; } of a shell: one of ours that takes FIRST bytes
 * (0: there is none), then one that takes the rest, of ours or not.
 */
static pid_t
start_readers(const struct place *at, uint64_t first, bool then_ours)
{
	pid_t pid = fork(), child;

	assert_true(pid != -1);
	if (pid != 0)
		return pid;
	close(at->fds[1]);
	if (first > 0) {
		int status;

		if ((child = fork()) == 0)
			be_ours(at, first);
		if (child == -1 || waitpid(child, &status, 0) != child || status != 0)
			_exit(2);
	} else if (!then_ours) {
		say(at);
	}
	if (then_ours)
		be_ours(at, ALL_BYTES);
	be_foreign(at);
	return 0;
}

/* Puts the stream into the pipe in portions of all sizes. */
static void
write_all(struct out *o, uint64_t *at, uint64_t until)
{
	struct err err = ERR_INIT;
	unsigned   seed = 1;

	while (*at < until) {
		size_t n = (size_t)rand_r(&seed) % (rand_r(&seed) % 4 == 0 ? 400000 : 120000);
		char  *to;

		n = n < until - *at ? n : (size_t)(until - *at);
		to = buf_reserve(&o->buf, n);
		for (size_t i = 0; i < n; i++)
			to[i] = byte_at(*at + i);
		o->buf.n += n;
		*at += n;
		assert_int_equal(out_flush(o, &err), 0);
	}
}

static void
open_out(const struct place *at, struct out *o)
{
	struct err err = ERR_INIT;

	close(at->fds[0]);
	assert_int_equal(out_init(o, at->fds[1], "a pipe", &err), 0);
}

static int
status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* ---- */

static void
ring_goes_to_a_reader_of_ours(void **state)
{
	static const int sizes[] = { 0, 4096, 65536, 1 << 20 };
	(void)state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (int non_blocking = 0; non_blocking < 2; non_blocking++) {
			struct place at;
			struct out   o;
			struct err   err = ERR_INIT;
			uint64_t     n = 0, given;
			pid_t        reader;

			place_init(&at);
			reader = start_readers(&at, 0, true);
			wait_until_said(&at);
			open_out(&at, &o);
			if (sizes[i] != 0)
				assert_true(fcntl(at.fds[1], F_SETPIPE_SZ, sizes[i]) >= sizes[i]);
			if (non_blocking != 0)
				assert_int_equal(fcntl(at.fds[1], F_SETFL, O_NONBLOCK), 0);
			write_all(&o, &n, ALL_BYTES);
			given = o.ring.given_bytes;
			assert_int_equal(o.written_bytes, ALL_BYTES);
			assert_int_equal(out_close(&o, &err), 0);
			assert_int_equal(status_of(reader), 0);
			assert_true(given > ALL_BYTES / 4);
			place_release(&at);
		}
	}
}

static void
ring_does_not_go_to_others(void **state)
{
	struct place at;
	struct out   o;
	struct err   err = ERR_INIT;
	uint64_t     n = 0;
	pid_t        reader;
	(void)state;

	place_init(&at);
	reader = start_readers(&at, 0, false);
	wait_until_said(&at);
	open_out(&at, &o);
	write_all(&o, &n, ALL_BYTES);
	assert_int_equal(o.ring.given_bytes, 0);
	assert_int_equal(out_close(&o, &err), 0);
	assert_int_equal(status_of(reader), 0);
	place_release(&at);
}

/* Who comes behind, of ours or not, may keep what it gets by reference: nothing of it is written again. */
static void
ring_ends_with_the_reader_it_knows(void **state)
{
	(void)state;
	for (int then_ours = 0; then_ours < 2; then_ours++) {
		struct place at;
		struct out   o;
		struct err   err = ERR_INIT;
		uint64_t     n = 0;
		pid_t        readers;

		place_init(&at);
		readers = start_readers(&at, ALL_BYTES / 3 + 777, then_ours != 0);
		wait_until_said(&at);
		open_out(&at, &o);
		write_all(&o, &n, ALL_BYTES);
		assert_true(o.ring.given_bytes > 0);
		assert_true(o.ring.given_bytes < ALL_BYTES / 3 + (2 << 20));
		assert_true(o.ring.is_over);
		assert_int_equal(out_close(&o, &err), 0);
		assert_int_equal(status_of(readers), 0);
		place_release(&at);
	}
}

static void
ring_says_that_a_killed_reader_is_gone(void **state)
{
	struct place at;
	struct out   o;
	struct err   err = ERR_INIT;
	uint64_t     n = 0;
	pid_t        reader;
	(void)state;

	place_init(&at);
	reader = start_readers(&at, 0, true);
	wait_until_said(&at);
	open_out(&at, &o);
	write_all(&o, &n, ALL_BYTES / 4);
	assert_true(o.ring.given_bytes > 0);
	assert_int_equal(kill(reader, SIGKILL), 0);
	assert_int_equal(WTERMSIG(status_of(reader)), SIGKILL);
	memset(buf_reserve(&o.buf, 100000), '\n', 100000);
	o.buf.n += 100000;
	assert_int_equal(out_flush(&o, &err), -1);
	assert_int_equal(err.kind, ERR_READER_GONE);
	assert_int_equal(o.buf.n, 100000);
	out_release(&o);
	close(at.fds[1]);
	place_release(&at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring_goes_to_a_reader_of_ours),
		cmocka_unit_test(ring_does_not_go_to_others),
		cmocka_unit_test(ring_ends_with_the_reader_it_knows),
		cmocka_unit_test(ring_says_that_a_killed_reader_is_gone),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
