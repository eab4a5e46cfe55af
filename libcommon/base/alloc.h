/*
 * alloc - memory or the end of the process
 *
 * Out of memory ends here and nowhere else: one line to stderr, status 75.  What is committed is
 * safe on disk, and whoever supervises starts the line again.  Sizes that come from outside are
 * bounded before they get here (--max-line, the snapshot's header).
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

void *alloc_bytes(size_t n);                             /* not zeroed; n = 0 gives a valid pointer */
void *alloc_zeroed(size_t count, size_t size);           /* overflow of count * size: the end as well */
void *alloc_resized(void *, size_t count, size_t size);  /* realloc */
char *alloc_string(const char *);                        /* strdup; NULL gives NULL */
char *alloc_string_n(const char *, size_t n);            /* n bytes and a NUL */

/*
 * ALLOC_BLOCK_BYTES of zeros that begin at a multiple of as many: a huge page, where the system has those to give,
 * so that what lies all over a large table costs few entries of the TLB.  Resident is what was touched, by then.
 */
enum { ALLOC_BLOCK_BYTES = 2 << 20 };

void *alloc_block(void);
void  alloc_block_free(void *);                          /* back to the system, at once */

/* A library of somebody else's has found no memory. */
_Noreturn void alloc_failed(void);

#endif
