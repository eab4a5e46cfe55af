/* sink_target - "kafka://host/topic?format=text&partition=keep&topic=PATH" read */
#include <string.h>

#include "base/url.h"
#include "kafka/sink_parts.h"

static int
set_param(void *cookie, const char *name, const char *value, struct err *err)
{
	struct kafka_target *t = cookie;
	const char          *v = value == NULL ? "" : value;

	if (strcmp(name, "format") == 0) {
		if (strcmp(v, "json") != 0 && strcmp(v, "text") != 0)
			return err_set(err, ERR_USAGE, "format= is json or text");
		t->as_text = strcmp(v, "text") == 0;
		return 0;
	}
	if (strcmp(name, "partition") == 0) {
		if (strcmp(v, "key") != 0 && strcmp(v, "keep") != 0)
			return err_set(err, ERR_USAGE, "partition= is key or keep");
		t->keeps_partition = strcmp(v, "keep") == 0;
		return 0;
	}
	if (strcmp(name, "topic") == 0) {
		if (t->has_path)
			path_release(&t->path);
		t->path = (struct path){ 0 };
		t->has_path = true;
		return path_parse(&t->path, v, err) == -1 ? err_in(err, "topic=") : 0;
	}
	return err_set(err, ERR_USAGE, "unknown parameter %s; there are format, partition and topic", name);
}

int
kafka_target_parse(struct kafka_target *t, const char *text, struct err *err)
{
	*t = (struct kafka_target){ .as_text = false };
	if (kafka_url_parse(&t->url, text, err) == -1)
		return -1;
	if (t->url.n_topics > 1)
		err_set(err, ERR_USAGE, "%s: one topic is written; where each record goes, ?topic=PATH can say", text);
	else if (url_params(t->url.params, set_param, t, err) == -1)
		err_in(err, "%s", text);
	else if (t->url.n_topics == 0 && !t->has_path)
		err_set(err, ERR_USAGE, "%s: no topic: kafka://HOST/TOPIC", text);
	else
		return 0;
	kafka_target_release(t);
	return -1;
}

void
kafka_target_release(struct kafka_target *t)
{
	kafka_url_release(&t->url);
	if (t->has_path)
		path_release(&t->path);
	*t = (struct kafka_target){ .as_text = false };
}
