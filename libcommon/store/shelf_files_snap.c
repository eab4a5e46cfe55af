/* shelf_files_snap - a shelf in files: what snapshots say of it, and what a start finds */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "io/folder.h"
#include "json/tree.h"
#include "store/shelf_files_parts.h"

void
shelf_files_name(char to[SHELF_NAME_BYTES], uint64_t n_tables)
{
	snprintf(to, SHELF_NAME_BYTES, "%llu.shelf", (unsigned long long)n_tables);
}

static void
add_gone(struct shelf_files *f, uint64_t n_tables, uint64_t epoch)
{
	if (f->n_gone == f->cap_gone) {
		f->cap_gone = f->cap_gone == 0 ? 8 : f->cap_gone * 2;
		f->gone = alloc_resized(f->gone, f->cap_gone, sizeof(*f->gone));
	}
	f->gone[f->n_gone++] = (struct shelf_gone){ n_tables, epoch };
}

/* ---- the snapshot's line ---- */

static const char line_begin[] = "{\"shelf\":";

bool
shelf_files_is_line(struct span line)
{
	return span_starts(line, span_str(line_begin));
}

void
shelf_files_save(const struct shelf_files *f, struct snap_writer *w)
{
	struct buf *b = &w->buf;

	if (f->shelf.n_tables == 0)
		return;
	buf_str(b, line_begin);
	buf_lit(b, "{\"tables\":");
	buf_u64(b, f->shelf.n_tables);
	buf_lit(b, ",\"gone\":[");
	for (size_t i = 0; i < f->n_gone; i++) {
		buf_str(b, i == 0 ? "{\"tables\":" : ",{\"tables\":");
		buf_u64(b, f->gone[i].n_tables);
		buf_lit(b, ",\"epoch\":");
		buf_u64(b, f->gone[i].epoch);
		buf_char(b, '}');
	}
	buf_lit(b, "]}}");
	snap_line(w);
}

static bool
load_all(struct shelf_files *f, const struct tree *t)
{
	const struct tree *gone = tree_member(t, "gone");
	int64_t            n, epoch;

	if (gone == NULL || !tree_i64(t, "tables", &n) || n <= 0)
		return false;
	f->shelf.n_tables = f->sealed = f->seen = (uint64_t)n;
	f->n_gone = 0;
	for (size_t i = 0; i < tree_count(gone); i++) {
		const struct tree *one = tree_item(gone, i);

		if (!tree_i64(one, "tables", &n) || !tree_i64(one, "epoch", &epoch) || n <= 0 || epoch < 0)
			return false;
		add_gone(f, (uint64_t)n, (uint64_t)epoch);
	}
	return true;
}

int
shelf_files_load(struct shelf_files *f, struct span line, struct err *err)
{
	struct tree       *t = tree_parse(line, err);
	const struct tree *all = t == NULL ? NULL : tree_member(t, "shelf");
	bool               good = all != NULL && load_all(f, all);

	tree_free(t);
	return good ? 0 : err_set(err, ERR_DATA, "not a shelf's tables");
}

/* ---- going on from a snapshot ---- */

static bool
is_named(const struct shelf_files *f, const char *name)
{
	uint64_t n_tables = strtoull(name, NULL, 10);
	char     again[SHELF_NAME_BYTES];

	shelf_files_name(again, n_tables);
	if (strcmp(again, name) != 0)
		return false;
	if (n_tables == f->sealed)
		return n_tables != 0;
	for (size_t i = 0; i < f->n_gone; i++)
		if (f->gone[i].n_tables == n_tables)
			return true;
	return false;
}

static bool
is_shelf(const char *name)
{
	const char *end = strstr(name, ".shelf");

	return strcmp(name, SHELF_LIVE) == 0
	       || (end != NULL && strspn(name, "0123456789") == (size_t)(end - name)
	           && (strcmp(end, ".shelf") == 0 || strcmp(end, ".shelf.tmp") == 0));
}

static int
remove_strange(void *cookie, const char *name, struct err *err)
{
	struct shelf_files *f = cookie;

	return is_shelf(name) && !is_named(f, name) ? folder_remove(f->dir, name, err) : 0;
}

static int
link_sealed(struct shelf_files *f, struct err *err)
{
	char name[SHELF_NAME_BYTES];

	shelf_files_name(name, f->sealed);
	if (folder_link(f->dir, name, SHELF_LIVE, ".sst", err) == 0)
		return 0;
	return err->sys != ENOENT ? -1 :
	       err_set(err, ERR_DATA, "%s/%s is missing: the state of this stage needs it", f->dir->path, name);
}

int
shelf_files_open(struct shelf_files *f, const struct file_dir *dir, struct err *err)
{
	f->dir = dir;
	if (file_list(dir, remove_strange, f, err) == -1)
		return -1;
	if (f->sealed == 0)
		return 0;
	return link_sealed(f, err) == -1 ? -1 : shelf_files_start(f, err);
}

/* ---- barriers ---- */

int
shelf_files_seal(struct shelf_files *f, uint64_t epoch, struct err *err)
{
	char       name[SHELF_NAME_BYTES];
	struct buf path = { 0 };
	int        rc;

	if (f->shelf.failed || f->shelf.n_tables == f->sealed)
		return 0;
	shelf_files_name(name, f->shelf.n_tables);
	buf_printf(&path, "%s/%s", f->dir->path, name);
	buf_char(&path, '\0');
	rc = f->class->checkpoint(f->engine, path.p, err);
	buf_release(&path);
	if (rc == -1 || folder_close_to_others(f->dir, name, err) == -1)
		return -1;
	if (f->sealed != 0)
		add_gone(f, f->sealed, epoch);
	f->sealed = f->shelf.n_tables;
	return 1;
}

int
shelf_files_tidy(struct shelf_files *f, uint64_t committed, struct err *err)
{
	char name[SHELF_NAME_BYTES];
	int  rc = 0;

	for (size_t i = f->n_gone; i-- > 0;) {
		if (f->gone[i].epoch >= committed)
			continue;
		shelf_files_name(name, f->gone[i].n_tables);
		if (folder_remove(f->dir, name, err) == -1)
			return -1;
		f->n_gone--;
		memmove(&f->gone[i], &f->gone[i + 1], (f->n_gone - i) * sizeof(*f->gone));
		rc = 1;
	}
	return rc;
}
