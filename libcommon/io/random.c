/* random - numbers that nobody can guess */
#include "io/random.h"

#include <bsd/stdlib.h>
#include <sys/random.h>

uint64_t
random_u64(void)
{
	uint64_t n;

	/* The library's generator leaves the process without a word where it gets no memory: only where the kernel has none. */
	if (getrandom(&n, sizeof(n), 0) != (ssize_t)sizeof(n))
		arc4random_buf(&n, sizeof(n));
	return n;
}
