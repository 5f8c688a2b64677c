DROP VIEW intelligence.quality;
DROP TRIGGER "Prospect_quality" ON "Prospect";
DROP TRIGGER "Company_quality" ON "Company";
DROP FUNCTION intelligence.forget_quality();
DROP TABLE intelligence.person_quality;
DROP TABLE intelligence.company_quality;

-- Other migrations may have tables there.
DO $$
BEGIN
    DROP SCHEMA intelligence;
EXCEPTION
    WHEN dependent_objects_still_exist THEN NULL;
END
$$;
