# questions.bash - what is asked of all contestants, in the languages of jq, Miller and mawk
#
# bench/run and bench/peers/run source it.
# shellcheck shell=bash disable=SC2016,SC2034  # the peers' own variables; what those who source it use

# Count and sum by user in windows of 10 s.
source_options=(--time .at --key .user)
aggregates=(-a n=count -a sum='sum(.price)')
window=(stream-window tumbling 10s "${aggregates[@]}")
mawk_job='{ k = $10 "\t" int(substr($3, 2, 13) / 10000) "0000"; n[k]++; s[k] += substr($13, 2) + 0 }
	END { for (k in n) printf "%s\t%d\t%.2f\n", k, n[k], s[k] }'
jq_job='reduce inputs as $r ({};
	(($r.at - $r.at % 10000 | tostring) + " " + $r.user) as $k
	| .[$k] = [(.[$k][0] // 0) + 1, (.[$k][1] // 0) + $r.price])'
mlr_job=(mlr --ijsonl --ojsonl put '$w = $at - $at % 10000' 'then' stats1 -a 'count,sum' -f price -g 'user,w')

# A condition on a number and a string; it keeps a record of a hundred.
filter_condition='.price > 900 and (.user | endswith("7"))'
mlr_condition='$price > 900 && $user =~ "7$"'
mawk_condition='substr($13, 2) + 0 > 900 && $10 ~ /7$/'

# The first record of each user.
mawk_dedup='!seen[$10]++'
jq_dedup='reduce inputs as $r ({}; if has($r.user) then . else .[$r.user] = $r end) | .[]'
mlr_dedup=(mlr --ijsonl --ojsonl head -n 1 -g user)
