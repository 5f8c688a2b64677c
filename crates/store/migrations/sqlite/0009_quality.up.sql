-- How good each golden record is, from stored facts as of a day. Scores, parts and completeness are hundredths: 8725 is 87.25.
CREATE TABLE intelligence_company_quality (
    "key" TEXT NOT NULL PRIMARY KEY,
    -- Of the golden row.
    id TEXT NOT NULL,
    score BIGINT NOT NULL CHECK (score BETWEEN 0 AND 10000),
    -- Letter for the completeness.
    grade TEXT NOT NULL,
    -- Share of the critical fields that are there.
    completeness BIGINT NOT NULL CHECK (completeness BETWEEN 0 AND 10000),
    -- What each part gives to the score.
    completeness_points BIGINT NOT NULL,
    validity_points BIGINT NOT NULL,
    agreement_points BIGINT NOT NULL,
    freshness_points BIGINT NOT NULL,
    trust_points BIGINT NOT NULL,
    -- 0 to 100; null without a telephone number.
    phone_score BIGINT CHECK (phone_score BETWEEN 0 AND 100),
    -- By attribute and field: what each adds, who said it, on which day, who agrees and who does not.
    breakdown TEXT NOT NULL,
    -- Every source that says anything about the record, a TEXT array.
    sources TEXT NOT NULL,
    -- When a source last saw a value that won.
    verified_at TEXT,
    -- The day against which ages are told, YYYY-MM-DD: a day has no time zone.
    as_of TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (completeness_points + validity_points + agreement_points + freshness_points + trust_points = score)
);

CREATE TABLE intelligence_person_quality (
    "key" TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    score BIGINT NOT NULL CHECK (score BETWEEN 0 AND 10000),
    grade TEXT NOT NULL,
    completeness BIGINT NOT NULL CHECK (completeness BETWEEN 0 AND 10000),
    completeness_points BIGINT NOT NULL,
    validity_points BIGINT NOT NULL,
    agreement_points BIGINT NOT NULL,
    freshness_points BIGINT NOT NULL,
    trust_points BIGINT NOT NULL,
    phone_score BIGINT CHECK (phone_score BETWEEN 0 AND 100),
    -- A+ to D; null without an e-mail address.
    email_grade TEXT,
    breakdown TEXT NOT NULL,
    sources TEXT NOT NULL,
    verified_at TEXT,
    as_of TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (completeness_points + validity_points + agreement_points + freshness_points + trust_points = score)
);

-- Whoever deletes a golden row, its score goes with it.
CREATE TRIGGER "Company_quality" AFTER DELETE ON "Company" BEGIN
    DELETE FROM intelligence_company_quality WHERE "key" = OLD."key" AND id = OLD."id";
END;

CREATE TRIGGER "Prospect_quality" AFTER DELETE ON "Prospect" BEGIN
    DELETE FROM intelligence_person_quality WHERE "key" = OLD."key" AND id = OLD."id";
END;

-- Scores of both kinds as people read them: 0 to 100, with two decimals.
CREATE VIEW intelligence_quality AS
SELECT
    'company' AS entity, "key", id, round(score / 100.0, 2) AS score, grade, round(completeness / 100.0, 2) AS completeness,
    NULL AS email_grade, phone_score, verified_at, as_of
FROM intelligence_company_quality
UNION ALL
SELECT
    'person', "key", id, round(score / 100.0, 2), grade, round(completeness / 100.0, 2),
    email_grade, phone_score, verified_at, as_of
FROM intelligence_person_quality;
