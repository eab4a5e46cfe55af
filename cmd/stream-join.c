/* stream-join - records of two inputs that belong together */
#include "cli/cli.h"
#include "cli/conf.h"
#include "io/jq.h"
#include "io/random.h"
#include "io/zonefile.h"
#include "op/join_where.h"
#include "run/run.h"

static int
fail(struct options *o, const struct err *err)
{
	if (!o->plain && !o->explain)
		run_tell_failure(o->name, err->status, err->text);
	return cli_finish(o, cli_fail(o, err));
}

int
main(int argc, char **argv)
{
	struct options   o;
	struct join_conf join;
	struct zone      zone = { 0 };
	struct err       err = ERR_INIT;
	struct op       *op;
	int              status;

	cli_start(CMD_JOIN, argc, argv, &o);
	if (conf_join(&o, &jq_class, random_u64(), &join, &err) == -1)
		return fail(&o, &err);
	if (o.tz != NULL) {
		if (zonefile_read(o.tz, &zone, &err) == -1) {
			err_in(&err, "--tz");
			return fail(&o, &err);
		}
		join.window.zone = &zone;
	}
	op = join_new(&join);
	status = o.explain ? conf_explain(&o, &jq_class) : conf_run(&o, op);
	op->class->free(op);
	join_where_free(join.where_cookie);
	zone_release(&zone);
	return cli_finish(&o, status);
}
