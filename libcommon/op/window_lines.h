/* window_lines - the members of the lines that the window operator's state is saved as */
#ifndef OP_WINDOW_LINES_H
#define OP_WINDOW_LINES_H

#include "op/line.h"
#include "op/window_parts.h"

enum line_member {
	LINE_WINDOW, LINE_WATERMARK, LINE_NEXT_OFFSET, LINE_ARRIVED, LINE_TICK, LINE_NEXT_PIECE, LINE_START,
	LINE_END, LINE_DROPPED, LINE_NUMBER, LINE_PIECE, LINE_KEY, LINE_KEY_BASE64, LINE_FIRST, LINE_AT,
	LINE_N, LINE_TOLD, LINE_ACC, LINE_RUNS, LINE_FROM, LINE_AHEAD, LINE_SPILLED, LINE_MEMBERS
};

/* The key's bytes, in the line or in w->scratch. */
bool window_line_key(struct window *, const struct scan_value *, struct span *key);

/* The next value of a valid JSON array, *at behind its '[' or the last comma.  False: no more. */
bool window_line_item(const char **at, const char *end, struct span *item);

/* window_piece_snap.c */
void window_pieces_save(const struct window *, bool delta, struct snap_writer *);
void window_pieces_load_scalars(struct window *, uint64_t tick, uint64_t next_number);
bool window_piece_load(struct window *, const struct scan_value *);

#endif
