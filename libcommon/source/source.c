/* source - where records come from */
#include "source/source.h"

#include <string.h>

#include "io/module.h"
#include "source/file.h"

const struct source_class *const source_classes[] = { &source_file, NULL };

/* "kafka://…" has a scheme, "a:b.ndjson" and "./kafka:x" are paths; "file:x" says so itself. */
const struct source_class *
source_class_of(const char *input, struct err *err)
{
	size_t               n = strspn(input, "abcdefghijklmnopqrstuvwxyz0123456789+");
	const char          *name = module_of(input);
	const struct module *m = NULL;

	for (size_t i = 0; source_classes[i] != NULL; i++)
		if (strlen(source_classes[i]->scheme) == n && input[n] == ':' && strncmp(input, source_classes[i]->scheme, n) == 0)
			return source_classes[i];
	if (name != NULL && (m = module_load(name, err)) == NULL)
		return NULL;
	if (m != NULL && m->source != NULL)
		return m->source;
	if (n > 0 && strncmp(input + n, "://", 3) == 0) {
		err_set(err, ERR_USAGE, "%s: no source for %.*s:// here", input, (int)n, input);
		return NULL;
	}
	return &source_file;
}

struct source *
source_open(const struct source_conf *conf, struct err *err)
{
	const struct source_class *class = source_class_of(conf->inputs[0], err);

	for (size_t i = 1; class != NULL && i < conf->n_inputs; i++) {
		const struct source_class *other = source_class_of(conf->inputs[i], err);

		if (other != NULL && other != class) {
			err_set(err, ERR_USAGE, "%s and %s are of different kinds: one command reads one",
			        conf->inputs[0], conf->inputs[i]);
			return NULL;
		}
		class = other;
	}
	return class == NULL ? NULL : class->open(conf, err);
}
