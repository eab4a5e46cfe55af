# The rules of the house: doors, purity, and that nothing is without its page and its test.

load helper

setup() {
	cd "$TOP" || return 1
}

# What is tracked; in a tree without git, what is there.
tree() {
	git ls-files 2>/dev/null || find . -path ./build -prune -o -type f -print | sed 's|^\./||'
}

@test "files include only the rooms above their own" {
	run tools/doors
	status_is 0
	output_is ""
}

@test "a door that is not there is told" {
	mkdir -p "$BATS_TEST_TMPDIR/t/tools" "$BATS_TEST_TMPDIR/t/libcommon/op" "$BATS_TEST_TMPDIR/t/cmd"
	cp tools/doors tools/rooms "$BATS_TEST_TMPDIR/t/tools/"
	printf '#include "io/in.h"\n#include <jansson.h>\n#include "rec/rec.h"\n' > "$BATS_TEST_TMPDIR/t/libcommon/op/window.c"
	run "$BATS_TEST_TMPDIR/t/tools/doors"
	status_is 1
	[ "${lines[0]}" = 'libcommon/op/window.c:1: op must not know io ("io/in.h")' ]
	[ "${lines[1]}" = 'libcommon/op/window.c:2: <jansson.h> is not for this file: tools/rooms has the list' ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "the pure rooms call nothing outside, and nothing in libcommon changes" {
	run tools/pure "$BUILD"
	status_is 0
	output_is ""
}

@test "a pure room that asks the clock, and a variable, are told" {
	local t=$BATS_TEST_TMPDIR/t
	mkdir -p "$t/tools" "$t/libcommon/op" "$t/b/libcommon/op"
	cp tools/pure tools/rooms "$t/tools/"
	printf '#include <time.h>\nstatic int n; long f(void); long f(void) { return time(0) + ++n; }\n' > "$t/libcommon/op/x.c"
	cc -c -o "$t/b/libcommon/op/x.o" "$t/libcommon/op/x.c"
	run "$t/tools/pure" b
	status_is 1
	[ "${lines[0]}" = "op/x.o calls time: a pure room calls nothing outside" ]
	[ "${lines[1]}" = "op/x.o: n can change" ]
}

@test "every header stands alone" {
	run tools/headers
	status_is 0
	output_is ""
}

@test "every room of libcommon is in tools/rooms" {
	for d in libcommon/*/; do
		grep -Eq "^$(basename "$d") +(pure|outer)$" tools/rooms || fail "$d"
	done
}

@test "every command has a manual, a bats file and completions for three shells" {
	for c in cmd/*.c; do
		n=$(basename "$c" .c)
		[ -s "man/$n.1" ] || fail "$n has no manual"
		[ -s "tests/$n.bats" ] || fail "$n has no bats file"
		grep -Rqs -- "$n" completions || fail "$n has no completions"
	done
}

@test "nothing is left to do, and no path of one machine stands in the tree" {
	local words='\b(TO''DO|FIX''ME|X''XX|NEEDS''WORK)\b|not (yet )?implemen''ted'
	local places='(^|[^A-Za-z0-9_.~])/(ho''me|ro''ot|wo''rk|Use''rs|mn''t)/|\.\./sha''red'
	run bash -c "$(declare -f tree); tree | grep -v '[.]zst$' | xargs -d '\n' grep -nIE '$words|$places' --"
	output_is ""
}

@test "no test sleeps to be right" {
	run bash -c "$(declare -f tree); tree | grep '^tests/' | xargs -d '\n' grep -nIE '(^|[^a-z_])(sl''eep +[0-9.]+|usl''eep\()' --"
	output_is ""
}

@test "no line of C ends in blanks" {
	run bash -c "$(declare -f tree); tree | grep '[.][ch]$' | xargs -d '\n' grep -nE '[[:blank:]]+$' --"
	output_is ""
}

@test "scripts are clean for shellcheck" {
	command -v shellcheck > /dev/null || skip "no shellcheck here"
	run tools/lint scripts
	status_is 0
	output_is ""
}

@test "manuals are clean for mandoc" {
	command -v mandoc > /dev/null || skip "no mandoc here"
	run tools/lint manuals
	status_is 0
	output_is ""
}
