"""The three-feature job in DuckDB: a batch over the whole file, exact look-back by window functions, one thread.

usage: duckdb_job.py EVENTS
"""

import json
import sys

import duckdb

LOOK_BACK_MS = 24 * 60 * 60 * 1000
MINOR_FROM = 0.5
FLAG_FROM = 20

COLUMNS = "{actor: 'VARCHAR', target: 'VARCHAR', ts: 'BIGINT', target_ctx: 'STRUCT(p_minor DOUBLE)'}"

JOB = f"""
with event as (
    select actor, target, ts, case when target_ctx.p_minor >= {MINOR_FROM} then target end as minor
    from read_json(?, format = 'newline_delimited', columns = {COLUMNS})
    where actor is not null and target is not null
),
feature as (
    select
        actor,
        count(*) over look_back as events,
        count(distinct target) over look_back as targets,
        count(distinct minor) over look_back as minors
    from event
    window look_back as (
        partition by actor order by ts
        range between {LOOK_BACK_MS} preceding and current row
    )
)
select
    count(*) as events,
    sum(events)::bigint as count_sum,
    sum(targets)::bigint as targets_sum,
    sum(minors)::bigint as minors_sum,
    count(*) filter (minors >= {FLAG_FROM}) as flag_events,
    count(distinct actor) filter (minors >= {FLAG_FROM}) as flagged_senders
from feature
"""


def run(path):
    database = duckdb.connect()
    database.execute("set threads = 1")
    database.execute("set preserve_insertion_order = false")
    result = database.execute(JOB, [path])
    names = [column[0] for column in result.description]
    return dict(zip(names, result.fetchone(), strict=True))


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
