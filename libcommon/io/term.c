/* term - a line on a terminal that is drawn over and over */
#include "io/term.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"

enum { USUAL_COLUMNS = 80 };

bool
term_init(struct term *t, int fd, const char *term_name)
{
	*t = (struct term){ .fd = fd };
	return isatty(fd) == 1 && term_name != NULL && term_name[0] != '\0' && strcmp(term_name, "dumb") != 0;
}

/* One write, so that what others say on the same terminal does not come in between.  It is no loss if it fails. */
static void
put(const struct term *t, struct span s)
{
	while (write(t->fd, s.p, s.n) == -1 && errno == EINTR)
		;
}

static size_t
columns(const struct term *t)
{
	struct winsize size;

	return ioctl(t->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_COLUMNS;
}

void
term_draw(struct term *t, struct span text)
{
	pid_t      foreground = tcgetpgrp(t->fd);
	size_t     room = columns(t) - 1;       /* in the last column some terminals go to the next line */
	struct buf line = { 0 };

	if (foreground != -1 && foreground != getpgrp())
		return;
	buf_lit(&line, "\r\033[J");
	buf_put(&line, text.p, text.n < room ? text.n : room);
	buf_char(&line, '\r');
	put(t, buf_all(&line));
	buf_release(&line);
	t->is_drawn = true;
}

void
term_erase(struct term *t)
{
	if (t->is_drawn)
		put(t, SPAN_LIT("\r\033[J"));
	t->is_drawn = false;
}
