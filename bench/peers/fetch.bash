# fetch.bash - what is needed of each peer, brought into a cache; for bench/peers/run
#
# fetch_PEER fails if it cannot be had, with the reason in the file LOG.  Libraries go into $cache/PEER-VERSION, once for
# all checkouts, by mvn and pip as they are set up here; what is compiled of ours into $kept/PEER.
# shellcheck shell=bash disable=SC2034,SC2154  # for bench/peers/run, which has: top here log

flink_version=2.3.0 spark_version=4.1.1 streams_version=4.3.1 duckdb_version=2.0.0 jackson_version=2.18.2
cache=${PEERS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/streamutils-peers}
kept=$top/build/peers
flink_lib=$cache/flink-$flink_version spark_lib=$cache/spark-$spark_version streams_lib=$cache/streams-$streams_version
duckdb_python=$cache/duckdb-$duckdb_version/bin/python
broker_version=$streams_version

# libraries FOLDER DEPENDENCY…: the jars of these and of what they need.  Two checkouts may fetch at once: into a folder
# of one's own, which is then renamed.
libraries() {
	local folder=$1 ours d g a v
	shift

	[ ! -d "$folder" ] || return 0
	command -v mvn >/dev/null || { echo 'mvn is missing'; return 1; }
	mkdir -p "$cache" && ours=$(mktemp -d "$cache/fetch.XXXXXX") || return 1
	{
		printf '%s' '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>' \
			'<groupId>local</groupId><artifactId>peer</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
		for d; do
			IFS=: read -r g a v <<<"$d"
			printf '<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>' "$g" "$a" "$v"
		done
		printf '%s\n' '</dependencies></project>'
	} >"$ours/pom.xml"
	mvn -B -q -f "$ours/pom.xml" -DincludeScope=runtime "-DoutputDirectory=$ours/jars" \
		org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies &&
		{ mv -T "$ours/jars" "$folder" 2>/dev/null || [ -d "$folder" ]; }
	d=$?
	rm -rf "$ours"
	return "$d"
}

# compiled PEER SOURCE LIBRARIES
compiled() {
	command -v javac >/dev/null || { echo 'javac is missing'; return 1; }
	[ "$kept/$1/$2.class" -nt "$here/$2.java" ] || { mkdir -p "$kept/$1" && javac -nowarn -d "$kept/$1" -cp "$3/*" "$here/$2.java"; }
}

fetch_flink() {
	libraries "$flink_lib" "org.apache.flink:flink-streaming-java:$flink_version" "org.apache.flink:flink-clients:$flink_version" \
		"org.apache.flink:flink-connector-files:$flink_version" "com.fasterxml.jackson.core:jackson-core:$jackson_version" \
		org.slf4j:slf4j-nop:1.7.36 && compiled flink Flink "$flink_lib"
}

fetch_spark() {
	libraries "$spark_lib" "org.apache.spark:spark-sql_2.13:$spark_version" && compiled spark Spark "$spark_lib"
}

fetch_streams() {
	command -v kcat >/dev/null || { echo 'kcat is missing'; return 1; }
	libraries "$streams_lib" "org.apache.kafka:kafka-streams:$streams_version" \
		"com.fasterxml.jackson.core:jackson-core:$jackson_version" org.slf4j:slf4j-nop:1.7.36 &&
		compiled streams Streams "$streams_lib" && KAFKA_VERSION=$broker_version "$top/tests/kafka/broker" fetch
}

fetch_duckdb() {
	local ours=${duckdb_python%/bin/python}

	[ -e "$ours/fetched" ] || { python3 -m venv "$ours" && "$ours/bin/pip" -q install "duckdb==$duckdb_version" && touch "$ours/fetched"; }
}

fetch_mlr() { command -v mlr; }
fetch_jq() { command -v jq; }
fetch_mawk() { command -v mawk; }
