#!/usr/bin/env bats
# TLS and passwords: from files, never on the command line, never in a message.

load helper

setup() {
	skip_without_broker
	cd "$BATS_TEST_TMPDIR" || return 1
	B=$(broker address)
	S=$(broker secure-address)
	export B S
}

# conf USER PASSWORD: a file of settings, as kcat reads it.
conf() {
	printf '%s\n' '# the secure port' security.protocol=SASL_SSL "sasl.mechanism=${MECHANISMS[-1]}" "sasl.username=$1" \
		"sasl.password=$2" "ssl.ca.location=$BROKER_DIR/ca.pem"
}

@test "-F FILE opens the secure port, for reading and for writing" {
	new_topic a
	conf alice open-sesame > kafka.conf
	seq 3 > in
	sh_run 'stream-cat in | stream-sink -F kafka.conf "kafka://$S/$a"'
	status_is 0
	silent
	sed -i 's/^sasl.mechanism=.*/sasl.mechanism=PLAIN/' kafka.conf
	sh_run 'stream-cat -e -F kafka.conf --plain "kafka://$S/$a" | jq .payload'
	status_is 0
	silent
	output_is $'1\n2\n3'
}

@test "under systemd the file is a credential" {
	new_topic a
	seq 3 | produce "$a"
	mkdir credentials
	conf alice open-sesame > credentials/kafka.conf
	sh_run 'CREDENTIALS_DIRECTORY=$PWD/credentials stream-cat -e --plain "kafka://$S/$a" | jq .payload'
	status_is 0
	output_is $'1\n2\n3'
}

@test "exactly once behind a password, too" {
	new_topic a
	new_topic b
	seq 100 | produce "$a"
	conf alice open-sesame > kafka.conf
	export STREAM_CHECKPOINT=state
	sh_run 'stream-cat -e -F kafka.conf "kafka://$S/$a" | stream-sink -F kafka.conf "kafka://$S/$b"'
	status_is 0
	same <(consume "$b") <(seq 100)
}

@test "a wrong password: clear words, and none of it in them" {
	new_topic a
	conf alice my-wrong-word > kafka.conf
	run --separate-stderr timeout 30 stream-cat -e -F kafka.conf --connect-timeout 3s "kafka://$S/$a"
	status_is 1
	[[ "$stderr" =~ [Aa]uthentication ]] || { told; return 1; }
	[[ "$stderr" != *my-wrong-word* ]]
	echo 1 > in
	sh_run 'stream-cat in | timeout 30 stream-sink -F kafka.conf --connect-timeout 3s "kafka://$S/$a"'
	status_is 1
	[[ "$stderr" =~ [Aa]uthentication ]] || { told; return 1; }
	[[ "$stderr" != *my-wrong-word* ]]
}

@test "who may not read or write is told so: 1" {
	new_topic a
	seq 3 | produce "$a"
	conf bob open-sesame > kafka.conf
	run --separate-stderr timeout 30 stream-cat -e -F kafka.conf "kafka://$S/$a"
	status_is 1
	[[ "$stderr" =~ [Aa]uthori ]] || { told; return 1; }
	sh_run 'seq 4 | stream-cat - | timeout 30 stream-sink -F kafka.conf "kafka://$S/$a"'
	[ "$status" -ne 0 ]
	[ "$(count "$a")" -eq 3 ]
}

@test "a plain client at the secure port does not hang for ever" {
	run --separate-stderr timeout 30 stream-cat -e --connect-timeout 2s "kafka://$S/a"
	status_is 75
}
