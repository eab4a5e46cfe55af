# The rows of bench/peers/run as a chart in SVG: records a CPU second, once warm; for bench/report.
include "table";
include "figures";

def text($x; $y; $more): "<text x=\"\($x)\" y=\"\($y)\"\($more)>\(.)</text>";
def titles: [["window", "Count and sum by 10,000 users in windows of 10 s"], ["filter", "Records kept by a number and a string"],
	["dedup", "The first record of each of 10,000 users"],
	["many", "The first record of each of five million users"]];

[inputs] | (peer_figures | map(select(.who | . == "exact" or . == "fused" or endswith("_2") or endswith("_exact") | not))) as $all
| ($all | map(.warm_mrps) | max) as $most
| [titles[] as $t | ($all | map(select(.job == $t[0])) | sort_by(-.warm_mrps)) | select(length > 0) | {title: $t[1]}, .[]] as $lines
| "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"\(($lines | length) * 22 + 50)\" font-family=\"sans-serif\" font-size=\"13\">",
"<title>Million records a CPU second, once warm</title>",
"<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
("Million records a CPU second, once warm" | text(10; 24; " font-size=\"15\"")),
($lines | to_entries[] | (.key * 22 + 54) as $y | .value
	| if .title then .title | text(10; $y; " font-weight=\"bold\"")
		else (.warm_mrps / $most * 470 | . * 10 | round / 10) as $width
		| (.name | sub(",.*"; "") | text(130; $y; " text-anchor=\"end\"")),
			"<rect x=\"140\" y=\"\($y - 13)\" width=\"\($width)\" height=\"16\" fill=\"\(if .who == "ours" then "#2a7f5f" else "#9aa4b0" end)\"/>",
			((.warm_mrps | size) + (if .who == "ours" then "" else "   (ours: \(.us.warm_mrps / .warm_mrps | size) times)" end)
				| text($width + 148 | round; $y; "")) end),
"</svg>"
