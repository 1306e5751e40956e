-- What is counted by queue says itself which queue it was of: there is no end to cases, and counting must not go through
-- them.

ALTER TABLE views ADD COLUMN queue TEXT;

UPDATE views SET queue = (SELECT queue FROM cases WHERE cases.case_id = views.case_id);

ALTER TABLE decisions ADD COLUMN queue TEXT;

UPDATE decisions SET queue = (SELECT queue FROM cases WHERE cases.case_id = decisions.case_id);

CREATE INDEX decisions_by_queue ON decisions (queue, decided_at);
