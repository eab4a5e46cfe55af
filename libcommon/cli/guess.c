/* guess - what somebody may have meant */
#include "cli/guess.h"

#include <string.h>

enum { LONGEST = 40, FAR_OFF = 1000 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned
guess_distance(const char *a, const char *b)
{
	size_t   na = strlen(a), nb = strlen(b);
	unsigned row[3][LONGEST + 1];

	if (na > LONGEST || nb > LONGEST)
		return FAR_OFF;
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *now = row[i % 3], *before = row[(i - 1) % 3], *swapped = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			now[j] = least(before[j], now[j - 1]) + 1;
			now[j] = least(now[j], before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], swapped[j - 2] + 1);
		}
	}
	return row[na % 3][nb];
}

int
guess_is_near(const char *a, const char *b)
{
	size_t n = strlen(b);

	/* A part of a long name counts: --checkpoint-int, --lateness. */
	if (strlen(a) >= 4 && strstr(b, a) != NULL)
		return 1;
	return guess_distance(a, b) <= (n <= 3 ? 1u : n <= 7 ? 2u : 3u);
}
