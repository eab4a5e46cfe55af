/* run_files_parts - what the files of run_files share */
#ifndef STORE_RUN_FILES_PARTS_H
#define STORE_RUN_FILES_PARTS_H

#include "base/hash.h"
#include "store/run_files.h"

enum { RUN_BUFFER_BYTES = 256 * 1024, RUN_NAME_BYTES = 32, RUN_SUM_DIGITS = 16, RUN_PATH_BYTES = 400 };

struct run_file {
	uint64_t run;
	int      fd;                     /* -1: not open */
	uint64_t length_bytes;
	char     sum[RUN_SUM_DIGITS + 1];
	bool     is_durable;             /* and a snapshot may name it */
	bool     is_gone;                /* dropped, */
	uint64_t gone_epoch;             /* in this epoch; 0: in the one that goes on */
};

struct run_files {
	struct spill           spill;
	const char            *temp_dir;
	const struct file_dir *dir;      /* NULL: runs have no names */
	bool                   sync;
	struct run_file       *files;
	size_t                 n, cap;
	uint64_t               next_run, seen_run;
	struct run_file        making;   /* between begin and end; fd -1: none */
	struct buf             buf;
	XXH3_state_t          *hash;
	struct err             err;
};

/* ---- run_files.c ---- */

void             run_files_name(char to[RUN_NAME_BYTES], uint64_t run);                             /* 17.run */
void             run_files_path(const struct run_files *, uint64_t run, char *to, size_t size);     /* for messages */
struct run_file *run_files_find(struct run_files *, uint64_t run);                                  /* NULL: there is none */
struct run_file *run_files_add(struct run_files *, struct run_file);
void             run_files_forget(struct run_files *, struct run_file *);                           /* keeps the order of the rest */
void             run_files_hash_anew(struct run_files *);                                           /* of a run's content */

#endif
