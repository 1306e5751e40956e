-- Notes, rings and saved views; and what is known of counterparts is kept for a time only.

-- Open cases that are worked on together.
ALTER TABLE cases ADD COLUMN ring TEXT;

CREATE INDEX cases_by_ring ON cases (ring) WHERE ring IS NOT NULL;
CREATE INDEX cases_by_claim ON cases (claimed_by, claimed_until) WHERE claimed_by IS NOT NULL;

CREATE TABLE notes (
    note_id    TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES cases (case_id),
    code       TEXT NOT NULL,
    about_case TEXT,
    written_by TEXT NOT NULL,
    written_at BIGINT NOT NULL
);

CREATE INDEX notes_by_case ON notes (case_id, written_at);

CREATE TABLE saved_views (
    view_id   TEXT PRIMARY KEY,
    person    TEXT NOT NULL,
    queue     TEXT,
    status    TEXT,
    claim     TEXT,
    due       TEXT,
    is_shared BIGINT NOT NULL,
    made_at   BIGINT NOT NULL
);

CREATE INDEX saved_views_by_person ON saved_views (person, made_at);

-- Until when a flag's events keep how likely each counterpart is a minor; null once that is gone.
ALTER TABLE flags ADD COLUMN sides_until BIGINT;

UPDATE flags
SET sides_until = (SELECT opened_at FROM cases WHERE cases.case_id = flags.case_id) + 72 * 60 * 60 * 1000;

CREATE INDEX flags_by_sides ON flags (sides_until) WHERE sides_until IS NOT NULL;

CREATE INDEX cases_by_due ON cases (queue, status, due_at);
