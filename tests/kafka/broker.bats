#!/usr/bin/env bats
# The broker of the tests is a real one, and does what the tests rely on.

load helper

@test "what was acknowledged outlives a kill -9 of the broker" {
	new_topic a 2
	seq 1000 | sed 's/.*/k&\t&/' | produce "$a" -X acks=all
	broker kill
	run ! kcat -q -b "$B" -m 1 -L
	broker start
	[ "$B" = "$(broker address)" ]
	[ "$(count "$a")" -eq 1000 ]
}

@test "every oddity of a message comes back" {
	new_topic a 3
	admin odd "$a" 3 1001 zstd
	[ "$(messages "$a" | wc -l)" -eq 1001 ]
	consume "$a" -f '%K %S\n' > lengths
	grep -q '^-1 ' lengths && grep -q '^0 ' lengths && grep -q ' -1$' lengths && grep -q ' 0$' lengths
	messages "$a" | grep -qaF '"headers":["null",null,"empty","","","of no name"]'
	messages "$a" | grep -qaF '"headers":["hop","b","hop","a","hop","b"]'
}

@test "a transaction is seen when it is committed, and not at all when it is not" {
	new_topic a
	echo before | produce "$a"
	coproc HOLD { admin transaction "$a" 0 5; }
	read -r line <&"${HOLD[0]}"
	[ "$line" = open ]
	[ "$(count "$a")" -eq 1 ]
	echo commit >&"${HOLD[1]}"
	wait "$HOLD_PID"
	wait_for 10 eval '[ "$(count "$a")" -eq 6 ]'
	echo abort | admin transaction "$a" 0 5
	[ "$(count "$a")" -eq 6 ]
}

@test "retention takes messages away from the beginning" {
	new_topic a
	seq 100 | produce "$a"
	admin cut "$a" 0 40
	[ "$(consume "$a" | head -n 1)" -eq 41 ]
}

@test "the secure port asks for a password, and what its owner may" {
	new_topic a
	echo hello | produce "$a"
	secure=(-q -b "$(broker secure-address)" -m 10 -X security.protocol=SASL_SSL -X ssl.ca.location="$BROKER_DIR/ca.pem")
	for mechanism in "${MECHANISMS[@]}"; do
		run -0 --separate-stderr kcat "${secure[@]}" -X sasl.mechanism="$mechanism" -X sasl.username=alice \
			-X sasl.password=open-sesame -C -t "$a" -e
		output_is hello
		run ! --separate-stderr kcat "${secure[@]}" -X sasl.mechanism="$mechanism" -X sasl.username=alice \
			-X sasl.password=wrong -m 2 -L
	done
	run --separate-stderr kcat "${secure[@]}" -X sasl.mechanism=PLAIN -X sasl.username=bob -X sasl.password=open-sesame \
		-m 2 -C -t "$a" -e
	[ -z "$output" ]
}
