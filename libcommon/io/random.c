/* random - numbers that nobody can guess */
#include "io/random.h"

#include <bsd/stdlib.h>

uint64_t
random_u64(void)
{
	uint64_t n;

	arc4random_buf(&n, sizeof(n));
	return n;
}
