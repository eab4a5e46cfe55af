# stream-cat: what files hold other than JSON lines, and which part of it is wanted.

load helper

# ---- compressed files ----

@test "a compressed file gives what the file itself gives, offsets included" {
	cp "$FLIGHTS" f
	gzip -c f > f.gz
	zstd -q f -o f.zst
	stream-cat -t .at -k .carrier --out-of-order 24h f > plain
	for z in f.gz f.zst; do
		stream-cat -t .at -k .carrier --out-of-order 24h "$z" | sed "s/\"topic\":\"$z\"/\"topic\":\"f\"/" > out
		same plain out
	done
}

@test "several members or frames in one file are one file" {
	{ echo '{"a":1}' | gzip -c; printf '{"a"' | gzip -c; echo ':2}' | gzip -c; } > a.gz
	{ echo '{"a":1}' | zstd -q; printf '{"a"' | zstd -q; echo ':2}' | zstd -q; } > a.zst
	run --separate-stderr stream-cat --plain a.gz a.zst
	status_is 0
	[ "$(jq -c '[.offset, .payload.a]' <<< "$output")" = $'[0,1]\n[8,2]\n[0,1]\n[8,2]' ]
}

@test "a compressed FIFO is read as it comes" {
	mkfifo f.gz
	head -n 100 "$FLIGHTS" > f
	gzip -c f > f.gz &
	run --separate-stderr bash -c 'stream-cat --plain f.gz | jq -c .payload | cmp - <(jq -c . f)'
	status_is 0
}

@test "compressed data that is cut short or damaged is an error, never an end" {
	gzip -c "$FLIGHTS" | head -c 50000 > cut.gz
	zstd -qc "$FLIGHTS" | head -c 50000 > cut.zst
	: > empty.gz
	for f in cut.gz cut.zst empty.gz; do
		run --separate-stderr stream-cat "$f"
		status_is 1
		stderr_is "stream-cat: $f: cut short: the compressed data does not come to its end"
		[[ ${lines[-1]} == *'"mark":"fail"'* ]]
	done
	echo '{"a":1}' > no.gz
	run --separate-stderr stream-cat no.gz
	status_is 1
	stderr_like '^stream-cat: no.gz: damaged: .+'
}

@test "a compressed file is not followed" {
	echo '{"a":1}' | gzip -c > a.gz
	run --separate-stderr stream-cat -f a.gz
	status_is 2
	stderr_like '^stream-cat: a.gz: a compressed file does not grow'
}

# step FILE: the next 1000 records of a pipeline under a checkpoint
step() {
	stream-cat --checkpoint-interval 0s -n 1000 "${@:2}" "$1" | stream-sink --body payload file:out
}

@test "a resume in a compressed file goes on where it was, and knows whether it is the same" {
	export STREAM_CHECKPOINT=state
	head -n 3000 "$FLIGHTS" > f
	zstd -q f -o f.zst
	step f.zst && step f.zst
	head -n 2000 f > expected
	same expected out
	zstd -qfc -19 f > g.zst && mv g.zst f.zst       # other bytes, the same content
	step f.zst && step f.zst
	same f out
}

@test "a compressed file that changed below the position is an error" {
	export STREAM_CHECKPOINT=state
	head -n 3000 "$FLIGHTS" > f
	gzip -c f > f.gz
	step f.gz
	{ head -n 999 f; sed -n 1000p f | tr 0 1; tail -n +1001 f; } | gzip -c > g && mv g f.gz
	sh_run 'stream-cat f.gz | stream-sink --body payload file:out'
	status_is 1
	[[ $stderr == *"f.gz: "*"not what the checkpoint has read"* ]]
	head -n 500 f | gzip -c > f.gz
	sh_run 'stream-cat f.gz | stream-sink --body payload file:out'
	status_is 1
	[[ $stderr == *"f.gz: has "*" bytes, but "*" were read"* ]]
}

# ---- text, binary ----

@test "--format text: a line is a string, bytes that are no UTF-8 are base64" {
	printf 'h\xc3\xa9 "x"\\\t\r\n\n\xff\xfe\n\x00last' > a
	run --separate-stderr stream-cat --plain --format text a
	status_is 0
	silent
	output_is '{"topic":"a","partition":0,"offset":0,"payload":"hé \"x\"\\\t"}
{"topic":"a","partition":0,"offset":11,"payload":""}
{"topic":"a","partition":0,"offset":12,"payload_base64":"//4="}
{"topic":"a","partition":0,"offset":15,"payload":"\u0000last"}'
}

@test "--format text: JSON is text, too, and no line is a mark" {
	printf '{"a":1}\n{"mark":"end"}\n' > a
	run --separate-stderr stream-cat --plain --format text a
	status_is 0
	[ "$(jq -r .payload <<< "$output")" = "$(cat a)" ]
	run --separate-stderr bash -c 'stream-cat --format text < a | stream-sink --body payload - | jq -r . | cmp - a'
	status_is 0
}

@test "--format text: . is the whole line, for a time or a key" {
	printf '2013-01-01\n2013-01-02T05:00:00Z\n' > a
	run --separate-stderr stream-cat --plain --format text -t . -k . a
	status_is 0
	[ "$(jq -c '[.ts, .key]' <<< "$output")" = $'[1356998400000,"2013-01-01"]\n[1357102800000,"2013-01-02T05:00:00Z"]' ]
}

@test "--format binary: the bytes of each line, all of them" {
	printf '\xef\xbb\xbfa\r\n\n\x00\xff\n' > a
	run --separate-stderr bash -c 'stream-cat --format binary a | stream-sink --body payload - | cmp - a'
	status_is 0
	run --separate-stderr stream-cat --plain --format binary a
	[ "$(jq -c '[.offset, .payload_base64]' <<< "$output")" = $'[0,"77u/YQ0="]\n[6,""]\n[7,"AP8="]' ]
}

# ---- csv ----

@test "--format csv: the first row names the members" {
	printf 'at,carrier,delay\r\n2013-01-01,UA,5\r\n\r\n2013-01-02,AA,-1.50\r\n' > a
	run --separate-stderr stream-cat --plain --format csv -t .at -k .carrier a
	status_is 0
	output_is '{"topic":"a","partition":0,"offset":18,"ts":1356998400000,"key":"UA","payload":{"at":"2013-01-01","carrier":"UA","delay":"5"}}
{"topic":"a","partition":0,"offset":37,"ts":1357084800000,"key":"AA","payload":{"at":"2013-01-02","carrier":"AA","delay":"-1.50"}}'
}

@test "--csv-numbers: what is a number in JSON becomes one, in its own digits" {
	printf 'a,b\n1,-0.50\n01,+1\n1e5,.5\n"7",\n123456789012345678901234567890,x\n' > a
	run --separate-stderr bash -c 'stream-cat --plain --format csv --csv-numbers a | sed "s/.*\"payload\"://; s/}$//"'
	status_is 0
	output_is '{"a":1,"b":-0.50}
{"a":"01","b":"+1"}
{"a":1e5,"b":".5"}
{"a":"7","b":""}
{"a":123456789012345678901234567890,"b":"x"}'
}

@test "csv: commas, quotes and newlines inside quotes; lines are counted all the same" {
	printf '"a ""b""",c\n"1,2","x\ny"\n"""","\n"\nbad\n' > a
	run --separate-stderr stream-cat --plain --format csv a
	status_is 1
	stderr_is "stream-cat: a:6: fewer fields than the header has"
	[ "$(jq -c .payload <<< "${lines[0]}")" = '{"a \"b\"":"1,2","c":"x\ny"}' ]
	[ "$(jq -c .payload <<< "${lines[1]}")" = '{"a \"b\"":"\"","c":"\n"}' ]
}

@test "csv: rows that are wrong are bad records, with their bytes" {
	printf 'a,b\n1\n1,2,3\nx"y,1\n"x"y,1\n\xff,1\nok,1\n"open,1\n' > a
	run --separate-stderr stream-cat --plain --format csv --dead-letter dead a
	status_is 0
	[ "$(jq -c .payload <<< "$output")" = '{"a":"ok","b":"1"}' ]
	[ "$(jq -r .error.reason dead)" = "fewer fields than the header has
more fields than the header has
a quote inside a field that does not begin with one
text behind a closing quote
not UTF-8
a quote that is not closed" ]
	[ "$(jq -r .payload_base64 dead | head -n 1 | base64 -d)" = 1 ]
}

@test "csv: a header that cannot be read ends the run" {
	printf 'a,"b\n1,2\n' > a
	run --separate-stderr stream-cat --plain --format csv --dead-letter dead a
	status_is 1
	stderr_like '^stream-cat: a:1: the header: a quote that is not closed'
}

@test "csv: each file has its own header; rows come whole through slow pipes" {
	printf 'a\n1\n' > a
	printf 'b\n"2\n3"' > b
	run --separate-stderr stream-cat --plain --format csv a b
	[ "$(jq -c .payload <<< "$output")" = $'{"a":"1"}\n{"b":"2\\n3"}' ]
	{ echo 'n,text'; for i in {1..500}; do printf '%d,"line\n""%d"", x"\n' "$i" "$i"; done; } > c
	stream-cat --plain --format csv < c > whole
	dd if=c bs=7 status=none | stream-cat --plain --format csv > parts
	same whole parts
	[ "$(jq -c 'select(.payload.text != "line\n\"\(.payload.n)\", x")' whole | wc -l)" = 0 ]
	[ "$(wc -l < whole)" = 500 ]
}

@test "csv: a row over --max-line is one bad record" {
	printf 'a,b\n1,"%s\n%s"\n2,y\n' "$(head -c 300 /dev/zero | tr '\0' x)" "$(head -c 300 /dev/zero | tr '\0' x)" > a
	run --separate-stderr stream-cat --plain --format csv --max-line 100 --dead-letter dead a
	status_is 0
	[ "$(jq -c .payload <<< "$output")" = '{"a":"2","b":"y"}' ]
	[ "$(wc -l < dead)" = 1 ]
	[[ $(jq -r .error.reason dead) == "a line of 606 bytes"* ]]
}

@test "csv: a resume knows the header" {
	export STREAM_CHECKPOINT=state
	{ echo 'n,text'; for i in {1..50}; do printf '%d,"a\nb"\n' "$i"; done; } > c
	next() { stream-cat -n 20 --format csv c | stream-sink --body payload file:out; }
	next && next && next
	[ "$(jq -r .n out | paste -sd' ')" = "$(seq -s' ' 50)" ]
}

@test "--csv-numbers needs --format csv" {
	run --separate-stderr stream-cat --csv-numbers a
	status_is 2
	stderr_like "^stream-cat: --csv-numbers needs --format csv"
}

# ---- kcat ----

@test "--format kcat: headers become pairs, a payload that is JSON becomes JSON" {
	cat > k <<-'END'
		{"topic":"t","partition":3,"offset":7,"tstype":"create","ts":1700000000000,"broker":0,"headers":["a","1","b",null,"a","2"],"key":"k","payload":"{\"a\":\n1.10}"}
		{"topic":"t","partition":3,"offset":8,"tstype":"unknown","ts":0,"broker":0,"key":null,"payload":null}

		{"topic":"t","partition":3,"offset":9,"tstype":"create","ts":5,"broker":0,"key":"","payload":"plain \"text\n"}
		{"topic":"t","partition":3,"offset":10,"tstype":"create","ts":5,"broker":0,"key":"","payload":"\"no\njson\""}
	END
	run --separate-stderr stream-cat --plain --format kcat k
	status_is 0
	output_is '{"topic":"t","partition":3,"offset":7,"ts":1700000000000,"key":"k","headers":[{"key":"a","value":"1"},{"key":"b","value":null},{"key":"a","value":"2"}],"payload":{"a": 1.10}}
{"topic":"t","partition":3,"offset":8,"key":null,"payload":null}
{"topic":"t","partition":3,"offset":9,"ts":5,"key":"","payload":"plain \"text\n"}
{"topic":"t","partition":3,"offset":10,"ts":5,"key":"","payload":"\"no\njson\""}'
}

@test "--format kcat: --time and --key look into the payload" {
	echo '{"topic":"t","partition":0,"offset":1,"tstype":"create","ts":9,"key":"k","payload":"{\"at\":\"2013-01-01\",\"c\":\"UA\"}"}' > k
	run --separate-stderr stream-cat --plain --format kcat -t .at -k .c k
	status_is 0
	output_is '{"topic":"t","partition":0,"offset":1,"ts":1356998400000,"key":"UA","payload":{"at":"2013-01-01","c":"UA"}}'
}

@test "--format kcat: other lines are bad records" {
	for line in nope '{"a":1}' '{"topic":"t","partition":0,"offset":1}' '{"topic":"t","partition":0,"offset":1,"payload":"","headers":["a"]}'; do
		echo "$line" > k
		run --separate-stderr stream-cat --plain --format kcat k
		status_is 1
		stderr_like '^stream-cat: k:1: .+'
	done
}

@test "other formats feed a window in one process" {
	printf 'at,carrier,delay\n2013-01-01,UA,5\n2013-01-01,UA,7\n' > a
	run --separate-stderr stream-window tumbling 1d --format csv --csv-numbers -t .at -k .carrier -a 'd=sum(.delay)' --plain a
	status_is 0
	[ "$(jq -c .payload <<< "$output")" = '{"d":12}' ]
}

# ---- since, until ----

@test "--since and --until: the event times in between, the end excluded" {
	stream-cat -t .at --plain "$FLIGHTS" > all
	jq -c 'select(.ts >= 1357344000000 and .ts < 1357430400000)' all > expected
	stream-cat -t .at --out-of-order 24h --since 2013-01-05 --until 2013-01-06T00:00:00Z --plain "$FLIGHTS" | jq -c . > out
	same expected out
	[ -s out ]
	stream-cat -t .at --since 1357344000 --plain "$FLIGHTS" | jq -c . > out
	jq -c 'select(.ts >= 1357344000000)' all > expected
	same expected out
}

@test "--until ends the stream as soon as nothing before it can come, also of a file that is followed" {
	printf '{"t":%s}\n' 1 5 9 12 > a
	run --separate-stderr timeout 20 stream-cat -f -t .t --time-format ms --until 1970-01-01T00:00:00.010Z a
	status_is 0
	[ "$(jq -c '.ts // .mark' <<< "$output" | paste -sd' ')" = '"hello" 1 1 5 9 "max" "end"' ]
}

@test "--until under a checkpoint: a rerun has nothing to do" {
	export STREAM_CHECKPOINT=state
	printf '{"t":%s}\n' 1000000000000 1000000005000 1000000009000 > a
	printf '{"t":1000000009999}\n' > b
	job() { stream-cat -t .t --until 1000000005000 a b | stream-sink --body payload file:out; }
	job && job
	[ "$(cat out)" = '{"t":1000000000000}' ]
}

@test "--since and --until need a time, and an order" {
	echo '{"a":1}' > a
	run --separate-stderr stream-cat --since 2013-01-01 a
	status_is 2
	stderr_like "^stream-cat: --since and --until need --time"
	run --separate-stderr stream-cat -t .a --since noon a
	status_is 2
	stderr_like '^stream-cat: --since: "noon" is no time'
	run --separate-stderr stream-cat -t .a --since 2013-01-02 --until 2013-01-02 a
	status_is 2
	sh_run 'stream-cat a | stream-window tumbling 1s --until 2013-01-01'
	status_is 2
}
