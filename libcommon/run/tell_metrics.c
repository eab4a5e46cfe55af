/* tell_metrics - the counts of a run in the text format of Prometheus */
#include <inttypes.h>
#include <stdio.h>

#include "run/tell.h"

static const char *const bad_names[N_BAD] = {
	[BAD_JSON] = "json", [BAD_FORMAT] = "format", [BAD_LONG] = "long", [BAD_RECORD] = "record", [BAD_TIME] = "time", [BAD_KEY] = "key",
	[BAD_VALUE] = "value", [BAD_RESULT] = "result",
};

#define LAST_SUCCESS "stream_last_success_timestamp_seconds"

/* What is being written, and the labels that all have: stage="cat",checkpoint="state" */
struct page {
	struct buf *to;
	struct buf  labels;
};

static void
put_label(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%s%s=\"", b->n > 0 ? "," : "", name);
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '"')
			buf_char(b, '\\');
		if (*value == '\n')
			buf_lit(b, "\\n");
		else
			buf_char(b, *value);
	}
	buf_char(b, '"');
}

static void
head(struct page *p, const char *name, const char *type, const char *help)
{
	buf_printf(p->to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
sample(struct page *p, const char *name, const char *more)
{
	buf_printf(p->to, "%s{%.*s%s} ", name, SPAN_ARGS(buf_all(&p->labels)), more);
}

static void
whole(struct page *p, const char *name, const char *type, uint64_t value, const char *help)
{
	head(p, name, type, help);
	sample(p, name, "");
	buf_printf(p->to, "%" PRIu64 "\n", value);
}

/* Exactly, whatever the size: 1700000000.123 */
static void
put_thousandths(struct buf *b, int64_t ms)
{
	uint64_t n = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;

	buf_printf(b, "%s%" PRIu64 ".%03" PRIu64 "\n", ms < 0 ? "-" : "", n / 1000, n % 1000);
}

static void
seconds(struct page *p, const char *name, int64_t ms, const char *help)
{
	head(p, name, "gauge", help);
	sample(p, name, "");
	put_thousandths(p->to, ms);
}

static void
op_counts(struct page *p, const struct loop *l)
{
	const struct op_count *counts;
	size_t                 n;

	counts = tell_op_counts(l, &n);
	for (size_t i = 0; i < n; i++) {
		char name[80];

		snprintf(name, sizeof(name), "stream_records_%s_total", counts[i].name);
		whole(p, name, "counter", counts[i].n_own, counts[i].help);
	}
}

static void
records(struct page *p, const struct loop *l)
{
	const struct life *f = &l->life;

	whole(p, "stream_records_in_total", "counter", tell_n_in(l), "Records taken, bad ones included.");
	whole(p, "stream_records_out_total", "counter", f->n_out, "Records given out.");
	head(p, "stream_records_bad_total", "counter", "Records refused as bad, and results that could not be given out.");
	for (int kind = 0; kind < N_BAD; kind++) {
		char reason[40];

		snprintf(reason, sizeof(reason), ",reason=\"%s\"", bad_names[kind]);
		sample(p, "stream_records_bad_total", reason);
		buf_printf(p->to, "%" PRIu64 "\n", f->n_bad[kind]);
	}
	whole(p, "stream_records_late_total", "counter", f->n_late, "Records refused as late.");
	whole(p, "stream_records_outside_total", "counter", f->n_outside, "Records that lie between two windows.");
	op_counts(p, l);
	whole(p, "stream_bytes_in_total", "counter", tell_bytes_in(l), "Bytes of the lines taken.");
}

static void
bytes_out(struct page *p, const struct loop *l)
{
	uint64_t bytes;

	if (output_given_bytes(&l->out, &bytes))
		whole(p, "stream_bytes_out_total", "counter", bytes, "Bytes given out.");
}

static void
event_time(struct page *p, const struct loop *l, int64_t wall_ms)
{
	int64_t ts_ms = l->life.watermark_ms;

	if (ts_ms == WHEN_MIN)
		return;
	seconds(p, "stream_watermark_timestamp_seconds", ts_ms, "The watermark of the input, in seconds since 1970.");
	seconds(p, "stream_watermark_delay_seconds", when_sub(wall_ms, ts_ms), "How far the watermark is behind the clock.");
}

/* What one partition has of a metric. */
static void
part_sample(struct page *p, const char *name, const struct source_lag *lag)
{
	struct buf label = { 0 };

	put_label(&label, "topic", lag->topic);
	buf_printf(&label, ",partition=\"%" PRId64 "\"", lag->partition);
	buf_printf(p->to, "%s{%.*s,%.*s} ", name, SPAN_ARGS(buf_all(&p->labels)), SPAN_ARGS(buf_all(&label)));
	buf_release(&label);
}

static void
lags(struct page *p, const struct loop *l, int64_t wall_ms, const char *name, bool in_time, const char *help)
{
	bool any = false;

	for (size_t t = 0; t < l->n_inlets; t++) {
		for (size_t i = 0; i < tell_n_parts(&l->inlets[t]); i++) {
			struct source_lag lag;
			int64_t           behind_ms;

			if (!tell_lag(&l->inlets[t], i, wall_ms, &lag, &behind_ms) || (in_time && lag.records > 0 && !lag.has_ts))
				continue;
			if (!any)
				head(p, name, "gauge", help);
			any = true;
			part_sample(p, name, &lag);
			if (in_time)
				put_thousandths(p->to, behind_ms);
			else
				buf_printf(p->to, "%" PRIu64 "\n", lag.records);
		}
	}
}

static void
state(struct page *p, const struct op *op)
{
	uint64_t entries, changed;

	if (op == NULL)
		return;
	op->class->entries(op, &entries, &changed);
	whole(p, "stream_state_entries", "gauge", entries, "Entries of the state, as a snapshot has them.");
	whole(p, "stream_state_bytes", "gauge", op->class->bytes(op), "Memory of the state.");
}

static void
epochs(struct page *p, const struct loop *l)
{
	if (l->conf->checkpoint == NULL)
		return;
	whole(p, "stream_epoch", "gauge", l->epoch, "The last epoch that is through here.");
	whole(p, "stream_epochs_total", "counter", l->life.n_epochs, "Epochs that this process has brought through.");
	head(p, "stream_commit_seconds", "summary", "Time spent on epochs: state made durable, output committed.");
	sample(p, "stream_commit_seconds_sum", "");
	buf_printf(p->to, "%" PRId64 ".%06" PRId64 "\n", l->life.barriers_us / 1000000, l->life.barriers_us % 1000000);
	sample(p, "stream_commit_seconds_count", "");
	buf_printf(p->to, "%" PRIu64 "\n", l->life.n_epochs);
}

void
tell_metrics(const struct loop *l, int status, int64_t wall_ms, struct buf *to)
{
	struct page p = { .to = to };

	put_label(&p.labels, "stage", l->conf->stage);
	if (l->conf->checkpoint != NULL)
		put_label(&p.labels, "checkpoint", l->conf->checkpoint);
	records(&p, l);
	bytes_out(&p, l);
	event_time(&p, l, wall_ms);
	lags(&p, l, wall_ms, "stream_lag_records", false, "How many messages of a partition are not taken yet.");
	lags(&p, l, wall_ms, "stream_lag_seconds", true, "How old the last one taken is; 0 when none is left.");
	state(&p, l->conf->op);
	epochs(&p, l);
	seconds(&p, "stream_start_timestamp_seconds", l->life.start_wall_ms, "When this process began.");
	if (l->life.success_ms != 0)
		seconds(&p, LAST_SUCCESS, l->life.success_ms, "The last commit or end with success, of former processes, too.");
	if (status >= 0)
		whole(&p, "stream_exit_status", "gauge", (uint64_t)status, "How this process ended; missing while it runs.");
	buf_release(&p.labels);
}

struct span
tell_metrics_begin(void)
{
	return SPAN_LIT("# HELP stream_");
}

int64_t
tell_metrics_success(struct span metrics)
{
	const char *end = metrics.p + metrics.n;

	for (const char *line = metrics.p, *newline; line < end; line = newline + 1) {
		struct span rest;
		const char *value;
		int64_t     ts_ms;

		if ((newline = memchr(line, '\n', (size_t)(end - line))) == NULL)
			break;
		rest = span_of(line, (size_t)(newline - line));
		if (!span_starts(rest, SPAN_LIT(LAST_SUCCESS "{")) || (value = memrchr(rest.p, ' ', rest.n)) == NULL)
			continue;
		if (when_number(span_of(value + 1, (size_t)(newline - value - 1)), WHEN_S, &ts_ms) && ts_ms > 0)
			return ts_ms;
	}
	return 0;
}
