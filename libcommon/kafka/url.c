/* url - "kafka://host:port/topic?name=value" */
#include "kafka/url.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/url.h"

#define SCHEME "kafka://"

enum { TOPIC_MAX_BYTES = 249 };

/* Behind the host; NULL: there is none. */
static const char *
port_of(const char *host)
{
	const char *colon = strrchr(host, ':'), *bracket = strrchr(host, ']');

	return colon != NULL && (bracket == NULL || colon > bracket) ? colon + 1 : NULL;
}

static bool
is_port(const char *text)
{
	int64_t n;

	return num_i64(span_str(text), &n) && n > 0 && n < 65536;
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
		if (port_of(host) != NULL && !is_port(port_of(host))) {
			buf_release(&b);
			return err_set(err, ERR_USAGE, "%s is no port", port_of(host)[0] == '\0' ? "nothing" : port_of(host));
		}
		if (b.n > 0)
			buf_char(&b, ',');
		buf_str(&b, host);
		if (port_of(host) == NULL)
			buf_lit(&b, ":9092");
	}
	buf_char(&b, '\0');
	u->brokers = b.p;
	return 0;
}

/* As the broker has it; "." and ".." would be directories there. */
bool
kafka_is_topic(struct span name)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	for (size_t i = 0; i < name.n; i++)
		if (memchr(legal, name.p[i], sizeof(legal) - 1) == NULL)
			return false;
	return name.n > 0 && name.n <= TOPIC_MAX_BYTES && !span_eq(name, SPAN_LIT(".")) && !span_eq(name, SPAN_LIT(".."));
}

static int
add_topics(struct kafka_url *u, char *names, struct err *err)
{
	char *name;

	while ((name = strsep(&names, ",")) != NULL) {
		url_decode(name);
		if (!kafka_is_topic(span_str(name)))
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
