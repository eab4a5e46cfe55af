/* output - a pipe of records and marks, or a sink */
#include "run/output.h"

#include <unistd.h>

int
output_open_pipe(struct output *o, bool plain, bool has_checkpoint, const struct rec_origin *origin, struct err *err)
{
	if (out_init(&o->pipe, STDOUT_FILENO, "standard output", err) == -1)
		return -1;
	o->is_open = true;
	o->origin = origin;
	o->has_checkpoint = has_checkpoint;
	o->plain = plain || o->pipe.kind == OUT_TTY;
	return 0;
}

int
output_open_sink(struct output *o, const struct sink_conf *conf, struct err *err)
{
	o->has_checkpoint = conf->has_checkpoint;
	return (o->sink = sink_open(conf, err)) == NULL ? -1 : 0;
}

int
output_fd(const struct output *o)
{
	return o->is_open ? o->pipe.fd : -1;
}

struct buf *
output_buf(struct output *o)
{
	return &o->pipe.buf;
}

int
output_spill(struct output *o, struct err *err)
{
	return out_spill(&o->pipe, err);
}

int
output_recs(struct output *o, const struct rec *recs, size_t n, struct err *err)
{
	if (o->sink != NULL)
		return o->sink->class->write(o->sink, recs, n, err);
	for (size_t i = 0; i < n; i++)
		rec_put(&o->pipe.buf, &recs[i], o->origin);
	return out_spill(&o->pipe, err);
}

static bool
says_marks(const struct output *o)
{
	return o->is_open && !o->plain;
}

int
output_hello(struct output *o, const struct hello *hello, struct err *err)
{
	if (!says_marks(o))
		return 0;
	mark_put_hello(&o->pipe.buf, hello);
	return out_flush(&o->pipe, err);
}

int
output_watermark(struct output *o, int64_t ts_ms, struct err *err)
{
	if (o->sink != NULL && o->sink->class->watermark != NULL)
		return o->sink->class->watermark(o->sink, ts_ms, err);
	if (!says_marks(o))
		return 0;
	mark_put_watermark(&o->pipe.buf, ts_ms);
	return out_spill(&o->pipe, err);
}

int
output_barrier(struct output *o, uint64_t epoch, struct err *err)
{
	if (!says_marks(o))
		return 0;
	mark_put_barrier(&o->pipe.buf, epoch);
	return out_flush(&o->pipe, err);
}

int
output_simple(struct output *o, enum mark_kind kind, struct err *err)
{
	if (!says_marks(o))
		return 0;
	mark_put_simple(&o->pipe.buf, kind);
	return out_spill(&o->pipe, err);
}

void
output_fail(struct output *o, int status, const char *stage, const char *reason)
{
	struct err ignored = ERR_INIT;

	if (!says_marks(o))
		return;
	mark_put_fail(&o->pipe.buf, status, stage, reason);
	out_flush(&o->pipe, &ignored);
}

int
output_flush(struct output *o, struct err *err)
{
	if (o->sink != NULL)
		return o->sink->class->flush(o->sink, err);
	return o->is_open ? out_flush(&o->pipe, err) : 0;
}

bool
output_given_bytes(const struct output *o, uint64_t *bytes)
{
	*bytes = o->closed_bytes;
	if (o->sink != NULL && o->sink->class->given_bytes == NULL)
		return false;
	if (o->sink != NULL)
		*bytes = o->sink->class->given_bytes(o->sink);
	else if (o->is_open)
		*bytes = o->pipe.written_bytes + o->pipe.buf.n;
	else
		return o->has_closed_bytes;
	return true;
}

int
output_close(struct output *o, struct err *err)
{
	int r = 0;

	o->has_closed_bytes = output_given_bytes(o, &o->closed_bytes);
	if (o->sink != NULL)
		r = o->sink->class->close(o->sink, err);
	else if (o->is_open)
		r = out_close(&o->pipe, err);
	o->sink = NULL;
	o->is_open = false;
	return r;
}

void
output_release(struct output *o)
{
	if (o->sink != NULL)
		o->sink->class->free(o->sink);
	else if (o->is_open)
		out_release(&o->pipe);
	o->sink = NULL;
	o->is_open = false;
}
