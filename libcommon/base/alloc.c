/* alloc - memory or the end of the process */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The one place outside cli/ that prints and exits: nothing else is safe to do without memory. */
void
alloc_failed(void)
{
	static const char text[] = "streamutils: out of memory\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n;
	_exit(75);
}

void *
alloc_bytes(size_t n)
{
	void *p = malloc(n == 0 ? 1 : n);

	if (p == NULL)
		alloc_failed();
	return p;
}

void *
alloc_zeroed(size_t count, size_t size)
{
	void *p = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);

	if (p == NULL)
		alloc_failed();
	return p;
}

void *
alloc_resized(void *old, size_t count, size_t size)
{
	size_t n;
	void  *p;

	if (__builtin_mul_overflow(count, size, &n) || (p = realloc(old, n == 0 ? 1 : n)) == NULL)
		alloc_failed();
	return p;
}

char *
alloc_string(const char *s)
{
	return s == NULL ? NULL : alloc_string_n(s, strlen(s));
}

char *
alloc_string_n(const char *s, size_t n)
{
	char *p = alloc_bytes(n + 1);

	if (n > 0)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

void *
alloc_block(void)
{
	const size_t n = ALLOC_BLOCK_BYTES;
	char        *p = mmap(NULL, 2 * n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t       before;

	if (p == MAP_FAILED)
		alloc_failed();
	/* What lies before and behind the one block that begins where it should goes again. */
	before = -(uintptr_t)p & (n - 1);
	if (before > 0)
		munmap(p, before);
	munmap(p + before + n, n - before);
	(void)madvise(p + before, n, MADV_HUGEPAGE);
	return p + before;
}

void
alloc_block_free(void *block)
{
	munmap(block, ALLOC_BLOCK_BYTES);
}
