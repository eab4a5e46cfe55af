#!/bin/bash
# Checks the models of the checkpoint protocol, and that every mutant of it is caught.
# Needs spin and a C compiler.
#
#   check.sh [quick|deep] [WORD]     only the checks whose line contains WORD
#
# quick (the default): every model and every mutant, JOBS (2) at a time, a few minutes.
# deep: larger bounds, long, one at a time; bitstate with 2^W (33: 1 GiB) bits.
# A line: verdict, model, what was switched on, states explored, errors, seconds.

# commit.pml: 1 record and the one that end brings, 3 epochs, pipes of one line
B="-DCAP=1 -DL=1 -DEMAX=2"
V="$B -DSTOPS=0 -DLIVE -DNI=4 -DKMAX=1"
BUFFER="-DCAP=2 -DL=1 -DEMAX=2 -DSTOPS=0 -DLIVE -DNI=4 -DBUFFER"
FAIL="$B -DSTOPS=0 -DFAILS=1"        # a stage leaves with status 1
ONLY_FAIL="$FAIL -DLIVE -DNI=4 -DKMAX=0"
OWN="-DOWN -DCAP=2 -DL=2 -DEMAX=3"   # two processes: there is room for more records, epochs, lines
OWN_LIVE="$V -DOWN"

quick() {
	cat <<END
ok join -DNI=2 -DEMAX=1 -DSTOPS=0
ok join -DNI=2 -DSEQ
ok join -DNI=1 -DFAILS=1
ok join -DNI=2 -DEMAX=1 -DSTOPS=0 -DSEQ -DFAILS=1
ok commit $B -DTARGET=1
ok commit $B -DTARGET=2 -DSTOPS=0
ok commit $B -DTARGET=3 -DSTOPS=0
ok commit $B -DSTOPS=0 -DLIVE -DNI=6 -DKMAX=2
ok commit $B -DTARGET=2 -DOWN -DFORGETS
ok commit $V -DTARGET=2
ok commit $BUFFER -DKMAX=1
ok commit $FAIL
ok commit $ONLY_FAIL
ok commit $BUFFER -DKMAX=0 -DFAILS=1
ok commit $OWN -DFAILS=1
ok commit $OWN -DTARGET=2
ok commit $OWN -DTARGET=3
ok commit $B -DOWN -DNI=3
ok commit $B -DSTOPS=0 -DOWN -DLIVE -DNI=6 -DKMAX=2 -DTARGET=2
ok commit $B -DSTOPS=0 -DOWN -DLIVE -DNI=5 -DKMAX=1 -DFAILS=1
caught commit $B -DM_NOLOCK_S
caught commit $B -DM_REUSE_RUN
caught commit $B -DM_BARRIER_FIRST
caught commit $B -DM_PRUNE_EARLY
caught commit $B -DM_END_FORGOTTEN
caught commit $B -DM_NOLOCK_W
caught commit $B -DM_STALE_STAGE
caught commit $B -DM_PASS_FIRST
caught commit $B -DM_NO_CUT
caught commit $B -DM_CUT_BEFORE_LOCK
caught commit $B -DM_NOLOCK_K
caught commit $B -DM_ANY_HELLO
caught commit $B -DM_EOF_IS_END
caught commit $B -DM_NO_ROLLBACK
caught commit $B -DM_NO_FIRST_SNAP
caught commit $B -DM_NO_FIRST_COMMIT
caught commit $B -DTARGET=2 -DSTOPS=0 -DM_NO_ASK
caught commit $B -DTARGET=2 -DSTOPS=0 -DM_NO_FENCE
caught commit $B -DTARGET=2 -DSTOPS=0 -DM_FILE_FIRST
caught commit $B -DTARGET=2 -DOWN -DFORGETS -DM_NONE_IS_OLD
caught commit $B -DTARGET=2 -DOWN -DNI=3 -DFORGETS -DM_CLOSED_STAYS
caught commit $B -DTARGET=3 -DSTOPS=0 -DM_NO_VERSION
caught commit $V -DM_NO_WATCH
caught commit $BUFFER -DKMAX=1 -DM_LAST_WAITS
caught commit $FAIL -DM_FAIL_COMMITS
caught commit $FAIL -DM_FAIL_IS_END
caught commit $ONLY_FAIL -DM_FAIL_IS_EOF
caught commit $ONLY_FAIL -DM_FAIL_NOT_SAID
caught commit $OWN -DM_NOLOCK_S
caught commit $OWN -DM_REUSE_RUN
caught commit $OWN -DM_BARRIER_FIRST
caught commit $OWN -DM_TWO_SNAPS
caught commit $OWN -DM_PRUNE_EARLY
caught commit $OWN -DM_END_FORGOTTEN
caught commit $OWN -DM_NO_CUT
caught commit $OWN -DM_NO_FIRST_SNAP
caught commit $OWN -DM_ANY_HELLO
caught commit $OWN_LIVE -DM_NO_WATCH
caught commit $OWN_LIVE -DFAILS=1 -DM_FAIL_NOT_SAID
caught join -DNI=2 -DEMAX=1 -DSTOPS=0 -DM_REUSE_RUN
caught join -DNI=2 -DEMAX=1 -DSTOPS=0 -DM_ONE_HELLO
caught join -DNI=1 -DM_NO_ALIGN
caught join -DNI=1 -DM_EOF_IS_END
caught join -DNI=1 -DFAILS=1 -DM_FAIL_IS_END
caught join -DNI=2 -DSEQ -DM_EXACT
caught join -DNI=2 -DSEQ -DM_KEEP_NEWER
ok mixed -DNI=2 -DEMAX=1
ok mixed -DNI=2 -DEMAX=1 -DL=2 -DSEQ
ok mixed -DNI=2 -DSEQ -DSTOPS=1
ok mixed -DNI=2 -DEMAX=1 -DSEQ -DFAILS=1
ok mixed -DNI=3 -DEMAX=1 -DSEQ
ok mixed -DNI=2 -DEMAX=1 -DSEQ -DSTAGE
ok mixed -DNI=2 -DEMAX=1 -DSEQ -DSTAGE -DFAILS=1
caught mixed -DNI=2 -DEMAX=1 -DSEQ -DM_EXACT
caught mixed -DNI=1 -DM_CUT_AHEAD
caught mixed -DNI=1 -DM_LEAD_EARLY
caught mixed -DNI=1 -DM_NO_LEAD
caught mixed -DNI=1 -DM_EOF_IS_END
caught mixed -DNI=1 -DEMAX=1 -DSTAGE -DM_NO_LAST
caught mixed -DNI=1 -DEMAX=1 -DSTAGE -DM_LAST_LATE
caught mixed -DNI=1 -DEMAX=1 -DSTAGE -DM_EOF_IS_END
ok base
ok base -DFAIR
caught base -DM_PRUNE_CHAIN
caught base -DM_PRUNE_AT_PUBLISH
caught base -DM_FORK_LATE
caught base -DM_ANY_STATUS
caught base -DEMAX=2 -DM_KEEP_TEMP
caught base -DEMAX=2 -DM_CHILD_OPENS
caught base -DEMAX=2 -DM_CHILD_RENAMES
caught base -DFAIR -DM_CHILD_HOLDS_LOCK
caught base -DFAIR -DM_CHILD_HOLDS_PIPE
ok parts
ok parts -DNI=2 -DL=4
caught parts -DM_NOLOCK
caught parts -DM_NAME_EARLY
caught parts -DM_NO_REDO
caught parts -DM_REDO_STRICT
caught parts -DM_NO_CUT
caught parts -DM_KEEP_UNKNOWN
caught parts -DM_NUMBER_AGAIN
caught parts -DM_COMMIT_FIRST
caught parts -DM_END_NOT_SAVED
ok runs
ok runs -DR=3 -DKILLS=0
caught runs -DM_DROP_AT_ONCE
caught runs -DM_REMOVE_EARLY
caught runs -DM_GONE_UNTOLD
caught runs -DM_NO_SYNC
caught runs -DM_KEEP_STRANGE
ok ring
ok ring -DBESIDE=1
ok ring -DPAGES=2 -DL=8
caught ring -DPAGES=2 -DM_NO_COUNT
caught ring -DM_ASK_ONCE
caught ring -DM_ASK_FIRST
caught ring -DM_ANY_READER
caught ring -DM_FREE
caught ring -DM_GO_EARLY
caught ring -DBESIDE=2
END
}

deep() {
	cat <<END
ok commit -DCAP=2 -DL=1 -DEMAX=2 -DTARGET=1
ok commit -DCAP=1 -DL=2 -DEMAX=3 -DTARGET=1
ok commit -DCAP=1 -DL=2 -DEMAX=3 -DTARGET=2
ok commit $B -DTARGET=2 -DSTOPS=0 -DFORGETS
ok commit $B -DTARGET=2 -DOWN -DNI=3 -DFORGETS
ok join -DNI=2 -DEMAX=2 -DSTOPS=0
ok commit -DCAP=1 -DL=1 -DEMAX=2 -DSTOPS=0 -DNI=3
ok commit -DCAP=1 -DL=1 -DEMAX=2 -DSTOPS=0 -DLIVE -DNI=6 -DKMAX=2 -DTARGET=2
ok base -DNI=3 -DL=1 -DEMAX=2
ok commit $B -DSTOPS=0 -DFAILS=1 -DLIVE -DNI=5 -DKMAX=1
ok commit $B -DFAILS=2
ok commit $OWN -DNI=3
ok join -DNI=2 -DEMAX=1 -DSTOPS=0 -DFAILS=1
ok mixed -DNI=2 -DSEQ -DSTAGE -DSTOPS=1
END
}

# one DEPTH WANT MODEL OPTION…: builds the checker of one model, runs it, judges
one() {
	local depth=$1 want=$2 model=$3
	shift 3
	local cflags=(-w -DSAFETY) args=(-m500000 -n)
	if [ "$depth" = deep ]; then
		cflags+=(-O2 -DBITSTATE "-DMEMLIM=${MEM:-20000}")
		args+=("-w${W:-33}")
	else
		cflags+=(-DCOLLAPSE "-DMEMLIM=${MEM:-6000}")
		# the other order of search finds the counterexamples sooner
		if [ "$want" = caught ]; then cflags+=(-O1 -DREVERSE); else cflags+=(-O2); fi
	fi

	local dir from=$SECONDS
	dir=$(mktemp -d "$top/XXXXXX") || return 1
	cp "$here/$model.pml" "$dir/m.pml" && cd "$dir" || return 1
	if ! { spin -a "$@" m.pml && "${CC:-cc}" "${cflags[@]}" -o pan pan.c; } >build 2>&1; then
		echo "FAIL   $model $* does not build: $(head -n 1 build)"
		return 1
	fi
	./pan "${args[@]}" >out 2>&1

	local err states why verdict=FAIL
	err=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' out)
	states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' out)
	why=$(sed -n 's/^pan:1: \(.*\) (at depth.*/\1/p' out)
	case $want in
	ok)
		[ "$err" = 0 ] && verdict=ok
		grep -qE 'search depth too small|out of memory|memory limit|not completed' out &&
			verdict=FAIL
		;;
	caught)
		[ "${err:-0}" -gt 0 ] && verdict=caught
		grep -q 'invalid array index' <<<"$why" && verdict=FAIL
		;;
	esac
	printf '%-6s %-6s %s  states %s  errors %s  %s s  %s\n' "$verdict" "$model" "$*" \
		"$states" "$err" $((SECONDS - from)) "$why"
	cd "$here" && rm -rf "$dir"
	[ $verdict != FAIL ]
}

cd "$(dirname "$0")" || exit 2
here=$PWD
if [ "$1" = one ]; then
	shift
	one "$@"
	exit 0
fi

depth=${1:-quick} word=${2:-}
case $depth in
quick) jobs=${JOBS:-2} ;;
deep) jobs=1 ;;
*)
	echo "usage: check.sh [quick|deep] [WORD]" >&2
	exit 2
	;;
esac
for tool in spin "${CC:-cc}"; do
	command -v "$tool" >/dev/null || {
		echo "check.sh: $tool is not installed" >&2
		exit 2
	}
done
top=$(mktemp -d) || exit 2
export top
trap 'rm -rf "$top"' EXIT

"$depth" | grep -e "$word" | xargs -P "$jobs" -L 1 "$here/check.sh" one "$depth" | tee "$top/all"
good=$(grep -cE '^(ok|caught)' "$top/all")
bad=$(grep -c '^FAIL' "$top/all")
echo "models: $good passed, $bad failed, $SECONDS s"
[ "$bad" = 0 ] && [ "$good" -gt 0 ]
