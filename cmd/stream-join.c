/* stream-join - records of two inputs that belong together */
#include "cli/cli.h"
#include "cli/conf.h"
#include "io/file.h"
#include "io/jq.h"
#include "io/random.h"
#include "io/zonefile.h"
#include "op/join_where.h"
#include "run/run.h"
#include "store/run_files.h"

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
	struct options    o;
	struct join_conf  join;
	struct zone       zone = { 0 };
	struct run_files *files;
	struct err        err = ERR_INIT;
	struct op        *op;
	int               status;

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
	files = run_files_new(file_temp_dir());
	join.spill = run_files_spill(files);
	op = join_new(&join);
	status = o.explain ? conf_explain(&o, &jq_class) : conf_run_spilling(&o, op, files);
	op->class->free(op);
	run_files_free(files);
	join_where_free(join.where_cookie);
	zone_release(&zone);
	return cli_finish(&o, status);
}
