-- Standard values are those of the reference tables.
-- SQLite adds a foreign key with a column only, so each column is made anew; no view may name it meanwhile.
DROP VIEW reference_unmatched_values;

ALTER TABLE core_company_employee_ranges ADD COLUMN new_matched_employee_range TEXT REFERENCES reference_employee_ranges (name);
UPDATE core_company_employee_ranges SET new_matched_employee_range = matched_employee_range;
ALTER TABLE core_company_employee_ranges DROP COLUMN matched_employee_range;
ALTER TABLE core_company_employee_ranges RENAME COLUMN new_matched_employee_range TO matched_employee_range;
ALTER TABLE core_company_types ADD COLUMN new_matched_company_type TEXT REFERENCES reference_company_types (name);
UPDATE core_company_types SET new_matched_company_type = matched_company_type;
ALTER TABLE core_company_types DROP COLUMN matched_company_type;
ALTER TABLE core_company_types RENAME COLUMN new_matched_company_type TO matched_company_type;
ALTER TABLE core_company_industries ADD COLUMN new_matched_industry TEXT REFERENCES reference_company_industries (name);
UPDATE core_company_industries SET new_matched_industry = matched_industry;
ALTER TABLE core_company_industries DROP COLUMN matched_industry;
ALTER TABLE core_company_industries RENAME COLUMN new_matched_industry TO matched_industry;
ALTER TABLE core_company_funding ADD COLUMN new_matched_funding_range TEXT REFERENCES reference_funding_ranges (name);
UPDATE core_company_funding SET new_matched_funding_range = matched_funding_range;
ALTER TABLE core_company_funding DROP COLUMN matched_funding_range;
ALTER TABLE core_company_funding RENAME COLUMN new_matched_funding_range TO matched_funding_range;
ALTER TABLE core_company_revenue ADD COLUMN new_matched_revenue_range TEXT REFERENCES reference_revenue_ranges (name);
UPDATE core_company_revenue SET new_matched_revenue_range = matched_revenue_range;
ALTER TABLE core_company_revenue DROP COLUMN matched_revenue_range;
ALTER TABLE core_company_revenue RENAME COLUMN new_matched_revenue_range TO matched_revenue_range;
ALTER TABLE core_person_job_titles ADD COLUMN new_matched_level BIGINT REFERENCES "JobTitleLevelDefinition" ("id");
UPDATE core_person_job_titles SET new_matched_level = matched_level;
ALTER TABLE core_person_job_titles DROP COLUMN matched_level;
ALTER TABLE core_person_job_titles RENAME COLUMN new_matched_level TO matched_level;
ALTER TABLE core_person_job_titles ADD COLUMN new_matched_seniority TEXT REFERENCES reference_seniorities (name);
UPDATE core_person_job_titles SET new_matched_seniority = matched_seniority;
ALTER TABLE core_person_job_titles DROP COLUMN matched_seniority;
ALTER TABLE core_person_job_titles RENAME COLUMN new_matched_seniority TO matched_seniority;
ALTER TABLE core_person_job_titles ADD COLUMN new_matched_function TEXT REFERENCES reference_job_functions (name);
UPDATE core_person_job_titles SET new_matched_function = matched_function;
ALTER TABLE core_person_job_titles DROP COLUMN matched_function;
ALTER TABLE core_person_job_titles RENAME COLUMN new_matched_function TO matched_function;

CREATE VIEW reference_unmatched_values AS
SELECT 'company_name' AS attribute, raw_name AS raw_value, source, count(*) AS row_count
  FROM core_company_names WHERE matched_name IS NULL AND raw_name IS NOT NULL GROUP BY raw_name, source
UNION ALL
SELECT 'employee_range' AS attribute, raw_employee_range AS raw_value, source, count(*) AS row_count
  FROM core_company_employee_ranges WHERE matched_employee_range IS NULL AND raw_employee_range IS NOT NULL GROUP BY raw_employee_range, source
UNION ALL
SELECT 'company_type' AS attribute, raw_company_type AS raw_value, source, count(*) AS row_count
  FROM core_company_types WHERE matched_company_type IS NULL AND raw_company_type IS NOT NULL GROUP BY raw_company_type, source
UNION ALL
SELECT 'industry' AS attribute, raw_industry AS raw_value, source, count(*) AS row_count
  FROM core_company_industries WHERE matched_industry IS NULL AND raw_industry IS NOT NULL GROUP BY raw_industry, source
UNION ALL
SELECT 'company_location' AS attribute, raw_value, source, count(*) AS row_count
  FROM (SELECT COALESCE(raw_location, COALESCE(raw_city, '') || ', ' || COALESCE(raw_state, '') || ', ' || COALESCE(raw_country, '')) AS raw_value, source
          FROM core_company_locations WHERE evidence IS NULL AND COALESCE(raw_location, raw_city, raw_state, raw_country) IS NOT NULL) AS given
  GROUP BY raw_value, source
UNION ALL
SELECT 'funding_range' AS attribute, raw_funding AS raw_value, source, count(*) AS row_count
  FROM core_company_funding WHERE matched_funding_range IS NULL AND raw_funding IS NOT NULL GROUP BY raw_funding, source
UNION ALL
SELECT 'revenue_range' AS attribute, raw_revenue AS raw_value, source, count(*) AS row_count
  FROM core_company_revenue WHERE matched_revenue_range IS NULL AND raw_revenue IS NOT NULL GROUP BY raw_revenue, source
UNION ALL
SELECT 'person_name' AS attribute, raw_value, source, count(*) AS row_count
  FROM (SELECT COALESCE(raw_full_name, COALESCE(raw_first_name, '') || ' ' || COALESCE(raw_last_name, '')) AS raw_value, source
          FROM core_person_names WHERE evidence IS NULL AND COALESCE(raw_full_name, raw_first_name, raw_last_name) IS NOT NULL) AS given
  GROUP BY raw_value, source
UNION ALL
SELECT 'person_location' AS attribute, raw_value, source, count(*) AS row_count
  FROM (SELECT COALESCE(raw_location, COALESCE(raw_city, '') || ', ' || COALESCE(raw_state, '') || ', ' || COALESCE(raw_country, '')) AS raw_value, source
          FROM core_person_locations WHERE evidence IS NULL AND COALESCE(raw_location, raw_city, raw_state, raw_country) IS NOT NULL) AS given
  GROUP BY raw_value, source
UNION ALL
SELECT 'job_title' AS attribute, raw_job_title AS raw_value, source, count(*) AS row_count
  FROM core_person_job_titles WHERE matched_level IS NULL AND raw_job_title IS NOT NULL GROUP BY raw_job_title, source
UNION ALL
SELECT 'person_contact' AS attribute, raw_email AS raw_value, source, count(*) AS row_count
  FROM core_person_contacts WHERE matched_email IS NULL AND raw_email IS NOT NULL GROUP BY raw_email, source;

-- What a user says a raw value means: wins over the rules. The raw value is folded as the matcher folds it; one spelling a row.
CREATE TABLE reference_company_type_lookup (
    raw_value TEXT NOT NULL PRIMARY KEY,
    matched_value TEXT NOT NULL,
    original TEXT NOT NULL,
    set_by BIGINT NOT NULL REFERENCES raw_runs (id)
);

CREATE TABLE reference_industry_lookup (
    raw_value TEXT NOT NULL PRIMARY KEY,
    matched_value TEXT NOT NULL,
    original TEXT NOT NULL,
    set_by BIGINT NOT NULL REFERENCES raw_runs (id)
);

CREATE TABLE reference_employee_range_lookup (
    raw_value TEXT NOT NULL PRIMARY KEY,
    matched_value TEXT NOT NULL,
    original TEXT NOT NULL,
    set_by BIGINT NOT NULL REFERENCES raw_runs (id)
);

CREATE TABLE reference_revenue_range_lookup (
    raw_value TEXT NOT NULL PRIMARY KEY,
    matched_value TEXT NOT NULL,
    original TEXT NOT NULL,
    set_by BIGINT NOT NULL REFERENCES raw_runs (id)
);

CREATE TABLE reference_funding_range_lookup (
    raw_value TEXT NOT NULL PRIMARY KEY,
    matched_value TEXT NOT NULL,
    original TEXT NOT NULL,
    set_by BIGINT NOT NULL REFERENCES raw_runs (id)
);

-- Golden rows that were deleted, by whomever: whoever copies the golden tables by their times learns of them here.
CREATE TABLE core_deletions (
    entity TEXT NOT NULL,
    id TEXT NOT NULL,
    deleted_at TEXT NOT NULL
);

CREATE INDEX core_deletions_time ON core_deletions (deleted_at);

CREATE TRIGGER "Company_deleted" AFTER DELETE ON "Company" BEGIN
    INSERT INTO core_deletions (entity, id, deleted_at) VALUES ('company', OLD."id", strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
END;

CREATE TRIGGER "Prospect_deleted" AFTER DELETE ON "Prospect" BEGIN
    INSERT INTO core_deletions (entity, id, deleted_at) VALUES ('person', OLD."id", strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
END;

-- One row for each golden company, whatever the number of sources, with the source that won each attribute.
CREATE VIEW core_companies_full AS
SELECT
    c."id" AS id,
    c."externalId" AS key,
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
    (SELECT MIN(n.code) FROM reference_countries n WHERE n.name = c."country") AS country_code,
    c."zipCode" AS postal_code,
    c."provenance" ->> 'company_name' AS company_name_source,
    c."provenance" ->> 'industry' AS industry_source,
    c."provenance" ->> 'employee_range' AS employee_range_source,
    c."provenance" ->> 'company_type' AS company_type_source,
    c."provenance" ->> 'company_location' AS company_location_source,
    c."provenance" ->> 'revenue_range' AS revenue_range_source,
    c."provenance" ->> 'funding_range' AS funding_range_source,
    c."provenance" ->> 'description' AS description_source,
    c."provenance" ->> 'company_contact' AS company_contact_source,
    c."provenance" AS provenance,
    c."createdAt" AS created_at,
    c."updatedAt" AS updated_at
FROM "Company" c
LEFT JOIN reference_company_industries i ON i.name = c."industry";

-- One row for each golden prospect, with its company and the source that won each attribute.
CREATE VIEW core_people_full AS
SELECT
    p."id" AS id,
    p."externalId" AS key,
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
    p."provenance" ->> 'person_name' AS person_name_source,
    p."provenance" ->> 'job_title' AS job_title_source,
    p."provenance" ->> 'person_location' AS person_location_source,
    p."provenance" ->> 'person_company' AS person_company_source,
    p."provenance" ->> 'person_contact' AS person_contact_source,
    p."provenance" AS provenance,
    p."createdAt" AS created_at,
    p."updatedAt" AS updated_at
FROM "Prospect" p
LEFT JOIN "Company" c ON c."id" = p."companyId"
LEFT JOIN "JobTitleLevelDefinition" d ON d."id" = p."standardizedJobTitleLevelId";

-- Complete leads only: a name, a title that is understood, the person's country, and a company with name, country and a
-- standard industry. Whoever reads this view needs no filter of their own.
CREATE VIEW core_leads AS
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
JOIN reference_company_industries i ON i.name = c."industry"
WHERE p."fullName" IS NOT NULL
  AND p."cleanedJobTitle" IS NOT NULL
  AND p."standardizedJobTitleLevelId" IS NOT NULL
  AND p."jobFunction" IS NOT NULL
  AND p."seniority" IS NOT NULL
  AND p."country" IS NOT NULL
  AND c."name" IS NOT NULL
  AND c."country" IS NOT NULL;

-- To which key a joined key leads in the end.
CREATE VIEW core_key_roots AS
WITH RECURSIVE roots (entity, from_key, into_key) AS (
    SELECT entity, from_key, into_key FROM core_key_joins WHERE removed_by IS NULL
    UNION
    SELECT r.entity, r.from_key, j.into_key FROM roots r
    JOIN core_key_joins j ON j.entity = r.entity AND j.from_key = r.into_key AND j.removed_by IS NULL
)
SELECT entity, from_key, into_key FROM roots r
WHERE NOT EXISTS (
    SELECT 1 FROM core_key_joins j WHERE j.entity = r.entity AND j.from_key = r.into_key AND j.removed_by IS NULL
);

-- What each source says about each attribute, and whether the golden value is its own.
CREATE VIEW core_company_provenance AS
SELECT g."id" AS id, s.key, s.attribute, s.source, s.raw_value, s.matched_value, s.evidence, s.payloads, s.payload_id,
    s.observed_at, COALESCE(g."provenance" ->> s.attribute = s.source, 0) AS is_winner
FROM (
    SELECT 'company_name' AS attribute, key, source, raw_name AS raw_value, CAST(matched_name AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_company_names
    UNION ALL
    SELECT 'employee_range' AS attribute, key, source, COALESCE(raw_employee_range, raw_employee_size_link) AS raw_value, CAST(matched_employee_range AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_company_employee_ranges
    UNION ALL
    SELECT 'company_type' AS attribute, key, source, raw_company_type AS raw_value, CAST(matched_company_type AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_company_types
    UNION ALL
    SELECT 'company_location' AS attribute, key, source, COALESCE(raw_location, raw_city, raw_state, raw_country, raw_address, raw_postal_code) AS raw_value, CAST(COALESCE(matched_city, matched_metro, matched_state, matched_country) AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_company_locations
    UNION ALL
    SELECT 'industry' AS attribute, key, source, raw_industry AS raw_value, CAST(matched_industry AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_company_industries
    UNION ALL
    SELECT 'funding_range' AS attribute, key, source, raw_funding AS raw_value, CAST(matched_funding_range AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_company_funding
    UNION ALL
    SELECT 'revenue_range' AS attribute, key, source, raw_revenue AS raw_value, CAST(matched_revenue_range AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_company_revenue
    UNION ALL
    SELECT 'description' AS attribute, key, source, raw_description AS raw_value, CAST(NULL AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_company_descriptions
    UNION ALL
    SELECT 'company_contact' AS attribute, key, source, COALESCE(raw_website, raw_linkedin_url, raw_phone, raw_mobile_phone) AS raw_value, CAST(COALESCE(matched_linkedin_url, matched_phone, matched_mobile_phone) AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_company_contacts
) s
LEFT JOIN core_key_roots r ON r.entity = 'company' AND r.from_key = s.key
LEFT JOIN "Company" g ON g."externalId" = COALESCE(r.into_key, s.key);

-- What each source says about each attribute, and whether the golden value is its own.
CREATE VIEW core_person_provenance AS
SELECT g."id" AS id, s.key, s.attribute, s.source, s.raw_value, s.matched_value, s.evidence, s.payloads, s.payload_id,
    s.observed_at, COALESCE(g."provenance" ->> s.attribute = s.source, 0) AS is_winner
FROM (
    SELECT 'person_name' AS attribute, key, source, COALESCE(raw_full_name, raw_first_name, raw_last_name) AS raw_value, CAST(matched_full_name AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_person_names
    UNION ALL
    SELECT 'job_title' AS attribute, key, source, COALESCE(raw_job_title, raw_job_title_level) AS raw_value, CAST(matched_job_title AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_person_job_titles
    UNION ALL
    SELECT 'person_location' AS attribute, key, source, COALESCE(raw_location, raw_city, raw_state, raw_country, raw_address, raw_postal_code) AS raw_value, CAST(COALESCE(matched_city, matched_metro, matched_state, matched_country) AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_person_locations
    UNION ALL
    SELECT 'person_company' AS attribute, key, source, COALESCE(raw_name, raw_company) AS raw_value, CAST(matched_company_key AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_person_companies
    UNION ALL
    SELECT 'person_contact' AS attribute, key, source, COALESCE(raw_email, raw_linkedin_url, raw_phone, raw_mobile_phone) AS raw_value, CAST(COALESCE(matched_email, matched_linkedin_url, matched_phone, matched_mobile_phone) AS TEXT) AS matched_value, evidence, payloads, payload_id, observed_at FROM core_person_contacts
) s
LEFT JOIN core_key_roots r ON r.entity = 'person' AND r.from_key = s.key
LEFT JOIN "Prospect" g ON g."externalId" = COALESCE(r.into_key, s.key);
