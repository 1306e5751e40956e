-- One row a partition. `end_offset` is the offset of the next record, so that offsets go on where they were
-- even when every record is gone.
CREATE TABLE IF NOT EXISTS partitions (
    id         INTEGER PRIMARY KEY,
    topic      TEXT    NOT NULL,
    partition  INTEGER NOT NULL,
    end_offset INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic, partition)
) STRICT;

-- Clustered by partition and offset: reading on is one range of pages.
CREATE TABLE IF NOT EXISTS records (
    partition_id INTEGER NOT NULL,
    "offset"     INTEGER NOT NULL,
    key          TEXT    NOT NULL,
    value        BLOB    NOT NULL,
    written_at   INTEGER NOT NULL, -- milliseconds since the Unix epoch, UTC
    PRIMARY KEY (partition_id, "offset")
) STRICT, WITHOUT ROWID;

-- How far each consumer group has come.
CREATE TABLE IF NOT EXISTS positions (
    consumer     TEXT    NOT NULL,
    partition_id INTEGER NOT NULL,
    next_offset  INTEGER NOT NULL,
    PRIMARY KEY (consumer, partition_id)
) STRICT, WITHOUT ROWID;
