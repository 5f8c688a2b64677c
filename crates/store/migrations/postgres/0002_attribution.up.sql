-- What a run other than an ingest did, as JSON; the run that it took back; and the run that took this one back.
ALTER TABLE raw.runs ADD COLUMN detail TEXT;
ALTER TABLE raw.runs ADD COLUMN target_run BIGINT;
ALTER TABLE raw.runs ADD COLUMN undone_by BIGINT;

-- How the file was read, as JSON (mapping files, repairs), so that its payloads can be read again.
ALTER TABLE raw.files ADD COLUMN options TEXT;

-- The run that took the payload out of what is believed. Payloads themselves are never deleted.
ALTER TABLE raw.payloads ADD COLUMN removed_by BIGINT;

ALTER TABLE core.company_employee_ranges ADD COLUMN raw_unit TEXT;
ALTER TABLE core.company_funding ADD COLUMN raw_unit TEXT;
ALTER TABLE core.company_revenue ADD COLUMN raw_unit TEXT;

-- The run that set the row, where it differs from the compiled table.
ALTER TABLE reference.source_priorities ADD COLUMN set_by BIGINT;

CREATE TABLE reference.attribute_policies (
    attribute TEXT NOT NULL PRIMARY KEY,
    policy TEXT NOT NULL,
    set_by BIGINT NOT NULL REFERENCES raw.runs (id)
);

-- A pin is a payload of the source `pin`; here is who set it, why and until when (exclusive).
CREATE TABLE core.pins (
    payload_id UUID NOT NULL PRIMARY KEY,
    entity TEXT NOT NULL,
    key TEXT NOT NULL,
    attribute TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    expires_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    run_id BIGINT NOT NULL REFERENCES raw.runs (id),
    removed_by BIGINT REFERENCES raw.runs (id)
);

CREATE UNIQUE INDEX core_pins_one ON core.pins (entity, key, attribute) WHERE removed_by IS NULL;

-- Two keys of one company or person. What is said of `from_key` counts for `into_key` while the row is not removed.
CREATE TABLE core.key_joins (
    id BIGINT NOT NULL PRIMARY KEY,
    entity TEXT NOT NULL,
    from_key TEXT NOT NULL,
    into_key TEXT NOT NULL,
    why TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    run_id BIGINT NOT NULL REFERENCES raw.runs (id),
    removed_by BIGINT REFERENCES raw.runs (id),
    CHECK (from_key <> into_key)
);

CREATE UNIQUE INDEX core_key_joins_from ON core.key_joins (entity, from_key) WHERE removed_by IS NULL;

CREATE INDEX core_key_joins_into ON core.key_joins (entity, into_key);

ALTER TABLE "Company" ADD COLUMN "keyKind" TEXT;
ALTER TABLE "Company" ADD COLUMN "provenance" TEXT;
ALTER TABLE "Prospect" ADD COLUMN "provenance" TEXT;
