/* check - the one-pass validator */
#include "json/check.h"

#include <stddef.h>

void
check_init(struct check *c, const struct want_node *nodes)
{
	c->nodes = nodes;
	c->frames[0] = (struct check_frame){ .node = WANT_NOTHING, .inside = CHECK_TOP };
}

/* What was expected instead of the byte at P, which follows a value. */
static const char *
stop_after_value(struct check *c, const char *at, enum check_inside inside)
{
	static const char *const reasons[] = {
		[CHECK_TOP] = "more than one value on the line",
		[CHECK_OBJECT] = "expected , or }",
		[CHECK_ARRAY] = "expected , or ]"
	};

	return lex_fail(&c->lex, at, reasons[inside]);
}

/*
 * Where the value of a node goes.  No branch: it would be a guess each time.  As a number, since for what
 * nobody wants it is no place in the values, and where there are no paths there are no values at all.
 */
static inline struct scan_value *
place_of(struct check *c, const struct want_node *node)
{
	uintptr_t place = (uintptr_t)c->values + node->path * sizeof(*c->values);

	return node->bit == 0 ? &c->unwanted : (struct scan_value *)place;
}

static uint16_t
node_of_name(struct check *c, uint16_t parent, const char *name, const char *end, bool escaped)
{
	size_t n = (size_t)(end - name);

	if (unlikely(escaped))
		return want_escaped_member(c->nodes, parent, span_of(name, n));
	return want_member(c->nodes, parent, name, n);
}

/*
 * The machine.  One function, because all its state is in registers: where we are (p), what is
 * open (frame), which values are there (set).  Each label is a state of the grammar.  It stops at
 * the newline, or when only FLOOR is left open.
 */
static const char *
run(struct check *c, const char *p, enum check_at at, uint16_t node,
    const struct check_frame *floor)
{
	const struct want_node *nodes = c->nodes;
	struct check_frame     *frame = &c->frames[c->depth];
	uint64_t                set = c->set;
	vec                     high = vec_zero();
	const char             *from, *end;
	enum scan_kind          kind;
	bool                    escaped;

	c->end = NULL;
	if (at == CHECK_BEHIND_VALUE)
		goto after_value;
	if (*p == ']' && frame->inside == CHECK_ARRAY && frame->index == 0) {
		kind = SCAN_ARRAY;
		goto close;              /* [] where the template has [1] */
	}

value:
	from = p;
	end = lex_scalar(&c->lex, &from, ',', &high, &kind, &escaped);
	if (unlikely(end == NULL)) {
		if (*p == '{' || *p == '[')
			goto open;
		return NULL;
	}
	p = end;
	check_take(place_of(c, &nodes[node]), from, p, kind, escaped);
	set |= nodes[node].bit;
	p += kind == SCAN_STRING;

after_value:
	if (likely(*p == ',')) {
		p++;
		if (frame->inside == CHECK_OBJECT)
			goto member;
		if (unlikely(frame->inside == CHECK_TOP))
			return stop_after_value(c, p - 1, CHECK_TOP);
		frame->index++;
		node = want_item(nodes, frame->node, frame->index);
		if (unlikely((unsigned char)*p <= ' '))
			p = lex_blanks(p);
		goto value;
	}
	if (*p == '}' && frame->inside == CHECK_OBJECT) {
		kind = SCAN_OBJECT;
		goto close;
	}
	if (*p == ']' && frame->inside == CHECK_ARRAY) {
		kind = SCAN_ARRAY;
		goto close;
	}
	if (*p == '\n' && frame->inside == CHECK_TOP)
		goto done;
	if (!lex_is_blank(*p))
		return stop_after_value(c, p, frame->inside);
	if (frame->inside == CHECK_TOP && c->end == NULL)
		c->end = p;
	p = lex_blanks(p);
	goto after_value;

member:
	if (unlikely(*p != '"')) {
		p = lex_blanks(p);
		if (*p != '"')
			return lex_fail(&c->lex, p, "expected a member name in double quotes");
	}
	from = p + 1;
	p = lex_string(&c->lex, from, &high, &escaped);
	if (unlikely(p == NULL))
		return NULL;
	node = node_of_name(c, frame->node, from, p, escaped);
	set &= ~nodes[node].below;
	p++;
	if (unlikely(*p != ':')) {
		p = lex_blanks(p);
		if (*p != ':')
			return lex_fail(&c->lex, p, "expected a colon");
	}
	p++;
	if (unlikely((unsigned char)*p <= ' '))
		p = lex_blanks(p);
	goto value;

open:
	if (unlikely(frame == &c->frames[SCAN_MAX_DEPTH]))
		return lex_fail(&c->lex, p, "nested too deep");
	frame++;
	frame->start = p;
	frame->node = node;
	frame->index = 0;
	p++;
	if (unlikely((unsigned char)*p <= ' '))
		p = lex_blanks(p);
	if (*frame->start == '{') {
		frame->inside = CHECK_OBJECT;
		kind = SCAN_OBJECT;
		if (*p != '}')
			goto member;
	} else {
		frame->inside = CHECK_ARRAY;
		kind = SCAN_ARRAY;
		if (*p != ']') {
			node = want_item(nodes, node, 0);
			goto value;
		}
	}

close:
	p++;
	node = frame->node;
	check_take(place_of(c, &nodes[node]), frame->start, p, kind, false);
	set |= nodes[node].bit;
	frame--;
	if (likely(frame != floor))
		goto after_value;

done:
	if (c->end == NULL)
		c->end = p;
	c->depth = (uint32_t)(frame - c->frames);
	c->set = set;
	c->lex.high |= vec_any_high(high);
	return p;
}

const char *
check_line(struct check *c, const char *line)
{
	c->depth = 0;
	c->set = 0;
	c->start = lex_blanks(line);
	if (*c->start == '\n') {
		c->end = c->start;
		return c->start;
	}
	return run(c, c->start, CHECK_AT_VALUE, WANT_ROOT, NULL);
}

const char *
check_on(struct check *c, const char *p, enum check_at at, uint16_t node, uint32_t depth)
{
	return run(c, lex_blanks(p), at, node, depth == 0 ? NULL : &c->frames[depth - 1]);
}
