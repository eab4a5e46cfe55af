/* stdout - `-`: at least once */
#include "sink/stdout.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/out.h"
#include "sink/lines.h"

struct out_sink {
	struct sink      sink;
	struct sink_conf conf;
	struct out       out;
};

static void
stdout_free(struct sink *s)
{
	struct out_sink *o = (struct out_sink *)s;

	if (o == NULL)
		return;
	out_release(&o->out);
	free(o);
}

static struct sink *
stdout_open(const struct sink_conf *conf, struct err *err)
{
	struct out_sink *o = alloc_zeroed(1, sizeof(*o));

	o->sink.class = &sink_stdout;
	o->conf = *conf;
	if (out_init(&o->out, STDOUT_FILENO, "standard output", err) == 0)
		return &o->sink;
	free(o);
	return NULL;
}

static int
stdout_start(struct sink *s, const struct sink_start *start, struct sink_held *held, struct err *err)
{
	(void)s, (void)err;
	held->epoch = start->epoch;
	buf_lit(&held->token, "null");
	return 0;
}

static int
stdout_write(struct sink *s, const struct rec *recs, size_t n, struct err *err)
{
	struct out_sink *o = (struct out_sink *)s;

	lines_put(&o->out.buf, &o->conf, recs, n);
	return o->conf.has_checkpoint ? 0 : out_spill(&o->out, err);
}

static int
stdout_flush(struct sink *s, struct err *err)
{
	struct out_sink *o = (struct out_sink *)s;

	return o->conf.has_checkpoint ? 0 : out_flush(&o->out, err);
}

static int
stdout_commit(struct sink *s, uint64_t epoch, struct buf *token, struct err *err)
{
	struct out_sink *o = (struct out_sink *)s;

	(void)epoch;
	buf_lit(token, "null");
	return out_flush(&o->out, err);
}

static uint64_t
stdout_given_bytes(const struct sink *s)
{
	const struct out_sink *o = (const struct out_sink *)s;

	return o->out.written_bytes + o->out.buf.n;
}

static int
stdout_close(struct sink *s, struct err *err)
{
	struct out_sink *o = (struct out_sink *)s;
	int              r;

	if (o->conf.has_checkpoint)
		buf_reset(&o->out.buf);          /* behind the last barrier there is nothing that counts */
	r = out_close(&o->out, err);
	free(o);
	return r;
}

const struct sink_class sink_stdout = {
	.scheme = "-",
	.help = "standard output, an epoch at a time",
	.level = SINK_AT_LEAST_ONCE,
	.open = stdout_open,
	.start = stdout_start,
	.write = stdout_write,
	.flush = stdout_flush,
	.commit = stdout_commit,
	.given_bytes = stdout_given_bytes,
	.close = stdout_close,
	.free = stdout_free,
};
