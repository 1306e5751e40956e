-- Everything that review keeps. One text for SQLite and PostgreSQL, so that they cannot drift apart.
-- The reviewer is the only writer. No column is fed by typing.
-- Times are milliseconds since the epoch; hashes are hexadecimal.

CREATE TABLE cases (
    case_id       TEXT PRIMARY KEY,
    account       TEXT NOT NULL,
    queue         TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('open', 'decided')),
    version       BIGINT NOT NULL,
    opened_at     BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    risk          DOUBLE PRECISION NOT NULL,
    minors        DOUBLE PRECISION NOT NULL,
    priority      DOUBLE PRECISION NOT NULL,
    latest_flag   TEXT NOT NULL,
    flag_count    BIGINT NOT NULL,
    earlier       TEXT REFERENCES cases (case_id),
    claimed_by    TEXT,
    claimed_until BIGINT,
    snoozed_until BIGINT,
    -- The proposal that waits for a second person; such a case is not handed out.
    proposal      TEXT
);

CREATE UNIQUE INDEX one_open_case_an_account ON cases (account) WHERE status = 'open';
CREATE INDEX cases_by_earlier ON cases (earlier);
CREATE INDEX cases_by_account ON cases (account, opened_at);
CREATE INDEX cases_by_priority ON cases (priority DESC, opened_at, case_id);
CREATE INDEX cases_by_status_and_priority ON cases (status, priority DESC, opened_at, case_id);
CREATE INDEX cases_by_queue_and_priority ON cases (queue, status, priority DESC, opened_at, case_id);

CREATE TABLE flags (
    account  TEXT NOT NULL,
    flag_id  TEXT NOT NULL,
    case_id  TEXT NOT NULL REFERENCES cases (case_id),
    position BIGINT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (account, flag_id)
);

CREATE INDEX flags_by_case ON flags (case_id, position);

CREATE TABLE decisions (
    decision_id TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases (case_id),
    outcome     TEXT NOT NULL CHECK (outcome IN ('abusive', 'benign')),
    category    TEXT,
    policy      TEXT,
    reason      TEXT NOT NULL,
    action      TEXT,
    decided_by  TEXT NOT NULL,
    seconded_by TEXT,
    decided_at  BIGINT NOT NULL,
    undone_by   TEXT,
    undone_at   BIGINT,
    undo_reason TEXT,
    CHECK ((outcome = 'abusive') = (category IS NOT NULL AND policy IS NOT NULL AND action IS NOT NULL)),
    CHECK (seconded_by IS NULL OR seconded_by <> decided_by)
);

CREATE UNIQUE INDEX one_standing_decision_a_case ON decisions (case_id) WHERE undone_at IS NULL;
CREATE INDEX decisions_by_case ON decisions (case_id);
CREATE INDEX decisions_by_person ON decisions (decided_by, decided_at);
CREATE INDEX decisions_by_time ON decisions (decided_at);

CREATE TABLE labels (
    label_id     TEXT PRIMARY KEY,
    case_id      TEXT NOT NULL REFERENCES cases (case_id),
    decision_id  TEXT NOT NULL REFERENCES decisions (decision_id),
    account      TEXT NOT NULL,
    known_at     BIGINT NOT NULL,
    body         TEXT NOT NULL,
    retracted_at BIGINT
);

CREATE INDEX labels_by_time ON labels (known_at, label_id);
CREATE INDEX labels_by_decision ON labels (decision_id);
CREATE INDEX labels_by_account ON labels (account);

CREATE TABLE appeals (
    appeal_id   TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases (case_id),
    decision_id TEXT NOT NULL REFERENCES decisions (decision_id),
    ground      TEXT NOT NULL,
    opened_by   TEXT NOT NULL,
    opened_at   BIGINT NOT NULL,
    outcome     TEXT,
    reason      TEXT,
    settled_by  TEXT,
    settled_at  BIGINT
);

CREATE UNIQUE INDEX one_open_appeal_a_decision ON appeals (decision_id) WHERE outcome IS NULL;
CREATE INDEX appeals_by_case ON appeals (case_id);

-- Up to which version a person was served a case's evidence.
CREATE TABLE views (
    person  TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (case_id),
    version BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (person, case_id)
);

CREATE INDEX views_by_time ON views (person, seen_at);
CREATE INDEX views_by_case ON views (case_id);

-- Hides a case from one person only.
CREATE TABLE skips (
    person     TEXT NOT NULL,
    case_id    TEXT NOT NULL REFERENCES cases (case_id),
    reason     TEXT NOT NULL,
    skipped_at BIGINT NOT NULL,
    PRIMARY KEY (person, case_id)
);

CREATE TABLE proposals (
    proposal_id TEXT PRIMARY KEY,
    act         TEXT NOT NULL,
    content     TEXT NOT NULL,
    case_id     TEXT REFERENCES cases (case_id),
    proposed_by TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    status      TEXT NOT NULL,
    settled_by  TEXT,
    settled_at  BIGINT,
    CHECK (status <> 'approved' OR settled_by <> proposed_by)
);

CREATE INDEX proposals_by_time ON proposals (proposed_at, proposal_id);

CREATE TABLE grants (
    person     TEXT NOT NULL,
    role       TEXT NOT NULL,
    source     TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_by TEXT,
    PRIMARY KEY (person, role)
);

CREATE TABLE holds (
    hold_id     TEXT PRIMARY KEY,
    account     TEXT NOT NULL,
    placed_by   TEXT NOT NULL,
    placed_at   BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    released_at BIGINT
);

CREATE INDEX holds_by_account ON holds (account);

-- What the rest of the platform is told, in the order in which it happened.
CREATE TABLE outbox (
    sequence     BIGINT PRIMARY KEY,
    key          TEXT NOT NULL,
    body         TEXT NOT NULL,
    published_at BIGINT
);

CREATE INDEX outbox_unpublished ON outbox (sequence) WHERE published_at IS NULL;

CREATE TABLE idempotency (
    person       TEXT NOT NULL,
    key          TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    status       BIGINT NOT NULL,
    etag         TEXT,
    body         TEXT NOT NULL,
    answered_at  BIGINT NOT NULL,
    PRIMARY KEY (person, key)
);

CREATE TABLE audit_entries (
    sequence BIGINT PRIMARY KEY,
    body     TEXT NOT NULL,
    leaf     TEXT NOT NULL,
    chain    TEXT NOT NULL
);

-- Inner nodes of complete subtrees, so that proofs need no hashing of entries.
CREATE TABLE audit_nodes (
    level    BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hash     TEXT NOT NULL,
    PRIMARY KEY (level, position)
);

CREATE TABLE audit_checkpoints (
    size BIGINT PRIMARY KEY,
    note TEXT NOT NULL
);

-- One row, which every change locks first, so that changes come one after the other.
CREATE TABLE audit_head (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    size  BIGINT NOT NULL,
    chain TEXT NOT NULL,
    peaks TEXT NOT NULL,
    note  TEXT NOT NULL
);

INSERT INTO audit_head (id, size, chain, peaks, note) VALUES (1, 0, '', '', '');

-- Where the flags stream was read to, per partition: the offset of the next record. It moves in the same
-- transaction as the cases that its records made.
CREATE TABLE flag_positions (
    partition   BIGINT PRIMARY KEY,
    next_offset BIGINT NOT NULL
);
