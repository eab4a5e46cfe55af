/* draw_choices - what a drawn pipeline is made of */
#include "draw.h"

/* An option's other words stand in one row: every row is a whole way to call the command. */

const struct choice draw_keys[] = {
	{ .words = { "-k", ".carrier" }, .sql = "$.carrier" },
	{ .words = { "-k", ".tail" }, .sql = "$.tail" },
	{ .words = { "-k", ".origin" }, .sql = "$.origin" },
	{ .words = { "-k", ".dest" }, .sql = "$.dest" },
	{ .words = { "-k", ".origin", "-k", ".carrier" }, .sql = "json_array($.origin,$.carrier)" },
	{ .words = { NULL } }
};

/* No flight is more than 22 hours behind. */
const struct choice draw_delays[] = {
	{ .words = { "24h" }, .gives = IN_TIME, .sql = "86400000" },
	{ .words = { "24h" }, .gives = IN_TIME, .sql = "86400000" },
	{ .words = { "1d1h" }, .gives = IN_TIME, .sql = "90000000" },
	{ .words = { "6h" }, .sql = "21600000" },
	{ .words = { "90m" }, .sql = "5400000" },
	{ .words = { "10m" }, .sql = "600000" },
	{ .words = { NULL } }
};

const struct choice draw_filters[] = {
	{ { ".distance > 800" }, FLIGHTS, 0, 0, "select * from @ where $.distance > 800", false },
	{ { ".carrier == \"UA\" or .dep_delay > 10" }, FLIGHTS, 0, 0, "select * from @ where $.carrier = 'UA' or $.dep_delay > 10", false },
	{ { ".dep_delay == null or .dep_delay <= 30" }, FLIGHTS, 0, 0, "select * from @ where $.dep_delay is null or $.dep_delay <= 30", false },
	{ { "--where", ".origin != \"JFK\"", "--set", ".far=.distance * 2" }, FLIGHTS, 0, 0,
	  "select n, ts, key, json_set(payload, '$.far', $.distance * 2) payload, w from @ where $.origin <> 'JFK'", false },
	{ { "--drop", ".scheduled,.flight" }, FLIGHTS, 0, 0,
	  "select n, ts, key, json_remove(payload, '$.scheduled', '$.flight') payload, w from @", false },
	{ { "--set-key", ".dest" }, FLIGHTS, 0, 0, "select n, ts, $.dest key, payload, w from @", false },
	{ { "--map", "{at, id, carrier, tail, origin, dest, dep_delay, arr_delay, air_time, distance}" }, FLIGHTS, 0, 0,
	  "select n, ts, key, json_object('at', $.at, 'id', $.id, 'carrier', $.carrier, 'tail', $.tail, 'origin', $.origin, 'dest', $.dest, "
	  "'dep_delay', $.dep_delay, 'arr_delay', $.arr_delay, 'air_time', $.air_time, 'distance', $.distance) payload, w from @", false },
	{ { "--map", "., select(.distance > 2000)" }, FLIGHTS, 0, 0, "select * from @ union all select * from @ where $.distance > 2000", false },
	{ { "--pick", ".at,.id,.carrier,.tail,.origin,.dest,.distance,.air_time,.dep_delay,.arr_delay" }, FLIGHTS, 0, 0, NULL, false },
	/* By libjq. */
	{ { "reduce (.origin, .dest) as $p (0; . + ($p | length)) | . > 5" }, FLIGHTS, 0, 0, "select * from @", false },
	{ { "--map", "reduce ([.origin, .dest][]) as $p (.; .[$p] = 1)" }, FLIGHTS, 0, 0, NULL, false },
	/* By the place of a record, which is the same only where the order is. */
	{ { "--sample", "0.7" }, IN_ORDER, 0, 0, NULL, false },
	{ { ".n > 1" }, RESULTS, 0, 0, "select * from @ where $.n > 1", false },
	{ { "--set", ".twice=.n * 2" }, RESULTS, 0, 0, "select n, ts, key, json_set(payload, '$.twice', $.n * 2) payload, w from @", false },
	{ { ".left.distance > 700" }, PAIRS, 0, 0, "select * from @ where $.left.distance > 700", false },
	{ { ".right != null" }, PAIRS, 0, 0, "select * from @ where json_type(payload, '$.right') <> 'null'", false },
	{ { "--map", ".left | values" }, PAIRS, PAIRS | IN_SQL, 0, NULL, false },
	{ { "true" }, 0, 0, 0, "select * from @", false },
	{ .words = { NULL } }
};

/* Its lines as they come, with time and key found in them; a watermark goes on behind the last of an epoch. */
const struct choice draw_execs[] = {
	{ { "--", "jq", "-c", "--unbuffered", "select(.distance > 500)" }, FLIGHTS | IN_TIME, MARKS | SQL_LATE, 0,
	  "select * from @ where $.distance > 500", false },
	{ { "--shell", "grep -v '\"JFK\"' || [ $? -eq 1 ]" }, FLIGHTS | IN_TIME, MARKS | SQL_LATE, 0,
	  "select * from @ where payload not like '%\"JFK\"%'", false },
	{ { "--", "sed", "-u", "s/\"carrier\":\"UA\"/\"carrier\":\"XX\"/" }, FLIGHTS | IN_TIME, MARKS | SQL_LATE, 0,
	  "select n, ts, key, replace(payload, '\"carrier\":\"UA\"', '\"carrier\":\"XX\"') payload, w from @", false },
	{ .words = { NULL } }
};

const struct choice draw_eaches[] = {
	{ { "--each", "--", "cat" }, 0, 0, 0, "select * from @", false },
	{ { "--each", "--", "jq", "-c", "--unbuffered", "." }, 0, 0, 0, "select * from @", false },
	{ { "--each", "--", "sed", "-u", "s/JFK/jfk/g" }, FLIGHTS, 0, 0, "select n, ts, key, replace(payload, 'JFK', 'jfk') payload, w from @", false },
	{ .words = { NULL } }
};

const struct choice draw_dedups[] = {
	{ { "--by", ".tail" }, FLIGHTS | FINAL | IN_ORDER, 0, 0,
	  "select n, ts, key, payload, w from (select *, row_number() over (partition by $.tail order by n) r from @) where r = 1 or $.tail is null", false },
	{ { "--by", ".origin", "--by", ".dest" }, FLIGHTS | FINAL | IN_ORDER, 0, 0,
	  "select n, ts, key, payload, w from (select *, row_number() over (partition by $.origin, $.dest order by n) r from @) where r = 1", false },
	{ { "--by-id" }, FINAL, 0, 0, "select * from @", false },
	{ { "--by", ".n" }, RESULTS | FINAL | IN_ORDER, 0, 0,
	  "select n, ts, key, payload, w from (select *, row_number() over (partition by $.n order by n) r from @) where r = 1", false },
	{ { "--by", ".tail", "--within", "6h" }, FLIGHTS | FINAL | IN_ORDER | MARKS, 0, 0, NULL, true },
	{ { "--by", ".dest", "--within", "1h", "--refresh" }, FLIGHTS | FINAL | IN_ORDER | MARKS, 0, 0, NULL, true },
	/* Who has no id passes at once: where it stands among those that wait, watermarks say. */
	{ { "--by", ".tail", "--keep", "earliest" }, FLIGHTS | FINAL | IN_ORDER | MARKS, SQL_ORDER, IN_TIME,
	  "select n, ts, key, payload, -1 w from (select *, row_number() over (partition by $.tail order by ts, n) r from @ where ts >= w) "
	  "where r = 1 or $.tail is null", true },
	{ { "--by", ".dest", "--keep", "latest" }, FLIGHTS | FINAL | IN_ORDER, SQL_ORDER, IN_TIME,
	  "select n, ts, key, payload, -1 w from (select *, row_number() over (partition by $.dest order by ts desc, n desc) r from @ where ts >= w) "
	  "where r = 1", true },
	{ { "--by", ".tail", "--keep", "latest", "--within", "3h" }, FLIGHTS | FINAL | IN_ORDER | MARKS, 0, IN_TIME, NULL, true },
	{ { "--by", ".tail", "--keep", "earliest", "--within", "12h", "--refresh" }, FLIGHTS | FINAL | IN_ORDER | MARKS, 0, IN_TIME, NULL, true },
	{ .words = { NULL } }
};

#define SORTED "select row_number() over (order by ts, n) n, ts, key, payload, -1 w from @ where ts >= w"
const struct choice draw_sorts[] = {
	{ { "--memory", "256M" }, 0, 0, IN_TIME, SORTED, true },
	{ { "--memory", "64K" }, 0, 0, IN_TIME, SORTED, true },
	{ { "--memory", "16K" }, 0, 0, IN_TIME, SORTED, true },
	{ .words = { NULL } }
};

/* Somebody else's filters, which let marks pass. */
const struct choice draw_foreign[] = {
	{ { "jq", "--unbuffered", "-c", "." }, 0, 0, 0, "select * from @", false },
	{ { "jq", "--unbuffered", "-c", "if .mark then . else select(.payload.distance > 300) end" }, FLIGHTS, 0, 0,
	  "select * from @ where $.distance > 300", false },
	{ { "sed", "-u", "s/\"never\"/\"ever\"/" }, 0, 0, 0, "select * from @", false },
	{ { "grep", "--line-buffered", "." }, 0, 0, 0, "select * from @", false },
	{ .words = { NULL } }
};

const struct window_choice draw_windows[] = {
	{ { "tumbling", "20m" }, TUMBLING, 20 * MINUTE_MS, 20 * MINUTE_MS, 0 },
	{ { "tumbling", "1h" }, TUMBLING, HOUR_MS, HOUR_MS, 0 },
	{ { "tumbling", "6h", "--offset", "90m" }, TUMBLING, 6 * HOUR_MS, 6 * HOUR_MS, 90 * MINUTE_MS },
	{ { "tumbling", "1d", "--offset", "5h" }, TUMBLING, DAY_MS, DAY_MS, 5 * HOUR_MS },
	{ { "sliding", "2h", "30m" }, SLIDING, 2 * HOUR_MS, 30 * MINUTE_MS, 0 },
	{ { "sliding", "100m", "45m", "--offset", "7m" }, SLIDING, 100 * MINUTE_MS, 45 * MINUTE_MS, 7 * MINUTE_MS },
	{ { "sliding", "1h", "5h" }, SLIDING, HOUR_MS, 5 * HOUR_MS, 0 },
	{ { "cumulative", "1d", "6h" }, CUMULATIVE, DAY_MS, 6 * HOUR_MS, 0 },
	{ { "cumulative", "6h", "2h", "--offset", "1h" }, CUMULATIVE, 6 * HOUR_MS, 2 * HOUR_MS, HOUR_MS },
	{ { "session", "30m" }, SESSION, 30 * MINUTE_MS, 0, 0 },
	{ { "session", "4h" }, SESSION, 4 * HOUR_MS, 0, 0 },
	{ { "session", "3h", "--memory", "16K" }, SESSION, 3 * HOUR_MS, 0, 0 },
	{ { "count", "10" }, COUNT, 10, 10, 0 },
	{ { "count", "7", "3" }, COUNT, 7, 3, 0 },
	{ { "global" }, GLOBAL, 0, 0, 0 },
	{ { "tumbling", "1d", "--tz", "America/New_York" }, ZONE, 0, 0, 0 },
	{ .words = { NULL } }
};

/* How often a window speaks. */
const struct choice draw_emits[] = {
	{ .words = { NULL }, .sql = "" },
	{ .words = { NULL }, .sql = "" },
	{ .words = { NULL }, .sql = "" },
	{ { "--emit", "updates" }, IN_ORDER | MARKS, FINAL, 0, NULL, false },
	{ { "--emit", "every:3h" }, IN_ORDER | MARKS, FINAL, 0, NULL, false },
	{ { "--allowed-lateness", "2h" }, IN_ORDER | MARKS, IN_TIME, 0, NULL, false },
	{ { "--allowed-lateness", "5h", "--discarding" }, IN_ORDER | MARKS, IN_TIME, 0, NULL, false },
	{ { "--emit", "every:2h", "--allowed-lateness", "3h" }, IN_ORDER | MARKS, FINAL | IN_TIME, 0, NULL, false }
};

const struct column_choice draw_columns[] = {
	{ "s=sum(.distance)", FLIGHTS, "'s',sum($.distance)" },
	{ "known=count(.dep_delay)", FLIGHTS, "'known',count($.dep_delay)" },
	{ "lo=min(.dep_delay)", FLIGHTS, "'lo',min($.dep_delay)" },
	{ "hi=max(.arr_delay)", FLIGHTS, "'hi',max($.arr_delay)" },
	{ "m=mean(.air_time)", FLIGHTS, "'m',avg($.air_time)" },
	{ "d=distinct(.dest)", FLIGHTS, "'d',count(distinct $.dest)" },
	{ "last=max(.id)", FLIGHTS, "'last',max($.id)" },
	{ "med=median(.dep_delay)", FLIGHTS, NULL },
	{ "q=quantile(.air_time,0.9)", FLIGHTS, NULL },
	{ "top=top(.distance,3)", FLIGHTS, NULL },
	{ "about=distinct~(.tail)", FLIGHTS, NULL },
	{ "first=first(.id)", FLIGHTS | IN_ORDER, NULL },
	{ "ids=collect(.id)", FLIGHTS | IN_ORDER, NULL },
	{ "way=concat(.dest)", FLIGHTS | IN_ORDER, NULL },
	{ "v=variance(.distance)", FLIGHTS | IN_ORDER, NULL },
	{ "worst=argmax(.id,.dep_delay)", FLIGHTS | IN_ORDER, NULL },
	{ "s=sum(.n)", RESULTS, "'s',sum($.n)" },
	{ "hi=max(.n)", RESULTS, "'hi',max($.n)" },
	{ "m=mean(.n)", RESULTS, "'m',avg($.n)" },
	{ "s=sum(.left.distance)", PAIRS, "'s',sum($.left.distance)" },
	{ "r=count(.right)", PAIRS, "'r',count(nullif(json_type(payload,'$.right'),'null'))" },
	{ "hi=max(.right.dep_delay)", PAIRS, "'hi',max($.right.dep_delay)" },
	{ .word = NULL }
};

const char *const draw_kinds[] = { "inner", "left", "right", "full", "semi", "anti", NULL };

#define LATER_OF_BOTH "coalesce(max(l.ts, r.ts), l.ts, r.ts)"
const struct join_choice draw_joins[] = {
	{ { "--within", "1m..5h" }, ".tail", JOIN_ALL, "r.ts between l.ts + 60000 and l.ts + 18000000", LATER_OF_BOTH, false },
	{ { "--within", "30m" }, ".tail", JOIN_ALL, "r.ts between l.ts - 1800000 and l.ts + 1800000", LATER_OF_BOTH, false },
	{ { "--within", "-20m..0s" }, ".dest", JOIN_ALL, "r.ts between l.ts - 1200000 and l.ts", LATER_OF_BOTH, false },
	{ { "--window", "tumbling 1h" }, ".tail", JOIN_ALL, "l.ts / 3600000 = r.ts / 3600000",
	  "coalesce(l.ts, r.ts) / 3600000 * 3600000 + 3599999", false },
	{ { "--window", "tumbling 6h" }, ".tail", JOIN_ALL, "l.ts / 21600000 = r.ts / 21600000",
	  "coalesce(l.ts, r.ts) / 21600000 * 21600000 + 21599999", false },
	{ { "--as-of" }, ".carrier", JOIN_INNER | JOIN_LEFT | JOIN_SEMI | JOIN_ANTI,
	  "r.n = (select v.n from R v where v.k = l.k and v.ts <= l.ts order by v.ts desc, v.n desc limit 1)", "l.ts", false },
	{ { "--as-of" }, ".tail", JOIN_INNER | JOIN_LEFT | JOIN_SEMI | JOIN_ANTI,
	  "r.n = (select v.n from R v where v.k = l.k and v.ts <= l.ts order by v.ts desc, v.n desc limit 1)", "l.ts", false },
	{ { "--table", "airlines.ndjson" }, ".carrier", JOIN_INNER | JOIN_LEFT | JOIN_SEMI | JOIN_ANTI, "1", "l.ts", true },
	{ .words = { NULL } }
};

const struct choice draw_pairs[] = {
	{ .words = { NULL }, .sql = "1" },
	{ .words = { NULL }, .sql = "1" },
	{ { "--where", ".left.distance != .right.distance" }, 0, 0, 0, "json_extract(l.payload, '$.distance') is not json_extract(r.payload, '$.distance')", false },
	{ { "--combine" }, 0, SHAPES, 0, NULL, false }
};

const struct choice draw_sinks[] = {
	{ { "file:out.ndjson" }, 0, 0, 0, "", false },
	{ { "file:out.ndjson?visible=commit" }, 0, 0, 0, "", false },
	{ { "file:out.ndjson", "--body", "payload" }, 0, 0, 0, "", false },
	{ { "dir:out?key=$.key&window=6h" }, IN_ORDER, 0, 0, "", false },
	{ { "dir:out?size=8K&compress=zstd" }, IN_ORDER, 0, 0, "", false },
	{ { "dir:out?key=$.key&size=4K&compress=gzip" }, IN_ORDER, 0, 0, "", false },
	{ .words = { NULL } }
};
