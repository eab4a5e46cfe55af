/* stream-dedup - each id once */
#include "cli/cli.h"
#include "cli/conf.h"
#include "io/random.h"
#include "op/dedup.h"

int
main(int argc, char **argv)
{
	struct options    o;
	struct dedup_conf dedup;
	struct op        *op;
	int               status;

	cli_start(CMD_DEDUP, argc, argv, &o);
	dedup = conf_dedup(&o, random_u64());
	op = dedup_new(&dedup);
	status = conf_run(&o, op);
	op->class->free(op);
	return cli_finish(&o, status);
}
