-- About whom each document speaks. A row is derived from its payload.
CREATE TABLE intelligence_document_payloads (
    payload_id BLOB NOT NULL PRIMARY KEY,
    file_id BIGINT NOT NULL,
    entity TEXT NOT NULL CHECK (entity IN ('company', 'person')),
    key TEXT NOT NULL
);

CREATE INDEX document_payloads_key ON intelligence_document_payloads (entity, key);

-- What each source says: its newest document of each kind about a company or person. Documents stand under their own keys, whatever
-- keys are joined.
CREATE TABLE intelligence_documents (
    entity TEXT NOT NULL CHECK (entity IN ('company', 'person')),
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    document TEXT NOT NULL CHECK (json_valid(document)),
    -- In ten-thousandths: whole numbers are the same on every machine.
    confidence BIGINT CHECK (confidence BETWEEN 0 AND 10000),
    -- The model, where it is what a model thinks.
    model TEXT,
    observed_at TEXT,
    payload_id BLOB NOT NULL,
    file_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (entity, key, kind, source)
);

-- What all sources say of companies together, and for each key of each document who gave it and what lost.
CREATE TABLE intelligence_company_intelligence (
    key TEXT NOT NULL PRIMARY KEY,
    growth TEXT CHECK (json_valid(growth)),
    funding_rounds TEXT CHECK (json_valid(funding_rounds)),
    acquisitions TEXT CHECK (json_valid(acquisitions)),
    reviews TEXT CHECK (json_valid(reviews)),
    ai_analysis TEXT CHECK (json_valid(ai_analysis)),
    network TEXT CHECK (json_valid(network)),
    salary TEXT CHECK (json_valid(salary)),
    executive_changes TEXT CHECK (json_valid(executive_changes)),
    hiring TEXT CHECK (json_valid(hiring)),
    attribution TEXT NOT NULL CHECK (json_valid(attribution)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

-- What all sources say of persons together, and for each key of each document who gave it and what lost.
CREATE TABLE intelligence_person_intelligence (
    key TEXT NOT NULL PRIMARY KEY,
    ai_analysis TEXT CHECK (json_valid(ai_analysis)),
    network TEXT CHECK (json_valid(network)),
    salary TEXT CHECK (json_valid(salary)),
    career TEXT CHECK (json_valid(career)),
    attribution TEXT NOT NULL CHECK (json_valid(attribution)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

-- When each view was last brought up to date, and how long it took, by the clock of the database.
CREATE TABLE raw_refreshes (
    view TEXT NOT NULL PRIMARY KEY,
    refreshed_at TEXT NOT NULL,
    duration_us BIGINT NOT NULL CHECK (duration_us >= 0),
    count BIGINT NOT NULL
);
