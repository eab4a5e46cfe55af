# page.bash - the examples of a manual, run
# shellcheck shell=bash

# The lines of a page's examples: "$ command", "> its next line", and what it prints.
examples_of() {
	case $1 in
	*.md)
		awk '/^    / { line = substr($0, 5); if (inside || line ~ /^\$ /) { print line; inside = 1 } next }
		     { inside = 0 }' "$1" ;;
	*)
		awk '/^\.Bd -literal/ { inside = 1; shown = 0; next } /^\.Ed/ { inside = 0; next }
		     inside && /^\$ / { shown = 1 } inside && shown' "$1" |
			sed -e "s/\\\\(aq/'/g" -e 's/\\&//g' -e 's/\\e/\\/g' ;;
	esac
}

# Run a page's commands, one after the other in one shell, and show them with what they print.
perform() {
	local line cmd=
	set +e
	while IFS= read -r line; do
		case $line in
		'$ '*)
			[ -z "$cmd" ] || eval "$cmd" 2>&1 </dev/null
			cmd=${line#??}
			printf '%s\n' "$line" ;;
		'> '*)
			cmd+=$'\n'${line#??}
			printf '%s\n' "$line" ;;
		esac
	done
	[ -z "$cmd" ] || eval "$cmd" 2>&1 </dev/null
}

examples_hold() {
	cp "$TOP"/examples/data/*.ndjson "$TOP/examples/data/planes.ndjson.zst" .
	examples_of "$1" >../told
	[ -s ../told ] || fail "no examples in $1"
	timeout 60 bash -c "$(declare -f perform); perform" <../told >../done || fail "an example does not come to its end"
	diff ../told ../done >&2
}
