/* epoch - which epoch does a topic hold? */
#include "kafka/epoch.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>


/* The answer alone. */
static enum epoch_verdict
by_answer(const struct epoch_case *c, uint64_t *held)
{
	*held = c->epoch;
	if (!c->has_answer) {
		if (!c->has_commit || c->was_plain)
			return EPOCH_GO_ON;
		return c->closed ? EPOCH_EXPIRED : EPOCH_IN_DOUBT;
	}
	if (c->answer == c->epoch || (c->was_plain && c->answer < c->epoch))
		return EPOCH_GO_ON;
	if (c->has_commit && !c->closed && !c->was_plain && c->answer == c->epoch + 1) {
		*held = c->answer;
		return EPOCH_GO_ON;
	}
	return EPOCH_FOREIGN;
}

enum epoch_verdict
epoch_decide(const struct epoch_case *c, uint64_t *held)
{
	enum epoch_verdict v = by_answer(c, held);
	bool               is_clear = v == EPOCH_GO_ON || v == EPOCH_EXPIRED;

	if (!c->is_assumed)
		return v;
	/* There are snapshots of these two, and of no other. */
	if (is_clear ? c->assumed != *held : c->assumed != c->epoch && c->assumed != c->epoch + 1)
		return EPOCH_NOT_ASSUMED;
	*held = c->assumed;
	return is_clear ? v : EPOCH_GO_ON;
}

void
epoch_put_text(struct buf *b, uint64_t run, uint64_t epoch)
{
	buf_lit(b, "stream/1 run=");
	buf_u64(b, run);
	buf_lit(b, " epoch=");
	buf_u64(b, epoch);
}

/* NAME and digits at *S, which goes on behind them. */
static bool
take(struct span *s, const char *name, uint64_t *n)
{
	size_t len = strlen(name), digits = 0;
	char   text[24];

	if (!span_starts(*s, span_str(name)))
		return false;
	*s = span_of(s->p + len, s->n - len);
	while (digits < s->n && digits < sizeof(text) - 1 && isdigit((unsigned char)s->p[digits])) {
		text[digits] = s->p[digits];
		digits++;
	}
	text[digits] = '\0';
	*n = strtoull(text, NULL, 10);
	*s = span_of(s->p + digits, s->n - digits);
	return digits > 0;
}

bool
epoch_read_text(struct span s, uint64_t *run, uint64_t *epoch)
{
	return take(&s, "stream/1 run=", run) && take(&s, " epoch=", epoch) && s.n == 0;
}
