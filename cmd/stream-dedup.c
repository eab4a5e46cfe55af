/* stream-dedup - each id once */
#include "cli/cli.h"
#include "cli/conf.h"
#include "io/file.h"
#include "io/random.h"
#include "op/dedup.h"
#include "store/shelf_files.h"

int
main(int argc, char **argv)
{
	struct options      o;
	struct dedup_conf   dedup;
	struct shelf_files *shelf;
	struct op          *op;
	int                 status;

	cli_start(CMD_DEDUP, argc, argv, &o);
	dedup = conf_dedup(&o, random_u64());
	shelf = shelf_files_new(file_temp_dir(), dedup.memory_bytes, NULL);
	dedup.shelf = shelf_files_shelf(shelf);
	op = dedup_new(&dedup);
	status = conf_run_shelving(&o, op, shelf);
	op->class->free(op);
	shelf_files_free(shelf);
	return cli_finish(&o, status);
}
