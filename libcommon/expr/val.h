/*
 * val - a value while an expression runs
 *
 * A span of the record as it stands there, or something made: a number that was computed, a decoded
 * text, a list, a map.  16 bytes and what they point to, which never changes once it is done.
 */
#ifndef EXPR_VAL_H
#define EXPR_VAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"
#include "json/scan.h"

struct val_list;
struct val_map;

struct val {
	union {
		const char            *p;        /* as in scan_value; made strings: decoded bytes */
		double                 number;   /* made numbers */
		const struct val_list *list;     /* made arrays */
		const struct val_map  *map;      /* made objects */
	};
	uint32_t n;
	uint8_t  kind;                       /* enum scan_kind, never SCAN_MISSING */
	bool     made;
	bool     escaped;                    /* strings that are not made: as in scan_value */
};

struct val_list {
	struct val *items;
	size_t      n, cap;
};

struct val_member {
	struct span name;                    /* decoded */
	struct val  value;
};

struct val_map {
	struct val_member *members;          /* no two of one name once it is done */
	size_t             n, cap;
};

/* What one record may use, and what went wrong. */
struct work {
	struct arena arena;
	struct buf   scratch;
	uint64_t     steps_left;
	uint64_t     bytes_left;
	char         reason[300];
};

/* All return -1, so that `return work_fail(…)` reads well. */
int   work_fail(struct work *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int   work_out_of_steps(struct work *);
void *work_alloc(struct work *, size_t n);         /* NULL: the record's share is used up, as work_fail */

/* One step less.  -1: there was none. */
static inline int
work_step(struct work *w)
{
	return __builtin_expect(w->steps_left-- == 0, 0) ? work_out_of_steps(w) : 0;
}

/* Many bytes are many steps. */
static inline void
work_charge(struct work *w, size_t n)
{
	w->steps_left -= n >> 6 < w->steps_left ? n >> 6 : w->steps_left;
}

/* ---- making ---- */

#define VAL_NULL ((struct val){ .kind = SCAN_NULL })

static inline struct val
val_bool(bool b)
{
	return (struct val){ .kind = b ? SCAN_TRUE : SCAN_FALSE };
}

static inline struct val
val_number(double d)
{
	return (struct val){ .number = d, .kind = SCAN_NUMBER, .made = true };
}

/* Of decoded bytes that live as long as the work's arena. */
static inline struct val
val_text(struct span s)
{
	return (struct val){ .p = s.p, .n = (uint32_t)s.n, .kind = SCAN_STRING, .made = true };
}

static inline struct val
val_found(const struct scan_value *v)
{
	return (struct val){ .p = v->p, .n = v->n, .kind = v->kind, .escaped = v->escaped };
}

/* Of a JSON text without blanks around, which is known to be valid. */
struct val val_json(struct span);

static inline struct val
val_array(const struct val_list *l)
{
	return (struct val){ .list = l, .kind = SCAN_ARRAY, .made = true };
}

static inline struct val
val_object(const struct val_map *m)
{
	return (struct val){ .map = m, .kind = SCAN_OBJECT, .made = true };
}

int val_append(struct work *, struct val_list *, struct val);
int val_add_member(struct work *, struct val_map *, struct span name, struct val);

/* Of members with one name the last one's value stays, at the first one's place. */
int val_map_settle(struct work *, struct val_map *);

/* ---- looking ---- */

static inline bool
val_truth(struct val v)
{
	return v.kind != SCAN_NULL && v.kind != SCAN_FALSE;
}

const char *val_kind(struct val);                  /* "number": jq's names */
double      val_double(struct val);                /* of a number */

/* The decoded bytes of a string; -1: no memory left. */
int val_bytes(struct work *, struct val, struct span *);

/* All items of an array, all members of an object (settled), opened if it is a span. */
int val_items(struct work *, struct val, const struct val_list **);
int val_members(struct work *, struct val, const struct val_map **);

/* The member of an object, the item of an array (negative: from the end); false: there is none. */
bool val_member(struct work *, struct val, struct span name, struct val *);
bool val_item(struct work *, struct val, double index, struct val *);

/* jq's order: null, false, true, numbers, strings, arrays, objects.  -1: no steps left. */
int val_cmp(struct work *, struct val, struct val, int *order);
int val_equal(struct work *, struct val, struct val, bool *equal);

/* A copy of MAP's members in the order of their names; NULL: no memory left. */
struct val_member *val_by_name(struct work *, const struct val_map *);

/* ---- writing ---- */

/* Append as JSON: what is a span as it stands there.  -1: beyond the record's share. */
int val_put(struct work *, struct buf *, struct val);

/* Append as tostring does: a string's text, all else as JSON without blanks. */
int val_put_text(struct work *, struct buf *, struct val);

/* For messages: the beginning of the JSON text, as jq cuts it.  Returns TO. */
const char *val_shown(struct work *, struct val, char to[16]);

/* ---- arithmetic: -1 with jq's words where it does not go ---- */

int val_plus(struct work *, struct val, struct val, struct val *);
int val_minus(struct work *, struct val, struct val, struct val *);
int val_times(struct work *, struct val, struct val, struct val *);
int val_divide(struct work *, struct val, struct val, struct val *);
int val_modulo(struct work *, struct val, struct val, struct val *);
int val_negate(struct work *, struct val, struct val *);

/* The parts of TEXT between SEPARATOR; an empty one: its characters. */
int val_split(struct work *, struct span text, struct span separator, struct val *);

#endif
