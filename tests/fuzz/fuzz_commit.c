/*
 * fuzz_commit - any bytes as one of the small files of a checkpoint
 *
 * The first byte says which: commit, run, pipeline or the lock's note.  Either the directory is refused
 * with a reason, or what it said is what the sink goes on from: written again and read again it is the same.
 */
#include "ckpt_place.h"
#include "must.h"

static const struct {
	const char *name, *good;
} files[] = {
	{ "commit",
	  "{\"run\":3,\"epoch\":41,\"token\":{\"length\":17},\"via\":[[\"cat\",\"91ab\"],[\"window\",\"02ff\"]],\"closed\":false}\n" },
	{ "run", "{\"run\":3,\"pid\":17}\n" },
	{ "pipeline", "{\"id\":\"7f3a\",\"version\":1}\n" },
	{ "lock", "{\"run\":3,\"pid\":17}\n" }
};
enum { N_FILES = sizeof(files) / sizeof(files[0]) };

static void
check_refused(const struct err *err)
{
	MUST((err->status == 1 || err->status == 2 || err->status == 75) && err->text[0] != '\0');
}

/* Who comes in next is judged by what `commit` says of the stages. */
static void
say_hello(struct ckpt *k)
{
	struct err   err = ERR_INIT;
	struct hello h = { 0 };
	char        *pipeline = strdup(ckpt_pipeline(k));

	h.pipeline = pipeline;
	h.run = ckpt_run(k);
	h.epoch = ckpt_epoch(k);
	hello_add_via(&h, "cat", "91ab");
	hello_add_via(&h, "window", "02ff");
	if (ckpt_check_hello(k, &h, &err) == -1)
		check_refused(&err);
	else
		MUST(ckpt_commit(k, ckpt_epoch(k) + 1, SPAN_LIT("{\"length\":18}"), &err) == 0);
	hello_release(&h);
}

/* A new run, as what was read says; then it must be there. */
static void
go_on(struct ckpt *k, const struct ckpt_conf *conf)
{
	struct err               err = ERR_INIT;
	const struct ckpt_found *f = ckpt_found(k);
	uint64_t                 epoch = f->epoch, run = ckpt_next_run(k, 0);
	struct buf               token = { 0 };
	struct ckpt             *again;

	MUST(!f->exists || (run > f->run && f->run > 0));
	buf_span(&token, f->exists ? f->token : SPAN_LIT("{\"length\":0}"));
	MUST(ckpt_register(k, run, epoch, buf_all(&token), &err) == 0);
	say_hello(k);
	epoch = ckpt_epoch(k);
	ckpt_free(k);
	again = ckpt_open_sink(conf, &err);
	MUST(again != NULL && ckpt_found(again)->run == run && ckpt_found(again)->epoch >= epoch);
	MUST(ckpt_found(again)->epoch > epoch || span_eq(ckpt_found(again)->token, buf_all(&token)));
	ckpt_free(again);
	buf_release(&token);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ckpt_conf conf = place_conf();
	struct err       err = ERR_INIT;
	struct ckpt     *k;

	if (size == 0)
		return 0;
	for (size_t i = 0; i < N_FILES; i++) {
		if (i == (uint8_t)(data[0] - '0') % N_FILES)
			place_put(files[i].name, data + 1, size - 1);
		else
			place_put(files[i].name, files[i].good, strlen(files[i].good));
	}
	k = ckpt_open_sink(&conf, &err);
	if (k == NULL)
		check_refused(&err);
	else if (ckpt_next_run(k, 0) < INT64_MAX && ckpt_found(k)->epoch < INT64_MAX)
		go_on(k, &conf);
	else
		ckpt_free(k);
	return 0;
}
