DROP TRIGGER "Prospect_quality_emptied" ON "Prospect";
DROP TRIGGER "Company_quality_emptied" ON "Company";
DROP FUNCTION intelligence.forget_all_quality();
DROP TRIGGER "Prospect_quality_moved" ON "Prospect";
DROP TRIGGER "Company_quality_moved" ON "Company";
