# helper.bash - what the bats files share
#
# BUILD is the build that is tested (build/release unless told).  Each test works in its own empty
# folder.  bats 1.8 has no pipes in `run`: pipelines go through `sh_run 'a | b'`, whose status is the
# rightmost that is not 0, as under pipefail.
# shellcheck shell=bash disable=SC2034  # the bats files use what stands here

TOP=$(cd "$BATS_TEST_DIRNAME" && while [ ! -e Makefile ] && [ "$PWD" != / ]; do cd ..; done && pwd)
BUILD=${BUILD:-$TOP/build/release}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
FLIGHTS=$TOP/examples/data/flights.ndjson
YEAR=$TOP/examples/data/flights-2013.ndjson.zst
PATH=$BUILD/bin:$PATH
export TOP BUILD FLIGHTS YEAR PATH
unset STREAM_CHECKPOINT STATE_DIRECTORY STREAM_CRASH POSIXLY_CORRECT
export LC_ALL=C TZ=UTC
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-120}
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# sh_run 'a | b': stdout in $output, stderr in $stderr, status in $status.
sh_run() {
	run --separate-stderr bash -c "set -o pipefail; $1"
}

# The same, and the statuses of all parts in $statuses: "0 75 0".
pipe_run() {
	run --separate-stderr bash -c "$1"'
printf "%s" "${PIPESTATUS[*]}" > .statuses'
	statuses=$(cat .statuses)
}

# Nothing that a failed test has started outlives it: bats would wait for it.
teardown() {
	local me=$BASHPID pid name
	while read -r pid name; do
		case $name in
		stream-*) kill -9 "$pid" 2> /dev/null || : ;;
		esac
	done < <(ps -o pid=,comm= --ppid "$me")
}

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# Whatever was told on failure: what the command printed.
told() {
	printf 'status: %s\nstdout: %s\nstderr: %s\n' "$status" "${output:0:2000}" "${stderr:-}" >&2
}

status_is() {
	[ "$status" -eq "$1" ] || { printf 'expected status %s\n' "$1" >&2; told; return 1; }
}

output_is() {
	[ "$output" = "$1" ] || { printf 'expected stdout: %s\n' "$1" >&2; told; return 1; }
}

# stderr is this one line, exactly.
stderr_is() {
	[ "${stderr:-}" = "$1" ] || { printf 'expected stderr: %s\n' "$1" >&2; told; return 1; }
}

# stderr is one line, and matches this extended regular expression.
stderr_like() {
	[[ "${stderr:-}" =~ $1 ]] || { printf 'expected stderr like: %s\n' "$1" >&2; told; return 1; }
	[[ "$stderr" != *$'\n'* ]] || { printf 'expected one line on stderr\n' >&2; told; return 1; }
}

silent() {
	[ -z "${stderr:-}" ] || { printf 'expected nothing on stderr\n' >&2; told; return 1; }
}

same() {
	cmp "$1" "$2" >&2 || { diff <(head -c 100000 "$1") <(head -c 100000 "$2") | head -n 20 >&2; return 1; }
}

# wait_for SECONDS COMMAND…: until it holds; looking, not sleeping, decides.
wait_for() {
	local until=$((SECONDS + $1 + 1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || { printf 'waited in vain for: %s\n' "$*" >&2; return 1; }
		read -r -t 0.01 <> <(:) || :
	done
}

committed() {
	jq -e "$2" "$1/commit" > /dev/null 2>&1
}
