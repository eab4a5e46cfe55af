/* optest_ops - the operators that optest can replay */
#include "optest_ops.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/conf.h"
#include "io/jq.h"
#include "op/dedup.h"
#include "op/sort.h"
#include "op/window.h"
#include "shelf_memory.h"
#include "spill_memory.h"
#include "state/table.h"

/* One place for what is spilled, for all operators: they come and go, files stay. */
static struct spill *
spilled(void)
{
	static struct spill *all;

	if (all == NULL)
		all = spill_memory_new();
	return all;
}

static struct op *
make_window(const struct options *o, const struct zone *zone, uint64_t hash_seed)
{
	struct window_conf conf = o->window;

	conf.memory_bytes = o->memory_bytes;
	conf.spill = spilled();
	conf.columns = o->columns;
	conf.n_columns = o->n_columns;
	conf.stage = o->name;
	conf.zone = zone;
	return window_new(&conf, table_new(window_value_bytes(&conf), hash_seed));
}

static struct op *
make_dedup(const struct options *o, const struct zone *zone, uint64_t hash_seed)
{
	struct dedup_conf conf = conf_dedup(o, hash_seed);

	(void)zone;
	if (conf.memory_bytes != UINT64_MAX)
		conf.memory_bytes /= 16;             /* of the least that the option takes: a dozen ids */
	conf.shelf = shelf_memory_new();
	return dedup_new(&conf);
}

static struct op *
make_sort(const struct options *o, const struct zone *zone, uint64_t hash_seed)
{
	(void)zone;
	(void)hash_seed;
	return sort_new(o->memory_bytes, spilled());
}

static struct op *
make_filter(const struct options *o, const struct zone *zone, uint64_t hash_seed)
{
	struct err err = ERR_INIT;
	struct op *op = conf_filter(o, &jq_class, &err);

	(void)zone;
	(void)hash_seed;
	if (op == NULL) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return op;
}

const struct optest_operator optest_operators[] = {
	{ .name = "window", .command = CMD_WINDOW, .kind = "tumbling", .make = make_window },
	{ .name = "dedup", .command = CMD_DEDUP, .make = make_dedup },
	{ .name = "filter", .command = CMD_FILTER, .make = make_filter },
	{ .name = "join", .make_from_words = optest_join },
	{ .name = "sort", .command = CMD_SORT, .make = make_sort },
	{ .name = NULL }
};
