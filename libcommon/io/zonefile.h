/* zonefile - a zone of the tz database on this machine */
#ifndef IO_ZONEFILE_H
#define IO_ZONEFILE_H

#include "base/err.h"
#include "base/zone.h"

/*
 * Read zone NAME (America/New_York) from $TZDIR or /usr/share/zoneinfo; UTC needs no file.
 * ERR_USAGE: there is no such zone.
 */
int zonefile_read(const char *name, struct zone *, struct err *);

#endif
