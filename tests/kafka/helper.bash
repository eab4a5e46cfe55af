# helper.bash - what the tests on a real broker share
#
# A file of tests starts the broker if it does not run (tests/kafka/broker), and stops it again if it did.  Each test
# has topics of its own.  kcat is the independent client; build/…/kafka-admin does what kcat cannot.
# shellcheck shell=bash disable=SC2034  # the bats files use what stands here

# shellcheck source=tests/helper.bash
. "$BATS_TEST_DIRNAME/../helper.bash"

broker() { "$TOP/tests/kafka/broker" "$@"; }
admin() { "$BUILD/kafka-admin" "$B" "$@"; }
BROKER_DIR=${KAFKA_DIR:-$TOP/build/kafka/${KAFKA_VERSION:-3.9.2}}

# SCRAM of librdkafka before 2.6.1 repeats the client's nonce, which brokers from 4.0 on refuse.
MECHANISMS=(PLAIN SCRAM-SHA-256)
case ${KAFKA_VERSION:-3} in
3*) ;;
*) [ "$(printf '%s\n' 2.6.1 "$(kcat -V | sed -n 's/^.*librdkafka \([0-9.]*\).*$/\1/p')" | sort -V | head -n 1)" = 2.6.1 ] ||
	MECHANISMS=(PLAIN) ;;
esac

setup_file() {
	if [ -n "${KAFKA_TESTED:-}" ]; then
		broker start
		return
	fi
	if ! { command -v java && command -v mvn && command -v kcat; } > /dev/null; then
		echo 'java, mvn and kcat are needed: tools/deps kafka' > "$BATS_FILE_TMPDIR/lacks"
		return
	fi
	if ! broker fetch; then
		echo 'the jars of Kafka cannot be fetched' > "$BATS_FILE_TMPDIR/lacks"
		return
	fi
	if ! kcat -b "$(broker address 2> /dev/null || echo 127.0.0.1:1)" -m 1 -L > /dev/null 2>&1; then
		broker start
		touch "$BATS_FILE_TMPDIR/started"
	fi
}

teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/started" ] || broker stop
}

# bats before 1.9 takes a skip in setup_file for a failure.
skip_without_broker() {
	[ ! -e "$BATS_FILE_TMPDIR/lacks" ] || skip "$(cat "$BATS_FILE_TMPDIR/lacks")"
}

setup() {
	skip_without_broker
	cd "$BATS_TEST_TMPDIR" || return 1
	B=$(broker address)
	export B
}

# new_topic VARIABLE [PARTITIONS [NAME=VALUE…]]: a topic of a name nobody had; the name in VARIABLE.
new_topic() {
	local variable=$1 partitions=${2:-1} name
	shift $(($# > 1 ? 2 : 1))
	name=$variable-$(basename "$BATS_TEST_FILENAME" .bats)-$BATS_TEST_NUMBER-$$-$RANDOM
	admin create "$name" "$partitions" "$@"
	export "$variable=$name"
}

# Lines of stdin become messages; behind KEY and a tab, if there is one.
produce() {
	local topic=$1
	shift
	kcat -q -b "$B" -P -t "$topic" -K '\t' "$@"
}

# consume TOPIC [OPTION…]: up to its end, committed ones only.
consume() {
	local topic=$1
	shift
	kcat -q -b "$B" -C -t "$topic" -X isolation.level=read_committed -X fetch.wait.max.ms=10 -o beginning -e "$@"
}

# partitions TOPIC: how many.
partitions() {
	kcat -b "$B" -L -t "$1" | sed -n 's/^.* with \([0-9]*\) partitions:.*$/\1/p'
}

# messages TOPIC: all that a message is, but its topic and offset, a line each; in order, partition by partition.
messages() {
	local p n
	n=$(partitions "$1")
	for ((p = 0; p < n; p++)); do
		consume "$1" -p "$p" -J | sed -E 's/^\{"topic":"[^"]*",("partition":[0-9]+,)"offset":[0-9]+,/{\1/; s/"broker":[0-9]+,//'
	done
}

# count TOPIC: how many messages a reader of committed ones sees.
count() {
	consume "$1" -f 'x' | wc -c
}
