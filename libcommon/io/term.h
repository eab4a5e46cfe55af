/*
 * term - a line on a terminal that is drawn over and over
 *
 * The cursor stands at the line's beginning between two drawings, and all that is right of and below
 * it is erased before the next: so a terminal that was made narrower, and has broken the line in two,
 * is clean again, and one that did not is, too.
 */
#ifndef IO_TERM_H
#define IO_TERM_H

#include <stdbool.h>

#include "base/span.h"

struct term {
	int  fd;
	bool is_drawn;
};

/* Is FD a terminal that can erase?  Else there is nothing to draw on. */
bool term_init(struct term *, int fd, const char *term_name);

/* One line of plain ASCII, cut to the width there is now.  Nothing while we are in the background. */
void term_draw(struct term *, struct span text);

/* The line is gone. */
void term_erase(struct term *);

#endif
