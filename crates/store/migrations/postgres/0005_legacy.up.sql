-- The key of a golden row stands in a column of its own: "externalSource" and "externalId" belong to whoever wrote the row.
ALTER TABLE "Company" ADD COLUMN "key" TEXT;
ALTER TABLE "Prospect" ADD COLUMN "key" TEXT;
UPDATE "Company" SET "key" = "externalId" WHERE "keyKind" IS NOT NULL;
UPDATE "Prospect" SET "key" = "externalId" WHERE "provenance" IS NOT NULL;
CREATE INDEX "Company_key_idx" ON "Company" ("key");
CREATE INDEX "Prospect_key_idx" ON "Prospect" ("key");

-- What other programs write into the golden tables, in their order: it is observed as what the source `legacy` says. Waiting is what
-- no run has observed; what an undo set aside (`held_by`) waits to be asked for.
CREATE TABLE raw.direct_writes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity TEXT NOT NULL,
    row_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    before JSONB,
    written JSONB NOT NULL,
    written_at TIMESTAMPTZ NOT NULL,
    works_for TEXT,
    said JSONB,
    run_id BIGINT REFERENCES raw.runs (id),
    held_by BIGINT REFERENCES raw.runs (id)
);

CREATE INDEX raw_direct_writes_waiting ON raw.direct_writes (id) WHERE run_id IS NULL;

CREATE INDEX raw_direct_writes_row ON raw.direct_writes (entity, row_id);

CREATE INDEX raw_direct_writes_run ON raw.direct_writes (run_id);

-- Whoever may write the golden tables need not be able to write this one. It runs for each row that another program writes, so it does
-- the least that can be done: what a write says is found out when it is observed.
CREATE FUNCTION core.note_direct_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO raw.direct_writes (entity, row_id, operation, written, written_at)
        VALUES (TG_ARGV[0], NEW."id", 'insert', to_jsonb(NEW), clock_timestamp());
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO raw.direct_writes (entity, row_id, operation, before, written, written_at)
        VALUES (TG_ARGV[0], NEW."id", 'update', to_jsonb(OLD), to_jsonb(NEW), clock_timestamp());
    ELSE
        INSERT INTO raw.direct_writes (entity, row_id, operation, written, written_at)
        VALUES (TG_ARGV[0], OLD."id", 'delete', to_jsonb(OLD), clock_timestamp());
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER "Company_direct_write" AFTER INSERT OR DELETE ON "Company" FOR EACH ROW
WHEN (current_setting('firmograph.writer', TRUE) IS DISTINCT FROM 'on')
EXECUTE FUNCTION core.note_direct_write('company');

CREATE TRIGGER "Company_direct_update" AFTER UPDATE ON "Company" FOR EACH ROW
WHEN (current_setting('firmograph.writer', TRUE) IS DISTINCT FROM 'on' AND (
    NEW."address" IS DISTINCT FROM OLD."address"
    OR NEW."city" IS DISTINCT FROM OLD."city"
    OR NEW."companyType" IS DISTINCT FROM OLD."companyType"
    OR NEW."country" IS DISTINCT FROM OLD."country"
    OR NEW."description" IS DISTINCT FROM OLD."description"
    OR NEW."domain" IS DISTINCT FROM OLD."domain"
    OR NEW."employeeSizeLink" IS DISTINCT FROM OLD."employeeSizeLink"
    OR NEW."industry" IS DISTINCT FROM OLD."industry"
    OR NEW."linkedinUrl" IS DISTINCT FROM OLD."linkedinUrl"
    OR NEW."maxEmployeeSize" IS DISTINCT FROM OLD."maxEmployeeSize"
    OR NEW."minEmployeeSize" IS DISTINCT FROM OLD."minEmployeeSize"
    OR NEW."mobilePhone" IS DISTINCT FROM OLD."mobilePhone"
    OR NEW."name" IS DISTINCT FROM OLD."name"
    OR NEW."phone" IS DISTINCT FROM OLD."phone"
    OR NEW."revenue" IS DISTINCT FROM OLD."revenue"
    OR NEW."state" IS DISTINCT FROM OLD."state"
    OR NEW."website" IS DISTINCT FROM OLD."website"
    OR NEW."zipCode" IS DISTINCT FROM OLD."zipCode"
))
EXECUTE FUNCTION core.note_direct_write('company');

CREATE TRIGGER "Prospect_direct_write" AFTER INSERT OR DELETE ON "Prospect" FOR EACH ROW
WHEN (current_setting('firmograph.writer', TRUE) IS DISTINCT FROM 'on')
EXECUTE FUNCTION core.note_direct_write('person');

CREATE TRIGGER "Prospect_direct_update" AFTER UPDATE ON "Prospect" FOR EACH ROW
WHEN (current_setting('firmograph.writer', TRUE) IS DISTINCT FROM 'on' AND (
    NEW."address" IS DISTINCT FROM OLD."address"
    OR NEW."city" IS DISTINCT FROM OLD."city"
    OR NEW."companyId" IS DISTINCT FROM OLD."companyId"
    OR NEW."country" IS DISTINCT FROM OLD."country"
    OR NEW."department" IS DISTINCT FROM OLD."department"
    OR NEW."email" IS DISTINCT FROM OLD."email"
    OR NEW."firstName" IS DISTINCT FROM OLD."firstName"
    OR NEW."fullName" IS DISTINCT FROM OLD."fullName"
    OR NEW."jobTitle" IS DISTINCT FROM OLD."jobTitle"
    OR NEW."jobTitleLevel" IS DISTINCT FROM OLD."jobTitleLevel"
    OR NEW."jobTitleLink" IS DISTINCT FROM OLD."jobTitleLink"
    OR NEW."lastName" IS DISTINCT FROM OLD."lastName"
    OR NEW."linkedinUrl" IS DISTINCT FROM OLD."linkedinUrl"
    OR NEW."mobilePhone" IS DISTINCT FROM OLD."mobilePhone"
    OR NEW."phone" IS DISTINCT FROM OLD."phone"
    OR NEW."salutation" IS DISTINCT FROM OLD."salutation"
    OR NEW."state" IS DISTINCT FROM OLD."state"
    OR NEW."zipCode" IS DISTINCT FROM OLD."zipCode"
))
EXECUTE FUNCTION core.note_direct_write('person');

-- Rows that other programs wrote before there was anybody to note it.
INSERT INTO raw.direct_writes (entity, row_id, operation, written, written_at)
SELECT 'company', r."id", 'insert', to_jsonb(r), clock_timestamp() FROM "Company" r WHERE r."key" IS NULL ORDER BY r."id";
INSERT INTO raw.direct_writes (entity, row_id, operation, written, written_at)
SELECT 'person', r."id", 'insert', to_jsonb(r), clock_timestamp() FROM "Prospect" r WHERE r."key" IS NULL ORDER BY r."id";

ALTER FUNCTION core.note_deletion() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

-- An ingestor that takes a company's domain for its id means the company that has this domain, whatever its id is. The body is bound
-- to the table when it is made, so it needs no search path.
CREATE FUNCTION core.company_called(called TEXT) RETURNS TEXT LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT COALESCE(
        (SELECT c."id" FROM "Company" c WHERE c."id" = called),
        (SELECT c."id" FROM "Company" c WHERE c."domain" = called),
        called
    );
END;

CREATE FUNCTION core.find_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW."companyId" := core.company_called(NEW."companyId");
    RETURN NEW;
END
$$;

CREATE TRIGGER "Prospect_find_company" BEFORE INSERT OR UPDATE OF "companyId" ON "Prospect" FOR EACH ROW
WHEN (NEW."companyId" IS NOT NULL AND current_setting('firmograph.writer', TRUE) IS DISTINCT FROM 'on')
EXECUTE FUNCTION core.find_company();

-- Its body runs with the rights of whoever writes the tables.
GRANT USAGE ON SCHEMA core TO PUBLIC;

DROP VIEW core.person_provenance;
DROP VIEW core.company_provenance;
DROP VIEW core.key_roots;
DROP VIEW core.leads;
DROP VIEW core.people_full;
DROP VIEW core.companies_full;

-- One row for each golden company, whatever the number of sources, with the source that won each attribute.
CREATE VIEW core.companies_full AS
SELECT
    c."id" AS id,
    c."key" AS key,
    c."keyKind" AS key_kind,
    c."domain" AS domain,
    c."name" AS name,
    c."legalForm" AS legal_form,
    c."description" AS description,
    c."website" AS website,
    c."linkedinUrl" AS linkedin_url,
    c."phone" AS phone,
    c."mobilePhone" AS mobile_phone,
    c."industry" AS industry,
    i.code AS industry_code,
    c."companyType" AS company_type,
    c."employeeRange" AS employee_range,
    c."minEmployeeSize" AS employees_minimum,
    c."maxEmployeeSize" AS employees_maximum,
    c."revenue" AS revenue,
    c."revenueRange" AS revenue_range,
    c."fundingRange" AS funding_range,
    c."address" AS address,
    c."city" AS city,
    c."state" AS state,
    c."country" AS country,
    (SELECT MIN(n.code) FROM reference.countries n WHERE n.name = c."country") AS country_code,
    c."zipCode" AS postal_code,
    c."provenance"::json ->> 'company_name' AS company_name_source,
    c."provenance"::json ->> 'industry' AS industry_source,
    c."provenance"::json ->> 'employee_range' AS employee_range_source,
    c."provenance"::json ->> 'company_type' AS company_type_source,
    c."provenance"::json ->> 'company_location' AS company_location_source,
    c."provenance"::json ->> 'revenue_range' AS revenue_range_source,
    c."provenance"::json ->> 'funding_range' AS funding_range_source,
    c."provenance"::json ->> 'description' AS description_source,
    c."provenance"::json ->> 'company_contact' AS company_contact_source,
    c."provenance" AS provenance,
    c."createdAt" AS created_at,
    c."updatedAt" AS updated_at
FROM "Company" c
LEFT JOIN reference.company_industries i ON i.name = c."industry";

-- One row for each golden prospect, with its company and the source that won each attribute.
CREATE VIEW core.people_full AS
SELECT
    p."id" AS id,
    p."key" AS key,
    p."salutation" AS salutation,
    p."firstName" AS first_name,
    p."lastName" AS last_name,
    p."fullName" AS full_name,
    p."email" AS email,
    p."linkedinUrl" AS linkedin_url,
    p."phone" AS phone,
    p."mobilePhone" AS mobile_phone,
    p."jobTitle" AS job_title,
    p."cleanedJobTitle" AS cleaned_job_title,
    p."standardizedJobTitleLevelId" AS job_title_level,
    d."jobTitleLevel" AS job_title_level_name,
    p."seniority" AS seniority,
    p."jobFunction" AS job_function,
    p."department" AS department,
    p."address" AS address,
    p."city" AS city,
    p."state" AS state,
    p."country" AS country,
    p."zipCode" AS postal_code,
    p."companyId" AS company_id,
    c."domain" AS company_domain,
    c."name" AS company_name,
    p."provenance"::json ->> 'person_name' AS person_name_source,
    p."provenance"::json ->> 'job_title' AS job_title_source,
    p."provenance"::json ->> 'person_location' AS person_location_source,
    p."provenance"::json ->> 'person_company' AS person_company_source,
    p."provenance"::json ->> 'person_contact' AS person_contact_source,
    p."provenance" AS provenance,
    p."createdAt" AS created_at,
    p."updatedAt" AS updated_at
FROM "Prospect" p
LEFT JOIN "Company" c ON c."id" = p."companyId"
LEFT JOIN "JobTitleLevelDefinition" d ON d."id" = p."standardizedJobTitleLevelId";

-- Complete leads only: a name, a title that is understood, the person's country, and a company with name, country and a
-- standard industry. Whoever reads this view needs no filter of their own.
CREATE VIEW core.leads AS
SELECT
    p."id" AS person_id,
    p."fullName" AS full_name,
    p."email" AS email,
    p."linkedinUrl" AS linkedin_url,
    p."city" AS person_city,
    p."state" AS person_state,
    p."country" AS person_country,
    p."cleanedJobTitle" AS matched_cleaned_job_title,
    p."standardizedJobTitleLevelId" AS job_title_level,
    p."jobFunction" AS matched_job_function,
    p."seniority" AS matched_seniority,
    c."id" AS company_id,
    c."domain" AS company_domain,
    c."name" AS company_name,
    c."linkedinUrl" AS company_linkedin_url,
    c."city" AS company_city,
    c."state" AS company_state,
    c."country" AS company_country,
    i.name AS matched_industry,
    c."employeeRange" AS employee_range
FROM "Prospect" p
JOIN "Company" c ON c."id" = p."companyId"
JOIN reference.company_industries i ON i.name = c."industry"
WHERE p."fullName" IS NOT NULL
  AND p."cleanedJobTitle" IS NOT NULL
  AND p."standardizedJobTitleLevelId" IS NOT NULL
  AND p."jobFunction" IS NOT NULL
  AND p."seniority" IS NOT NULL
  AND p."country" IS NOT NULL
  AND c."name" IS NOT NULL
  AND c."country" IS NOT NULL;

-- To which key a joined key leads in the end.
CREATE VIEW core.key_roots AS
WITH RECURSIVE roots (entity, from_key, into_key) AS (
    SELECT entity, from_key, into_key FROM core.key_joins WHERE removed_by IS NULL
    UNION
    SELECT r.entity, r.from_key, j.into_key FROM roots r
    JOIN core.key_joins j ON j.entity = r.entity AND j.from_key = r.into_key AND j.removed_by IS NULL
)
SELECT entity, from_key, into_key FROM roots r
WHERE NOT EXISTS (
    SELECT 1 FROM core.key_joins j WHERE j.entity = r.entity AND j.from_key = r.into_key AND j.removed_by IS NULL
);

-- What each source says about each attribute, and whether the golden value is its own.
CREATE VIEW core.company_provenance AS
SELECT g."id" AS id, s.key, s.attribute, s.source, s.raw_value, s.matched_value, s.evidence, s.payloads, s.payload_id,
    s.observed_at, COALESCE(g."provenance"::json ->> s.attribute = s.source, FALSE) AS is_winner
FROM (
    SELECT 'company_name' AS attribute, key, source, raw_name AS raw_value, CAST(matched_name AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.company_names
    UNION ALL
    SELECT 'employee_range' AS attribute, key, source, COALESCE(raw_employee_range, raw_employee_size_link) AS raw_value, CAST(matched_employee_range AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.company_employee_ranges
    UNION ALL
    SELECT 'company_type' AS attribute, key, source, raw_company_type AS raw_value, CAST(matched_company_type AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.company_types
    UNION ALL
    SELECT 'company_location' AS attribute, key, source, COALESCE(raw_location, raw_city, raw_state, raw_country, raw_address, raw_postal_code) AS raw_value, CAST(COALESCE(matched_city, matched_metro, matched_state, matched_country) AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.company_locations
    UNION ALL
    SELECT 'industry' AS attribute, key, source, raw_industry AS raw_value, CAST(matched_industry AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.company_industries
    UNION ALL
    SELECT 'funding_range' AS attribute, key, source, raw_funding AS raw_value, CAST(matched_funding_range AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.company_funding
    UNION ALL
    SELECT 'revenue_range' AS attribute, key, source, raw_revenue AS raw_value, CAST(matched_revenue_range AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.company_revenue
    UNION ALL
    SELECT 'description' AS attribute, key, source, raw_description AS raw_value, CAST(NULL AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.company_descriptions
    UNION ALL
    SELECT 'company_contact' AS attribute, key, source, COALESCE(raw_website, raw_linkedin_url, raw_phone, raw_mobile_phone) AS raw_value, CAST(COALESCE(matched_linkedin_url, matched_phone, matched_mobile_phone) AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.company_contacts
) s
LEFT JOIN core.key_roots r ON r.entity = 'company' AND r.from_key = s.key
LEFT JOIN "Company" g ON g."key" = COALESCE(r.into_key, s.key);

-- What each source says about each attribute, and whether the golden value is its own.
CREATE VIEW core.person_provenance AS
SELECT g."id" AS id, s.key, s.attribute, s.source, s.raw_value, s.matched_value, s.evidence, s.payloads, s.payload_id,
    s.observed_at, COALESCE(g."provenance"::json ->> s.attribute = s.source, FALSE) AS is_winner
FROM (
    SELECT 'person_name' AS attribute, key, source, COALESCE(raw_full_name, raw_first_name, raw_last_name) AS raw_value, CAST(matched_full_name AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.person_names
    UNION ALL
    SELECT 'job_title' AS attribute, key, source, COALESCE(raw_job_title, raw_job_title_level) AS raw_value, CAST(matched_job_title AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.person_job_titles
    UNION ALL
    SELECT 'person_location' AS attribute, key, source, COALESCE(raw_location, raw_city, raw_state, raw_country, raw_address, raw_postal_code) AS raw_value, CAST(COALESCE(matched_city, matched_metro, matched_state, matched_country) AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.person_locations
    UNION ALL
    SELECT 'person_company' AS attribute, key, source, COALESCE(raw_name, raw_company) AS raw_value, CAST(matched_company_key AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.person_companies
    UNION ALL
    SELECT 'person_contact' AS attribute, key, source, COALESCE(raw_email, raw_linkedin_url, raw_phone, raw_mobile_phone) AS raw_value, CAST(COALESCE(matched_email, matched_linkedin_url, matched_phone, matched_mobile_phone) AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core.person_contacts
) s
LEFT JOIN core.key_roots r ON r.entity = 'person' AND r.from_key = s.key
LEFT JOIN "Prospect" g ON g."key" = COALESCE(r.into_key, s.key);
