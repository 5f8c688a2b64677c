-- What calls of providers cost, and budgets that no call gets past. Amounts are micro-dollars.
-- From when on an operation of a provider costs what; operation * stands for those without a price of their own.
CREATE TABLE reference_unit_prices (
    provider TEXT NOT NULL,
    operation TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    hit_micros BIGINT NOT NULL CHECK (hit_micros >= 0),
    miss_micros BIGINT NOT NULL CHECK (miss_micros >= 0),
    per_match_micros BIGINT NOT NULL CHECK (per_match_micros >= 0),
    per_credit_micros BIGINT NOT NULL CHECK (per_credit_micros >= 0),
    per_million_tokens_micros BIGINT NOT NULL CHECK (per_million_tokens_micros >= 0),
    -- Where the price stands.
    origin TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (provider, operation, valid_from)
);

-- Caps. An empty provider or user is everybody.
CREATE TABLE intelligence_budgets (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'month')),
    cap_micros BIGINT NOT NULL CHECK (cap_micros >= 0),
    time_zone TEXT NOT NULL,
    -- Who set it last.
    author TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (workspace, provider, user_id, period)
);

-- One counter row for each window of a budget: the row that decides.
CREATE TABLE intelligence_budget_windows (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    period TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
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
CREATE TABLE intelligence_reservations (
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
    reserved_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT
);

CREATE INDEX reservations_held ON intelligence_reservations (workspace, expires_at) WHERE state = 'held';

-- In which windows it is held.
CREATE TABLE intelligence_reservation_windows (
    reservation_id TEXT NOT NULL REFERENCES intelligence_reservations (id) ON DELETE CASCADE,
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    period TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    PRIMARY KEY (reservation_id, provider, user_id, period),
    FOREIGN KEY (workspace, provider, user_id, period, starts_at)
        REFERENCES intelligence_budget_windows (workspace, provider, user_id, period, starts_at)
);

CREATE TABLE intelligence_budget_alerts (
    id TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    period TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    percentage BIGINT NOT NULL,
    -- As things stood.
    cap_micros BIGINT NOT NULL,
    spent_micros BIGINT NOT NULL,
    reserved_micros BIGINT NOT NULL,
    raised_at TEXT NOT NULL,
    acknowledged_at TEXT,
    acknowledged_by TEXT,
    UNIQUE (workspace, provider, user_id, period, starts_at, percentage)
);

-- Every call that was paid, or that failed: columns and names are those that existing clients have, the texts
-- without their limits, which our ids do not keep; what follows them is ours.
CREATE TABLE intelligence_api_cost_tracking (
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
    "requestData" TEXT,
    "success" BIGINT NOT NULL DEFAULT 1,
    "errorMessage" TEXT,
    "createdAt" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    -- The exact amount; rows of other programs have their cost alone.
    cost_micros BIGINT,
    -- Whether it found anything.
    hit BIGINT,
    matches BIGINT,
    credits BIGINT,
    reservation_id TEXT REFERENCES intelligence_reservations (id) ON DELETE SET NULL,
    -- Paid without a reservation, because the guard had failed and was told to let calls through.
    unguarded BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX "api_cost_tracking_workspaceId_idx" ON intelligence_api_cost_tracking ("workspaceId");
CREATE INDEX "api_cost_tracking_apiProvider_idx" ON intelligence_api_cost_tracking ("apiProvider");
CREATE INDEX "api_cost_tracking_createdAt_idx" ON intelligence_api_cost_tracking ("createdAt");
CREATE INDEX "api_cost_tracking_workspaceId_apiProvider_idx" ON intelligence_api_cost_tracking ("workspaceId", "apiProvider");
CREATE INDEX "api_cost_tracking_entityType_entityId_idx" ON intelligence_api_cost_tracking ("entityType", "entityId");
-- What a window is summed up by.
CREATE INDEX "api_cost_tracking_workspaceId_createdAt_idx" ON intelligence_api_cost_tracking ("workspaceId", "createdAt");
CREATE UNIQUE INDEX api_cost_tracking_reservation ON intelligence_api_cost_tracking (reservation_id);

-- Which payloads a call bought.
CREATE TABLE intelligence_cost_payloads (
    cost_id TEXT NOT NULL REFERENCES intelligence_api_cost_tracking ("id") ON DELETE CASCADE,
    payload_id BLOB NOT NULL,
    PRIMARY KEY (cost_id, payload_id)
);

CREATE INDEX cost_payloads_payload ON intelligence_cost_payloads (payload_id);

-- What was researched, until when it counts. Columns and names are those that existing clients have; what follows them is ours.
CREATE TABLE intelligence_research_data (
    "id" TEXT NOT NULL PRIMARY KEY,
    "workspaceId" TEXT NOT NULL,
    "entityType" TEXT NOT NULL,
    "entityId" TEXT NOT NULL,
    "researchType" TEXT NOT NULL,
    "content" TEXT,
    "sources" TEXT,
    "extractedData" TEXT,
    "confidence" DOUBLE PRECISION DEFAULT 0,
    "model" TEXT,
    "tokensUsed" INTEGER,
    "processingTime" INTEGER,
    "cost" DECIMAL(10,4),
    "createdAt" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    "updatedAt" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    "expiresAt" TEXT,
    -- What was asked: a hash over workspace, entity, type, model and question. Rows of other programs have none.
    research_key TEXT UNIQUE,
    -- Nothing was found, which is remembered too.
    is_miss BIGINT NOT NULL DEFAULT 0,
    cost_micros BIGINT,
    hits BIGINT NOT NULL DEFAULT 0,
    saved_micros BIGINT NOT NULL DEFAULT 0,
    last_hit_at TEXT,
    -- Bytes of what was found.
    size BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX "research_data_workspaceId_idx" ON intelligence_research_data ("workspaceId");
CREATE INDEX "research_data_entityType_entityId_idx" ON intelligence_research_data ("entityType", "entityId");
CREATE INDEX "research_data_researchType_idx" ON intelligence_research_data ("researchType");
CREATE INDEX "research_data_createdAt_idx" ON intelligence_research_data ("createdAt");
CREATE INDEX "research_data_expiresAt_idx" ON intelligence_research_data ("expiresAt");

-- Who is researching what at the moment: one at a time for each key.
CREATE TABLE intelligence_research_flights (
    research_key TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
