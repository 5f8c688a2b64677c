-- How good each golden record is, from stored facts as of a day. Scores, parts and completeness are hundredths: 8725 is 87.25.
CREATE SCHEMA IF NOT EXISTS intelligence;

CREATE TABLE intelligence.company_quality (
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
    breakdown JSON NOT NULL,
    -- Every source that says anything about the record, a JSON array.
    sources JSON NOT NULL,
    -- When a source last saw a value that won.
    verified_at TIMESTAMPTZ,
    -- The day against which ages are told, YYYY-MM-DD: a day has no time zone.
    as_of TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (completeness_points + validity_points + agreement_points + freshness_points + trust_points = score)
);

CREATE TABLE intelligence.person_quality (
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
    breakdown JSON NOT NULL,
    sources JSON NOT NULL,
    verified_at TIMESTAMPTZ,
    as_of TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (completeness_points + validity_points + agreement_points + freshness_points + trust_points = score)
);

-- Whoever deletes a golden row, its score goes with it.
CREATE FUNCTION intelligence.forget_quality() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_ARGV[0] = 'company' THEN
        DELETE FROM intelligence.company_quality q WHERE q."key" = OLD."key" AND q.id = OLD."id";
    ELSE
        DELETE FROM intelligence.person_quality q WHERE q."key" = OLD."key" AND q.id = OLD."id";
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER "Company_quality" AFTER DELETE ON "Company" FOR EACH ROW EXECUTE FUNCTION intelligence.forget_quality('company');

CREATE TRIGGER "Prospect_quality" AFTER DELETE ON "Prospect" FOR EACH ROW EXECUTE FUNCTION intelligence.forget_quality('person');

-- Scores of both kinds as people read them: 0 to 100, with two decimals.
CREATE VIEW intelligence.quality AS
SELECT
    'company' AS entity, "key", id, round(score / 100.0, 2) AS score, grade, round(completeness / 100.0, 2) AS completeness,
    NULL AS email_grade, phone_score, verified_at, as_of
FROM intelligence.company_quality
UNION ALL
SELECT
    'person', "key", id, round(score / 100.0, 2), grade, round(completeness / 100.0, 2),
    email_grade, phone_score, verified_at, as_of
FROM intelligence.person_quality;
