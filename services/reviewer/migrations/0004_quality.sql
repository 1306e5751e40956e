-- Second looks: a decided case, shown as if it were open, to see whether people decide alike.

CREATE TABLE looks (
    -- Named like a case, because it is shown as one.
    look_id       TEXT PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind IN ('double', 'golden')),
    case_id       TEXT NOT NULL REFERENCES cases (case_id),
    -- The decision that it is compared with.
    decision_id   TEXT NOT NULL REFERENCES decisions (decision_id),
    queue         TEXT NOT NULL,
    made_at       BIGINT NOT NULL,
    person        TEXT,
    claimed_until BIGINT,
    seen_at       BIGINT,
    outcome       TEXT CHECK (outcome IN ('abusive', 'benign')),
    category      TEXT,
    policy        TEXT,
    reason        TEXT,
    action        TEXT,
    decided_at    BIGINT
);

CREATE INDEX looks_that_wait ON looks (queue, made_at, look_id) WHERE decided_at IS NULL;
CREATE INDEX looks_by_case ON looks (case_id, person);
CREATE INDEX looks_by_person ON looks (person, decided_at);
CREATE INDEX looks_by_decision ON looks (decision_id);

-- Cases whose decision is known to be right.
CREATE TABLE golden (
    case_id     TEXT PRIMARY KEY REFERENCES cases (case_id),
    decision_id TEXT NOT NULL REFERENCES decisions (decision_id),
    queue       TEXT NOT NULL,
    marked_by   TEXT NOT NULL,
    marked_at   BIGINT NOT NULL
);

CREATE INDEX golden_by_queue ON golden (queue, marked_at);
