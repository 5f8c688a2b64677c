DROP TABLE raw.refreshes;
DROP TABLE intelligence.person_intelligence;
DROP TABLE intelligence.company_intelligence;
DROP TABLE intelligence.documents;
DROP TABLE intelligence.document_payloads;
-- It goes with the last that stands in it.
DO $$ BEGIN
    DROP SCHEMA IF EXISTS intelligence;
EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
END $$;
