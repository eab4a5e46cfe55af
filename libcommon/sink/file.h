/*
 * file - append to a file, exactly once
 *
 *     file:PATH                  lines are there as they come: readers may see what a restart cuts
 *     file:PATH?visible=commit   lines are held back in memory until their epoch is committed
 *
 * The token is the file's length; writing the commit file is the commit.  A restart cuts the file
 * to the token's length.  What is in the file already stays before all that comes.  The file is
 * locked: one sink at a time.  Pipes and devices are written to as they are, without a checkpoint only.
 */
#ifndef SINK_FILE_H
#define SINK_FILE_H

#include "sink/sink.h"

extern const struct sink_class sink_file;

#endif
