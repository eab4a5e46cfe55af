/*
 * stdout - `-`: at least once
 *
 * Under a checkpoint an epoch is held back in memory and written at its barrier, then committed: a
 * crash between the two writes it again.
 */
#ifndef SINK_STDOUT_H
#define SINK_STDOUT_H

#include "sink/sink.h"

extern const struct sink_class sink_stdout;

#endif
