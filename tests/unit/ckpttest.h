/*
 * ckpttest - a checkpoint in the folder D, a sink and a source at work on it, and a state to save
 *
 * What cannot be done fails the test.
 */
#ifndef TESTS_CKPTTEST_H
#define TESTS_CKPTTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ckpt/ckpt.h"

/* Fixture of each test: D is not there yet. */
int  no_dir(void **state);

/* ---- looking at files ---- */

void shell(const char *command);
bool is_there(const char *path);

/* How many names of the directory hold PART. */
int  count_names(const char *dir, const char *part);

/* ---- a state to save: numbered values, and a position ---- */

enum { MAX_VALUES = 5000 };

struct values {
	long position;
	int  n, n_changed;
	int  v[MAX_VALUES];
	bool changed[MAX_VALUES];
	int  lines_taken;
};

void               values_set(struct values *, int i, int v);
void               values_settle(void *values);
struct ckpt_saver  saver_of(struct values *);
struct ckpt_loader loader_of(struct values *);
void               assert_values(const struct values *a, const struct values *b);

/* ---- opening ---- */

struct ckpt_conf        conf_of(const char *stage);

/* Borrowed for the ckpt's life: one for each stage's name. */
const struct ckpt_conf *conf_for(const char *stage);

struct ckpt *open_sink(void);
struct ckpt *open_source(const char *stage);

/* A sink that has begun a run, with EPOCH committed. */
struct ckpt *sink_at(uint64_t epoch);

/* Of the source's run; to be released. */
struct hello hello_of(const struct ckpt *source);

/* A run that is on: sink and source; EPOCH is committed. */
struct line {
	struct ckpt *sink, *source;
	struct hello hello;
};

struct line line_at(uint64_t epoch);

/* A sink at EPOCH, whatever `commit` says now. */
struct line line_from(uint64_t epoch);
void        line_end(struct line *);
void        commit_up_to(struct ckpt *, uint64_t from, uint64_t epoch);

/* Nothing came of it (WHAT is NULL), for this reason. */
void assert_error(const void *what, const struct err *, int status, const char *text);

/* ---- saving ---- */

/* As ckpt_load says, into values that are empty before. */
int  state_load(struct ckpt *, struct values *, struct ckpt_loaded *, struct err *);
void state_save(struct ckpt *, uint64_t epoch, enum ckpt_last, struct values *);
void state_tidy(struct ckpt *, struct values *);

#endif
