/* disk - what a disk may hold after a power cut */
#include "disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "harness.h"
#include "oplog.h"

enum { NO_OBJECT = UINT32_MAX, NAMES_MOST = 4096 };

/* An operation, by objects: an inode's number may come again for another file. */
struct op {
	const struct oplog_entry *e;
	const char               *bytes;             /* what follows the entry */
	uint32_t                  object, dir, to_dir;
	size_t                    synced_at;         /* the first sync behind it that makes it durable; SIZE_MAX: none */
};

struct oplog {
	struct buf bytes;
	struct op *ops;
	size_t     n;
	uint64_t  *inodes;                           /* of each object; object 0 is the root */
	bool      *is_dir;
	uint32_t   n_objects;
};

/* ---- the log ---- */

static uint32_t
object_of(const struct oplog *l, uint64_t inode)
{
	for (uint32_t i = l->n_objects; i > 0; i--)
		if (l->inodes[i - 1] == inode)
			return i - 1;
	return NO_OBJECT;
}

static uint32_t
add_object(struct oplog *l, uint64_t inode, bool is_dir)
{
	l->inodes = realloc(l->inodes, (l->n_objects + 1) * sizeof(*l->inodes));
	l->is_dir = realloc(l->is_dir, (l->n_objects + 1) * sizeof(*l->is_dir));
	l->inodes[l->n_objects] = inode;
	l->is_dir[l->n_objects] = is_dir;
	return l->n_objects++;
}

/* False: it is of a file that does not lie below the root. */
static bool
take(struct oplog *l, struct op *op)
{
	op->object = op->dir = op->to_dir = NO_OBJECT;
	switch ((enum oplog_op)op->e->op) {
	case OPLOG_WRITE:
	case OPLOG_TRUNCATE:
	case OPLOG_SYNC:
		return (op->object = object_of(l, op->e->inode)) != NO_OBJECT;
	case OPLOG_SYNC_ALL:
		return true;
	case OPLOG_MADE:
		if ((op->dir = object_of(l, op->e->dir)) == NO_OBJECT)
			return false;
		op->object = op->e->mode == 0 ? object_of(l, op->e->inode) : add_object(l, op->e->inode, S_ISDIR(op->e->mode));
		return op->object != NO_OBJECT;
	case OPLOG_REMOVED:
		return (op->dir = object_of(l, op->e->dir)) != NO_OBJECT;
	case OPLOG_RENAMED:
		op->dir = object_of(l, op->e->dir);
		op->to_dir = object_of(l, op->e->to_dir);
		op->object = object_of(l, op->e->inode);
		return op->dir != NO_OBJECT && op->to_dir != NO_OBJECT && op->object != NO_OBJECT;
	}
	return false;
}

static bool
is_of_names(const struct op *op)
{
	return op->e->op == OPLOG_MADE || op->e->op == OPLOG_REMOVED || op->e->op == OPLOG_RENAMED;
}

static bool
makes_durable(const struct op *sync, const struct op *op)
{
	if (sync->e->op == OPLOG_SYNC_ALL)
		return true;
	if (sync->e->op != OPLOG_SYNC)
		return false;
	if (is_of_names(op))
		return sync->object == op->dir || sync->object == op->to_dir;
	return sync->object == op->object;
}

static void
find_syncs(struct oplog *l)
{
	for (size_t i = 0; i < l->n; i++) {
		l->ops[i].synced_at = SIZE_MAX;
		for (size_t j = i + 1; j < l->n && l->ops[i].synced_at == SIZE_MAX; j++)
			if (makes_durable(&l->ops[j], &l->ops[i]))
				l->ops[i].synced_at = j;
	}
}

struct oplog *
oplog_read(const char *path, const char *root)
{
	struct oplog *l = calloc(1, sizeof(*l));
	struct stat   st;
	int           fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t       n;

	if (fd == -1 || stat(root, &st) == -1)
		die(path);
	while ((n = read(fd, buf_reserve(&l->bytes, 1 << 16), 1 << 16)) > 0)
		l->bytes.n += (size_t)n;
	close(fd);
	add_object(l, st.st_ino, true);
	for (size_t at = 0; at < l->bytes.n;) {
		/* The entries lie as they come, so they are copied to where they may lie. */
		struct oplog_entry *e = malloc(sizeof(*e));
		struct op           op = { .e = e, .bytes = l->bytes.p + at + sizeof(*e) };

		memcpy(e, l->bytes.p + at, sizeof(*e));
		at += sizeof(*e) + e->size;
		if (!take(l, &op)) {
			free(e);
			continue;
		}
		l->ops = realloc(l->ops, (l->n + 1) * sizeof(op));
		l->ops[l->n++] = op;
	}
	find_syncs(l);
	return l;
}

void
oplog_free(struct oplog *l)
{
	for (size_t i = 0; i < l->n; i++)
		free((void *)(uintptr_t)l->ops[i].e);
	buf_release(&l->bytes);
	free(l->ops);
	free(l->inodes);
	free(l->is_dir);
	free(l);
}

size_t
oplog_count(const struct oplog *l)
{
	return l->n;
}

/* The last name that it was given. */
static const char *
name_of(const struct oplog *l, uint32_t object, char *to, size_t size)
{
	snprintf(to, size, "%s", object == 0 ? "." : "?");
	for (size_t i = 0; i < l->n; i++) {
		const struct op *op = &l->ops[i];

		if (op->object == object && op->e->op == OPLOG_MADE)
			snprintf(to, size, "%.*s", (int)op->e->size, op->bytes);
		else if (op->object == object && op->e->op == OPLOG_RENAMED)
			snprintf(to, size, "%s", op->bytes + strlen(op->bytes) + 1);
	}
	return to;
}

void
oplog_tell(const struct oplog *l, size_t i, char *to, size_t size)
{
	const struct op *op = i < l->n ? &l->ops[i] : NULL;
	char             name[256];

	if (op == NULL) {
		snprintf(to, size, "the end");
		return;
	}
	name_of(l, op->object, name, sizeof(name));
	switch ((enum oplog_op)op->e->op) {
	case OPLOG_WRITE:
		snprintf(to, size, "write %s, %zu bytes at %zu", name, (size_t)op->e->size, (size_t)op->e->offset);
		return;
	case OPLOG_TRUNCATE: snprintf(to, size, "cut %s to %zu", name, (size_t)op->e->offset); return;
	case OPLOG_SYNC:     snprintf(to, size, "sync %s", name); return;
	case OPLOG_SYNC_ALL: snprintf(to, size, "sync all"); return;
	case OPLOG_MADE:     snprintf(to, size, "make %.*s", (int)op->e->size, op->bytes); return;
	case OPLOG_REMOVED:  snprintf(to, size, "remove %.*s", (int)op->e->size, op->bytes); return;
	case OPLOG_RENAMED:  snprintf(to, size, "rename %s to %s", op->bytes, op->bytes + strlen(op->bytes) + 1); return;
	}
}

/* ---- the disk ---- */

struct name {
	uint32_t    dir, object;
	const char *text;
	size_t      n;
};

struct disk {
	const struct oplog *log;
	struct buf         *files;           /* by object */
	struct name        *names;
	size_t              n_names;
};

static void
unlink_name(struct disk *d, uint32_t dir, const char *text, size_t n)
{
	for (size_t i = 0; i < d->n_names; i++)
		if (d->names[i].dir == dir && d->names[i].n == n && memcmp(d->names[i].text, text, n) == 0) {
			d->names[i] = d->names[--d->n_names];
			return;
		}
}

static void
link_name(struct disk *d, uint32_t dir, const char *text, size_t n, uint32_t object)
{
	unlink_name(d, dir, text, n);
	if (d->n_names == NAMES_MOST)
		die("too many names");
	d->names[d->n_names++] = (struct name){ dir, object, text, n };
}

static void
set_length(struct buf *b, size_t n)
{
	if (n > b->n)
		memset(buf_reserve(b, n - b->n), 0, n - b->n);
	b->n = n;
}

/* SHARE: so many of its bytes; ZEROS: its length alone. */
static void
apply(struct disk *d, const struct op *op, size_t share, bool zeros)
{
	size_t      n = (size_t)op->e->size, first;
	struct buf *b;

	switch ((enum oplog_op)op->e->op) {
	case OPLOG_WRITE:
		b = &d->files[op->object];
		n = n < share ? n : share;
		if (op->e->offset + n > b->n)
			set_length(b, (size_t)op->e->offset + n);
		if (!zeros)
			memcpy(b->p + op->e->offset, op->bytes, n);
		return;
	case OPLOG_TRUNCATE:
		set_length(&d->files[op->object], (size_t)op->e->offset);
		return;
	case OPLOG_MADE:
		link_name(d, op->dir, op->bytes, n, op->object);
		return;
	case OPLOG_REMOVED:
		unlink_name(d, op->dir, op->bytes, n);
		return;
	case OPLOG_RENAMED:
		first = strlen(op->bytes);
		unlink_name(d, op->dir, op->bytes, first);
		link_name(d, op->to_dir, op->bytes + first + 1, strlen(op->bytes + first + 1), op->object);
		return;
	case OPLOG_SYNC:
	case OPLOG_SYNC_ALL:
		return;
	}
}

/* What one file or directory has of its changes that were not synced. */
enum fate { FATE_NONE, FATE_ALL, FATE_FIRST, FATE_SOME, FATE_ZEROS, N_FATES };

static enum fate
fate_of(enum survival how, bool of_names, uint64_t seed, uint32_t object)
{
	uint64_t state = seed * 1000003 + object;

	switch (how) {
	case LOSE_ALL:   return FATE_NONE;
	case KEEP_ALL:   return FATE_ALL;
	case KEEP_NAMES: return of_names ? FATE_ALL : FATE_NONE;
	case KEEP_ZEROS: return of_names ? FATE_ALL : FATE_ZEROS;
	case KEEP_BYTES: return of_names ? FATE_NONE : FATE_ALL;
	case BY_CHANCE:  return (enum fate)chance_below(&state, of_names ? FATE_ZEROS : N_FATES);
	}
	return FATE_NONE;
}

/* A change that nothing made durable. */
static void
apply_by_fate(struct disk *d, const struct op *op, size_t i, size_t n, enum survival how, uint64_t seed)
{
	bool      of_names = is_of_names(op);
	uint32_t  whose = of_names ? op->dir : op->object;
	uint64_t  mine = seed * 7919 + i, common = seed * 31 + whose;
	size_t    until = n == 0 ? 0 : chance_next(&common) % n;

	switch (fate_of(how, of_names, seed, whose)) {
	case FATE_NONE:
		return;
	case FATE_ALL:
		apply(d, op, SIZE_MAX, false);
		return;
	case FATE_FIRST:                     /* those before some moment, and of the one at it a part */
		if (i < until)
			apply(d, op, SIZE_MAX, false);
		else if (i == until && !of_names)
			apply(d, op, chance_next(&mine) % (op->e->size + 1), false);
		return;
	case FATE_SOME:
		if (chance_below(&mine, 2) == 0)
			apply(d, op, of_names || chance_below(&mine, 2) == 0 ? SIZE_MAX : chance_next(&mine) % (op->e->size + 1), false);
		return;
	case FATE_ZEROS:
		apply(d, op, SIZE_MAX, true);
		return;
	case N_FATES:
		return;
	}
}

struct disk *
disk_after(const struct oplog *l, size_t n, enum survival how, uint64_t seed)
{
	struct disk *d = calloc(1, sizeof(*d));

	d->log = l;
	d->files = calloc(l->n_objects, sizeof(*d->files));
	d->names = calloc(NAMES_MOST, sizeof(*d->names));
	for (size_t i = 0; i < n; i++) {
		if (l->ops[i].synced_at < n)
			apply(d, &l->ops[i], SIZE_MAX, false);
		else
			apply_by_fate(d, &l->ops[i], i, n, how, seed);
	}
	return d;
}

void
disk_free(struct disk *d)
{
	for (uint32_t i = 0; i < d->log->n_objects; i++)
		buf_release(&d->files[i]);
	free(d->files);
	free(d->names);
	free(d);
}

/* Independent of the order of names. */
uint64_t
disk_hash(const struct disk *d)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < d->n_names; i++) {
		const struct name *name = &d->names[i];
		uint64_t           seed = hash_bytes(span_of(name->text, name->n), name->dir);

		sum += hash_bytes(buf_all(&d->files[name->object]), seed);
	}
	return sum;
}

/*
 * A file keeps its inode through a power cut, and a checkpoint may know it by that: so where the file that was
 * logged is still there, it is that one, with the bytes that it would have.
 */
static void
be_the_same(const struct disk *d, const struct name *name, const char *origin, const char *path)
{
	char        was[PATH_BYTES * 2];
	struct stat st;

	snprintf(was, sizeof(was), "%s/%.*s", origin, (int)name->n, name->text);
	if (name->dir == 0 && stat(was, &st) == 0 && st.st_ino == d->log->inodes[name->object] && link(was, path) == -1)
		die(was);
}

static bool
write_file(const char *path, const struct buf *b)
{
	int  fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd != -1 && write(fd, b->p, b->n) == (ssize_t)b->n;

	return (fd == -1 || close(fd) == 0) && ok;
}

static bool
write_dir(const struct disk *d, uint32_t dir, const char *path, const char *origin)
{
	for (size_t i = 0; i < d->n_names; i++) {
		const struct name *name = &d->names[i];
		char               below[PATH_BYTES * 2];

		if (name->dir != dir)
			continue;
		snprintf(below, sizeof(below), "%s/%.*s", path, (int)name->n, name->text);
		if (!d->log->is_dir[name->object]) {
			be_the_same(d, name, origin, below);
			if (!write_file(below, &d->files[name->object]))
				return false;
		} else if (mkdir(below, 0700) == -1 || !write_dir(d, name->object, below, origin)) {
			return false;
		}
	}
	return true;
}

bool
disk_write(const struct disk *d, const char *dir, const char *origin)
{
	return write_dir(d, 0, dir, origin);
}

static const struct name *
find_name(const struct disk *d, uint32_t dir, const char *text)
{
	for (size_t i = 0; i < d->n_names; i++)
		if (d->names[i].dir == dir && d->names[i].n == strlen(text) && memcmp(d->names[i].text, text, strlen(text)) == 0)
			return &d->names[i];
	return NULL;
}

const char *
disk_file(const struct disk *d, const char *dir, const char *name)
{
	const struct name *of_dir = find_name(d, 0, dir);
	const struct name *file = of_dir == NULL ? NULL : find_name(d, of_dir->object, name);
	struct buf        *b = file == NULL ? NULL : &d->files[file->object];

	if (b == NULL)
		return NULL;
	*buf_reserve(b, 1) = '\0';
	return b->p;
}
