/* slope - of the straight line that fits the first path's numbers best, by least squares */
#include "agg/joint.h"
#include "agg/number.h"

static bool
slope_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	struct joint_moments m;

	(void)scope;
	joint_moments(acc, &m);
	if (m.xx.n == 0)
		buf_lit(b, "null");              /* fewer than two, or all above one another */
	else
		big_put_ratio(b, m.yx_negative, &m.yx, &m.xx, 0);
	return true;
}

const struct agg_class agg_slope = {
	.name = "slope",
	.help = "by how much the number at PATH grows where that at PATH2 grows by one (least squares)",
	.takes = "PQ",
	.size = sizeof(struct joint),
	.check = agg_check_numbers,
	.add = joint_add,
	.merge = joint_merge,
	.result = slope_result,
	.save = joint_save,
	.load = joint_load
};
