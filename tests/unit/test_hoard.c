/* hoard: what was read of a pipe before anybody wanted it comes out as it went in, from memory and from disk */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/hoard.h"

static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Bytes that say where they stand. */
static char
byte_at(uint64_t i)
{
	return (char)(i * 7 + i / 251);
}

struct both {
	struct hoard *hoard;
	int           in, out;
	uint64_t      written, taken;
	bool          by_hand;       /* no pipe's bytes */
};

static void
give(struct both *b, size_t n)
{
	char       bytes[60000];
	struct err err = ERR_INIT;

	if (n > sizeof(bytes))
		n = sizeof(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = byte_at(b->written + i);
	b->written += n;
	if (b->by_hand) {
		assert_int_equal(hoard_put(b->hoard, bytes, n, &err), 0);
		return;
	}
	assert_int_equal(write(b->out, bytes, n), n);
	assert_int_equal(hoard_fill(b->hoard, b->in, "pipe", &err), 1);
}

static void
take(struct both *b, size_t n)
{
	static char bytes[700000];
	struct err  err = ERR_INIT;
	ssize_t     got;

	got = hoard_take(b->hoard, bytes, n > sizeof(bytes) ? sizeof(bytes) : n, &err);
	assert_true(got >= 0);
	for (ssize_t i = 0; i < got; i++)
		if (bytes[i] != byte_at(b->taken + (uint64_t)i))
			fail_msg("byte %llu is another one", (unsigned long long)(b->taken + (uint64_t)i));
	b->taken += (uint64_t)got;
}

/* A chunk of the pipe may need several fills: the hoard's blocks end in the middle of it. */
static void
fill_all(struct both *b)
{
	struct err err = ERR_INIT;

	while (hoard_fill(b->hoard, b->in, "pipe", &err) == 1)
		;
}

static void
what_goes_in_comes_out(void **state)
{
	static const size_t memories[] = { 0, 256 * 1024, 1024 * 1024, 64 * 1024 * 1024 };

	(void)state;
	for (uint64_t seed = 1; seed <= 80; seed++) {
		uint64_t    random = seed * 977;
		struct both b = { .hoard = hoard_new(memories[seed % 4]), .by_hand = seed > 40 };
		int         fds[2];

		assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
		b.in = fds[0];
		b.out = fds[1];
		assert_true(hoard_is_empty(b.hoard));
		for (int step = 0; step < 120; step++) {
			if (next_random(&random) % 3 != 0) {
				give(&b, 1 + next_random(&random) % 60000);
				fill_all(&b);
			} else {
				take(&b, 1 + next_random(&random) % 400000);
			}
			assert_int_equal(hoard_is_empty(b.hoard), b.written == b.taken);
		}
		close(b.out);
		fill_all(&b);
		assert_true(hoard_has_ended(b.hoard));
		while (!hoard_is_empty(b.hoard))
			take(&b, 100000);
		assert_int_equal(b.taken, b.written);
		hoard_free(b.hoard);
		close(b.in);
	}
}

static void
beyond_its_memory_it_is_on_disk(void **state)
{
	struct both b = { .hoard = hoard_new(256 * 1024) };
	int         fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	b.in = fds[0];
	b.out = fds[1];
	for (int i = 0; i < 20; i++) {
		give(&b, 50000);
		fill_all(&b);
	}
	assert_true(hoard_disk_bytes(b.hoard) >= 1000000 - 256 * 1024 - 50000);
	while (!hoard_is_empty(b.hoard))
		take(&b, 30000);
	assert_int_equal(b.taken, 1000000);
	assert_int_equal(hoard_disk_bytes(b.hoard), 0);
	hoard_free(b.hoard);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(beyond_its_memory_it_is_on_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
