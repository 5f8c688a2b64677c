DROP TABLE icp_factor_breakdown;
DROP TABLE icp_score;
DROP TABLE detected_signal;
DROP TABLE citation;
DROP TABLE research_run;
DROP TABLE technographic;
DROP TABLE lead;
DROP TABLE core.lead_documents;
