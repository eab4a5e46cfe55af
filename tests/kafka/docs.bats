#!/usr/bin/env bats
# The examples of stream-kafka(7) are run, and print what they say.

load helper
load ../page

@test "the examples of stream-kafka(7)" {
	mkdir here && cd here
	for topic in flights copy days; do admin create $topic 2; done
	sed -E 's/.*"carrier":"([^"]*)".*/\1\t&/' "$FLIGHTS" | produce flights
	# The broker of the page is ours.
	sed "s/localhost:9092/$B/g" "$TOP/man/stream-kafka.7" > ../page.7
	examples_hold "$BATS_TEST_TMPDIR/page.7"
}

teardown() {
	for topic in flights copy days; do admin delete $topic || :; done
}
