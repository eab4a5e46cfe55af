/* url - "kafka://host:port/topic?name=value" */
#include "kafka/url.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/url.h"

#define SCHEME "kafka://"

enum { TOPIC_MAX_BYTES = 249 };

static bool
has_port(const char *host)
{
	const char *colon = strrchr(host, ':'), *bracket = strrchr(host, ']');

	return colon != NULL && (bracket == NULL || colon > bracket);
}

/* "a,b:9093" */
static int
set_brokers(struct kafka_url *u, char *hosts, struct err *err)
{
	struct buf b = { 0 };
	char      *host;

	while ((host = strsep(&hosts, ",")) != NULL) {
		if (host[0] == '\0' || host[0] == ':') {
			buf_release(&b);
			return err_set(err, ERR_USAGE, "a broker has no host");
		}
		if (strchr(host, '@') != NULL) {
			buf_release(&b);
			return err_set(err, ERR_USAGE, "a user does not stand in the URL, where everybody sees it: -F FILE");
		}
		if (b.n > 0)
			buf_char(&b, ',');
		buf_str(&b, host);
		if (!has_port(host))
			buf_lit(&b, ":9092");
	}
	buf_char(&b, '\0');
	u->brokers = b.p;
	return 0;
}

/* As the broker has it; "." and ".." would be directories there. */
static bool
is_topic(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return n > 0 && n <= TOPIC_MAX_BYTES && name[n] == '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static int
add_topics(struct kafka_url *u, char *names, struct err *err)
{
	char *name;

	while ((name = strsep(&names, ",")) != NULL) {
		url_decode(name);
		if (!is_topic(name))
			return err_set(err, ERR_USAGE, "\"%s\" cannot be the name of a topic", name);
		for (size_t i = 0; i < u->n_topics; i++)
			if (strcmp(u->topics[i], name) == 0)
				return err_set(err, ERR_USAGE, "topic %s twice", name);
		u->topics = alloc_resized(u->topics, u->n_topics + 1, sizeof(*u->topics));
		u->topics[u->n_topics++] = alloc_string(name);
	}
	return 0;
}

int
kafka_url_parse(struct kafka_url *u, const char *text, struct err *err)
{
	char *copy, *slash, *mark;
	int   r;

	*u = (struct kafka_url){ .brokers = NULL };
	if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
		return err_set(err, ERR_USAGE, "%s: a URL is " SCHEME "host:port/topic", text);
	u->params = strchr(text, '?');
	copy = alloc_string(text + strlen(SCHEME));
	if ((mark = strchr(copy, '?')) != NULL) {
		*mark = '\0';
		u->params++;
	}
	if ((slash = strchr(copy, '/')) != NULL)
		*slash++ = '\0';
	r = set_brokers(u, copy, err);
	if (r == 0 && slash != NULL && slash[0] != '\0')
		r = add_topics(u, slash, err);
	free(copy);
	if (r == -1) {
		err_in(err, "%s", text);
		kafka_url_release(u);
	}
	return r;
}

void
kafka_url_release(struct kafka_url *u)
{
	free(u->brokers);
	for (size_t i = 0; i < u->n_topics; i++)
		free(u->topics[i]);
	free(u->topics);
	*u = (struct kafka_url){ .brokers = NULL };
}
