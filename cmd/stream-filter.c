/* stream-filter - keep records by a condition, make other payloads and keys */
#include "cli/cli.h"
#include "cli/conf.h"
#include "io/jq.h"
#include "run/run.h"

int
main(int argc, char **argv)
{
	struct options o;
	struct err     err = ERR_INIT;
	struct op     *op;
	int            status;

	cli_start(CMD_FILTER, argc, argv, &o);
	op = conf_filter(&o, &jq_class, &err);
	if (op == NULL) {
		if (!o.plain && !o.explain)
			run_tell_failure(o.name, err.status, err.text);
		return cli_finish(&o, cli_fail(&o, &err));
	}
	status = o.explain ? conf_explain(&o, &jq_class) : conf_run(&o, op);
	op->class->free(op);
	return cli_finish(&o, status);
}
