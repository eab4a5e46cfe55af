/*
 * home - a folder of its own for a test program, which is where it works
 *
 * Fixtures of a group: cmocka_run_group_tests(tests, home_enter, home_leave).  What cannot be read or written fails the test.
 */
#ifndef TESTS_HOME_H
#define TESTS_HOME_H

#include <stddef.h>

#include "base/buf.h"

/* 0, or -1: there is no room in /tmp. */
int home_enter(void **state);

/* With all that is in it. */
int home_leave(void **state);

/* A file of these bytes, whatever was there. */
void write_file(const char *path, const void *p, size_t n);

/* To be released. */
struct buf content_of(const char *path);

void assert_file(const char *path, const char *text);

#endif
