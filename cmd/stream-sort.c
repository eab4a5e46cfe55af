/* stream-sort - records in the order of event time */
#include "cli/cli.h"
#include "cli/conf.h"
#include "io/file.h"
#include "op/sort.h"
#include "store/run_files.h"

int
main(int argc, char **argv)
{
	struct options    o;
	struct run_files *files;
	struct op        *op;
	int               status;

	cli_start(CMD_SORT, argc, argv, &o);
	files = run_files_new(file_temp_dir());
	op = sort_new(o.memory_bytes, run_files_spill(files));
	status = conf_run_spilling(&o, op, files);
	op->class->free(op);
	run_files_free(files);
	return cli_finish(&o, status);
}
