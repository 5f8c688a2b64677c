DROP VIEW intelligence_quality;
DROP TRIGGER "Prospect_quality";
DROP TRIGGER "Company_quality";
DROP TABLE intelligence_person_quality;
DROP TABLE intelligence_company_quality;
