-- Cases, the flags in them, what people decided, and what training learns from that.
-- The reviewer is the only writer. There is no column that a person can type into.

CREATE TABLE cases (
    case_id     TEXT PRIMARY KEY,
    account     TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('open', 'decided')),
    version     INTEGER NOT NULL,
    opened_at   INTEGER NOT NULL,
    risk        REAL NOT NULL,
    latest_flag TEXT NOT NULL,
    flag_count  INTEGER NOT NULL,
    earlier     TEXT REFERENCES cases (case_id)
) STRICT;

CREATE UNIQUE INDEX one_open_case_an_account ON cases (account) WHERE status = 'open';
CREATE INDEX cases_by_account ON cases (account, opened_at);
CREATE INDEX cases_by_risk ON cases (risk DESC, opened_at, case_id);
CREATE INDEX cases_by_status_and_risk ON cases (status, risk DESC, opened_at, case_id);

CREATE TABLE flags (
    sequence INTEGER PRIMARY KEY,
    account  TEXT NOT NULL,
    flag_id  TEXT NOT NULL,
    case_id  TEXT NOT NULL REFERENCES cases (case_id),
    body     TEXT NOT NULL,
    UNIQUE (account, flag_id)
) STRICT;

CREATE INDEX flags_by_case ON flags (case_id, sequence);

CREATE TABLE decisions (
    case_id    TEXT PRIMARY KEY REFERENCES cases (case_id),
    outcome    TEXT NOT NULL CHECK (outcome IN ('abusive', 'benign')),
    category   TEXT,
    reason     TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    CHECK ((outcome = 'abusive') = (category IS NOT NULL))
) STRICT;

CREATE TABLE labels (
    sequence INTEGER PRIMARY KEY,
    case_id  TEXT NOT NULL UNIQUE REFERENCES cases (case_id),
    body     TEXT NOT NULL
) STRICT;

-- Where the flags stream was read to, per partition: the offset of the next record. It moves in the same
-- transaction as the cases that its records made.
CREATE TABLE flag_positions (
    partition   INTEGER PRIMARY KEY,
    next_offset INTEGER NOT NULL
) STRICT;
