/* stream-window - aggregates by key and window */
#include "cli/cli.h"
#include "cli/conf.h"
#include "io/file.h"
#include "io/random.h"
#include "io/zonefile.h"
#include "op/window.h"
#include "run/run.h"
#include "state/table.h"
#include "store/run_files.h"

int
main(int argc, char **argv)
{
	struct options     o;
	struct window_conf window;
	struct zone        zone = { 0 };
	struct run_files  *files;
	struct err         err = ERR_INIT;
	struct op         *op;
	int                status;

	cli_start(CMD_WINDOW, argc, argv, &o);
	window = o.window;
	window.columns = o.columns;
	window.n_columns = o.n_columns;
	window.stage = o.name;
	if (o.tz != NULL) {
		if (zonefile_read(o.tz, &zone, &err) == -1) {
			err_in(&err, "--tz");
			if (!o.plain)
				run_tell_failure(o.name, err.status, err.text);
			return cli_finish(&o, cli_fail(&o, &err));
		}
		window.zone = &zone;
	}
	files = run_files_new(file_temp_dir());
	window.memory_bytes = o.memory_bytes;
	window.spill = run_files_spill(files);
	op = window_new(&window, table_new(window_value_bytes(&window), random_u64()));
	status = conf_run_spilling(&o, op, files);
	op->class->free(op);
	run_files_free(files);
	zone_release(&zone);
	return cli_finish(&o, status);
}
