/*
 * fuzz_path - any text as a path
 *
 * It is refused with a reason, or its steps, written in the longest form there is, are the same path.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "json/path.h"
#include "json/text.h"
#include "must.h"

/* $.a[0] → $["a"][0] */
static void
check_long_form(const struct path *p)
{
	struct err  err = ERR_INIT;
	struct buf  b = { 0 };
	struct path again;

	buf_str(&b, p->in_record ? "$" : ".");
	for (size_t i = 0; i < p->n_steps; i++) {
		buf_char(&b, '[');
		if (p->steps[i].is_index)
			buf_u64(&b, p->steps[i].index);
		else
			text_quote(&b, p->steps[i].name);
		buf_char(&b, ']');
	}
	buf_char(&b, '\0');
	MUST(path_parse(&again, b.p, &err) == 0);
	MUST(path_eq(p, &again));
	path_release(&again);
	buf_release(&b);
}

static void
check_copies(const struct path *p)
{
	struct path copy, under;

	path_copy(&copy, p);
	MUST(path_eq(p, &copy));
	path_release(&copy);
	if (p->n_steps == PATH_MAX_STEPS)
		return;
	path_under(&under, "payload", p);
	MUST(under.n_steps == p->n_steps + 1 && span_eq(under.steps[0].name, SPAN_LIT("payload")));
	path_drop_first(&under);
	under.in_record = p->in_record;
	MUST(path_eq(p, &under));
	path_release(&under);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char       *text = alloc_string_n((const char *)data, size);
	struct err  err = ERR_INIT;
	struct path p;

	if (path_parse(&p, text, &err) == -1) {
		MUST(err.kind == ERR_USAGE && err.status == 2 && err.text[0] != '\0');
	} else {
		MUST(p.n_steps <= PATH_MAX_STEPS && strcmp(p.text, text) == 0);
		check_long_form(&p);
		check_copies(&p);
		path_release(&p);
	}
	free(text);
	return 0;
}
