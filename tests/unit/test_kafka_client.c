/* URLs of Kafka, and where the settings of its client come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kafka/client.h"

/* ---- URLs ---- */

static void
url_is_refused(const char *text, const char *why)
{
	struct kafka_url u;
	struct err       err = ERR_INIT;

	assert_int_equal(kafka_url_parse(&u, text, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, why);
}

static void
a_url_names_brokers_and_topics(void **state)
{
	struct kafka_url u;
	struct err       err = ERR_INIT;

	(void)state;
	assert_int_equal(kafka_url_parse(&u, "kafka://localhost,b:9093,[::1],[::1]:7/a,b%2Ec?x=1&y=2", &err), 0);
	assert_string_equal(u.brokers, "localhost:9092,b:9093,[::1]:9092,[::1]:7");
	assert_int_equal(u.n_topics, 2);
	assert_string_equal(u.topics[1], "b.c");
	assert_string_equal(u.params, "x=1&y=2");
	kafka_url_release(&u);
	assert_int_equal(kafka_url_parse(&u, "kafka://h", &err), 0);
	assert_int_equal(u.n_topics, 0);
	assert_null(u.params);
	kafka_url_release(&u);
}

static void
a_url_that_cannot_be(void **state)
{
	(void)state;
	url_is_refused("kafka:///a", "kafka:///a: a broker has no host");
	url_is_refused("kafka://h,,i/a", "kafka://h,,i/a: a broker has no host");
	url_is_refused("kafka://h:/a", "kafka://h:/a: nothing is no port");
	url_is_refused("kafka://h:99999/a", "kafka://h:99999/a: 99999 is no port");
	url_is_refused("kafka://u:secret@h/a", "kafka://u:secret@h/a: a user does not stand in the URL, where everybody sees it: -F FILE");
	url_is_refused("kafka://h/a b", "kafka://h/a b: \"a b\" cannot be the name of a topic");
	url_is_refused("kafka://h/..", "kafka://h/..: \"..\" cannot be the name of a topic");
	url_is_refused("kafka://h/a,a", "kafka://h/a,a: topic a twice");
	url_is_refused("kafka://h/a,", "kafka://h/a,: \"\" cannot be the name of a topic");
}

/* ---- settings ---- */

static char dir[] = "/tmp/kafka-client.XXXXXX";

static int
make_dir(void **state)
{
	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("KCAT_CONFIG");
	return mkdtemp(dir) == NULL || setenv("HOME", dir, 1) == -1;
}

static int
remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void
write_file(const char *name, const char *text)
{
	char  path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static rd_kafka_conf_t *
conf_of(const struct remote_conf *remote, struct err *err)
{
	static const struct kafka_setting ours[] = { { "linger.ms", "7" }, { NULL, NULL } };
	static const struct kafka_setting fixed[] = { { "acks", "all" }, { NULL, NULL } };
	static struct kafka_client        client;
	struct kafka_url                  url;
	rd_kafka_conf_t                  *conf;

	assert_int_equal(kafka_url_parse(&url, "kafka://h/a", err), 0);
	client = (struct kafka_client){ .remote = remote, .what = "kafka://h/a" };
	conf = kafka_conf(&client, &url, ours, fixed, err);
	kafka_url_release(&url);
	return conf;
}

static void
setting_is(const struct remote_conf *remote, const char *name, const char *value)
{
	struct err       err = ERR_INIT;
	rd_kafka_conf_t *conf = conf_of(remote, &err);
	char             text[100];
	size_t           n = sizeof(text);

	if (conf == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(rd_kafka_conf_get(conf, name, text, &n), RD_KAFKA_CONF_OK);
	assert_string_equal(text, value);
	rd_kafka_conf_destroy(conf);
}

static void
is_refused(const struct remote_conf *remote, enum err_kind kind, const char *why)
{
	struct err err = ERR_INIT;

	assert_null(conf_of(remote, &err));
	assert_int_equal(err.kind, kind);
	assert_non_null(strstr(err.text, why));
}

/* Ours, a file, the command line: the later counts. */
static void
the_command_line_counts_most(void **state)
{
	const char        *x[] = { "linger.ms=9", "topic.message.timeout.ms=5000" };
	char               path[200];
	struct remote_conf remote = { .properties = x };

	(void)state;
	setting_is(&remote, "linger.ms", "7");
	setting_is(&remote, "bootstrap.servers", "h:9092");
	snprintf(path, sizeof(path), "%s/a.conf", dir);
	write_file("a.conf", "# a comment\n\n linger.ms = 8 \nclient.id=me\n");
	remote.properties_file = path;
	setting_is(&remote, "linger.ms", "8");
	setting_is(&remote, "client.id", "me");
	remote.n_properties = 2;
	setting_is(&remote, "linger.ms", "9");
	setting_is(&remote, "client.id", "me");
	setting_is(&remote, "message.timeout.ms", "5000");
}

/* The first of the usual places that has one. */
static void
a_file_is_looked_for_where_secrets_are(void **state)
{
	struct remote_conf remote = { .properties = NULL };
	char               path[200];

	(void)state;
	snprintf(path, sizeof(path), "%s/.config", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(".config/kcat.conf", "client.id=home\n");
	setting_is(&remote, "client.id", "home");
	write_file("kcat.conf", "client.id=kcat\n");
	snprintf(path, sizeof(path), "%s/kcat.conf", dir);
	setenv("KCAT_CONFIG", path, 1);
	setting_is(&remote, "client.id", "kcat");
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	setting_is(&remote, "client.id", "kcat");
	write_file("kafka.conf", "client.id=credentials\n");
	setting_is(&remote, "client.id", "credentials");
	write_file("mine", "client.id=mine\n");
	remote.properties_file = "mine";
	setting_is(&remote, "client.id", "mine");
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("KCAT_CONFIG");
	is_refused(&remote, ERR_FATAL, "mine: no such file");
}

static void
what_would_break_a_promise_is_refused(void **state)
{
	const char        *x[] = { "acks=1" };
	struct remote_conf remote = { .properties = x, .n_properties = 1 };

	(void)state;
	is_refused(&remote, ERR_USAGE, "-X: acks has to be all here");
	x[0] = "acks=all";
	setting_is(&remote, "acks", "-1");
	x[0] = "no.such.setting=1";
	is_refused(&remote, ERR_USAGE, "no.such.setting");
	x[0] = "linger.ms";
	is_refused(&remote, ERR_USAGE, "a setting is NAME=VALUE");
}

static void
a_secret_is_never_shown(void **state)
{
	const char        *x[] = { "no.such.password=hush" };
	struct remote_conf remote = { .properties = x, .n_properties = 1 };
	struct err         err = ERR_INIT;
	char               path[200];

	(void)state;
	assert_null(conf_of(&remote, &err));
	assert_null(strstr(err.text, "hush"));
	snprintf(path, sizeof(path), "%s/bad.conf", dir);
	write_file("bad.conf", "client.id=x\nsasl.password hush\n");
	remote = (struct remote_conf){ .properties_file = path };
	err = (struct err)ERR_INIT;
	assert_null(conf_of(&remote, &err));
	assert_non_null(strstr(err.text, "bad.conf:2: a setting is NAME=VALUE"));
	assert_null(strstr(err.text, "hush"));
}

/* ---- what an error means ---- */

static void
an_error_is_somebodys_fault_or_passes(void **state)
{
	(void)state;
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR__TRANSPORT), ERR_RETRY);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR__FENCED), ERR_RETRY);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED), ERR_FATAL);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), ERR_FATAL);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART), ERR_FATAL);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), ERR_DATA);
	assert_int_equal(kafka_kind(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP), ERR_DATA);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_names_brokers_and_topics),
		cmocka_unit_test(a_url_that_cannot_be),
		cmocka_unit_test(the_command_line_counts_most),
		cmocka_unit_test(a_file_is_looked_for_where_secrets_are),
		cmocka_unit_test(what_would_break_a_promise_is_refused),
		cmocka_unit_test(a_secret_is_never_shown),
		cmocka_unit_test(an_error_is_somebodys_fault_or_passes),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
