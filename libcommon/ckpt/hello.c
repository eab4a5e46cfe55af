/* hello - is what comes in meant for this directory? */
#include "ckpt/priv.h"

#include <string.h>

int
hello_check_name(const struct ckpt_conf *conf, const struct hello *hello, struct err *err)
{
	if (hello->pipeline == NULL)
		return err_set(err, ERR_USAGE, "%s, but what comes in has no checkpoint: "
		               "give it to every stage, or export STREAM_CHECKPOINT", conf->given);
	for (size_t i = 0; i < hello->n_via; i++)
		if (strcmp(hello->via[i].stage, conf->stage) == 0)
			return err_set(err, ERR_USAGE, "two stages named %s: give --name",
			               conf->stage);
	return 0;
}

int
hello_check_pipeline(const struct ckpt *ck, const struct hello *hello, struct err *err)
{
	if (ck->pipeline != NULL && strcmp(ck->pipeline, hello->pipeline) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "%s, but what comes in is of another pipeline (%s, not %s)",
	               ck->conf.given, hello->pipeline,
	               ck->pipeline == NULL ? "a new one" : ck->pipeline);
}
