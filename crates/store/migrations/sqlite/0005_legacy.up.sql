-- The key of a golden row stands in a column of its own: "externalSource" and "externalId" belong to whoever wrote the row.
ALTER TABLE "Company" ADD COLUMN "key" TEXT;
ALTER TABLE "Prospect" ADD COLUMN "key" TEXT;
UPDATE "Company" SET "key" = "externalId" WHERE "keyKind" IS NOT NULL;
UPDATE "Prospect" SET "key" = "externalId" WHERE "provenance" IS NOT NULL;
CREATE INDEX "Company_key_idx" ON "Company" ("key");
CREATE INDEX "Prospect_key_idx" ON "Prospect" ("key");

-- What other programs write into the golden tables, in their order: it is observed as what the source `legacy` says. Waiting is what
-- no run has observed; what an undo set aside (`held_by`) waits to be asked for.
CREATE TABLE raw_direct_writes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entity TEXT NOT NULL,
    row_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    before TEXT,
    written TEXT NOT NULL,
    written_at TEXT NOT NULL,
    works_for TEXT,
    said TEXT,
    run_id BIGINT REFERENCES raw_runs (id),
    held_by BIGINT REFERENCES raw_runs (id)
);

CREATE INDEX raw_direct_writes_waiting ON raw_direct_writes (id) WHERE run_id IS NULL;

CREATE INDEX raw_direct_writes_row ON raw_direct_writes (entity, row_id);

CREATE INDEX raw_direct_writes_run ON raw_direct_writes (run_id);

-- 1 within a transaction of firmograph. There is one writer at a time, so no other ever sees it.
CREATE TABLE core_writer (writing BIGINT NOT NULL);

INSERT INTO core_writer (writing) VALUES (0);

CREATE TRIGGER "Company_direct_insert" AFTER INSERT ON "Company" WHEN (SELECT writing FROM core_writer) = 0
BEGIN
    INSERT INTO raw_direct_writes (entity, row_id, operation, written, written_at)
    SELECT 'company', NEW."id", 'insert', json_object(
        'id', NEW."id", 'domain', NEW."domain", 'name', NEW."name", 'industry', NEW."industry",
        'minEmployeeSize', NEW."minEmployeeSize", 'maxEmployeeSize', NEW."maxEmployeeSize",
        'employeeSizeLink', NEW."employeeSizeLink", 'revenue', NEW."revenue", 'address', NEW."address",
        'city', NEW."city", 'state', NEW."state", 'country', NEW."country", 'zipCode', NEW."zipCode",
        'phone', NEW."phone", 'mobilePhone', NEW."mobilePhone", 'externalSource', NEW."externalSource",
        'externalId', NEW."externalId", 'createdAt', NEW."createdAt", 'updatedAt', NEW."updatedAt",
        'employeeRange', NEW."employeeRange", 'revenueRange', NEW."revenueRange",
        'fundingRange', NEW."fundingRange", 'companyType', NEW."companyType", 'legalForm', NEW."legalForm",
        'description', NEW."description", 'website', NEW."website", 'linkedinUrl', NEW."linkedinUrl",
        'keyKind', NEW."keyKind", 'provenance', NEW."provenance", 'key', NEW."key"
    ), strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
END;

CREATE TRIGGER "Company_direct_update" AFTER UPDATE ON "Company" WHEN (SELECT writing FROM core_writer) = 0 AND (
    NEW."address" IS NOT OLD."address"
    OR NEW."city" IS NOT OLD."city"
    OR NEW."companyType" IS NOT OLD."companyType"
    OR NEW."country" IS NOT OLD."country"
    OR NEW."description" IS NOT OLD."description"
    OR NEW."domain" IS NOT OLD."domain"
    OR NEW."employeeSizeLink" IS NOT OLD."employeeSizeLink"
    OR NEW."industry" IS NOT OLD."industry"
    OR NEW."linkedinUrl" IS NOT OLD."linkedinUrl"
    OR NEW."maxEmployeeSize" IS NOT OLD."maxEmployeeSize"
    OR NEW."minEmployeeSize" IS NOT OLD."minEmployeeSize"
    OR NEW."mobilePhone" IS NOT OLD."mobilePhone"
    OR NEW."name" IS NOT OLD."name"
    OR NEW."phone" IS NOT OLD."phone"
    OR NEW."revenue" IS NOT OLD."revenue"
    OR NEW."state" IS NOT OLD."state"
    OR NEW."website" IS NOT OLD."website"
    OR NEW."zipCode" IS NOT OLD."zipCode"
)
BEGIN
    INSERT INTO raw_direct_writes (entity, row_id, operation, before, written, written_at)
    SELECT 'company', NEW."id", 'update', json_object(
        'id', OLD."id", 'domain', OLD."domain", 'name', OLD."name", 'industry', OLD."industry",
        'minEmployeeSize', OLD."minEmployeeSize", 'maxEmployeeSize', OLD."maxEmployeeSize",
        'employeeSizeLink', OLD."employeeSizeLink", 'revenue', OLD."revenue", 'address', OLD."address",
        'city', OLD."city", 'state', OLD."state", 'country', OLD."country", 'zipCode', OLD."zipCode",
        'phone', OLD."phone", 'mobilePhone', OLD."mobilePhone", 'externalSource', OLD."externalSource",
        'externalId', OLD."externalId", 'createdAt', OLD."createdAt", 'updatedAt', OLD."updatedAt",
        'employeeRange', OLD."employeeRange", 'revenueRange', OLD."revenueRange",
        'fundingRange', OLD."fundingRange", 'companyType', OLD."companyType", 'legalForm', OLD."legalForm",
        'description', OLD."description", 'website', OLD."website", 'linkedinUrl', OLD."linkedinUrl",
        'keyKind', OLD."keyKind", 'provenance', OLD."provenance", 'key', OLD."key"
    ), json_object(
        'id', NEW."id", 'domain', NEW."domain", 'name', NEW."name", 'industry', NEW."industry",
        'minEmployeeSize', NEW."minEmployeeSize", 'maxEmployeeSize', NEW."maxEmployeeSize",
        'employeeSizeLink', NEW."employeeSizeLink", 'revenue', NEW."revenue", 'address', NEW."address",
        'city', NEW."city", 'state', NEW."state", 'country', NEW."country", 'zipCode', NEW."zipCode",
        'phone', NEW."phone", 'mobilePhone', NEW."mobilePhone", 'externalSource', NEW."externalSource",
        'externalId', NEW."externalId", 'createdAt', NEW."createdAt", 'updatedAt', NEW."updatedAt",
        'employeeRange', NEW."employeeRange", 'revenueRange', NEW."revenueRange",
        'fundingRange', NEW."fundingRange", 'companyType', NEW."companyType", 'legalForm', NEW."legalForm",
        'description', NEW."description", 'website', NEW."website", 'linkedinUrl', NEW."linkedinUrl",
        'keyKind', NEW."keyKind", 'provenance', NEW."provenance", 'key', NEW."key"
    ), strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
END;

CREATE TRIGGER "Company_direct_delete" AFTER DELETE ON "Company" WHEN (SELECT writing FROM core_writer) = 0
BEGIN
    INSERT INTO raw_direct_writes (entity, row_id, operation, written, written_at)
    SELECT 'company', OLD."id", 'delete', json_object(
        'id', OLD."id", 'domain', OLD."domain", 'name', OLD."name", 'industry', OLD."industry",
        'minEmployeeSize', OLD."minEmployeeSize", 'maxEmployeeSize', OLD."maxEmployeeSize",
        'employeeSizeLink', OLD."employeeSizeLink", 'revenue', OLD."revenue", 'address', OLD."address",
        'city', OLD."city", 'state', OLD."state", 'country', OLD."country", 'zipCode', OLD."zipCode",
        'phone', OLD."phone", 'mobilePhone', OLD."mobilePhone", 'externalSource', OLD."externalSource",
        'externalId', OLD."externalId", 'createdAt', OLD."createdAt", 'updatedAt', OLD."updatedAt",
        'employeeRange', OLD."employeeRange", 'revenueRange', OLD."revenueRange",
        'fundingRange', OLD."fundingRange", 'companyType', OLD."companyType", 'legalForm', OLD."legalForm",
        'description', OLD."description", 'website', OLD."website", 'linkedinUrl', OLD."linkedinUrl",
        'keyKind', OLD."keyKind", 'provenance', OLD."provenance", 'key', OLD."key"
    ), strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
END;

CREATE TRIGGER "Prospect_direct_insert" AFTER INSERT ON "Prospect" WHEN (SELECT writing FROM core_writer) = 0
BEGIN
    INSERT INTO raw_direct_writes (entity, row_id, operation, written, written_at)
    SELECT 'person', NEW."id", 'insert', json_object(
        'id', NEW."id", 'salutation', NEW."salutation", 'firstName', NEW."firstName", 'lastName', NEW."lastName",
        'email', NEW."email", 'jobTitle', NEW."jobTitle", 'jobTitleLevel', NEW."jobTitleLevel",
        'department', NEW."department", 'jobTitleLink', NEW."jobTitleLink", 'address', NEW."address",
        'city', NEW."city", 'state', NEW."state", 'country', NEW."country", 'zipCode', NEW."zipCode",
        'phone', NEW."phone", 'mobilePhone', NEW."mobilePhone", 'companyId', NEW."companyId",
        'externalSource', NEW."externalSource", 'externalId', NEW."externalId", 'createdAt', NEW."createdAt",
        'updatedAt', NEW."updatedAt", 'standardizedJobTitleLevelId', NEW."standardizedJobTitleLevelId",
        'fullName', NEW."fullName", 'cleanedJobTitle', NEW."cleanedJobTitle", 'seniority', NEW."seniority",
        'jobFunction', NEW."jobFunction", 'linkedinUrl', NEW."linkedinUrl", 'provenance', NEW."provenance",
        'key', NEW."key"
    ), strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
END;

CREATE TRIGGER "Prospect_direct_update" AFTER UPDATE ON "Prospect" WHEN (SELECT writing FROM core_writer) = 0 AND (
    NEW."address" IS NOT OLD."address"
    OR NEW."city" IS NOT OLD."city"
    OR NEW."companyId" IS NOT OLD."companyId"
    OR NEW."country" IS NOT OLD."country"
    OR NEW."department" IS NOT OLD."department"
    OR NEW."email" IS NOT OLD."email"
    OR NEW."firstName" IS NOT OLD."firstName"
    OR NEW."fullName" IS NOT OLD."fullName"
    OR NEW."jobTitle" IS NOT OLD."jobTitle"
    OR NEW."jobTitleLevel" IS NOT OLD."jobTitleLevel"
    OR NEW."jobTitleLink" IS NOT OLD."jobTitleLink"
    OR NEW."lastName" IS NOT OLD."lastName"
    OR NEW."linkedinUrl" IS NOT OLD."linkedinUrl"
    OR NEW."mobilePhone" IS NOT OLD."mobilePhone"
    OR NEW."phone" IS NOT OLD."phone"
    OR NEW."salutation" IS NOT OLD."salutation"
    OR NEW."state" IS NOT OLD."state"
    OR NEW."zipCode" IS NOT OLD."zipCode"
)
BEGIN
    INSERT INTO raw_direct_writes (entity, row_id, operation, before, written, written_at)
    SELECT 'person', NEW."id", 'update', json_object(
        'id', OLD."id", 'salutation', OLD."salutation", 'firstName', OLD."firstName", 'lastName', OLD."lastName",
        'email', OLD."email", 'jobTitle', OLD."jobTitle", 'jobTitleLevel', OLD."jobTitleLevel",
        'department', OLD."department", 'jobTitleLink', OLD."jobTitleLink", 'address', OLD."address",
        'city', OLD."city", 'state', OLD."state", 'country', OLD."country", 'zipCode', OLD."zipCode",
        'phone', OLD."phone", 'mobilePhone', OLD."mobilePhone", 'companyId', OLD."companyId",
        'externalSource', OLD."externalSource", 'externalId', OLD."externalId", 'createdAt', OLD."createdAt",
        'updatedAt', OLD."updatedAt", 'standardizedJobTitleLevelId', OLD."standardizedJobTitleLevelId",
        'fullName', OLD."fullName", 'cleanedJobTitle', OLD."cleanedJobTitle", 'seniority', OLD."seniority",
        'jobFunction', OLD."jobFunction", 'linkedinUrl', OLD."linkedinUrl", 'provenance', OLD."provenance",
        'key', OLD."key"
    ), json_object(
        'id', NEW."id", 'salutation', NEW."salutation", 'firstName', NEW."firstName", 'lastName', NEW."lastName",
        'email', NEW."email", 'jobTitle', NEW."jobTitle", 'jobTitleLevel', NEW."jobTitleLevel",
        'department', NEW."department", 'jobTitleLink', NEW."jobTitleLink", 'address', NEW."address",
        'city', NEW."city", 'state', NEW."state", 'country', NEW."country", 'zipCode', NEW."zipCode",
        'phone', NEW."phone", 'mobilePhone', NEW."mobilePhone", 'companyId', NEW."companyId",
        'externalSource', NEW."externalSource", 'externalId', NEW."externalId", 'createdAt', NEW."createdAt",
        'updatedAt', NEW."updatedAt", 'standardizedJobTitleLevelId', NEW."standardizedJobTitleLevelId",
        'fullName', NEW."fullName", 'cleanedJobTitle', NEW."cleanedJobTitle", 'seniority', NEW."seniority",
        'jobFunction', NEW."jobFunction", 'linkedinUrl', NEW."linkedinUrl", 'provenance', NEW."provenance",
        'key', NEW."key"
    ), strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
END;

CREATE TRIGGER "Prospect_direct_delete" AFTER DELETE ON "Prospect" WHEN (SELECT writing FROM core_writer) = 0
BEGIN
    INSERT INTO raw_direct_writes (entity, row_id, operation, written, written_at)
    SELECT 'person', OLD."id", 'delete', json_object(
        'id', OLD."id", 'salutation', OLD."salutation", 'firstName', OLD."firstName", 'lastName', OLD."lastName",
        'email', OLD."email", 'jobTitle', OLD."jobTitle", 'jobTitleLevel', OLD."jobTitleLevel",
        'department', OLD."department", 'jobTitleLink', OLD."jobTitleLink", 'address', OLD."address",
        'city', OLD."city", 'state', OLD."state", 'country', OLD."country", 'zipCode', OLD."zipCode",
        'phone', OLD."phone", 'mobilePhone', OLD."mobilePhone", 'companyId', OLD."companyId",
        'externalSource', OLD."externalSource", 'externalId', OLD."externalId", 'createdAt', OLD."createdAt",
        'updatedAt', OLD."updatedAt", 'standardizedJobTitleLevelId', OLD."standardizedJobTitleLevelId",
        'fullName', OLD."fullName", 'cleanedJobTitle', OLD."cleanedJobTitle", 'seniority', OLD."seniority",
        'jobFunction', OLD."jobFunction", 'linkedinUrl', OLD."linkedinUrl", 'provenance', OLD."provenance",
        'key', OLD."key"
    ), strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
END;

-- Rows that other programs wrote before there was anybody to note it.
INSERT INTO raw_direct_writes (entity, row_id, operation, written, written_at)
SELECT 'company', r."id", 'insert', json_object(
        'id', r."id", 'domain', r."domain", 'name', r."name", 'industry', r."industry",
        'minEmployeeSize', r."minEmployeeSize", 'maxEmployeeSize', r."maxEmployeeSize",
        'employeeSizeLink', r."employeeSizeLink", 'revenue', r."revenue", 'address', r."address",
        'city', r."city", 'state', r."state", 'country', r."country", 'zipCode', r."zipCode", 'phone', r."phone",
        'mobilePhone', r."mobilePhone", 'externalSource', r."externalSource", 'externalId', r."externalId",
        'createdAt', r."createdAt", 'updatedAt', r."updatedAt", 'employeeRange', r."employeeRange",
        'revenueRange', r."revenueRange", 'fundingRange', r."fundingRange", 'companyType', r."companyType",
        'legalForm', r."legalForm", 'description', r."description", 'website', r."website",
        'linkedinUrl', r."linkedinUrl", 'keyKind', r."keyKind", 'provenance', r."provenance", 'key', r."key"
    ), strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM "Company" r WHERE r."key" IS NULL ORDER BY r."id";
INSERT INTO raw_direct_writes (entity, row_id, operation, written, written_at)
SELECT 'person', r."id", 'insert', json_object(
        'id', r."id", 'salutation', r."salutation", 'firstName', r."firstName", 'lastName', r."lastName",
        'email', r."email", 'jobTitle', r."jobTitle", 'jobTitleLevel', r."jobTitleLevel",
        'department', r."department", 'jobTitleLink', r."jobTitleLink", 'address', r."address", 'city', r."city",
        'state', r."state", 'country', r."country", 'zipCode', r."zipCode", 'phone', r."phone",
        'mobilePhone', r."mobilePhone", 'companyId', r."companyId", 'externalSource', r."externalSource",
        'externalId', r."externalId", 'createdAt', r."createdAt", 'updatedAt', r."updatedAt",
        'standardizedJobTitleLevelId', r."standardizedJobTitleLevelId", 'fullName', r."fullName",
        'cleanedJobTitle', r."cleanedJobTitle", 'seniority', r."seniority", 'jobFunction', r."jobFunction",
        'linkedinUrl', r."linkedinUrl", 'provenance', r."provenance", 'key', r."key"
    ), strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM "Prospect" r WHERE r."key" IS NULL ORDER BY r."id";

DROP VIEW core_person_provenance;
DROP VIEW core_company_provenance;
DROP VIEW core_key_roots;
DROP VIEW core_leads;
DROP VIEW core_people_full;
DROP VIEW core_companies_full;

-- One row for each golden company, whatever the number of sources, with the source that won each attribute.
CREATE VIEW core_companies_full AS
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
LEFT JOIN "Company" g ON g."key" = COALESCE(r.into_key, s.key);

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
LEFT JOIN "Prospect" g ON g."key" = COALESCE(r.into_key, s.key);
