/* stream-exec - any filter as a stage of a pipeline */
#include "cli/cli.h"
#include "cli/conf.h"

int
main(int argc, char **argv)
{
	struct options o;

	cli_start(CMD_EXEC, argc, argv, &o);
	return cli_finish(&o, conf_run_exec(&o));
}
