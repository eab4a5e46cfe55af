/* sink - where records go */
#include "sink/sink.h"

#include <string.h>

#include "sink/file.h"
#include "sink/stdout.h"

const struct sink_class *const sink_classes[] = { &sink_stdout, &sink_file, NULL };

struct sink *
sink_open(const struct sink_conf *conf, struct err *err)
{
	const char *target = conf->target;
	size_t      n = strcspn(target, ":");

	if (strcmp(target, "-") == 0)
		return sink_stdout.open(conf, err);
	for (size_t i = 0; sink_classes[i] != NULL && target[n] == ':'; i++)
		if (strlen(sink_classes[i]->scheme) == n && strncmp(target, sink_classes[i]->scheme, n) == 0)
			return sink_classes[i]->open(conf, err);
	if (target[n] == ':')
		err_set(err, ERR_USAGE, "%s: no sink for %.*s: here; there are - and file:PATH", target, (int)n, target);
	else
		err_set(err, ERR_USAGE, "%s: where to? a file is file:%s, stdout is -", target, target);
	return NULL;
}
