CREATE SCHEMA raw;
CREATE SCHEMA reference;
CREATE SCHEMA core;

CREATE TABLE raw.runs (
    id BIGINT NOT NULL PRIMARY KEY,
    command TEXT NOT NULL,
    source TEXT,
    status TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    rows_read BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    counters TEXT NOT NULL,
    CHECK (rows_read = accepted + rejected + skipped)
);

CREATE TABLE raw.files (
    id BIGINT NOT NULL PRIMARY KEY,
    run_id BIGINT NOT NULL REFERENCES raw.runs (id),
    path TEXT NOT NULL,
    size BIGINT NOT NULL,
    fingerprint TEXT NOT NULL,
    mapping TEXT NOT NULL,
    decision TEXT NOT NULL,
    header TEXT,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    checkpoint BIGINT NOT NULL,
    rows_read BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    CHECK (rows_read = accepted + rejected + skipped)
);

CREATE INDEX raw_files_run ON raw.files (run_id);

CREATE TABLE raw.rejects (
    id BIGINT NOT NULL PRIMARY KEY,
    run_id BIGINT NOT NULL REFERENCES raw.runs (id),
    file_id BIGINT NOT NULL REFERENCES raw.files (id),
    record BIGINT NOT NULL,
    line BIGINT NOT NULL,
    code TEXT NOT NULL,
    column_name TEXT,
    cause TEXT NOT NULL,
    original BYTEA NOT NULL
);

CREATE INDEX raw_rejects_file ON raw.rejects (file_id);

CREATE INDEX raw_rejects_run ON raw.rejects (run_id);

CREATE TABLE raw.headers (
    id UUID NOT NULL PRIMARY KEY,
    columns JSON NOT NULL
);

CREATE TABLE raw.payloads (
    id UUID NOT NULL,
    source TEXT NOT NULL,
    header_id UUID,
    observed_at TIMESTAMPTZ,
    body JSON NOT NULL,
    file_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX raw_payloads_key ON raw.payloads (id);

CREATE TABLE raw.suspended_indexes (
    id BIGINT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL,
    statement TEXT NOT NULL,
    is_foreign_key BIGINT NOT NULL
);

CREATE TABLE reference.tables (
    name TEXT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    rows BIGINT NOT NULL
);

CREATE TABLE reference.seniorities (
    name TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.job_functions (
    name TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.employee_ranges (
    name TEXT NOT NULL PRIMARY KEY,
    minimum BIGINT NOT NULL,
    maximum BIGINT,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.revenue_ranges (
    name TEXT NOT NULL PRIMARY KEY,
    minimum BIGINT NOT NULL,
    maximum BIGINT,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.funding_ranges (
    name TEXT NOT NULL PRIMARY KEY,
    minimum BIGINT NOT NULL,
    maximum BIGINT,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.company_types (
    name TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.company_industries (
    name TEXT NOT NULL PRIMARY KEY,
    code BIGINT NOT NULL,
    older_name TEXT NOT NULL,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.countries (
    code TEXT NOT NULL PRIMARY KEY,
    alpha3 TEXT NOT NULL,
    numeric TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.subdivisions (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT NOT NULL,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.metros (
    name TEXT NOT NULL PRIMARY KEY,
    metro TEXT NOT NULL,
    city TEXT NOT NULL,
    region_code TEXT NOT NULL,
    country_code TEXT NOT NULL,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.free_mail_domains (
    domain TEXT NOT NULL PRIMARY KEY,
    sort_order BIGINT NOT NULL
);

CREATE TABLE reference.source_priorities (
    attribute TEXT NOT NULL,
    source TEXT NOT NULL,
    priority BIGINT NOT NULL,
    PRIMARY KEY (attribute, source)
);

CREATE TABLE "JobTitleLevelDefinition" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "level" BIGINT NOT NULL UNIQUE,
    "jobTitleLevel" TEXT NOT NULL UNIQUE,
    "examples" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "JobTitleLevelMap" (
    "originalJobTitleLevel" TEXT NOT NULL PRIMARY KEY,
    "standardizedJobTitleLevel" TEXT NOT NULL,
    "level" BIGINT NOT NULL REFERENCES "JobTitleLevelDefinition" ("level"),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX "JobTitleLevelMap_level_idx" ON "JobTitleLevelMap" ("level");

CREATE TABLE core.company_names (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_name TEXT,
    matched_name TEXT,
    matched_name_key TEXT,
    matched_legal_form TEXT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_company_names_key ON core.company_names (key, source);

CREATE TABLE core.company_employee_ranges (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_employee_range TEXT,
    raw_employee_size_link TEXT,
    matched_employee_range TEXT,
    matched_minimum BIGINT,
    matched_maximum BIGINT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_company_employee_ranges_key ON core.company_employee_ranges (key, source);

CREATE TABLE core.company_types (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_company_type TEXT,
    matched_company_type TEXT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_company_types_key ON core.company_types (key, source);

CREATE TABLE core.company_locations (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_location TEXT,
    raw_address TEXT,
    raw_city TEXT,
    raw_state TEXT,
    raw_postal_code TEXT,
    raw_country TEXT,
    matched_city TEXT,
    matched_state TEXT,
    matched_country TEXT,
    matched_state_code TEXT,
    matched_country_code TEXT,
    matched_metro TEXT,
    matched_is_remote BIGINT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_company_locations_key ON core.company_locations (key, source);

CREATE TABLE core.company_industries (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_industry TEXT,
    matched_industry TEXT,
    matched_industry_code BIGINT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_company_industries_key ON core.company_industries (key, source);

CREATE TABLE core.company_funding (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_funding TEXT,
    matched_funding_range TEXT,
    matched_minimum BIGINT,
    matched_maximum BIGINT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_company_funding_key ON core.company_funding (key, source);

CREATE TABLE core.company_revenue (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_revenue TEXT,
    matched_revenue_range TEXT,
    matched_minimum BIGINT,
    matched_maximum BIGINT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_company_revenue_key ON core.company_revenue (key, source);

CREATE TABLE core.company_descriptions (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_description TEXT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_company_descriptions_key ON core.company_descriptions (key, source);

CREATE TABLE core.company_contacts (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_website TEXT,
    raw_linkedin_url TEXT,
    raw_phone TEXT,
    raw_mobile_phone TEXT,
    raw_country TEXT,
    matched_linkedin_url TEXT,
    matched_phone TEXT,
    matched_mobile_phone TEXT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_company_contacts_key ON core.company_contacts (key, source);

CREATE TABLE core.person_names (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_salutation TEXT,
    raw_first_name TEXT,
    raw_middle_name TEXT,
    raw_last_name TEXT,
    raw_full_name TEXT,
    matched_full_name TEXT,
    matched_prefix TEXT,
    matched_given TEXT,
    matched_middle TEXT,
    matched_last_name TEXT,
    matched_suffix TEXT,
    matched_credentials TEXT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_person_names_key ON core.person_names (key, source);

CREATE TABLE core.person_job_titles (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_job_title TEXT,
    raw_job_title_level TEXT,
    raw_department TEXT,
    raw_job_title_link TEXT,
    matched_level BIGINT,
    matched_seniority TEXT,
    matched_function TEXT,
    matched_job_title TEXT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_person_job_titles_key ON core.person_job_titles (key, source);

CREATE TABLE core.person_locations (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_location TEXT,
    raw_address TEXT,
    raw_city TEXT,
    raw_state TEXT,
    raw_postal_code TEXT,
    raw_country TEXT,
    matched_city TEXT,
    matched_state TEXT,
    matched_country TEXT,
    matched_state_code TEXT,
    matched_country_code TEXT,
    matched_metro TEXT,
    matched_is_remote BIGINT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_person_locations_key ON core.person_locations (key, source);

CREATE TABLE core.person_companies (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_company TEXT,
    raw_name TEXT,
    matched_company_key TEXT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_person_companies_key ON core.person_companies (key, source);

CREATE TABLE core.person_contacts (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    raw_email TEXT,
    raw_linkedin_url TEXT,
    raw_phone TEXT,
    raw_mobile_phone TEXT,
    raw_country TEXT,
    matched_email TEXT,
    matched_linkedin_url TEXT,
    matched_phone TEXT,
    matched_mobile_phone TEXT,
    evidence TEXT,
    payloads BIGINT NOT NULL,
    payload_id UUID NOT NULL,
    others TEXT,
    observed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX core_person_contacts_key ON core.person_contacts (key, source);

CREATE TABLE "Company" (
    "id" TEXT NOT NULL,
    "domain" TEXT,
    "name" TEXT,
    "industry" TEXT,
    "minEmployeeSize" BIGINT,
    "maxEmployeeSize" BIGINT,
    "employeeSizeLink" TEXT,
    "revenue" BIGINT,
    "address" TEXT,
    "city" TEXT,
    "state" TEXT,
    "country" TEXT,
    "zipCode" TEXT,
    "phone" TEXT,
    "mobilePhone" TEXT,
    "externalSource" TEXT,
    "externalId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "employeeRange" TEXT,
    "revenueRange" TEXT,
    "fundingRange" TEXT,
    "companyType" TEXT,
    "legalForm" TEXT,
    "description" TEXT,
    "website" TEXT,
    "linkedinUrl" TEXT,
    CONSTRAINT "Company_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "Company_domain_key" ON "Company" ("domain");

CREATE INDEX "Company_name_idx" ON "Company" ("name");

CREATE INDEX "Company_industry_idx" ON "Company" ("industry");

CREATE INDEX "Company_revenue_idx" ON "Company" ("revenue");

CREATE INDEX "Company_employee_size_idx" ON "Company" ("minEmployeeSize", "maxEmployeeSize");

CREATE INDEX "Company_place_idx" ON "Company" ("country", "state", "city");

CREATE TABLE "Prospect" (
    "id" TEXT NOT NULL,
    "salutation" TEXT,
    "firstName" TEXT,
    "lastName" TEXT,
    "email" TEXT,
    "jobTitle" TEXT,
    "jobTitleLevel" TEXT,
    "department" TEXT,
    "jobTitleLink" TEXT,
    "address" TEXT,
    "city" TEXT,
    "state" TEXT,
    "country" TEXT,
    "zipCode" TEXT,
    "phone" TEXT,
    "mobilePhone" TEXT,
    "companyId" TEXT,
    "externalSource" TEXT,
    "externalId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "standardizedJobTitleLevelId" BIGINT,
    "fullName" TEXT,
    "cleanedJobTitle" TEXT,
    "seniority" TEXT,
    "jobFunction" TEXT,
    "linkedinUrl" TEXT,
    CONSTRAINT "Prospect_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Prospect_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "Prospect_standardizedJobTitleLevelId_fkey" FOREIGN KEY ("standardizedJobTitleLevelId") REFERENCES "JobTitleLevelDefinition" ("id")
);

CREATE INDEX "Prospect_email_idx" ON "Prospect" ("email");

CREATE INDEX "Prospect_companyId_idx" ON "Prospect" ("companyId");

CREATE INDEX "Prospect_externalSource_externalId_idx" ON "Prospect" ("externalSource", "externalId");

CREATE INDEX "Prospect_standardizedJobTitleLevelId_idx" ON "Prospect" ("standardizedJobTitleLevelId");

CREATE VIEW reference.unmatched_values AS
SELECT 'company_name' AS attribute, raw_name AS raw_value, source, count(*) AS row_count
  FROM core.company_names WHERE matched_name IS NULL AND raw_name IS NOT NULL GROUP BY raw_name, source
UNION ALL
SELECT 'employee_range' AS attribute, raw_employee_range AS raw_value, source, count(*) AS row_count
  FROM core.company_employee_ranges WHERE matched_employee_range IS NULL AND raw_employee_range IS NOT NULL GROUP BY raw_employee_range, source
UNION ALL
SELECT 'company_type' AS attribute, raw_company_type AS raw_value, source, count(*) AS row_count
  FROM core.company_types WHERE matched_company_type IS NULL AND raw_company_type IS NOT NULL GROUP BY raw_company_type, source
UNION ALL
SELECT 'industry' AS attribute, raw_industry AS raw_value, source, count(*) AS row_count
  FROM core.company_industries WHERE matched_industry IS NULL AND raw_industry IS NOT NULL GROUP BY raw_industry, source
UNION ALL
SELECT 'company_location' AS attribute, raw_value, source, count(*) AS row_count
  FROM (SELECT COALESCE(raw_location, COALESCE(raw_city, '') || ', ' || COALESCE(raw_state, '') || ', ' || COALESCE(raw_country, '')) AS raw_value, source
          FROM core.company_locations WHERE evidence IS NULL AND COALESCE(raw_location, raw_city, raw_state, raw_country) IS NOT NULL) AS given
  GROUP BY raw_value, source
UNION ALL
SELECT 'funding_range' AS attribute, raw_funding AS raw_value, source, count(*) AS row_count
  FROM core.company_funding WHERE matched_funding_range IS NULL AND raw_funding IS NOT NULL GROUP BY raw_funding, source
UNION ALL
SELECT 'revenue_range' AS attribute, raw_revenue AS raw_value, source, count(*) AS row_count
  FROM core.company_revenue WHERE matched_revenue_range IS NULL AND raw_revenue IS NOT NULL GROUP BY raw_revenue, source
UNION ALL
SELECT 'person_name' AS attribute, raw_value, source, count(*) AS row_count
  FROM (SELECT COALESCE(raw_full_name, COALESCE(raw_first_name, '') || ' ' || COALESCE(raw_last_name, '')) AS raw_value, source
          FROM core.person_names WHERE evidence IS NULL AND COALESCE(raw_full_name, raw_first_name, raw_last_name) IS NOT NULL) AS given
  GROUP BY raw_value, source
UNION ALL
SELECT 'person_location' AS attribute, raw_value, source, count(*) AS row_count
  FROM (SELECT COALESCE(raw_location, COALESCE(raw_city, '') || ', ' || COALESCE(raw_state, '') || ', ' || COALESCE(raw_country, '')) AS raw_value, source
          FROM core.person_locations WHERE evidence IS NULL AND COALESCE(raw_location, raw_city, raw_state, raw_country) IS NOT NULL) AS given
  GROUP BY raw_value, source
UNION ALL
SELECT 'job_title' AS attribute, raw_job_title AS raw_value, source, count(*) AS row_count
  FROM core.person_job_titles WHERE matched_level IS NULL AND raw_job_title IS NOT NULL GROUP BY raw_job_title, source
UNION ALL
SELECT 'person_contact' AS attribute, raw_email AS raw_value, source, count(*) AS row_count
  FROM core.person_contacts WHERE matched_email IS NULL AND raw_email IS NOT NULL GROUP BY raw_email, source;

CREATE MATERIALIZED VIEW company_prospect_view AS
SELECT
    COALESCE(c."id", '') || '|' || COALESCE(p."id", '') AS id,
    c."id" AS company_id,
    c."domain" AS domain,
    c."name" AS company_name,
    c."industry" AS industry,
    c."revenue" AS revenue,
    c."minEmployeeSize" AS "minEmployeeSize",
    c."maxEmployeeSize" AS "maxEmployeeSize",
    c."employeeRange" AS employee_range,
    c."revenueRange" AS revenue_range,
    c."address" AS company_address,
    c."city" AS company_city,
    c."state" AS company_state,
    c."country" AS company_country,
    c."zipCode" AS company_zipcode,
    c."phone" AS company_phone,
    c."mobilePhone" AS company_mobilephone,
    c."externalSource" AS company_externalsource,
    c."externalId" AS company_externalid,
    c."createdAt" AS company_createdat,
    c."updatedAt" AS company_updatedat,
    p."id" AS prospect_id,
    p."salutation" AS salutation,
    p."firstName" AS "firstName",
    p."lastName" AS "lastName",
    p."email" AS email,
    p."jobTitle" AS "jobTitle",
    p."jobTitleLevel" AS "jobTitleLevel",
    p."department" AS department,
    p."jobTitleLink" AS "jobTitleLink",
    p."address" AS prospect_address,
    p."city" AS prospect_city,
    p."state" AS prospect_state,
    p."country" AS prospect_country,
    p."zipCode" AS prospect_zipcode,
    p."phone" AS prospect_phone,
    p."mobilePhone" AS prospect_mobilephone,
    p."companyId" AS "companyId",
    p."externalSource" AS prospect_externalsource,
    p."externalId" AS prospect_externalid,
    p."createdAt" AS prospect_createdat,
    p."updatedAt" AS prospect_updatedat,
    trim(COALESCE(p."firstName", '') || ' ' || COALESCE(p."lastName", '')) AS fullname,
    trim(COALESCE(c."name", '') || ' ' || COALESCE(c."industry", '')) AS companycontext,
    p."standardizedJobTitleLevelId" AS standardized_job_title_level_id,
    d."jobTitleLevel" AS standardized_job_title_level,
    d."description" AS job_title_level_description,
    p."seniority" AS seniority,
    p."jobFunction" AS job_function,
    GREATEST(c."updatedAt", p."updatedAt") AS last_updated
FROM "Company" c
FULL JOIN "Prospect" p ON p."companyId" = c."id"
LEFT JOIN "JobTitleLevelDefinition" d ON d."id" = p."standardizedJobTitleLevelId";

CREATE UNIQUE INDEX company_prospect_view_id ON company_prospect_view (id);

CREATE INDEX company_prospect_view_level ON company_prospect_view (standardized_job_title_level_id);

CREATE INDEX company_prospect_view_last_updated ON company_prospect_view (last_updated);
