-- What calls of providers cost, and budgets that no call gets past. Amounts are micro-dollars.
CREATE SCHEMA IF NOT EXISTS intelligence;

-- From when on an operation of a provider costs what; operation * stands for those without a price of their own.
CREATE TABLE reference.unit_prices (
    provider TEXT NOT NULL,
    operation TEXT NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    hit_micros BIGINT NOT NULL CHECK (hit_micros >= 0),
    miss_micros BIGINT NOT NULL CHECK (miss_micros >= 0),
    per_match_micros BIGINT NOT NULL CHECK (per_match_micros >= 0),
    per_credit_micros BIGINT NOT NULL CHECK (per_credit_micros >= 0),
    per_million_tokens_micros BIGINT NOT NULL CHECK (per_million_tokens_micros >= 0),
    -- Where the price stands.
    origin TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, operation, valid_from)
);

-- Caps. An empty provider or user is everybody.
CREATE TABLE intelligence.budgets (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'month')),
    cap_micros BIGINT NOT NULL CHECK (cap_micros >= 0),
    time_zone TEXT NOT NULL,
    -- Who set it last.
    author TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace, provider, user_id, period)
);

-- One counter row for each window of a budget: the row that decides.
CREATE TABLE intelligence.budget_windows (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    period TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    -- What may be committed at all, and what was asked for, which is less where a cap was lowered below what was committed.
    cap_micros BIGINT NOT NULL,
    asked_micros BIGINT NOT NULL,
    reserved_micros BIGINT NOT NULL CHECK (reserved_micros >= 0),
    spent_micros BIGINT NOT NULL CHECK (spent_micros >= 0),
    -- Charged beyond what was reserved, where the cap had no room for it.
    overrun_micros BIGINT NOT NULL DEFAULT 0 CHECK (overrun_micros >= 0),
    refusals BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, provider, user_id, period, starts_at),
    CONSTRAINT budget_windows_cap CHECK (reserved_micros + spent_micros <= cap_micros)
);

-- Money held for a call that is under way.
CREATE TABLE intelligence.reservations (
    id TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    operation TEXT,
    endpoint TEXT,
    user_id TEXT,
    entity_type TEXT,
    entity_id TEXT,
    -- Who holds it: a process, as it calls itself.
    holder TEXT,
    amount_micros BIGINT NOT NULL CHECK (amount_micros >= 0),
    state TEXT NOT NULL CHECK (state IN ('held', 'settled', 'released', 'expired')),
    reserved_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);

CREATE INDEX reservations_held ON intelligence.reservations (workspace, expires_at) WHERE state = 'held';

-- In which windows it is held.
CREATE TABLE intelligence.reservation_windows (
    reservation_id TEXT NOT NULL REFERENCES intelligence.reservations (id) ON DELETE CASCADE,
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    period TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (reservation_id, provider, user_id, period),
    FOREIGN KEY (workspace, provider, user_id, period, starts_at)
        REFERENCES intelligence.budget_windows (workspace, provider, user_id, period, starts_at)
);

CREATE TABLE intelligence.budget_alerts (
    id TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    period TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    percentage BIGINT NOT NULL,
    -- As things stood.
    cap_micros BIGINT NOT NULL,
    spent_micros BIGINT NOT NULL,
    reserved_micros BIGINT NOT NULL,
    raised_at TIMESTAMPTZ NOT NULL,
    acknowledged_at TIMESTAMPTZ,
    acknowledged_by TEXT,
    UNIQUE (workspace, provider, user_id, period, starts_at, percentage)
);

-- Every call that was paid, or that failed: columns and names are those that existing clients have, the texts
-- without their limits, which our ids do not keep; what follows them is ours.
CREATE TABLE intelligence.api_cost_tracking (
    "id" TEXT NOT NULL PRIMARY KEY,
    "workspaceId" TEXT NOT NULL,
    "userId" TEXT,
    "apiProvider" TEXT NOT NULL,
    "endpoint" TEXT,
    "operation" TEXT,
    "cost" DECIMAL(10,4) NOT NULL,
    "tokensUsed" INTEGER,
    "entityType" TEXT,
    "entityId" TEXT,
    "requestData" JSONB,
    "success" BOOLEAN NOT NULL DEFAULT TRUE,
    "errorMessage" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- The exact amount; rows of other programs have their cost alone.
    cost_micros BIGINT,
    -- Whether it found anything.
    hit BOOLEAN,
    matches BIGINT,
    credits BIGINT,
    reservation_id TEXT REFERENCES intelligence.reservations (id) ON DELETE SET NULL,
    -- Paid without a reservation, because the guard had failed and was told to let calls through.
    unguarded BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX "api_cost_tracking_workspaceId_idx" ON intelligence.api_cost_tracking ("workspaceId");
CREATE INDEX "api_cost_tracking_apiProvider_idx" ON intelligence.api_cost_tracking ("apiProvider");
CREATE INDEX "api_cost_tracking_createdAt_idx" ON intelligence.api_cost_tracking ("createdAt");
CREATE INDEX "api_cost_tracking_workspaceId_apiProvider_idx" ON intelligence.api_cost_tracking ("workspaceId", "apiProvider");
CREATE INDEX "api_cost_tracking_entityType_entityId_idx" ON intelligence.api_cost_tracking ("entityType", "entityId");
-- What a window is summed up by.
CREATE INDEX "api_cost_tracking_workspaceId_createdAt_idx" ON intelligence.api_cost_tracking ("workspaceId", "createdAt");
CREATE UNIQUE INDEX api_cost_tracking_reservation ON intelligence.api_cost_tracking (reservation_id);

-- Which payloads a call bought.
CREATE TABLE intelligence.cost_payloads (
    cost_id TEXT NOT NULL REFERENCES intelligence.api_cost_tracking ("id") ON DELETE CASCADE,
    payload_id UUID NOT NULL,
    PRIMARY KEY (cost_id, payload_id)
);

CREATE INDEX cost_payloads_payload ON intelligence.cost_payloads (payload_id);

-- What was researched, until when it counts. Columns and names are those that existing clients have; what follows them is ours.
CREATE TABLE intelligence.research_data (
    "id" TEXT NOT NULL PRIMARY KEY,
    "workspaceId" TEXT NOT NULL,
    "entityType" TEXT NOT NULL,
    "entityId" TEXT NOT NULL,
    "researchType" TEXT NOT NULL,
    "content" TEXT,
    "sources" JSONB,
    "extractedData" JSONB,
    "confidence" DOUBLE PRECISION DEFAULT 0,
    "model" TEXT,
    "tokensUsed" INTEGER,
    "processingTime" INTEGER,
    "cost" DECIMAL(10,4),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3),
    -- What was asked: a hash over workspace, entity, type, model and question. Rows of other programs have none.
    research_key TEXT UNIQUE,
    -- Nothing was found, which is remembered too.
    is_miss BOOLEAN NOT NULL DEFAULT FALSE,
    cost_micros BIGINT,
    hits BIGINT NOT NULL DEFAULT 0,
    saved_micros BIGINT NOT NULL DEFAULT 0,
    last_hit_at TIMESTAMPTZ,
    -- Bytes of what was found.
    size BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX "research_data_workspaceId_idx" ON intelligence.research_data ("workspaceId");
CREATE INDEX "research_data_entityType_entityId_idx" ON intelligence.research_data ("entityType", "entityId");
CREATE INDEX "research_data_researchType_idx" ON intelligence.research_data ("researchType");
CREATE INDEX "research_data_createdAt_idx" ON intelligence.research_data ("createdAt");
CREATE INDEX "research_data_expiresAt_idx" ON intelligence.research_data ("expiresAt");

-- Who is researching what at the moment: one at a time for each key.
CREATE TABLE intelligence.research_flights (
    research_key TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
