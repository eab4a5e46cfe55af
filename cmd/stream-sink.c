/* stream-sink - records to a target, committed at barriers */
#include "cli/cli.h"
#include "cli/conf.h"

int
main(int argc, char **argv)
{
	struct options o;

	cli_start(CMD_SINK, argc, argv, &o);
	return cli_finish(&o, conf_run(&o, NULL));
}
