/* token - the words and signs of an expression */
#ifndef EXPR_TOKEN_H
#define EXPR_TOKEN_H

#include "base/err.h"
#include "base/span.h"

enum token_kind {
	TOKEN_END,
	TOKEN_SIGN,               /* text: one or two characters */
	TOKEN_FIELD,              /* .name: text is the name */
	TOKEN_WORD,               /* a name, also with :: in it */
	TOKEN_NUMBER,
	TOKEN_QUOTE,              /* the opening quote: the parser reads on at `at` */
	TOKEN_RECORD,             /* $. or $[: `at` is at the sign behind the $ */
	TOKEN_VARIABLE            /* $name */
};

struct token {
	enum token_kind kind;
	struct span     text;
	const char     *from;
};

/* The token at *AT, which then is behind it.  -1: a sign that jq does not have either. */
int token_next(const char **at, struct token *);

#endif
