/*
 * tree - whole values, for the cold paths
 *
 * The one file that sees jansson: the small files of a checkpoint, marks, options.  Never used on
 * records (it turns 1.10 into another number and loses the first of two equal members).
 */
#ifndef JSON_TREE_H
#define JSON_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

struct tree;                              /* a value: object, array, string, number … */

/* Parse TEXT whole (any JSON value).  NULL and ERR_DATA: "not JSON: …" */
struct tree *tree_parse(struct span text, struct err *);
void         tree_free(struct tree *);    /* of what tree_parse gave; NULL is fine */

/* Members and items are borrowed: they live as long as the root.  NULL: not there. */
const struct tree *tree_member(const struct tree *, const char *name);
const struct tree *tree_item(const struct tree *, size_t i);
size_t             tree_count(const struct tree *);         /* of an array or object; 0 of others */

/* Typed reads: false, and *to untouched, where it is missing, null or of another kind. */
bool tree_i64(const struct tree *, const char *name, int64_t *to);
bool tree_bool(const struct tree *, const char *name, bool *to);
bool tree_string(const struct tree *, const char *name, struct span *to);   /* borrowed */
bool tree_value_string(const struct tree *, struct span *to);

/* Append in compact form, members in their order. */
void tree_put(struct buf *, const struct tree *);

/* Walk an object's members in order: call with *iter = NULL first. */
bool tree_next(const struct tree *, void **iter, const char **name, const struct tree **value);

/* The library behind this, with its version: "jansson 2.14".  For --version. */
const char *tree_library(void);

#endif
