"""The questions of bench/peers/run put to DuckDB, a batch engine: one query over the whole file.

duck.py window|filter|dedup INPUT OUTPUT THREADS
"""

import sys

import duckdb

job, source, target, threads = sys.argv[1:]
db = duckdb.connect(config={"threads": threads})
columns = "columns = {'at': 'BIGINT', 'user': 'VARCHAR', 'price': 'DECIMAL(18, 2)'}"
orders = f"read_json('{source}', format = 'newline_delimited', {columns})"
# Whole lines are wanted: they are read as text, and looked into.
lines = f"""read_csv('{source}', columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '', header = false,
                     auto_detect = false)"""
queries = {
    "window": f"""select "user", ("at" - "at" % 10000) as start, count(*) as n, (sum(price) * 100)::BIGINT as cents
                  from {orders} group by all""",
    "filter": f"select line from {lines} where (line->>'$.price')::DOUBLE > 900 and ends_with(line->>'$.user', '7')",
    "dedup": f"select any_value(line) from {lines} group by line->>'$.user'",
}
form = "delimiter '\t'" if job == "window" else "delimiter '\x01'"
db.execute(f"copy ({queries[job]}) to '{target}' (format csv, header false, quote '', escape '', {form})")
