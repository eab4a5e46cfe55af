/* agg - the table of aggregates */
#include "agg/agg.h"

/* Every aggregate there is, in the order in which help and messages list them. */
#define AGGREGATES(X) \
	X(count) \
	X(sum) \
	X(min) \
	X(max) \
	X(mean) \
	X(median) \
	X(quantile) \
	X(quantile_about) \
	X(variance) \
	X(stddev) \
	X(variance_pop) \
	X(stddev_pop) \
	X(distinct) \
	X(distinct_about) \
	X(first) \
	X(last) \
	X(top) \
	X(bottom) \
	X(argmax) \
	X(argmin) \
	X(collect) \
	X(concat) \
	X(any) \
	X(all) \
	X(corr) \
	X(slope) \
	X(rate)

#define DECLARE(name) extern const struct agg_class agg_##name;
#define ENTER(name)   &agg_##name,

AGGREGATES(DECLARE)

const struct agg_class *const agg_classes[] = {
	AGGREGATES(ENTER)
	NULL
};

static const char *
name_of(char letter)
{
	switch (letter) {
	case 'P':
		return "PATH";
	case 'Q':
		return "PATH2";
	case 'q':
		return "Q";
	case 'n':
		return "N";
	default:
		return "\"TEXT\"";
	}
}

void
agg_put_usage(struct buf *to, const struct agg_class *class)
{
	bool optional = class->takes[0] == '?';

	buf_str(to, class->name);
	buf_str(to, optional ? "[(" : "(");
	for (const char *t = class->takes; *t != '\0'; t++) {
		bool is_first = t == class->takes + (optional ? 1 : 0);

		if (*t == '?')
			continue;
		if (!is_first)
			buf_str(to, t[-1] == '?' ? "[," : ",");
		buf_str(to, name_of(*t));
		if (!is_first && t[-1] == '?')
			buf_char(to, ']');
	}
	buf_str(to, optional ? ")]" : ")");
}
