/* sink - where records go */
#include "sink/sink.h"

#include <string.h>

#include "io/module.h"
#include "sink/dir.h"
#include "sink/file.h"
#include "sink/stdout.h"

const struct sink_class *const sink_classes[] = { &sink_stdout, &sink_file, &sink_dir, NULL };

struct sink *
sink_open(const struct sink_conf *conf, struct err *err)
{
	const char          *target = conf->target, *name = module_of(target);
	const struct module *m = NULL;
	size_t               n = strcspn(target, ":");

	if (conf->roll_ms > 0 && strncmp(target, "dir:", 4) != 0) {
		err_set(err, ERR_USAGE, "%s: --roll is for the parts of dir:PATH", target);
		return NULL;
	}
	if (strcmp(target, "-") == 0)
		return sink_stdout.open(conf, err);
	for (size_t i = 0; sink_classes[i] != NULL && target[n] == ':'; i++)
		if (strlen(sink_classes[i]->scheme) == n && strncmp(target, sink_classes[i]->scheme, n) == 0)
			return sink_classes[i]->open(conf, err);
	if (name != NULL && (m = module_load(name, err)) == NULL)
		return NULL;
	if (m != NULL && m->sink != NULL)
		return m->sink->open(conf, err);
	if (target[n] == ':')
		err_set(err, ERR_USAGE, "%s: no sink for %.*s: here; there are -, file:PATH, dir:PATH and kafka://HOST/TOPIC", target, (int)n, target);
	else
		err_set(err, ERR_USAGE, "%s: where to? a file is file:%s, stdout is -", target, target);
	return NULL;
}
