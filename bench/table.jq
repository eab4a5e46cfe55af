# table.jq - numbers and tables in Markdown; for bench/report.jq and bench/peers/figures.jq

def median: sort | .[(length - 1) / 2 | floor] as $a | .[length / 2 | floor] as $b | ($a + $b) / 2;
def digits($n): . * pow(10; $n) | round / pow(10; $n)
	| tostring | if $n == 0 then . else (. / ".") as $p
		| $p[0] + "." + (($p[1] // "") + "0000")[:$n] end;
def size: if . >= 100 then digits(0) elif . >= 10 then digits(1) else digits(2) end;
def line: "| " + join(" | ") + " |";
def head: line, "| --- |" + ([range(length - 1)] | map(" ---: |") | join(""));
