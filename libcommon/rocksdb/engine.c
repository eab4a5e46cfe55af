/* engine - a shelf's tables in RocksDB */
#include "rocksdb/engine.h"

#include <errno.h>
#include <pthread.h>
#include <rocksdb/c.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "state/shelf.h"

enum {
	FILTER_BITS = 10,
	LEVEL_GROWTH = 8,
	TABLE_BYTES = 64 << 20,              /* of one that a merge writes */
	CACHE_SHARE = 16,                    /* of the memory, for blocks of tables */
	CACHE_LEAST_BYTES = 512 << 10,
	UNUSED_BYTES = 64 << 10,             /* for what is not used: a table in memory */
	MANIFEST_BYTES = 4 << 20
};

struct pair {
	struct buf key, value;
};

struct shelf_engine {
	char                               *path, *batch;    /* the table that is written, */
	struct pair                         first, last;     /* and what it has at both ends */
	uint64_t                            cache_bytes;
	rocksdb_options_t                  *options;
	rocksdb_block_based_table_options_t *tables;
	rocksdb_cache_t                    *cache;
	rocksdb_env_t                      *env;
	rocksdb_envoptions_t               *file_options;
	rocksdb_readoptions_t              *reading;
	rocksdb_ingestexternalfileoptions_t *taking;
	rocksdb_compactionfilter_t         *forgetting;
	rocksdb_t                          *db;
	rocksdb_column_family_handle_t     *all;
	rocksdb_sstfilewriter_t            *writer;          /* between begin and end */
	rocksdb_pinnableslice_t            *got[SHELF_GROUP];
	size_t                              n_got;
	_Atomic int64_t                     floor_ms;        /* read by the library's threads */
};

/* ---- what goes wrong ---- */

/* In one line. */
static void
trim(char *said)
{
	size_t n = strlen(said);

	while (n > 0 && said[n - 1] == '\n')
		said[--n] = '\0';
	for (char *p = said; (p = strchr(p, '\n')) != NULL; )
		*p = ' ';
}

/*
 * What the library says, which is freed.  NULL: all is well.  It takes for corruption what it could not look at (EIO): if
 * it says why, that counts, but for a file that is missing.
 */
static int
judge(const struct shelf_engine *e, char *said, struct err *err)
{
	enum err_kind kind;

	if (said == NULL)
		return 0;
	trim(said);
	kind = err_kind_said(said, ERR_RETRY);
	if (strncmp(said, "Corruption", 10) == 0 && err_kind_said(said, ERR_DATA) != ERR_RETRY)
		kind = ERR_DATA;
	if (strstr(said, "No such file") != NULL)
		kind = ERR_DATA;
	err_set(err, kind, "%s: %s", e->path, said);
	rocksdb_free(said);
	return -1;
}

/* ---- threads ---- */

/* A thread that the library starts meanwhile takes no signals: they are for the one that reads and writes. */
static void
block_signals(sigset_t *was)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, was);
}

static void
allow_signals(const sigset_t *was)
{
	pthread_sigmask(SIG_SETMASK, was, NULL);
}

/* Every table is open all the time. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* ---- forgetting ---- */

static unsigned char
is_forgotten(void *cookie, int level, const char *key, size_t key_n, const char *value, size_t value_n, char **new_value,
             size_t *new_n, unsigned char *has_changed)
{
	const struct shelf_engine *e = cookie;
	int64_t                    ts_ms;

	(void)level, (void)key, (void)key_n, (void)new_value, (void)new_n, (void)has_changed;
	if (value_n < sizeof(ts_ms))
		return false;
	memcpy(&ts_ms, value, sizeof(ts_ms));
	return ts_ms < atomic_load_explicit(&e->floor_ms, memory_order_relaxed);
}

static const char *
forgetting_name(void *cookie)
{
	(void)cookie;
	return "streamutils.time";
}

static void
nothing(void *cookie)
{
	(void)cookie;
}

/* ---- life ---- */

static void
set_tables(struct shelf_engine *e)
{
	e->tables = rocksdb_block_based_options_create();
	e->cache = rocksdb_cache_create_lru(e->cache_bytes);
	rocksdb_block_based_options_set_block_cache(e->tables, e->cache);
	rocksdb_block_based_options_set_filter_policy(e->tables, rocksdb_filterpolicy_create_bloom_full(FILTER_BITS));
	rocksdb_block_based_options_set_format_version(e->tables, 5);
	rocksdb_options_set_block_based_table_factory(e->options, e->tables);
}

static void
set_options(struct shelf_engine *e, uint64_t memory_bytes)
{
	rocksdb_options_t *o = e->options = rocksdb_options_create();

	rocksdb_options_set_create_if_missing(o, 1);
	rocksdb_options_set_env(o, e->env);
	rocksdb_options_set_compression(o, rocksdb_no_compression);      /* of hashes and numbers nothing is to be had */
	rocksdb_options_set_max_open_files(o, -1);
	rocksdb_options_set_max_background_jobs(o, 2);
	rocksdb_options_set_max_bytes_for_level_base(o, 2 * memory_bytes + (1 << 20));
	rocksdb_options_set_max_bytes_for_level_multiplier(o, LEVEL_GROWTH);
	rocksdb_options_set_target_file_size_base(o, TABLE_BYTES);
	rocksdb_options_set_write_buffer_size(o, UNUSED_BYTES);
	rocksdb_options_set_manifest_preallocation_size(o, 4096);
	rocksdb_options_set_max_manifest_file_size(o, MANIFEST_BYTES);
	rocksdb_options_set_info_log_level(o, 4);                        /* nothing */
	rocksdb_options_set_keep_log_file_num(o, 1);
	rocksdb_options_set_stats_dump_period_sec(o, 0);
	rocksdb_options_set_stats_persist_period_sec(o, 0);
	rocksdb_options_set_skip_stats_update_on_db_open(o, 1);
	rocksdb_options_set_paranoid_checks(o, 1);
	e->forgetting = rocksdb_compactionfilter_create(e, nothing, is_forgotten, forgetting_name);
	rocksdb_options_set_compaction_filter(o, e->forgetting);
	set_tables(e);
}

static void
let_go(struct shelf_engine *e)
{
	for (size_t i = 0; i < e->n_got; i++)
		if (e->got[i] != NULL)
			rocksdb_pinnableslice_destroy(e->got[i]);
	e->n_got = 0;
}

static void
pair_release(struct pair *p)
{
	buf_release(&p->key);
	buf_release(&p->value);
}

static void
engine_close(struct shelf_engine *e)
{
	sigset_t was;

	block_signals(&was);
	let_go(e);
	if (e->writer != NULL)
		rocksdb_sstfilewriter_destroy(e->writer);
	if (e->all != NULL)
		rocksdb_column_family_handle_destroy(e->all);
	if (e->db != NULL)
		rocksdb_close(e->db);
	rocksdb_options_destroy(e->options);
	rocksdb_block_based_options_destroy(e->tables);
	rocksdb_cache_destroy(e->cache);
	rocksdb_compactionfilter_destroy(e->forgetting);
	rocksdb_ingestexternalfileoptions_destroy(e->taking);
	rocksdb_readoptions_destroy(e->reading);
	rocksdb_envoptions_destroy(e->file_options);
	rocksdb_env_destroy(e->env);
	allow_signals(&was);
	pair_release(&e->first);
	pair_release(&e->last);
	free(e->path);
	free(e->batch);
	free(e);
}

static struct shelf_engine *
engine_open(const char *path, uint64_t memory_bytes, struct err *err)
{
	struct shelf_engine *e = alloc_zeroed(1, sizeof(*e));
	struct buf           batch = { 0 };
	const char          *name = "default";
	char                *said = NULL;
	sigset_t             was;

	raise_file_limit();
	block_signals(&was);
	buf_printf(&batch, "%s/table.new", path);
	buf_char(&batch, '\0');
	e->path = alloc_string(path);
	e->batch = batch.p;
	e->floor_ms = INT64_MIN;
	e->cache_bytes = memory_bytes / CACHE_SHARE < CACHE_LEAST_BYTES ? CACHE_LEAST_BYTES : memory_bytes / CACHE_SHARE;
	e->env = rocksdb_create_default_env();
	e->file_options = rocksdb_envoptions_create();
	e->reading = rocksdb_readoptions_create();
	e->taking = rocksdb_ingestexternalfileoptions_create();
	rocksdb_ingestexternalfileoptions_set_move_files(e->taking, 1);
	set_options(e, memory_bytes);
	e->db = rocksdb_open_column_families(e->options, path, 1, &name, (const rocksdb_options_t *const[]){ e->options }, &e->all, &said);
	allow_signals(&was);
	if (judge(e, said, err) == 0)
		return e;
	e->db = NULL;
	e->all = NULL;
	engine_close(e);
	return NULL;
}

/* ---- writing ---- */

static void
keep(struct pair *p, struct span key, struct span value)
{
	buf_reset(&p->key);
	buf_reset(&p->value);
	buf_span(&p->key, key);
	buf_span(&p->value, value);
}

static int
look_up(struct shelf_engine *e, const struct pair *p, struct err *err)
{
	struct span found = SPAN_NONE;
	char       *said = NULL;
	bool        is_there;

	found.p = rocksdb_get_cf(e->db, e->reading, e->all, p->key.p, p->key.n, &found.n, &said);
	if (judge(e, said, err) == -1)
		return -1;
	is_there = found.p != NULL && span_eq(found, buf_all(&p->value));
	rocksdb_free((void *)(uintptr_t)found.p);
	return is_there ? 0 : err_set(err, ERR_RETRY, "%s: a table could not be read when it was taken in", e->path);
}

/*
 * When the library (7.8) takes a table in, it looks for the first and the last key; where it cannot read them it says
 * nothing, and would never find what is there.
 */
static int
check_taken(struct shelf_engine *e, struct err *err)
{
	return look_up(e, &e->first, err) == -1 ? -1 : look_up(e, &e->last, err);
}

static int
engine_begin(struct shelf_engine *e, struct err *err)
{
	char *said = NULL;

	let_go(e);
	/* The library has given the last one a name of its own, and says nothing where it cannot remove this: it would be cut, and written over. */
	if (unlink(e->batch) == -1 && errno != ENOENT)
		return err_sys(err, "%s", e->batch);
	buf_reset(&e->first.key);
	e->writer = rocksdb_sstfilewriter_create(e->file_options, e->options);
	rocksdb_sstfilewriter_open(e->writer, e->batch, &said);
	return judge(e, said, err);
}

static int
engine_put(struct shelf_engine *e, struct span key, struct span value, struct err *err)
{
	char *said = NULL;

	if (e->first.key.n == 0)
		keep(&e->first, key, value);
	keep(&e->last, key, value);
	rocksdb_sstfilewriter_put(e->writer, key.p, key.n, value.p, value.n, &said);
	return judge(e, said, err);
}

static int
engine_end(struct shelf_engine *e, struct err *err)
{
	const char *batch = e->batch;
	char       *said = NULL;
	sigset_t    was;

	block_signals(&was);
	rocksdb_sstfilewriter_finish(e->writer, &said);
	rocksdb_sstfilewriter_destroy(e->writer);
	e->writer = NULL;
	if (said == NULL)
		rocksdb_ingest_external_file(e->db, &batch, 1, e->taking, &said);
	allow_signals(&was);
	return judge(e, said, err) == -1 ? -1 : check_taken(e, err);
}

/* ---- reading ---- */

static int
engine_get(struct shelf_engine *e, const struct span *keys, size_t n, struct span *values, struct err *err)
{
	const char *p[SHELF_GROUP];
	size_t      lengths[SHELF_GROUP];
	char       *said[SHELF_GROUP];
	int         rc = 0;

	let_go(e);
	for (size_t i = 0; i < n; i++) {
		p[i] = keys[i].p;
		lengths[i] = keys[i].n;
	}
	rocksdb_batched_multi_get_cf(e->db, e->reading, e->all, n, p, lengths, e->got, said, false);
	e->n_got = n;
	for (size_t i = 0; i < n; i++) {
		values[i] = SPAN_NONE;
		if (e->got[i] != NULL)
			values[i].p = rocksdb_pinnableslice_value(e->got[i], &values[i].n);
		if (said[i] == NULL)
			continue;
		if (rc == 0)
			rc = judge(e, said[i], err);
		else
			rocksdb_free(said[i]);
	}
	return rc;
}

/* ---- the rest ---- */

/*
 * The library's thread does it, level by level, and we wait: it always ends, with an error, too.  But what takes half a
 * second of work in thousands of small tables takes eight where a dozen others want two cores, as each step is a handing over
 * (8,000 ids in 246 tables, 40 horizons: 9,500 of them).
 */

static int
engine_forget(struct shelf_engine *e, struct span from, struct span to, int64_t floor_ms, struct err *err)
{
	sigset_t was;

	(void)err;
	let_go(e);
	atomic_store_explicit(&e->floor_ms, floor_ms, memory_order_relaxed);
	block_signals(&was);
	rocksdb_compact_range(e->db, from.p, from.n, to.p, to.n);        /* what fails here, the next table meets */
	allow_signals(&was);
	return 0;
}

static int
engine_checkpoint(struct shelf_engine *e, const char *path, struct err *err)
{
	char                 *said = NULL;
	rocksdb_checkpoint_t *c;
	sigset_t              was;

	block_signals(&was);
	c = rocksdb_checkpoint_object_create(e->db, &said);
	if (said == NULL) {
		rocksdb_checkpoint_create(c, path, 0, &said);
		rocksdb_checkpoint_object_destroy(c);
	}
	allow_signals(&was);
	return judge(e, said, err);
}

static uint64_t
engine_memory_bytes(struct shelf_engine *e)
{
	uint64_t tables = 0;

	rocksdb_property_int(e->db, "rocksdb.estimate-table-readers-mem", &tables);
	return e->cache_bytes + tables;
}

const struct shelf_engine_class rocksdb_engine = {
	.open = engine_open, .close = engine_close,
	.begin = engine_begin, .put = engine_put, .end = engine_end,
	.get = engine_get, .forget = engine_forget,
	.checkpoint = engine_checkpoint, .memory_bytes = engine_memory_bytes,
};
