DROP TRIGGER "Prospect_quality_moved";
DROP TRIGGER "Company_quality_moved";
