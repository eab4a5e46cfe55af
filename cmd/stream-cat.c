/* stream-cat - sources to records */
#include "cli/cli.h"
#include "cli/conf.h"

int
main(int argc, char **argv)
{
	struct options o;

	cli_start(CMD_CAT, argc, argv, &o);
	return cli_finish(&o, conf_run(&o, NULL));
}
