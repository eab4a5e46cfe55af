/*
 * lines - records as bytes, for sinks that write lines
 */
#ifndef SINK_LINES_H
#define SINK_LINES_H

#include "sink/sink.h"

/* Append the records as --body wants them. */
static inline void
lines_put(struct buf *to, const struct sink_conf *conf, const struct rec *recs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (conf->payload_only)
			rec_put_payload(to, &recs[i]);
		else
			rec_put(to, &recs[i], conf->origin);
	}
}

#endif
