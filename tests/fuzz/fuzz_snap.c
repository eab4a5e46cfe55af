/*
 * fuzz_snap - any bytes as snapshots
 *
 * The input is the file of the committed epoch, 41, then a line `----`, then that of 40.  Where the first
 * byte is s, both get the checksums that their bytes should have, so that what stands behind the checksum
 * is looked at, too.  Loading is refused with a reason, or hands out the lines of the base, then those of the
 * delta, and what is saved then is loaded again.
 */
#include "ckpt_place.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/span.h"
#include "must.h"

static const char between[] = "\n----\n";
static const char commit[] = "{\"run\":3,\"epoch\":41,\"token\":{\"length\":17},\"via\":[],\"closed\":false}\n";
static const char pipeline[] = "{\"id\":\"7f3a\",\"version\":1}\n";

enum {
	SUM_DIGITS = 16,
	BEHIND_SUM = sizeof("\"}\n") - 1,
	TAIL_BYTES = sizeof(",\"checksum\":\"") - 1 + SUM_DIGITS + BEHIND_SUM,
	LINES_MOST = 1 << 20
};

/* What was handed out. */
struct lines {
	struct buf text;
	uint64_t   n;
};

static int
take_line(void *cookie, struct span line, struct err *err)
{
	struct lines *l = cookie;

	MUST(line.p[line.n] == '\n' && memchr(line.p, '\n', line.n) == NULL);
	if (l->n++ == LINES_MOST)
		return err_set(err, ERR_DATA, "too many");
	buf_span(&l->text, line);
	buf_char(&l->text, '\n');
	return 0;
}

static void
entries(void *cookie, uint64_t *all, uint64_t *changed)
{
	struct lines *l = cookie;

	*all = *changed = l->n;
}

static void
save(void *cookie, bool delta, struct snap_writer *w)
{
	struct lines *l = cookie;

	MUST(!delta);
	for (size_t at = 0; at < l->text.n;) {
		const char *p = l->text.p + at, *newline = memchr(p, '\n', l->text.n - at);

		buf_span(&w->buf, span_of(p, (size_t)(newline - p)));
		snap_line(w);
		at += (size_t)(newline - p) + 1;
	}
}

static void
settle(void *cookie)
{
	(void)cookie;
}

/* As a writer would have filled it in. */
static void
seal(char *p, size_t n)
{
	char        *newline = n == 0 ? NULL : memchr(p, '\n', n);
	size_t       head = newline == NULL ? 0 : (size_t)(newline - p) + 1;
	XXH3_state_t hash;
	struct buf   sum = { 0 };
	char        *place;

	if (head < TAIL_BYTES)
		return;
	place = p + head - BEHIND_SUM - SUM_DIGITS;
	memset(place, '0', SUM_DIGITS);
	XXH3_64bits_reset(&hash);
	XXH3_64bits_update(&hash, p + head, n - head);
	XXH3_64bits_update(&hash, p, head);
	buf_hex64(&sum, XXH3_64bits_digest(&hash));
	memcpy(place, sum.p, SUM_DIGITS);
	buf_release(&sum);
}

static void
put_snap(const char *name, const char *bytes, size_t n, bool is_sealed)
{
	char *copy = alloc_string_n(bytes, n);

	if (is_sealed)
		seal(copy, n);
	place_put(name, copy, n);
	free(copy);
}

static struct ckpt *
begin(const struct ckpt_conf *conf)
{
	struct err   err = ERR_INIT;
	struct ckpt *k = ckpt_open_sink(conf, &err);

	MUST(k != NULL && ckpt_register(k, ckpt_next_run(k, 0), ckpt_found(k)->epoch, ckpt_found(k)->token, &err) == 0);
	return k;
}

/* The state as it was loaded, saved as epoch 42. */
static void
check_saved(struct ckpt *k, const struct ckpt_conf *conf, struct lines *loaded)
{
	struct ckpt_saver  saver = { entries, save, settle, loaded };
	struct lines       again = { { 0 }, 0 };
	struct ckpt_loader loader = { .line = take_line, .cookie = &again };
	struct ckpt_loaded what;
	struct err         err = ERR_INIT;

	/* Few lines, or all changed: a base. */
	MUST(ckpt_save(k, 42, CKPT_GOES_ON, &saver, &err) == 0);
	MUST(ckpt_commit(k, 42, SPAN_LIT("{\"length\":18}"), &err) == 0);
	MUST(ckpt_tidy(k, &saver, &err) == 0);
	ckpt_free(k);
	k = begin(conf);
	MUST(ckpt_load(k, &loader, &what, &err) == 1 && what.epoch == 42);
	MUST(again.n == loaded->n && span_eq(buf_all(&again.text), buf_all(&loaded->text)));
	ckpt_free(k);
	buf_release(&again.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ckpt_conf   conf = place_conf();
	struct lines       lines = { { 0 }, 0 };
	struct ckpt_loader loader = { .line = take_line, .cookie = &lines };
	struct ckpt_loaded what;
	struct err         err = ERR_INIT;
	const char        *text = (const char *)data + 1, *cut;
	char               path[128];
	struct ckpt       *k;
	int                rc;

	if (size == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/sink", conf.dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/sink/42.snap", conf.dir);
	unlink(path);
	cut = memmem(text, size - 1, between, sizeof(between) - 1);
	put_snap("sink/41.snap", text, cut == NULL ? size - 1 : (size_t)(cut - text) + 1, data[0] == 's');
	if (cut == NULL)
		cut = text + size - 1;
	else
		cut += sizeof(between) - 1;
	put_snap("sink/40.snap", cut, size - (size_t)(cut - (const char *)data), data[0] == 's');
	place_put("commit", commit, sizeof(commit) - 1);
	place_put("pipeline", pipeline, sizeof(pipeline) - 1);
	k = begin(&conf);
	rc = ckpt_load(k, &loader, &what, &err);
	if (rc == 1) {
		MUST(what.epoch == 41);
		check_saved(k, &conf, &lines);
	} else {
		MUST(rc == -1 && err.status == 1 && err.text[0] != '\0');
		ckpt_free(k);
	}
	buf_release(&lines.text);
	return 0;
}
