/* stream-window - aggregates by key and window of event time */
#include "cli/cli.h"
#include "cli/conf.h"
#include "io/random.h"
#include "op/window.h"
#include "state/table.h"

int
main(int argc, char **argv)
{
	struct options     o;
	struct window_conf window;
	struct op         *op;
	int                status;

	cli_start(CMD_WINDOW, argc, argv, &o);
	window = (struct window_conf){
		.size_ms = o.window_size_ms, .offset_ms = o.window_offset_ms, .allowed_lateness_ms = o.allowed_lateness_ms,
		.global_key = o.global, .columns = o.columns, .n_columns = o.n_columns, .stage = o.name,
	};
	op = window_new(&window, table_new(window_value_bytes(&window), random_u64()));
	status = conf_run(&o, op);
	op->class->free(op);
	return cli_finish(&o, status);
}
