/* window_cold_parts - what the files of window_cold share */
#ifndef OP_WINDOW_COLD_PARTS_H
#define OP_WINDOW_COLD_PARTS_H

#include "base/hash.h"
#include "base/when.h"
#include "op/window_pieces.h"

/* In front of a part's key and accumulators. */
struct window_cold_head {
	int64_t  end_ms, start_ms;
	uint64_t number;
	uint64_t key_bytes, acc_bytes;
};

#define WINDOW_COLD_NULL_KEY UINT64_MAX

/* Of a part, behind all of them, by print. */
struct window_cold_bound {
	struct hash_print print;
	int64_t           start_ms, end_ms;
};

/* The end of a run. */
struct window_cold_tail {
	uint64_t n;
	uint64_t parts_bytes;
	uint64_t magic;
};

#define WINDOW_COLD_MAGIC UINT64_C(0x31646c6f63535553)

static inline struct hash_print
window_cold_print(struct span key)
{
	return key.p == NULL ? (struct hash_print){ 0, 0 } : hash_print(key, 0);
}

/* ---- window_cold.c ---- */

/* Every run's next part is there.  False: the spill has failed. */
bool window_cold_open(struct window *);
void window_cold_add_run(struct window_cold *, struct window_cold_run);
void window_cold_remove_run(struct window *, size_t i);

/* The one with the part that ends first, of the first N.  NULL: there is none. */
struct window_cold_run *window_cold_earliest(struct window_cold *, size_t n);

/* Its next part has been dealt with.  False: that was the last one, or the spill has failed. */
bool window_cold_pass(struct window_cold_run *);

/* The bounds of a run, forwards. */
void window_cold_read_bounds(const struct window *, const struct window_cold_run *, struct run_reader *);
bool window_cold_next_bound(struct run_reader *, struct window_cold_bound *);

#endif
