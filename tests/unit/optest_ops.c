/* optest_ops - the operators that optest can replay */
#include "optest_ops.h"

#include <stddef.h>

#include "op/window.h"
#include "state/table.h"

static struct op *
make_window(const struct options *o, const struct zone *zone, uint64_t hash_seed)
{
	struct window_conf conf = o->window;

	conf.columns = o->columns;
	conf.n_columns = o->n_columns;
	conf.stage = o->name;
	conf.zone = zone;
	return window_new(&conf, table_new(window_value_bytes(&conf), hash_seed));
}

const struct optest_operator optest_operators[] = {
	{ .name = "window", .command = CMD_WINDOW, .kind = "tumbling", .make = make_window },
	{ .name = "join", .make_from_words = optest_join },
	{ .name = NULL }
};
