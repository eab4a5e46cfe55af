#!/usr/bin/env bats
# What a message is, as a record and back.

load helper

# Both topics hold the same messages, in the same order, and none is missing.
same_messages() {
	messages "$1" > messages.want
	messages "$2" > messages.got
	[ -s messages.want ] || fail "$1 is empty"
	same messages.want messages.got
}

@test "binary to the same partitions is the identity: keys, tombstones, headers, megabytes, times, compression" {
	local n=${KAFKA_MESSAGES:-100000}
	new_topic a 3
	new_topic b 3
	admin odd "$a" 3 "$n" lz4
	sh_run 'stream-cat -e --format binary "kafka://$B/$a" | stream-sink "kafka://$B/$b?partition=keep"'
	status_is 0
	silent
	[ "$(count "$b")" -eq "$n" ]
	same_messages "$a" "$b"
}

@test "the same exactly once, through a checkpoint" {
	new_topic a 3
	new_topic b 3
	admin odd "$a" 3 10000 zstd
	export STREAM_CHECKPOINT=state
	sh_run 'stream-cat -e --checkpoint-interval 50ms --format binary "kafka://$B/$a" | stream-sink "kafka://$B/$b?partition=keep"'
	status_is 0
	silent
	same_messages "$a" "$b"
	sh_run 'stream-cat -e --format binary "kafka://$B/$a" | stream-sink "kafka://$B/$b?partition=keep"'
	status_is 0
	[ "$(count "$b")" -eq 10000 ]
}

@test "a record has the message's place, time, key and headers, and its value as it is" {
	new_topic a
	printf '%s\n' $'u1\t{"price": 1.10}' $'\t"x"' | produce "$a" -Z -H trace=abc -H trace=d
	admin stamped "$a" 0 1700000000123 '[1,  2]'
	sh_run 'stream-cat -e --plain "kafka://$B/$a" | sed -E "1,2s/\"ts\":[0-9]+/\"ts\":0/"'
	status_is 0
	output_is '{"topic":"'"$a"'","partition":0,"offset":0,"ts":0,"key":"u1","headers":[{"key":"trace","value":"abc"},{"key":"trace","value":"d"}],"payload":{"price": 1.10}}
{"topic":"'"$a"'","partition":0,"offset":1,"ts":0,"key":null,"headers":[{"key":"trace","value":"abc"},{"key":"trace","value":"d"}],"payload":"x"}
{"topic":"'"$a"'","partition":0,"offset":2,"ts":1700000000123,"key":"k","payload":[1,  2]}'
}

@test "the log's own time is the time of a message, where the topic is set so" {
	local now
	new_topic a 1 message.timestamp.type=LogAppendTime
	now=$(date +%s%3N)
	admin stamped "$a" 0 1000 '{}'
	sh_run 'stream-cat -e --plain "kafka://$B/$a" | jq .ts'
	status_is 0
	[ "$output" -ge "$now" ] && [ "$output" -lt $((now + 60000)) ]
}

@test "a payload of several lines is one line; what is no JSON is kept as it is" {
	new_topic a
	new_topic b
	admin stamped "$a" 0 1 $'{\n  "a": "x",\n  "b": [1,\n2]\n}'
	admin stamped "$a" 0 2 'no JSON'
	sh_run 'stream-cat -e --plain "kafka://$B/$a" | jq -c "[.payload.b, .payload_base64]"'
	status_is 0
	output_is '[[1,2],null]
[null,"bm8gSlNPTg=="]'
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink "kafka://$B/$b"'
	status_is 0
	[ "$(consume "$b" | tail -n 1)" = 'no JSON' ]
}

@test "text is a string, and goes back as text" {
	new_topic a
	new_topic b
	printf '%s\n' 'say "hello"' 'back\slash' | kcat -q -b "$B" -P -t "$a"
	sh_run 'stream-cat -e --plain --format text "kafka://$B/$a" | jq -c .payload'
	output_is '"say \"hello\""
"back\\slash"'
	sh_run 'stream-cat -e --format text "kafka://$B/$a" | stream-sink "kafka://$B/$b?format=text"'
	status_is 0
	same <(consume "$b") <(consume "$a")
}

@test "a key goes where a Java producer sends it" {
	new_topic a 7
	# Partitions of seven by murmur2, as org.apache.kafka.clients.producer has them.
	printf '{"k":"%s"}\n' 21 foobar a-little-bit-long-string lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8 > in
	sh_run 'stream-cat --key .k in | stream-sink "kafka://$B/$a"'
	status_is 0
	# murmur2: -973932308, -790332482, -985981536, -58897971, & 0x7fffffff, mod 7
	for h in -973932308 -790332482 -985981536 -58897971; do echo $(((h & 0x7fffffff) % 7)); done > want
	consume "$a" -f '%k %p\n' | awk 'NR == FNR { at[$1] = $2; next } { print at[$1] }' - <(sed 's/.*:"\(.*\)"}/\1/' in) > got
	same want got
}

@test "a window's bounds and pane are headers" {
	new_topic a
	printf '{"t":%d,"u":"x"}\n' 1000 2000 61000 > in
	sh_run 'stream-window tumbling 1m --allowed-lateness 1s -t .t --time-format ms -k .u in | stream-sink "kafka://$B/$a"'
	status_is 0
	run consume "$a" -f '%k %s %T %h\n'
	output_is 'x {"count":2} 59999 window-start=0,window-end=60000,pane=final
x {"count":1} 119999 window-start=60000,window-end=120000,pane=final'
}

@test "?topic=PATH says where each record goes" {
	new_topic a
	new_topic b
	printf '{"to":"%s","n":%d}\n' "$a" 1 "$b" 2 "$a" 3 > in
	sh_run 'stream-cat in | stream-sink "kafka://$B/$a?topic=.to"'
	status_is 0
	[ "$(consume "$a" | jq -c .n | tr '\n' ' ')" = '1 3 ' ]
	[ "$(consume "$b" | jq -c .n)" = 2 ]
}
