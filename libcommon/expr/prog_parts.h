/* prog_parts - what the files of prog share: the parser, and how nodes are made */
#ifndef EXPR_PROG_PARTS_H
#define EXPR_PROG_PARTS_H

#include <stdio.h>

#include "expr/prog.h"
#include "expr/token.h"

struct parser {
	struct prog *prog;
	const char  *text;
	const char  *at;              /* behind the token */
	struct token token;
	struct err  *err;
	unsigned     depth;
	bool         failed;          /* err says why; whoever sees it goes home */
};

/* The next token.  At the end, or once something has failed: the end again. */
void     prog_next(struct parser *);

void     prog_fail(struct parser *, const char *from, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void     prog_unexpected(struct parser *, const char *instead);

/* jq has it, we do not: at the token, where WHAT stands; or at FROM. */
void     prog_uncommon(struct parser *, const char *what);
void     prog_fail_uncommon(struct parser *, const char *from, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The number of a new node; NODE_NONE: too many. */
uint16_t prog_node(struct parser *, enum node_op, uint16_t a, uint16_t b, uint16_t c, uint32_t value);

uint32_t prog_const(struct parser *, struct val);
uint32_t prog_name(struct parser *, struct span);
struct span prog_keep(struct parser *, struct span);          /* a copy that lives with the prog */
uint32_t prog_text(struct parser *, struct span escaped);     /* a const */

/* Is the token that sign, that word; take it if it is; it has to be. */
bool     prog_is_sign(const struct parser *, const char *);
bool     prog_is_word(const struct parser *, const char *);
bool     prog_take_sign(struct parser *, const char *);
void     prog_expect_sign(struct parser *, const char *);
void     prog_expect_word(struct parser *, const char *);

/* One bracket deeper (ps->depth-- leaves it).  False: too deep. */
bool     prog_enter(struct parser *);

/* From the token on: a whole expression; one without | and comma; a term and what is behind it; a word. */
uint16_t prog_pipe(struct parser *);
uint16_t prog_or_else(struct parser *);
uint16_t prog_postfix(struct parser *);
uint16_t prog_word(struct parser *);

/* Is the node a chain of members and indices of the input?  If not, an error that says so. */
bool     prog_is_place(struct parser *, const char *from, uint16_t node);

uint16_t prog_number(struct parser *);                        /* the token is one */
uint16_t prog_record_path(struct parser *);                   /* the token is $ */

#endif
