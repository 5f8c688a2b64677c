-- Other migrations make tables there, too.
CREATE SCHEMA IF NOT EXISTS intelligence;

-- About whom each document speaks. A row is derived from its payload.
CREATE TABLE intelligence.document_payloads (
    payload_id UUID NOT NULL PRIMARY KEY,
    file_id BIGINT NOT NULL,
    entity TEXT NOT NULL CHECK (entity IN ('company', 'person')),
    key TEXT NOT NULL
);

CREATE INDEX document_payloads_key ON intelligence.document_payloads (entity, key);

-- What each source says: its newest document of each kind about a company or person. Documents stand under their own keys, whatever
-- keys are joined.
CREATE TABLE intelligence.documents (
    entity TEXT NOT NULL CHECK (entity IN ('company', 'person')),
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    document JSONB NOT NULL,
    -- In ten-thousandths: whole numbers are the same on every machine.
    confidence BIGINT CHECK (confidence BETWEEN 0 AND 10000),
    -- The model, where it is what a model thinks.
    model TEXT,
    observed_at TIMESTAMPTZ,
    payload_id UUID NOT NULL,
    file_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (entity, key, kind, source)
);

CREATE INDEX documents_document ON intelligence.documents USING gin (document jsonb_path_ops);

-- What all sources say of companies together, and for each key of each document who gave it and what lost.
CREATE TABLE intelligence.company_intelligence (
    key TEXT NOT NULL PRIMARY KEY,
    growth JSONB,
    funding_rounds JSONB,
    acquisitions JSONB,
    reviews JSONB,
    ai_analysis JSONB,
    network JSONB,
    salary JSONB,
    executive_changes JSONB,
    hiring JSONB,
    attribution JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX company_intelligence_growth ON intelligence.company_intelligence USING gin (growth jsonb_path_ops);
CREATE INDEX company_intelligence_funding_rounds ON intelligence.company_intelligence USING gin (funding_rounds jsonb_path_ops);
CREATE INDEX company_intelligence_acquisitions ON intelligence.company_intelligence USING gin (acquisitions jsonb_path_ops);
CREATE INDEX company_intelligence_reviews ON intelligence.company_intelligence USING gin (reviews jsonb_path_ops);
CREATE INDEX company_intelligence_ai_analysis ON intelligence.company_intelligence USING gin (ai_analysis jsonb_path_ops);
CREATE INDEX company_intelligence_network ON intelligence.company_intelligence USING gin (network jsonb_path_ops);
CREATE INDEX company_intelligence_salary ON intelligence.company_intelligence USING gin (salary jsonb_path_ops);
CREATE INDEX company_intelligence_executive_changes ON intelligence.company_intelligence USING gin (executive_changes jsonb_path_ops);
CREATE INDEX company_intelligence_hiring ON intelligence.company_intelligence USING gin (hiring jsonb_path_ops);

-- What all sources say of persons together, and for each key of each document who gave it and what lost.
CREATE TABLE intelligence.person_intelligence (
    key TEXT NOT NULL PRIMARY KEY,
    ai_analysis JSONB,
    network JSONB,
    salary JSONB,
    career JSONB,
    attribution JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX person_intelligence_ai_analysis ON intelligence.person_intelligence USING gin (ai_analysis jsonb_path_ops);
CREATE INDEX person_intelligence_network ON intelligence.person_intelligence USING gin (network jsonb_path_ops);
CREATE INDEX person_intelligence_salary ON intelligence.person_intelligence USING gin (salary jsonb_path_ops);
CREATE INDEX person_intelligence_career ON intelligence.person_intelligence USING gin (career jsonb_path_ops);

-- When each view was last brought up to date, and how long it took, by the clock of the database.
CREATE TABLE raw.refreshes (
    view TEXT NOT NULL PRIMARY KEY,
    refreshed_at TIMESTAMPTZ NOT NULL,
    duration_us BIGINT NOT NULL CHECK (duration_us >= 0),
    count BIGINT NOT NULL
);
