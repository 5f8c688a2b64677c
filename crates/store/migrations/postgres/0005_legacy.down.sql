DROP VIEW core.person_provenance;
DROP VIEW core.company_provenance;
DROP VIEW core.key_roots;
DROP VIEW core.leads;
DROP VIEW core.people_full;
DROP VIEW core.companies_full;
REVOKE USAGE ON SCHEMA core FROM PUBLIC;
DROP TRIGGER "Prospect_find_company" ON "Prospect";
DROP FUNCTION core.find_company();
DROP FUNCTION core.company_called(TEXT);
ALTER FUNCTION core.note_deletion() SECURITY INVOKER RESET search_path;
DROP TRIGGER "Prospect_direct_update" ON "Prospect";
DROP TRIGGER "Prospect_direct_write" ON "Prospect";
DROP TRIGGER "Company_direct_update" ON "Company";
DROP TRIGGER "Company_direct_write" ON "Company";
DROP FUNCTION core.note_direct_write();
DROP TABLE raw.direct_writes;
DROP INDEX "Prospect_key_idx";
DROP INDEX "Company_key_idx";
-- The version before knew its rows by "externalId".
UPDATE "Company" SET "externalId" = "key" WHERE "key" IS NOT NULL;
UPDATE "Prospect" SET "externalId" = "key" WHERE "key" IS NOT NULL;
ALTER TABLE "Prospect" DROP COLUMN "key";
ALTER TABLE "Company" DROP COLUMN "key";

-- One row for each golden company, whatever the number of sources, with the source that won each attribute.
CREATE VIEW core.companies_full AS
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
LEFT JOIN "Company" g ON g."externalId" = COALESCE(r.into_key, s.key);

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
LEFT JOIN "Prospect" g ON g."externalId" = COALESCE(r.into_key, s.key);
