DROP VIEW core_person_provenance;
DROP VIEW core_company_provenance;
DROP VIEW core_key_roots;
DROP VIEW core_leads;
DROP VIEW core_people_full;
DROP VIEW core_companies_full;
DROP TRIGGER "Prospect_deleted";
DROP TRIGGER "Company_deleted";
DROP TABLE core_deletions;
DROP TABLE reference_funding_range_lookup;
DROP TABLE reference_revenue_range_lookup;
DROP TABLE reference_employee_range_lookup;
DROP TABLE reference_industry_lookup;
DROP TABLE reference_company_type_lookup;
DROP VIEW reference_unmatched_values;

ALTER TABLE core_company_employee_ranges ADD COLUMN new_matched_employee_range TEXT;
UPDATE core_company_employee_ranges SET new_matched_employee_range = matched_employee_range;
ALTER TABLE core_company_employee_ranges DROP COLUMN matched_employee_range;
ALTER TABLE core_company_employee_ranges RENAME COLUMN new_matched_employee_range TO matched_employee_range;
ALTER TABLE core_company_types ADD COLUMN new_matched_company_type TEXT;
UPDATE core_company_types SET new_matched_company_type = matched_company_type;
ALTER TABLE core_company_types DROP COLUMN matched_company_type;
ALTER TABLE core_company_types RENAME COLUMN new_matched_company_type TO matched_company_type;
ALTER TABLE core_company_industries ADD COLUMN new_matched_industry TEXT;
UPDATE core_company_industries SET new_matched_industry = matched_industry;
ALTER TABLE core_company_industries DROP COLUMN matched_industry;
ALTER TABLE core_company_industries RENAME COLUMN new_matched_industry TO matched_industry;
ALTER TABLE core_company_funding ADD COLUMN new_matched_funding_range TEXT;
UPDATE core_company_funding SET new_matched_funding_range = matched_funding_range;
ALTER TABLE core_company_funding DROP COLUMN matched_funding_range;
ALTER TABLE core_company_funding RENAME COLUMN new_matched_funding_range TO matched_funding_range;
ALTER TABLE core_company_revenue ADD COLUMN new_matched_revenue_range TEXT;
UPDATE core_company_revenue SET new_matched_revenue_range = matched_revenue_range;
ALTER TABLE core_company_revenue DROP COLUMN matched_revenue_range;
ALTER TABLE core_company_revenue RENAME COLUMN new_matched_revenue_range TO matched_revenue_range;
ALTER TABLE core_person_job_titles ADD COLUMN new_matched_level BIGINT;
UPDATE core_person_job_titles SET new_matched_level = matched_level;
ALTER TABLE core_person_job_titles DROP COLUMN matched_level;
ALTER TABLE core_person_job_titles RENAME COLUMN new_matched_level TO matched_level;
ALTER TABLE core_person_job_titles ADD COLUMN new_matched_seniority TEXT;
UPDATE core_person_job_titles SET new_matched_seniority = matched_seniority;
ALTER TABLE core_person_job_titles DROP COLUMN matched_seniority;
ALTER TABLE core_person_job_titles RENAME COLUMN new_matched_seniority TO matched_seniority;
ALTER TABLE core_person_job_titles ADD COLUMN new_matched_function TEXT;
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
