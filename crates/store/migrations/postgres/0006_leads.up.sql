-- About whom each document of a lead file speaks. A row is derived from its payload and from how its file was read.
CREATE TABLE core.lead_documents (
    payload_id UUID NOT NULL PRIMARY KEY,
    file_id BIGINT NOT NULL,
    company_key TEXT,
    person_key TEXT,
    -- As given but for case, blanks and the forms of Unicode: what tells companies and persons without other keys apart.
    company_name TEXT,
    person_name TEXT,
    -- The id that the document has where it comes from.
    external_id TEXT,
    -- The id of a lead of these very keys: by it a lead is found again after keys were joined.
    own_id TEXT,
    -- The lead that it belongs to now.
    lead_id TEXT,
    observed_at TIMESTAMPTZ
);

CREATE INDEX lead_documents_company_key ON core.lead_documents (company_key);
CREATE INDEX lead_documents_person_key ON core.lead_documents (person_key);
CREATE INDEX lead_documents_external_id ON core.lead_documents (external_id);
CREATE INDEX lead_documents_own_id ON core.lead_documents (own_id);
CREATE INDEX lead_documents_lead_id ON core.lead_documents (lead_id);

-- What follows is derived from the lead documents that are believed, as golden rows are from dimensions. Ids are UUIDv5 of what
-- the rows are about, so that the same documents give the same rows on every machine.
CREATE TABLE lead (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT REFERENCES "Company" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    persona_id TEXT NOT NULL REFERENCES "Prospect" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    name TEXT,
    title TEXT,
    email TEXT,
    status TEXT NOT NULL CHECK (status IN ('uploaded', 'researched', 'icp_scored')),
    source TEXT,
    source_metadata JSON,
    -- Ids that the lead has elsewhere, a JSON array.
    external_ids JSON,
    company_key TEXT,
    person_key TEXT NOT NULL,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ
);

CREATE INDEX lead_company_persona ON lead (company_id, persona_id);
CREATE INDEX lead_persona ON lead (persona_id);
CREATE INDEX lead_status_created ON lead (status, created_at DESC);
CREATE INDEX lead_person_key ON lead (person_key);

CREATE TABLE technographic (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES "Company" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    name TEXT NOT NULL,
    -- The name without regard to case.
    name_key TEXT NOT NULL,
    category TEXT,
    confidence TEXT,
    source TEXT,
    company_key TEXT NOT NULL,
    UNIQUE (company_id, name_key)
);

CREATE INDEX technographic_company_key ON technographic (company_key);

CREATE TABLE research_run (
    id TEXT NOT NULL PRIMARY KEY,
    lead_id TEXT NOT NULL REFERENCES lead (id) ON DELETE CASCADE ON UPDATE CASCADE,
    company_id TEXT REFERENCES "Company" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    persona_id TEXT NOT NULL REFERENCES "Prospect" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    requested_lead JSON,
    research_timestamp_utc TEXT,
    tools_used JSON,
    data_quality_warnings JSON,
    -- What the run says of company and person, as it says it.
    company_profile JSON,
    persona_profile JSON,
    is_current BIGINT NOT NULL CHECK (is_current IN (0, 1)),
    observed_at TIMESTAMPTZ
);

CREATE INDEX research_run_lead ON research_run (lead_id);
CREATE INDEX research_run_company ON research_run (company_id);
CREATE INDEX research_run_persona ON research_run (persona_id);

CREATE TABLE citation (
    id TEXT NOT NULL PRIMARY KEY,
    research_run_id TEXT NOT NULL REFERENCES research_run (id) ON DELETE CASCADE ON UPDATE CASCADE,
    position BIGINT NOT NULL,
    source_name TEXT,
    url TEXT,
    accessed_at_utc TEXT
);

CREATE INDEX citation_run ON citation (research_run_id);

CREATE TABLE detected_signal (
    id TEXT NOT NULL PRIMARY KEY,
    lead_id TEXT NOT NULL REFERENCES lead (id) ON DELETE CASCADE ON UPDATE CASCADE,
    research_run_id TEXT NOT NULL REFERENCES research_run (id) ON DELETE CASCADE ON UPDATE CASCADE,
    position BIGINT NOT NULL,
    type TEXT,
    signal TEXT NOT NULL,
    source TEXT,
    strength TEXT,
    recency TEXT,
    evidence JSON
);

CREATE INDEX detected_signal_lead_type ON detected_signal (lead_id, type);
CREATE INDEX detected_signal_run ON detected_signal (research_run_id);

CREATE TABLE icp_score (
    id TEXT NOT NULL PRIMARY KEY,
    lead_id TEXT NOT NULL REFERENCES lead (id) ON DELETE CASCADE ON UPDATE CASCADE,
    -- As they were given: what does not fit together is told and never repaired.
    icp_score DOUBLE PRECISION,
    fit_tier TEXT,
    company_fit DOUBLE PRECISION,
    persona_fit DOUBLE PRECISION,
    timing_fit DOUBLE PRECISION,
    strengths JSON,
    risks JSON,
    gaps JSON,
    confidence_level TEXT,
    inputs_used JSON,
    scored_at TEXT,
    is_current BIGINT NOT NULL CHECK (is_current IN (0, 1)),
    observed_at TIMESTAMPTZ
);

CREATE INDEX icp_score_lead ON icp_score (lead_id);
CREATE INDEX icp_score_score ON icp_score (icp_score);
CREATE INDEX icp_score_tier ON icp_score (fit_tier);

CREATE TABLE icp_factor_breakdown (
    id TEXT NOT NULL PRIMARY KEY,
    icp_score_id TEXT NOT NULL REFERENCES icp_score (id) ON DELETE CASCADE ON UPDATE CASCADE,
    category TEXT NOT NULL CHECK (category IN ('companyFit', 'personaFit', 'timingFit')),
    score DOUBLE PRECISION,
    -- A JSON array of {name, value, weight}.
    factors JSON,
    UNIQUE (icp_score_id, category)
);
