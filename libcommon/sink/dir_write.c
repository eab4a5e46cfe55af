/* dir_write - the bytes of a part; as many descriptors as there may be */
#include "sink/dir_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "io/out.h"

void
dir_let_go(struct dir_sink *d, struct part *p)
{
	if (p->fd == -1)
		return;
	for (size_t i = 0; i < d->n_held; i++)
		if (d->held[i] == p) {
			d->held[i] = d->held[--d->n_held];
			break;
		}
	close(p->fd);
	p->fd = -1;
}

static void
let_go_of_one(struct dir_sink *d)
{
	struct part *least = d->held[0];

	for (size_t i = 1; i < d->n_held; i++)
		if (d->held[i]->used < least->used)
			least = d->held[i];
	dir_let_go(d, least);
}

int
dir_fd(struct dir_sink *d, struct part *p, struct err *err)
{
	char name[DIR_TEMP_NAME_BYTES];

	p->used = ++d->uses;
	if (p->fd != -1)
		return p->fd;
	if (d->n_held == DIR_MAX_FDS)
		let_go_of_one(d);
	dir_temp_name(d, p->number, name);
	p->fd = openat(d->temp.fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (p->is_made ? 0 : O_CREAT | O_EXCL), 0666);
	if (p->fd == -1)
		return err_sys(err, "%s/%s", d->temp.path, name);
	if (!p->is_made)
		d->has_new_names = true;
	p->is_made = true;
	d->held[d->n_held++] = p;
	return p->fd;
}

int
dir_spill(struct dir_sink *d, struct part *p, struct err *err)
{
	struct span bytes = buf_all(&p->pending);
	int         fd;

	if (bytes.n == 0)
		return 0;
	if ((fd = dir_fd(d, p, err)) == -1)
		return -1;
	if (d->target.pack != PACK_NONE) {
		buf_reset(&d->frame);
		pack_frame(d->pack, bytes, &d->frame);
		bytes = buf_all(&d->frame);
	}
	if (out_write_all(fd, d->temp.path, bytes.p, bytes.n, (int64_t)p->length_bytes, err) == -1)
		return -1;
	p->length_bytes += bytes.n;
	d->pending_bytes -= p->pending.n;
	buf_reset(&p->pending);
	return 0;
}

static int
spill_list(struct dir_sink *d, const struct part_list *l, struct err *err)
{
	for (size_t i = 0; i < l->n; i++) {
		if (dir_spill(d, l->parts[i], err) == -1)
			return -1;
		buf_release(&l->parts[i]->pending);
	}
	return 0;
}

int
dir_spill_all(struct dir_sink *d, struct err *err)
{
	return spill_list(d, &d->open, err) == -1 ? -1 : spill_list(d, &d->done, err);
}
