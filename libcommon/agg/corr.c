/* corr - Pearson's coefficient of correlation */
#include "agg/joint.h"
#include "agg/number.h"

static bool
corr_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	struct joint_moments m;
	struct big           over, under;

	(void)scope;
	joint_moments(acc, &m);
	if (m.yy.n == 0 || m.xx.n == 0) {
		buf_lit(b, "null");              /* fewer than two, or all the same */
		return true;
	}
	big_mul(&over, &m.yx, &m.yx);
	big_mul(&under, &m.yy, &m.xx);
	big_put_root(b, m.yx_negative, &over, &under, 0);
	return true;
}

const struct agg_class agg_corr = {
	.name = "corr",
	.help = "correlation of the numbers at both paths, rounded to 17 digits",
	.takes = "PQ",
	.size = sizeof(struct joint),
	.check = agg_check_numbers,
	.add = joint_add,
	.merge = joint_merge,
	.result = corr_result,
	.save = joint_save,
	.load = joint_load
};
