/*
 * admin - what the tests do to a broker beside the commands, and kcat cannot
 *
 *     admin BROKER create TOPIC PARTITIONS [NAME=VALUE]…     a topic, with settings; returns when it can be written
 *     admin BROKER grow TOPIC PARTITIONS                     to so many partitions
 *     admin BROKER delete TOPIC
 *     admin BROKER set TOPIC NAME=VALUE…                     its settings, all of them
 *     admin BROKER cut TOPIC PARTITION OFFSET                as retention does: what is before OFFSET goes
 *     admin BROKER forget GROUP TOPIC PARTITION              the offset a group has committed there
 *     admin BROKER committed GROUP TOPIC PARTITION           prints it, "none" if there is none, and its metadata
 *     admin BROKER odd TOPIC PARTITIONS N CODEC              N messages, every 10000th of 1 MB, with all that is odd
 *     admin BROKER transaction TOPIC PARTITION N             N messages in a transaction; prints "open" once they are
 *                                                            there, then does what stdin says: commit, abort, or end
 *                                                            (EOF: leaves it open)
 *     admin BROKER stamped TOPIC PARTITION TS [VALUE]        one message with this time
 *
 * Status 0, or 1 with the library's words.
 */
#include <librdkafka/rdkafka.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 20000, MEGABYTE = 1000 * 1000 };

static _Noreturn void
die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "admin: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void
set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char why[512];

	if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
		die("%s", why);
}

static void
on_report(rd_kafka_t *rk, const rd_kafka_message_t *m, void *cookie)
{
	(void)rk;
	(void)cookie;
	if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		die("a message was not taken: %s", rd_kafka_err2str(m->err));
}

static rd_kafka_t *
client(const char *broker, const char *codec, const char *transactional_id)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t      *rk;
	char             why[512];

	set(conf, "bootstrap.servers", broker);
	set(conf, "log_level", "2");
	set(conf, "message.max.bytes", "4000000");
	set(conf, "reconnect.backoff.max.ms", "500");
	set(conf, "enable.idempotence", "true");
	set(conf, "linger.ms", "20");
	if (codec != NULL)
		set(conf, "compression.codec", codec);
	if (transactional_id != NULL)
		set(conf, "transactional.id", transactional_id);
	rd_kafka_conf_set_dr_msg_cb(conf, on_report);
	if ((rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why))) == NULL)
		die("%s", why);
	return rk;
}

/* ---- requests ---- */

static void
check(rd_kafka_resp_err_t err, const char *text)
{
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		die("%s", text != NULL ? text : rd_kafka_err2str(err));
}

static rd_kafka_event_t *
answer(rd_kafka_queue_t *queue)
{
	rd_kafka_event_t *ev = rd_kafka_queue_poll(queue, WAIT_MS + 5000);

	if (ev == NULL)
		die("no answer");
	check(rd_kafka_event_error(ev), rd_kafka_event_error_string(ev));
	return ev;
}

static void
check_topics(const rd_kafka_topic_result_t **results, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(rd_kafka_topic_result_error(results[i]), rd_kafka_topic_result_error_string(results[i]));
}

/* "created" is said before every part of the broker knows: until all partitions have a leader. */
static void
await_topic(rd_kafka_t *rk, const char *topic, int partitions)
{
	for (int tries = 0; tries < 1000; tries++) {
		const struct rd_kafka_metadata *md;
		rd_kafka_topic_t               *t = rd_kafka_topic_new(rk, topic, NULL);
		rd_kafka_resp_err_t             err = rd_kafka_metadata(rk, 0, t, &md, WAIT_MS);
		int                             led = 0;

		rd_kafka_topic_destroy(t);
		check(err, NULL);
		for (int i = 0; md->topic_cnt == 1 && i < md->topics[0].partition_cnt; i++)
			led += md->topics[0].partitions[i].leader >= 0;
		rd_kafka_metadata_destroy(md);
		if (led >= partitions)
			return;
		rd_kafka_poll(rk, 10);
	}
	die("%s does not come up", topic);
}

static void
create(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	char                 why[512];
	int                  partitions = atoi(argv[1]);
	rd_kafka_NewTopic_t *t = rd_kafka_NewTopic_new(argv[0], partitions, -1, why, sizeof(why));
	rd_kafka_event_t    *ev;
	size_t               n;

	if (t == NULL)
		die("%s", why);
	for (char **arg = argv + 2; *arg != NULL; arg++) {
		char *equals = strchr(*arg, '=');

		if (equals == NULL)
			die("%s: NAME=VALUE", *arg);
		*equals = '\0';
		check(rd_kafka_NewTopic_set_config(t, *arg, equals + 1), NULL);
	}
	rd_kafka_CreateTopics(rk, &t, 1, NULL, queue);
	ev = answer(queue);
	check_topics(rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(ev), &n), 1);
	rd_kafka_event_destroy(ev);
	rd_kafka_NewTopic_destroy(t);
	await_topic(rk, argv[0], partitions);
}

static void
grow(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	char                      why[512];
	int                       partitions = atoi(argv[1]);
	rd_kafka_NewPartitions_t *p = rd_kafka_NewPartitions_new(argv[0], (size_t)partitions, why, sizeof(why));
	rd_kafka_event_t         *ev;
	size_t                    n;

	if (p == NULL)
		die("%s", why);
	rd_kafka_CreatePartitions(rk, &p, 1, NULL, queue);
	ev = answer(queue);
	check_topics(rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(ev), &n), 1);
	rd_kafka_event_destroy(ev);
	rd_kafka_NewPartitions_destroy(p);
	await_topic(rk, argv[0], partitions);
}

static void
delete(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	rd_kafka_DeleteTopic_t *t = rd_kafka_DeleteTopic_new(argv[0]);
	rd_kafka_event_t       *ev;
	size_t                  n;

	rd_kafka_DeleteTopics(rk, &t, 1, NULL, queue);
	ev = answer(queue);
	check_topics(rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(ev), &n), 1);
	rd_kafka_event_destroy(ev);
	rd_kafka_DeleteTopic_destroy(t);
}

static void
configure(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	rd_kafka_ConfigResource_t        *r = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, argv[0]);
	const rd_kafka_ConfigResource_t **results;
	rd_kafka_event_t                 *ev;
	size_t                            n;

	for (char **arg = argv + 1; *arg != NULL; arg++) {
		char *equals = strchr(*arg, '=');

		if (equals == NULL)
			die("%s: NAME=VALUE", *arg);
		*equals = '\0';
		check(rd_kafka_ConfigResource_set_config(r, *arg, equals + 1), NULL);
	}
	rd_kafka_AlterConfigs(rk, &r, 1, NULL, queue);
	ev = answer(queue);
	results = rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(ev), &n);
	for (size_t i = 0; i < n; i++)
		check(rd_kafka_ConfigResource_error(results[i]), rd_kafka_ConfigResource_error_string(results[i]));
	rd_kafka_event_destroy(ev);
	rd_kafka_ConfigResource_destroy(r);
}

static void
check_partitions(const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; i < list->cnt; i++)
		check(list->elems[i].err, NULL);
}

static void
cut(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_DeleteRecords_t        *d;
	rd_kafka_event_t                *ev;

	rd_kafka_topic_partition_list_add(list, argv[0], atoi(argv[1]))->offset = strtoll(argv[2], NULL, 10);
	d = rd_kafka_DeleteRecords_new(list);
	rd_kafka_DeleteRecords(rk, &d, 1, NULL, queue);
	ev = answer(queue);
	check_partitions(rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(ev)));
	rd_kafka_event_destroy(ev);
	rd_kafka_DeleteRecords_destroy(d);
	rd_kafka_topic_partition_list_destroy(list);
}

static void
forget(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	rd_kafka_topic_partition_list_t       *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_DeleteConsumerGroupOffsets_t *d;
	const rd_kafka_group_result_t        **results;
	rd_kafka_event_t                      *ev;
	size_t                                 n;

	rd_kafka_topic_partition_list_add(list, argv[1], atoi(argv[2]));
	d = rd_kafka_DeleteConsumerGroupOffsets_new(argv[0], list);
	rd_kafka_DeleteConsumerGroupOffsets(rk, &d, 1, NULL, queue);
	ev = answer(queue);
	results = rd_kafka_DeleteConsumerGroupOffsets_result_groups(rd_kafka_event_DeleteConsumerGroupOffsets_result(ev), &n);
	for (size_t i = 0; i < n; i++) {
		const rd_kafka_error_t *error = rd_kafka_group_result_error(results[i]);

		check(rd_kafka_error_code(error), rd_kafka_error_string(error));
		check_partitions(rd_kafka_group_result_partitions(results[i]));
	}
	rd_kafka_event_destroy(ev);
	rd_kafka_DeleteConsumerGroupOffsets_destroy(d);
	rd_kafka_topic_partition_list_destroy(list);
}

static void
committed(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	rd_kafka_topic_partition_list_t       *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_AdminOptions_t               *options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
	rd_kafka_ListConsumerGroupOffsets_t   *l;
	const rd_kafka_group_result_t        **results;
	const rd_kafka_topic_partition_t      *p;
	rd_kafka_event_t                      *ev;
	size_t                                 n;

	rd_kafka_topic_partition_list_add(list, argv[1], atoi(argv[2]));
	rd_kafka_error_destroy(rd_kafka_AdminOptions_set_require_stable_offsets(options, 1));
	l = rd_kafka_ListConsumerGroupOffsets_new(argv[0], list);
	rd_kafka_ListConsumerGroupOffsets(rk, &l, 1, options, queue);
	ev = answer(queue);
	results = rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(ev), &n);
	if (n != 1 || rd_kafka_group_result_partitions(results[0])->cnt != 1)
		die("no answer for %s", argv[0]);
	p = &rd_kafka_group_result_partitions(results[0])->elems[0];
	check(p->err, NULL);
	if (p->offset < 0)
		puts("none");
	else
		printf("%" PRId64 " %.*s\n", p->offset, (int)p->metadata_size, p->metadata == NULL ? "" : (const char *)p->metadata);
	rd_kafka_event_destroy(ev);
	rd_kafka_ListConsumerGroupOffsets_destroy(l);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_topic_partition_list_destroy(list);
}

/* ---- messages ---- */

struct bytes {
	const void *at;                    /* NULL: null, which is not empty */
	size_t      n;
};

struct odd {
	struct bytes       key, value;
	int64_t            ts_ms;
	rd_kafka_headers_t *headers;       /* taken; NULL: none */
};

static void
put(rd_kafka_t *rk, const char *topic, int partition, struct odd m)
{
	for (;;) {
		rd_kafka_resp_err_t err;

		if (m.headers != NULL)
			err = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(m.key.at, m.key.n),
			    RD_KAFKA_V_VALUE((void *)m.value.at, m.value.n), RD_KAFKA_V_TIMESTAMP(m.ts_ms), RD_KAFKA_V_HEADERS(m.headers),
			    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
		else
			err = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(m.key.at, m.key.n),
			    RD_KAFKA_V_VALUE((void *)m.value.at, m.value.n), RD_KAFKA_V_TIMESTAMP(m.ts_ms),
			    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
		if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
			return;
		if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
			die("%s", rd_kafka_err2str(err));
		rd_kafka_poll(rk, 5);
	}
}

static void
flush(rd_kafka_t *rk)
{
	check(rd_kafka_flush(rk, WAIT_MS * 3), NULL);
}

#define BYTES(literal) ((struct bytes){ (literal), sizeof(literal) - 1 })

/* The oddities have cycles without a common factor, so that all combinations come. */
static struct bytes
odd_key(unsigned i, char *room)
{
	switch (i % 7) {
	case 0:  return (struct bytes){ NULL, 0 };
	case 1:  return BYTES("");
	case 2:  return BYTES("\xff\x00\xfe\n\x80");                       /* no text */
	case 3:  return BYTES("a \"quoted\"\tkey\\\0");                 /* text that needs escapes; a NUL */
	case 4:  return BYTES("schl\xc3\xbcssel \xf0\x9f\x94\x91");
	default: return (struct bytes){ room, (size_t)sprintf(room, "user%u", i % 1000) };
	}
}

static struct bytes
odd_value(unsigned i, char *room, const char *megabyte)
{
	if (i % 10000 == 9999)
		return (struct bytes){ megabyte, MEGABYTE };
	switch (i % 11) {
	case 0:  return (struct bytes){ NULL, 0 };                                       /* a tombstone */
	case 1:  return BYTES("");
	case 2:  return BYTES("\x00\x01\x02\n\r\xff");
	case 3:  return BYTES("{\n  \"price\": 1.10,\n  \"id\": 9007199254740993\n}\n");
	case 4:  return BYTES("null");                                     /* which is not null */
	case 5:  return BYTES("\"\"");
	case 6:  return BYTES("no JSON: {");
	case 7:  return BYTES("\xef\xbb\xbf{}");                           /* behind a byte order mark */
	default: return (struct bytes){ room, (size_t)sprintf(room, "{\"i\":%u,\"price\":%u.%02u}", i, i % 999, i % 100) };
	}
}

static rd_kafka_headers_t *
odd_headers(unsigned i)
{
	rd_kafka_headers_t *h = i % 5 == 0 ? NULL : rd_kafka_headers_new(4);

	switch (i % 5) {
	case 1:
		rd_kafka_header_add(h, "trace", -1, "abc", -1);
		break;
	case 2:                                                                          /* one name twice, in this order */
		rd_kafka_header_add(h, "hop", -1, "b", -1);
		rd_kafka_header_add(h, "hop", -1, "a", -1);
		rd_kafka_header_add(h, "hop", -1, "b", -1);
		break;
	case 3:                                                                          /* null, empty, no name */
		rd_kafka_header_add(h, "null", -1, NULL, 0);
		rd_kafka_header_add(h, "empty", -1, "", 0);
		rd_kafka_header_add(h, "", -1, "of no name", -1);
		break;
	case 4:
		rd_kafka_header_add(h, "bytes", -1, "\xff\x00\n,=", 5);
		rd_kafka_header_add(h, "gr\xc3\xb6\xc3\x9f" "e", -1, "\xc3\xa4", -1);
		break;
	}
	return h;
}

static void
odd(const char *broker, char **argv)
{
	rd_kafka_t *rk = client(broker, argv[3], NULL);
	int         partitions = atoi(argv[1]);
	unsigned    n = (unsigned)strtoul(argv[2], NULL, 10);
	char       *megabyte = malloc(MEGABYTE), key[32], value[64];

	for (int i = 0; i < MEGABYTE; i++)
		megabyte[i] = "0123456789 {}\"\n\xff"[(i * 7 + i / 1000) % 16];
	for (unsigned i = 0; i < n; i++) {
		int64_t ts_ms = i % 13 == 0 ? 1 : 1700000000000 + (int64_t)i * 10;

		put(rk, argv[0], (int)i % partitions,
		    (struct odd){ odd_key(i, key), odd_value(i, value, megabyte), ts_ms, odd_headers(i) });
		if (i % 1000 == 0)
			rd_kafka_poll(rk, 0);
	}
	flush(rk);
	rd_kafka_destroy(rk);
	free(megabyte);
}

static void
stamped(const char *broker, char **argv)
{
	rd_kafka_t *rk = client(broker, NULL, NULL);
	const char *value = argv[3] == NULL ? "{}" : argv[3];

	put(rk, argv[0], atoi(argv[1]),
	    (struct odd){ { "k", 1 }, { value, strlen(value) }, strtoll(argv[2], NULL, 10), NULL });
	flush(rk);
	rd_kafka_destroy(rk);
}

static void
must(rd_kafka_error_t *error)
{
	if (error != NULL)
		die("%s", rd_kafka_error_string(error));
}

static void
transaction(const char *broker, char **argv)
{
	char        id[256], line[32], value[64];
	rd_kafka_t *rk;
	unsigned    n = (unsigned)strtoul(argv[2], NULL, 10);

	snprintf(id, sizeof(id), "admin-%s-%s", argv[0], argv[1]);
	rk = client(broker, NULL, id);
	must(rd_kafka_init_transactions(rk, WAIT_MS));
	must(rd_kafka_begin_transaction(rk));
	for (unsigned i = 0; i < n; i++)
		put(rk, argv[0], atoi(argv[1]),
		    (struct odd){ { "t", 1 }, { value, (size_t)sprintf(value, "{\"transaction\":%u}", i) }, 1700000000000 + i, NULL });
	flush(rk);
	puts("open");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		_Exit(0);
	must(strcmp(line, "commit\n") == 0 ? rd_kafka_commit_transaction(rk, WAIT_MS) : rd_kafka_abort_transaction(rk, WAIT_MS));
	rd_kafka_destroy(rk);
}

int
main(int argc, char **argv)
{
	static const struct command {
		const char *name;
		int         least;
		void      (*ask)(rd_kafka_t *, rd_kafka_queue_t *, char **);
		void      (*produce)(const char *broker, char **);
	} commands[] = {
		{ "create", 2, create, NULL }, { "grow", 2, grow, NULL }, { "delete", 1, delete, NULL }, { "set", 2, configure, NULL },
		{ "cut", 3, cut, NULL }, { "forget", 3, forget, NULL }, { "committed", 3, committed, NULL },
		{ "odd", 4, NULL, odd }, { "transaction", 3, NULL, transaction }, { "stamped", 3, NULL, stamped }
	};

	for (size_t i = 0; argc >= 3 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *c = &commands[i];
		rd_kafka_t           *rk;
		rd_kafka_queue_t     *queue;

		if (strcmp(argv[2], c->name) != 0 || argc - 3 < c->least)
			continue;
		if (c->produce != NULL) {
			c->produce(argv[1], argv + 3);
			return 0;
		}
		rk = client(argv[1], NULL, NULL);
		queue = rd_kafka_queue_new(rk);
		c->ask(rk, queue, argv + 3);
		rd_kafka_queue_destroy(queue);
		rd_kafka_destroy(rk);
		return 0;
	}
	fprintf(stderr, "usage: admin BROKER create|grow|delete|set|cut|forget|committed|odd|transaction|stamped …\n");
	return 2;
}
