/* url - the parameters behind a target */
#include "base/url.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
url_decode(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0'; p++) {
		int high = *p == '%' ? hex_value(p[1]) : -1;
		int low = high < 0 ? -1 : hex_value(p[2]);

		if (low >= 0 && high + low > 0) {
			*to++ = (char)(high << 4 | low);
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
}

int
url_params(const char *params, int (*each)(void *cookie, const char *name, const char *value, struct err *),
           void *cookie, struct err *err)
{
	char *copy = params == NULL ? NULL : alloc_string(params);
	char *left = copy, *name;
	int   r = 0;

	while (r == 0 && (name = strsep(&left, "&")) != NULL) {
		char *value = strchr(name, '=');

		if (name[0] == '\0')
			continue;
		if (value != NULL) {
			*value++ = '\0';
			url_decode(value);
		}
		url_decode(name);
		r = each(cookie, name, value, err);
	}
	free(copy);
	return r;
}
