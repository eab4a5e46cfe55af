# What people are told is what is so: manuals, --help and completions against the table of options; every
# example in a manual or in README.md is run, and prints what it says.

load helper
load page

pages=(stream-cat.1 stream-kafka.7 stream-dedup.1 stream-join.1 stream-window.1 stream-sort.1 stream-filter.1 stream-exec.1 stream-sink.1 stream-record.5 streamutils.7)
commands=(stream-cat stream-dedup stream-join stream-window stream-sort stream-filter stream-exec stream-sink)

# "--time PATH" and so on, sorted: as --help lists them …
options_of_help() {
	"$1" --help | sed -nE 's/^  (-., |    )(--[a-z-]+)( ([A-Z][^ ]*))?(  .*|$)/\2 \4/p' | sed 's/ $//' | sort
}

# … and as the manual does.
options_of_page() {
	sed -nE 's/^\.It Fl (. , Fl )?-([a-z-]+)( Ar (.*))?$/--\2 \4/p' "$TOP/man/$1.1" | sed 's/ $//' | sort
}

letters_of_help() {
	"$1" --help | sed -nE 's/^  -(.), --([a-z-]+).*/-\1 --\2/p' | sort
}

letters_of_page() {
	sed -nE 's/^\.It Fl (.) , Fl -([a-z-]+).*/-\1 --\2/p' "$TOP/man/$1.1" | sort
}

setup() {
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here" || return 1
}

@test "the manuals are good mdoc" {
	for page in "${pages[@]}"; do
		run mandoc -Tlint -Wwarning "$TOP/man/$page"
		output_is ""
	done
}

@test "there is a page for each command, and each page is tested here" {
	[ "$(cd "$TOP/man" && echo *)" = "$(printf '%s\n' "${pages[@]}" | LC_ALL=C sort | paste -sd' ')" ]
	[ "$(cd "$TOP/cmd" && basename -s .c -- *.c | sort)" = "$(printf '%s\n' "${commands[@]}" | sort)" ]
}

@test "each page has its headings" {
	for c in "${commands[@]}"; do
		for heading in NAME SYNOPSIS DESCRIPTION OPTIONS ENVIRONMENT FILES "EXIT STATUS" SIGNALS EXAMPLES NOTES "SEE ALSO"; do
			grep -qx "\.Sh $heading" "$TOP/man/$c.1" || fail "$c.1: no $heading"
		done
	done
}

@test "the manual of a command lists the options of --help and no others" {
	for c in "${commands[@]}"; do
		[ "$(options_of_help "$c" | wc -l)" -gt 10 ]
		diff <(options_of_help "$c") <(options_of_page "$c") >&2
		diff <(letters_of_help "$c") <(letters_of_page "$c") >&2
	done
}

@test "the manual gives the defaults of --help" {
	for c in "${commands[@]}"; do
		"$c" --help | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n {8,}/ /g' -E |
			sed -nE 's/^  (-., |    )--([a-z-]+) .* \(([^ ()]+)\)$/\2 \3/p' >defaults
		[ -s defaults ]
		while read -r name value; do
			awk -v it="Fl -$name Ar" 'index($0, ".It ") { on = index($0, it) } on' "$TOP/man/$c.1" |
				grep -qiE "(Default:?|^\.Cm) $value" || fail "$c.1: --$name: default $value is not told"
		done <defaults
	done
}

@test "the manual describes every function of --aggregate" {
	stream-window --help | sed -nE '/^Functions/,/^$/s/^  ([a-z]+)[[( ].*/\1/p' >functions
	[ "$(wc -l <functions)" -ge 5 ]
	while read -r f; do
		grep -qE "^\.It .*Cm $f( |$)" "$TOP/man/stream-window.1" || fail "stream-window.1: $f is missing"
	done < <(grep -v '^key' functions)
}

@test "one option says the same in the manual of every command" {
	paragraph() {
		awk -v it="Fl -$2" '/^\.It |^\.El/ { on = $0 ~ it "( |$)" } on' "$TOP/man/$1.1"
	}
	for name in $(options_of_help stream-cat | sed 's/ .*//; s/^--//'); do
		for c in stream-window stream-sort; do
			diff <(paragraph stream-cat "$name") <(paragraph "$c" "$name") >&2 || fail "--$name"
		done
		case "$(options_of_help stream-join | sed 's/ .*//' | paste -sd' ') " in
		*"--$name "*) diff <(paragraph stream-cat "$name") <(paragraph stream-join "$name") >&2 || fail "--$name" ;;
		esac
	done
}

@test "the completions are those of the table" {
	make -s -C "$TOP" MODE="${BUILD##*/}" "build/${BUILD##*/}/tools/completions"
	mkdir made
	"$BUILD/tools/completions" made
	diff -r made "$TOP/completions" >&2
}

@test "the manual of a command names the options that are part of the fingerprint, and no others" {
	make -s -C "$TOP" MODE="${BUILD##*/}" "build/${BUILD##*/}/tools/completions"
	"$BUILD/tools/completions" --meaning >meaning
	for c in "${commands[@]}"; do
		sed -n "s/^$c //p" meaning | sort >of_table
		[ -s of_table ]
		sed -n '/^Options that decide what comes out are part of the checkpoint.s fingerprint:$/,/^Changing /p' "$TOP/man/$c.1" |
			sed -n 's/^\.Fl //p' | grep -oE -- '-[a-z][a-z-]*' | sed 's/^-//' | sort >of_page
		diff of_table of_page >&2 || fail "$c.1: NOTES"
	done
}

@test "bash completes options, values and kinds" {
	for c in "${commands[@]}"; do
		# shellcheck source=/dev/null
		. "$TOP/completions/bash/$c"
	done
	compopt() { :; }
	completed() {
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		"_${1/-/_}"
		echo "${COMPREPLY[*]}"
	}
	touch day.ndjson
	[ "$(completed stream-cat --out)" = --out-of-order ]
	[ "$(completed stream-window --al)" = --allowed-lateness ]
	[ "$(completed stream-window tumb)" = tumbling ]
	[ "$(completed stream-window tumbling 1d da)" = day.ndjson ]
	[ "$(completed stream-join an)" = anti ]
	[ "$(completed stream-join --with)" = --within ]
	[ "$(completed stream-cat --format '')" = "json record text binary csv kcat" ]
	[ "$(completed stream-cat --format = r)" = record ]
	[ "$(completed stream-sink --delivery = ex)" = exactly-once ]
	[ "$(completed stream-sink fil)" = file: ]
	[ -z "$(completed stream-sink --time)" ]
}

@test "zsh and fish take their completions" {
	! command -v zsh >/dev/null || zsh -n "$TOP/completions/zsh/_stream"
	if command -v fish >/dev/null; then
		for c in "${commands[@]}"; do
			fish --no-execute "$TOP/completions/fish/$c.fish"
		done
		run fish -c "source '$TOP/completions/fish/stream-window.fish'; complete -C'stream-window --allowed'"
		[[ $output == --allowed-lateness* ]]
	fi
}

@test "what is installed is found, and goes again" {
	to=(MODE="${BUILD##*/}" PREFIX=/usr DESTDIR="$PWD/root")
	make -s -C "$TOP" install "${to[@]}"
	for c in "${commands[@]}"; do
		[ -x "root/usr/bin/$c" ]
		[ -f "root/usr/share/bash-completion/completions/$c" ]
		[ -f "root/usr/share/fish/vendor_completions.d/$c.fish" ]
	done
	[ -f root/usr/share/zsh/site-functions/_stream ]
	for page in "${pages[@]}"; do
		[ -f "root/usr/share/man/man${page##*.}/$page" ]
	done
	root/usr/bin/stream-cat --version >version
	grep -q "^stream-cat (streamutils) $(sed -n 's/^## //p' "$TOP/NEWS.md" | head -n 1)$" version
	make -s -C "$TOP" uninstall "${to[@]}"
	run find root -type f
	output_is ""
}

@test "the examples of stream-cat(1)" {
	examples_hold "$TOP/man/stream-cat.1"
}

@test "the examples of stream-dedup(1)" {
	examples_hold "$TOP/man/stream-dedup.1"
}

@test "the examples of stream-window(1)" {
	examples_hold "$TOP/man/stream-window.1"
}

@test "the examples of stream-sort(1)" {
	examples_hold "$TOP/man/stream-sort.1"
}

@test "the examples of stream-filter(1)" {
	examples_hold "$TOP/man/stream-filter.1"
}

@test "the examples of stream-exec(1)" {
	examples_hold "$TOP/man/stream-exec.1"
}

@test "the examples of stream-join(1)" {
	examples_hold "$TOP/man/stream-join.1"
}

@test "the examples of stream-sink(1)" {
	examples_hold "$TOP/man/stream-sink.1"
}

@test "the examples of stream-record(5)" {
	examples_hold "$TOP/man/stream-record.5"
}

@test "the examples of streamutils(7)" {
	examples_hold "$TOP/man/streamutils.7"
}

@test "the tour of README.md" {
	examples_hold "$TOP/README.md"
}
