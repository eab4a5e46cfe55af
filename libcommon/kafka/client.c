/* client - what the source and the sink have of librdkafka in common */
#include "kafka/client.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/alloc.h"

/* ---- what librdkafka has to say ---- */

void
kafka_say(const struct kafka_client *c, const char *fmt, ...)
{
	char    text[600];
	int     n = snprintf(text, sizeof(text), "%s: ", c->what);
	size_t  head = n < 0 || (size_t)n >= sizeof(text) ? 0 : (size_t)n;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + head, sizeof(text) - head, fmt, ap);
	va_end(ap);
	c->remote->say(c->remote->say_cookie, text);
}

void
kafka_note(const struct kafka_client *c, const char *text)
{
	if (c->remote->note != NULL)
		c->remote->note(c->remote->say_cookie, text);
}

void
kafka_answered(struct kafka_client *c)
{
	if (c->is_down && c->was_up)
		kafka_say(c, "a broker is back");
	c->is_down = false;
	c->was_up = true;
	c->last_text[0] = '\0';
}

/* Whatever ends a run comes as an error, too. */
static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	const struct kafka_client *c = rd_kafka_opaque(rk);

	if (c->remote->debug != NULL)
		kafka_say(c, "%s: %s", facility, text);
	else if (level <= 4 && strcmp(facility, "FAIL") != 0 && strcmp(facility, "CONFWARN") != 0)
		kafka_note(c, text);
}

static void
on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	struct kafka_client *c = opaque;

	if (code == RD_KAFKA_RESP_ERR__FATAL)
		code = rd_kafka_fatal_error(rk, c->fatal_text, sizeof(c->fatal_text));
	else if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
		if (!c->is_down && c->was_up)
			kafka_say(c, "no broker can be reached: waiting for one");
		c->is_down = true;
		return;
	} else if (kafka_kind(code) == ERR_RETRY || (code == RD_KAFKA_RESP_ERR__SSL && c->was_up)) {
		const char *aside = strstr(reason, " (after ");

		snprintf(c->last_text, sizeof(c->last_text), "%.*s", (int)(aside == NULL ? (ptrdiff_t)strlen(reason) : aside - reason),
		         reason);
		return;
	} else {
		snprintf(c->fatal_text, sizeof(c->fatal_text), "%s", reason);
	}
	if (c->fatal == RD_KAFKA_RESP_ERR_NO_ERROR)
		c->fatal = code;
}

/* ---- settings ---- */

/* One of them, as the user or we gave it.  FROM says where; NULL: it is ours. */
struct setting {
	rd_kafka_conf_t            *conf;
	const struct kafka_setting *fixed;
	const char                 *from;
};

static bool
is_secret(const char *name)
{
	return strstr(name, "password") != NULL || strstr(name, "secret") != NULL || strstr(name, ".pem") != NULL
	       || strstr(name, "sasl.oauthbearer.config") != NULL || strstr(name, "jaas") != NULL;
}

/* Both kinds of setting stand in one: kcat marks a topic's with "topic.", which some of a handle's begin with, too. */
static int
set(const struct setting *s, const char *name, const char *value, struct err *err)
{
	char text[400];

	if (strncmp(name, "topic.", 6) == 0 && strncmp(name, "topic.metadata.", 15) != 0 && strcmp(name, "topic.blacklist") != 0)
		name += 6;
	for (const struct kafka_setting *f = s->fixed; s->from != NULL && f->name != NULL; f++)
		if (strcmp(f->name, name) == 0 && strcmp(f->value, value) != 0)
			return err_set(err, ERR_USAGE, "%s: %s has to be %s here", s->from, name, f->value);
	if (rd_kafka_conf_set(s->conf, name, value, text, sizeof(text)) == RD_KAFKA_CONF_OK)
		return 0;
	if (is_secret(name))            /* the library's words hold the value */
		snprintf(text, sizeof(text), "%s: not a value for it", name);
	return err_set(err, ERR_USAGE, "%s%s%s", s->from == NULL ? "" : s->from, s->from == NULL ? "" : ": ", text);
}

static char *
trim(char *text)
{
	size_t n;

	while (isspace((unsigned char)*text))
		text++;
	for (n = strlen(text); n > 0 && isspace((unsigned char)text[n - 1]); n--)
		continue;
	text[n] = '\0';
	return text;
}

/* "name=value", in place. */
static int
set_pair(const struct setting *s, char *pair, struct err *err)
{
	char *value = strchr(pair, '=');

	if (value == NULL)
		return err_set(err, ERR_USAGE, "%s: a setting is NAME=VALUE", s->from);
	*value++ = '\0';
	return set(s, trim(pair), trim(value), err);
}

static int
set_lines(const struct setting *s, FILE *f, const char *path, struct err *err)
{
	struct setting at = *s;
	char          *line = NULL, *from = NULL;
	size_t         cap = 0;
	int            r = 0;

	for (unsigned n = 1; r == 0 && getline(&line, &cap, f) != -1; n++) {
		char *pair = trim(line);

		if (pair[0] == '\0' || pair[0] == '#')
			continue;
		free(from);
		if (asprintf(&from, "%s:%u", path, n) == -1)
			alloc_failed();
		at.from = from;
		r = set_pair(&at, pair, err);
	}
	if (r == 0 && ferror(f))
		r = err_sys(err, "%s", path);
	if (line != NULL)
		explicit_bzero(line, cap);
	free(line);
	free(from);
	return r;
}

/* 1: it was there; 0: it is not. */
static int
set_file(const struct setting *s, const char *dir, const char *name, struct err *err)
{
	char *path;
	FILE *f;
	int   r;

	if (asprintf(&path, "%s%s%s", dir, dir[0] == '\0' ? "" : "/", name) == -1)
		alloc_failed();
	if ((f = fopen(path, "re")) == NULL) {
		r = errno == ENOENT ? 0 : err_sys(err, "%s", path);
	} else {
		r = set_lines(s, f, path, err) == -1 ? -1 : 1;
		fclose(f);
	}
	free(path);
	return r;
}

static int
set_files(const struct setting *s, const char *given, struct err *err)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY"), *kcat = getenv("KCAT_CONFIG"), *home = getenv("HOME");
	int         r = 0;

	if (given != NULL) {
		if (credentials != NULL && strchr(given, '/') == NULL)
			r = set_file(s, credentials, given, err);
		if (r == 0 && (r = set_file(s, "", given, err)) == 0)
			return err_set(err, ERR_FATAL, "%s: no such file", given);
		return r;
	}
	if (credentials != NULL)
		r = set_file(s, credentials, "kafka.conf", err);
	if (r == 0 && kcat != NULL && kcat[0] != '\0')
		r = set_file(s, "", kcat, err);
	else if (r == 0 && home != NULL)
		r = set_file(s, home, ".config/kcat.conf", err);
	return r;
}

static int
set_properties(const struct setting *s, const struct remote_conf *remote, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < remote->n_properties; i++) {
		char *pair = alloc_string(remote->properties[i]);

		r = set_pair(s, pair, err);
		free(pair);
	}
	return r;
}

/* Descriptors of ours are not for the children of anybody. */
static int
open_socket(int domain, int type, int protocol, void *opaque)
{
	(void)opaque;
	return socket(domain, type | SOCK_CLOEXEC, protocol);
}

rd_kafka_conf_t *
kafka_conf(struct kafka_client *c, const struct kafka_url *url, const struct kafka_setting *ours,
           const struct kafka_setting *fixed, struct err *err)
{
	static const struct kafka_setting always[] = {
		{ "client.id", "streamutils" }, { "log.connection.close", "false" }, { "log.queue", "true" },
		{ "socket.nagle.disable", "true" }, { "reconnect.backoff.max.ms", "500" }, { NULL, NULL }
	};
	const struct remote_conf *remote = c->remote;
	struct setting            s = { .conf = rd_kafka_conf_new(), .fixed = fixed };
	const struct kafka_setting *const lists[] = { always, ours, fixed };
	int                       r = 0;

	rd_kafka_conf_set_opaque(s.conf, c);
	rd_kafka_conf_set_log_cb(s.conf, on_log);
	rd_kafka_conf_set_error_cb(s.conf, on_error);
	rd_kafka_conf_set_socket_cb(s.conf, open_socket);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct kafka_setting *o = lists[i]; r == 0 && o->name != NULL; o++)
			r = set(&s, o->name, o->value, err);
	if (r == 0)
		r = set(&s, "bootstrap.servers", url->brokers, err);
	if (r == 0 && remote->debug != NULL) {
		s.from = "--debug";
		r = set(&s, "debug", remote->debug, err);
	}
	s.from = "-F";
	if (r == 0 && (r = set_files(&s, remote->properties_file, err)) == 1)
		r = 0;
	s.from = "-X";
	if (r == 0)
		r = set_properties(&s, remote, err);
	if (r == 0)
		return s.conf;
	rd_kafka_conf_destroy(s.conf);
	return NULL;
}

rd_kafka_t *
kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, struct err *err)
{
	char        text[400];
	sigset_t    all, before;
	rd_kafka_t *rk;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rk = rd_kafka_new(type, conf, text, sizeof(text));
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rk == NULL) {
		rd_kafka_conf_destroy(conf);
		err_set(err, ERR_USAGE, "%s", text);
	}
	return rk;
}

static void *
destroy(void *rk)
{
	rd_kafka_destroy(rk);
	return NULL;
}

void
kafka_destroy(rd_kafka_t *rk)
{
	enum { PATIENCE_S = 2 };
	pthread_t       thread;
	struct timespec until;
	sigset_t        all, before;
	int             e;

	if (rk == NULL)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(&thread, NULL, destroy, rk);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (e != 0)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	if (pthread_timedjoin_np(thread, NULL, &until) != 0)
		pthread_detach(thread);
}

/* ---- errors ---- */

enum err_kind
kafka_kind(rd_kafka_resp_err_t e)
{
	switch (e) {
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__SSL:
	case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
	case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
	case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
	case RD_KAFKA_RESP_ERR__INVALID_ARG:
	case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
	case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
		return ERR_FATAL;
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_MSG:
	case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
	case RD_KAFKA_RESP_ERR_INVALID_RECORD:
	case RD_KAFKA_RESP_ERR__BAD_MSG:
		return ERR_DATA;
	default:
		return ERR_RETRY;
	}
}

int
kafka_fail(const struct kafka_client *c, rd_kafka_resp_err_t e, struct err *err, const char *fmt, ...)
{
	char    text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(err, kafka_kind(e), "%s: %s: %s", c->what, text, rd_kafka_err2str(e));
}
