/*
 * prog - an expression, compiled
 *
 * A flat array of nodes that name each other by number.  Nothing in it changes after compiling.
 */
#ifndef EXPR_PROG_H
#define EXPR_PROG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "expr/val.h"
#include "json/path.h"

enum node_op {
	NODE_SELF,                /* . */
	NODE_CONST,               /* consts[value] */
	NODE_WANT,                /* wants[value]; a: the same as steps, b: how many */
	NODE_RECORD,              /* wants[value], a path into the record */
	NODE_MEMBER,              /* a . names[value] */
	NODE_INDEX,               /* a [ b ] */
	NODE_INDEX_TRY,           /* a [ b ]? */
	NODE_EACH,                /* a [] */
	NODE_TRY,                 /* a ? */
	NODE_PIPE,                /* a | b */
	NODE_COMMA,               /* a , b */
	NODE_OR_ELSE,             /* a // b */
	NODE_AND, NODE_OR,
	NODE_EQ, NODE_NE, NODE_LT, NODE_LE, NODE_GT, NODE_GE,
	NODE_PLUS, NODE_MINUS, NODE_TIMES, NODE_DIVIDE, NODE_MODULO,
	NODE_NEGATE,              /* - a */
	NODE_IF,                  /* if a then b else c */
	NODE_ARRAY,               /* [ a ]; without: NODE_CONST */
	NODE_OBJECT,              /* { name a: value b, and c: the next such node } */
	NODE_TEXT,                /* "\(a) and …": c: the next such node; value: the const text in front of a */
	NODE_EMPTY,
	NODE_SELECT,              /* select(a) */
	NODE_ANY, NODE_ALL,       /* any(a; b) */
	NODE_SET,                 /* a = b; a: a chain of members and indices of the input, at most PROG_MAX_STEPS */
	NODE_UPDATE,              /* a |= b */
	NODE_DELETE,              /* del(a) */
	NODE_CALL                 /* call_table[value](a) */
};

enum { NODE_NONE = 0 };       /* node 0 is none */
enum { PROG_MAX_STEPS = 32 };

struct node {
	uint8_t  op;              /* enum node_op */
	bool     single;          /* gives at most one output */
	uint16_t a, b, c;
	uint32_t value;
};

/* A constant that is a number, read once. */
struct prog_number {
	int64_t digits;
	int     scale;
	bool    is_short;         /* num_short reads it */
};

struct prog {
	struct node       *nodes;
	size_t             n_nodes;
	struct val        *consts;
	size_t             n_consts;
	struct prog_number *numbers;     /* as many: set by prog_resolve */
	struct span       *names;
	size_t             n_names;
	struct path       *paths;        /* of $.…, in the record */
	size_t             n_paths;
	const struct path **wants;
	size_t             n_wants;
	struct path      **owned;        /* wants that were made */
	size_t             n_owned;
	uint16_t           root;
	bool               is_uncommon;  /* it was not parsed for what jq has and this has not */
	struct arena       arena;        /* texts */
};

/* Parse; -1, ERR_USAGE.  The prog may be released in any case. */
int  prog_parse(struct prog *, const char *text, struct err *);

/* Which values the reader shall look up; which nodes give one output. */
int  prog_resolve(struct prog *, struct err *);

void prog_release(struct prog *);

/* Behind the steps at AT that a path into the record can have: .name, [0], ["name"]. */
const char *prog_record_path_end(const char *at);

#endif
