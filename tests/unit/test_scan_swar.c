/*
 * test_scan_swar - all of test_scan once more, on the scanner's plain 64-bit form
 *
 * The scanner is compiled a second time here; the linker then has no need of the library's.
 */
#define SCAN_SWAR

#include "json/lex.c"
#include "json/check.c"
#include "json/learn.c"
#include "json/member.c"
#include "json/prefix.c"
#include "json/scan.c"

#include "test_scan.c"
