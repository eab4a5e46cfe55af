/* shelf_files - a shelf in files */
#include "store/shelf_files_parts.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/folder.h"
#include "io/module.h"

enum { UNLIMITED_BYTES = 256 << 20 };    /* an earlier run had a limit, this one has none */

/* ---- the database ---- */

static int
make_temp(struct shelf_files *f, struct err *err)
{
	if (file_dir_open(&f->temp, NULL, f->temp_dir, false, false, err) == -1)
		return -1;
	return folder_temp(&f->temp, "streamutils-shelf.", &f->name, &f->held, err);
}

static int
make_live(struct shelf_files *f, struct err *err)
{
	struct file_dir live;

	f->name = alloc_string(SHELF_LIVE);
	if (file_dir_open(&live, f->dir, SHELF_LIVE, true, false, err) == -1)
		return -1;
	file_dir_close(&live);
	return 0;
}

int
shelf_files_start(struct shelf_files *f, struct err *err)
{
	const struct module *m;
	struct buf           path = { 0 };

	if (f->class == NULL) {
		if ((m = module_load("rocksdb", err)) == NULL)
			return -1;
		f->class = m->shelf;
	}
	if ((f->dir == NULL ? make_temp : make_live)(f, err) == -1)
		return -1;
	buf_printf(&path, "%s/%s", f->dir == NULL ? f->temp.path : f->dir->path, f->name);
	buf_char(&path, '\0');
	f->engine = f->class->open(path.p, f->memory_bytes, err);
	buf_release(&path);
	if (f->engine == NULL)
		return -1;
	f->shelf.memory_bytes = f->class->memory_bytes(f->engine);
	return 0;
}

void
shelf_files_close(struct shelf_files *f)
{
	struct err ignored = ERR_INIT;

	if (f->engine != NULL)
		f->class->close(f->engine);
	f->engine = NULL;
	if (f->name != NULL)
		folder_remove(f->dir == NULL ? &f->temp : f->dir, f->name, &ignored);
	free(f->name);
	f->name = NULL;
	if (f->held != -1)
		close(f->held);
	f->held = -1;
	file_dir_close(&f->temp);
	f->dir = NULL;
	f->shelf.failed = true;
}

/* ---- the door ---- */

static void
judge(struct shelf_files *f, int rc)
{
	if (rc == -1)
		f->shelf.failed = true;
}

static void
begin(struct shelf *s)
{
	struct shelf_files *f = (struct shelf_files *)s;

	if (f->engine == NULL && shelf_files_start(f, &f->err) == -1)
		s->failed = true;
	else
		judge(f, f->class->begin(f->engine, &f->err));
}

static void
put(struct shelf *s, struct span key, struct span value)
{
	struct shelf_files *f = (struct shelf_files *)s;

	judge(f, f->class->put(f->engine, key, value, &f->err));
}

static void
end(struct shelf *s)
{
	struct shelf_files *f = (struct shelf_files *)s;

	judge(f, f->class->end(f->engine, &f->err));
	if (s->failed)
		return;
	s->n_tables++;
	s->memory_bytes = f->class->memory_bytes(f->engine);
}

static void
get(struct shelf *s, const struct span *keys, size_t n, struct span *values)
{
	struct shelf_files *f = (struct shelf_files *)s;

	judge(f, f->class->get(f->engine, keys, n, values, &f->err));
}

static void
forget(struct shelf *s, struct span from, struct span to, int64_t floor_ms)
{
	struct shelf_files *f = (struct shelf_files *)s;

	if (f->engine != NULL)
		judge(f, f->class->forget(f->engine, from, to, floor_ms, &f->err));
}

static bool
resume(struct shelf *s, uint64_t n_tables)
{
	return s->n_tables == n_tables;
}

static const struct shelf_class shelf_files_class = {
	.begin = begin, .put = put, .end = end, .get = get, .forget = forget, .resume = resume
};

/* ---- life ---- */

struct shelf_files *
shelf_files_new(const char *temp_dir, uint64_t memory_bytes, const struct shelf_engine_class *engine)
{
	struct shelf_files *f = alloc_zeroed(1, sizeof(*f));

	f->shelf.class = &shelf_files_class;
	f->temp_dir = temp_dir;
	f->memory_bytes = memory_bytes == UINT64_MAX ? UNLIMITED_BYTES : memory_bytes;
	f->class = engine;
	f->temp = (struct file_dir)FILE_DIR_NONE;
	f->held = -1;
	return f;
}

void
shelf_files_free(struct shelf_files *f)
{
	if (f == NULL)
		return;
	shelf_files_close(f);
	free(f->gone);
	free(f);
}

struct shelf *
shelf_files_shelf(struct shelf_files *f)
{
	return &f->shelf;
}

int
shelf_files_check(struct shelf_files *f, struct err *err)
{
	bool has_new = f->shelf.n_tables != f->seen;

	if (f->shelf.failed) {
		*err = f->err;
		return -1;
	}
	f->seen = f->shelf.n_tables;
	return has_new;
}
