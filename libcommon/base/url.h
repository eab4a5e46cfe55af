/*
 * url - the parameters behind a target: "PATH?key=.carrier&window=1d"
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/err.h"

/* Percent signs and two hex digits become bytes, in place (RFC 3986); %00, and what is none of these, stays. */
void url_decode(char *);

/*
 * PARAMS is "name=value&name=value", NULL or empty: none.  EACH is handed one after the other, decoded: VALUE is NULL
 * where there is no "=".  Stops at the first -1, and returns it.
 */
int url_params(const char *params, int (*each)(void *cookie, const char *name, const char *value, struct err *),
               void *cookie, struct err *);

#endif
