-- Who is signed in with a browser, and who read a case in an emergency.

-- By the hash of what the cookie holds; the secret itself is nowhere kept.
CREATE TABLE sessions (
    secret_hash TEXT PRIMARY KEY,
    person      TEXT NOT NULL,
    began_at    BIGINT NOT NULL,
    used_at     BIGINT NOT NULL
);

CREATE INDEX sessions_by_person ON sessions (person);
CREATE INDEX sessions_by_use ON sessions (used_at);

CREATE TABLE emergencies (
    emergency_id TEXT PRIMARY KEY,
    case_id      TEXT NOT NULL,
    person       TEXT NOT NULL,
    reason       TEXT NOT NULL,
    read_at      BIGINT NOT NULL,
    finding      TEXT,
    reviewed_by  TEXT,
    reviewed_at  BIGINT,
    CHECK (reviewed_by IS NULL OR reviewed_by <> person)
);

CREATE INDEX emergencies_by_time ON emergencies (read_at, emergency_id);
CREATE INDEX emergencies_by_person ON emergencies (person) WHERE finding IS NULL;
