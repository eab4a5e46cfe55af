/* exec - a program's life, epoch by epoch: what it is given, and how it ends */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"
#include "io/clock.h"
#include "run/exec_parts.h"

enum {
	GIVE_BYTES = 64 * 1024,      /* less is not worth a write as long as more comes */
	ROOM_BYTES = 256 * 1024,     /* with more on its way to the program we wait for it */
	WORDS_MAX_BYTES = 64 * 1024, /* of a line on its stderr */
	ASK_MS = 5                   /* has it ended?  Where nothing tells us. */
};

struct exec *
exec_new(struct loop *l)
{
	struct exec *e = alloc_zeroed(1, sizeof(*e));

	e->loop = l;
	e->conf = l->conf->exec;
	e->program = (struct program)PROGRAM_NONE;
	e->watermark_ms = WHEN_MIN;
	rec_origin_set(&e->origin, span_str(l->conf->stage), 0);
	return e;
}

/* What is of one epoch only. */
static void
forget_epoch(struct exec *e)
{
	program_release(&e->program);
	if (e->is_running) {
		in_release(&e->out);
		in_release(&e->errs);
	}
	e->is_running = e->is_closing = e->has_ended = e->out_ended = e->errs_ended = e->is_idle = false;
	e->given = 0;
	e->n_given = e->n_got = e->line_no = 0;
	e->watermark_ms = WHEN_MIN;
	buf_reset(&e->to);
	buf_reset(&e->tail);
}

void
exec_free(struct exec *e)
{
	if (e == NULL)
		return;
	forget_epoch(e);
	buf_release(&e->to);
	buf_release(&e->tail);
	rec_reader_free(e->reader);
	rec_origin_release(&e->origin);
	exec_paths_release(e);
	exec_each_release(e);
	free(e);
}

static int
begin(struct exec *e, struct err *err)
{
	const char *name = e->conf->called;

	if (program_start(&e->program, e->conf->argv, err) == -1)
		return -1;
	if (in_init(&e->out, e->program.out_fd, name, e->loop->conf->max_line_bytes, false, err) == -1
	    || in_init(&e->errs, e->program.err_fd, name, WORDS_MAX_BYTES, false, err) == -1)
		return -1;
	e->is_running = true;
	return 0;
}

/* ---- how it ended ---- */

static bool
is_from_outside(int sig)
{
	return sig == SIGKILL || sig == SIGTERM || sig == SIGINT || sig == SIGHUP;
}

/* A kill from outside may not happen again; all else will. */
static int
tell_end(struct exec *e, struct err *err)
{
	const char        *name = e->conf->called, *sig_name;
	struct program_end end = e->end;

	e->is_failed = true;
	if (!end.by_signal && !(e->conf->is_shell && end.n > 128 && is_from_outside(end.n - 128)))
		return err_set(err, ERR_DATA, "%s left with %d", name, end.n);
	if (!end.by_signal)
		end.n -= 128;
	sig_name = sigabbrev_np(end.n);
	return err_set(err, is_from_outside(end.n) ? ERR_RETRY : ERR_DATA, "%s was killed by SIG%s", name, sig_name == NULL ? "?" : sig_name);
}

/* Its output up to here stands, as with any filter. */
static int
look_at_end(struct exec *e, bool *moved, struct err *err)
{
	bool more = true;

	if (e->has_ended || !program_has_ended(&e->program, &e->end))
		return 0;
	e->has_ended = *moved = true;
	if (!e->end.by_signal && e->end.n == 0)
		return 0;
	while (more) {
		more = false;
		if (exec_read_lines(e, &more, err) == -1 || exec_read_words(e, &more, err) == -1)
			return -1;
	}
	return tell_end(e, err);
}

/* ---- both directions ---- */

static size_t
on_its_way(const struct exec *e)
{
	return e->to.n - e->given;
}

static int
give(struct exec *e, bool *moved, struct err *err)
{
	while (e->program.in_fd != -1 && on_its_way(e) > 0) {
		ssize_t took = program_write(&e->program, e->to.p + e->given, on_its_way(e), err);

		if (took == -1 && err->kind != ERR_READER_GONE)
			return err_in(err, "%s", e->conf->called);
		if (took == 0)
			return 0;
		*moved = true;
		if (took == -1) {              /* as head does: it has all that it wants; how it leaves tells whether that is well */
			*err = (struct err)ERR_INIT;
			program_close_in(&e->program);
			e->given = e->to.n;
		} else {
			e->given += (size_t)took;
		}
	}
	if (e->is_closing && e->program.in_fd != -1) {
		program_close_in(&e->program);
		*moved = true;
	}
	return 0;
}

static int
move(struct exec *e, bool *moved, struct err *err)
{
	*moved = false;
	return give(e, moved, err) == -1 || exec_read_lines(e, moved, err) == -1 || exec_read_words(e, moved, err) == -1
	       || look_at_end(e, moved, err) == -1 ? -1 : 0;
}

int
exec_move(struct exec *e, struct err *err)
{
	bool moved;

	return e->is_running ? move(e, &moved, err) : 0;
}

static void
add_place(struct wait_for *w, struct wait_for *place, int fd)
{
	*place = WAIT_FOR_NOTHING;
	place->in_fd = fd;
	place->also = w->also;
	w->also = place;
}

void
exec_wait_for(const struct exec *e, struct wait_for *w, struct wait_for more[EXEC_PLACES])
{
	if (!e->is_running)
		return;
	w->room_fd = on_its_way(e) > 0 ? e->program.in_fd : -1;
	add_place(w, &more[0], e->out_ended ? -1 : e->program.out_fd);
	add_place(w, &more[1], e->errs_ended ? -1 : e->program.err_fd);
	add_place(w, &more[2], e->program.end_fd);
	if (!e->has_ended && e->out_ended && e->program.end_fd == -1)
		w->deadline_ms = pace_earlier(w->deadline_ms, clock_mono_ms() + ASK_MS);
}

static int
check_hang(struct exec *e, unsigned events, struct err *err)
{
	int64_t now_ms = clock_mono_ms();

	if ((events & (WAIT_INPUT | WAIT_ROOM)) != 0)
		e->moved_ms = now_ms;
	if (e->conf->timeout_ms == 0 || now_ms - e->moved_ms < e->conf->timeout_ms)
		return 0;
	e->is_failed = true;
	err_set(err, ERR_RETRY, "%s neither reads nor writes, nor does it leave: --timeout has passed, and it was killed", e->conf->called);
	program_release(&e->program);
	return -1;
}

/* Until it has taken or given something, or ended. */
static int
wait_for_it(struct exec *e, struct err *err)
{
	struct loop    *l = e->loop;
	struct wait_for w = WAIT_FOR_NOTHING, more[EXEC_PLACES];
	unsigned        events;

	if (output_flush(&l->out, err) == -1 || refuse_flush(l, false, err) == -1)
		return -1;
	w.out_fd = output_fd(&l->out);
	w.until_asked = true;
	w.deadline_ms = pace_earlier(life_deadline(l), guard_deadline(l));
	if (e->conf->timeout_ms > 0)
		w.deadline_ms = pace_earlier(w.deadline_ms, e->moved_ms + e->conf->timeout_ms);
	exec_wait_for(e, &w, more);
	events = wait_any(&w, true);
	if ((events & WAIT_NO_READER) != 0)
		return err_set(err, ERR_READER_GONE, "the reader left");
	life_tick(l);
	return guard_alive(l, err) == -1 || check_hang(e, events, err) == -1 ? -1 : 0;
}

/* ---- records ---- */

/* Bytes that are no JSON are given as they are: they have to be a line. */
static bool
is_a_line(struct exec *e, const struct rec *rec)
{
	if (rec->payload.p != NULL)
		return true;
	buf_reset(&e->line);
	rec_put_payload(&e->line, rec);
	return memchr(e->line.p, '\n', e->line.n - 1) == NULL;
}

static int
take_one(struct exec *e, struct inlet *t, const struct rec *rec, struct err *err)
{
	if (exec_check_known(e, rec, err) == -1)
		return -1;
	if (!is_a_line(e, rec))
		return refuse_bad(e->loop, &t->in, rec, BAD_VALUE, "its payload has a newline in it", err);
	if (!e->is_running && begin(e, err) == -1)
		return -1;
	if (e->conf->each && exec_each_put(e, rec, &t->in.origin, err) == -1)
		return -1;
	if (e->program.in_fd != -1)
		rec_put_payload(&e->to, rec);
	e->n_given++;
	return 0;
}

/* What has been taken makes room for more. */
static void
close_up(struct exec *e)
{
	if (e->given < e->to.n / 2)
		return;
	if (e->given < e->to.n)
		memmove(e->to.p, e->to.p + e->given, on_its_way(e));
	e->to.n -= e->given;
	e->given = 0;
}

int
exec_take(struct exec *e, struct inlet *t, struct err *err)
{
	bool moved = true;

	close_up(e);
	for (size_t i = 0; i < t->in.n_recs; i++)
		if (take_one(e, t, &t->in.recs[i], err) == -1)
			return -1;
	if (!e->is_running || (e->program.in_fd != -1 && on_its_way(e) < GIVE_BYTES))
		return 0;
	e->moved_ms = clock_mono_ms();
	for (;;) {
		if (move(e, &moved, err) == -1)
			return -1;
		if (on_its_way(e) < ROOM_BYTES)
			return 0;
		if (!moved && wait_for_it(e, err) == -1)
			return -1;
	}
}

/* ---- marks ---- */

int
exec_holds_watermark(struct exec *e, int64_t ts_ms, bool *holds, struct err *err)
{
	*holds = e->is_running;
	if (*holds && e->conf->each) {
		buf_reset(&e->line);
		mark_put_watermark(&e->line, ts_ms);
		return exec_each_mark(e, buf_all(&e->line), err);
	}
	if (*holds && ts_ms > e->watermark_ms)
		e->watermark_ms = ts_ms;
	return 0;
}

int
exec_holds_simple(struct exec *e, enum mark_kind kind, bool *holds, struct err *err)
{
	*holds = e->is_running;
	if (*holds && e->conf->each) {
		buf_reset(&e->line);
		mark_put_simple(&e->line, kind);
		return exec_each_mark(e, buf_all(&e->line), err);
	}
	e->is_idle = *holds && kind == MARK_IDLE;      /* active takes back what nobody has heard */
	return 0;
}

static int
give_marks(struct exec *e, struct err *err)
{
	struct output *out = &e->loop->out;

	if (e->watermark_ms != WHEN_MIN && output_watermark(out, e->watermark_ms, err) == -1)
		return -1;
	return e->is_idle ? output_simple(out, MARK_IDLE, err) : 0;
}

/* ---- the end of the epoch ---- */

static int
check_count(struct exec *e, struct err *err)
{
	if (!e->conf->each || e->n_got == e->n_given)
		return 0;
	e->is_failed = true;
	return err_set(err, ERR_DATA, "%s gave %" PRIu64 " lines for %" PRIu64 " records; --each needs one for each", e->conf->called,
	               e->n_got, e->n_given);
}

int
exec_complete(struct exec *e, struct err *err)
{
	bool moved;

	if (!e->is_running)
		return 0;
	e->is_closing = true;
	e->moved_ms = clock_mono_ms();
	while (!e->has_ended || !e->out_ended)
		if (move(e, &moved, err) == -1 || (!moved && wait_for_it(e, err) == -1))
			return -1;
	if (exec_read_words(e, &moved, err) == -1 || exec_take_tail(e, err) == -1 || check_count(e, err) == -1
	    || give_marks(e, err) == -1)
		return -1;
	forget_epoch(e);
	return 0;
}

bool
exec_is_well(const struct exec *e)
{
	return !e->is_failed;
}

/* ---- what outlives it ---- */

static const struct span line_head = SPAN_LIT("{\"exec\":{\"next_offset\":");

void
exec_save(const struct exec *e, struct snap_writer *w)
{
	buf_span(&w->buf, line_head);
	buf_u64(&w->buf, e->next_offset);
	buf_lit(&w->buf, "}}");
	snap_line(w);
}

bool
exec_is_line(struct span line)
{
	return span_starts(line, line_head);
}

int
exec_load(struct exec *e, struct span line, struct err *err)
{
	int64_t n;

	if (line.n < line_head.n + 3 || !num_i64(span_of(line.p + line_head.n, line.n - line_head.n - 2), &n) || n < 0)
		return err_set(err, ERR_DATA, "not a line of stream-exec's state");
	e->next_offset = (uint64_t)n;
	return 0;
}
