-- What people look companies and prospects up by, under the names that existing clients' own migrations give these indexes.
-- A full refresh builds them anew; a concurrent one touches them for changed rows alone.
CREATE INDEX company_prospect_view_standardized_job_title_level_idx ON company_prospect_view (standardized_job_title_level);

CREATE INDEX company_prospect_view_company_id_idx ON company_prospect_view (company_id);

CREATE INDEX company_prospect_view_prospect_id_idx ON company_prospect_view (prospect_id);

CREATE INDEX company_prospect_view_company_name_idx ON company_prospect_view (company_name);

CREATE INDEX company_prospect_view_industry_idx ON company_prospect_view (industry);

CREATE INDEX company_prospect_view_company_country_idx ON company_prospect_view (company_country);

CREATE INDEX company_prospect_view_company_state_idx ON company_prospect_view (company_state);

CREATE INDEX company_prospect_view_company_city_idx ON company_prospect_view (company_city);

CREATE INDEX company_prospect_view_job_title_idx ON company_prospect_view ("jobTitle");

CREATE INDEX company_prospect_view_job_title_level_idx ON company_prospect_view ("jobTitleLevel");

CREATE INDEX company_prospect_view_department_idx ON company_prospect_view (department);

CREATE INDEX company_prospect_view_email_idx ON company_prospect_view (email);

CREATE INDEX company_prospect_view_full_name_idx ON company_prospect_view (fullname);

CREATE INDEX company_prospect_view_min_employee_size_idx ON company_prospect_view ("minEmployeeSize");

CREATE INDEX company_prospect_view_max_employee_size_idx ON company_prospect_view ("maxEmployeeSize");

CREATE INDEX company_prospect_view_revenue_idx ON company_prospect_view (revenue);
