-- A score belongs to the key that its golden row had when it was made: whoever gives the row another key or id, the score goes.
CREATE TRIGGER "Company_quality_moved" AFTER UPDATE OF "key", "id" ON "Company" FOR EACH ROW
WHEN (NEW."key" IS DISTINCT FROM OLD."key" OR NEW."id" IS DISTINCT FROM OLD."id")
EXECUTE FUNCTION intelligence.forget_quality('company');

CREATE TRIGGER "Prospect_quality_moved" AFTER UPDATE OF "key", "id" ON "Prospect" FOR EACH ROW
WHEN (NEW."key" IS DISTINCT FROM OLD."key" OR NEW."id" IS DISTINCT FROM OLD."id")
EXECUTE FUNCTION intelligence.forget_quality('person');

-- Whoever empties a golden table, its scores go with it: that deletes no row one by one.
CREATE FUNCTION intelligence.forget_all_quality() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_ARGV[0] = 'company' THEN
        DELETE FROM intelligence.company_quality;
    ELSE
        DELETE FROM intelligence.person_quality;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER "Company_quality_emptied" AFTER TRUNCATE ON "Company" FOR EACH STATEMENT
EXECUTE FUNCTION intelligence.forget_all_quality('company');

CREATE TRIGGER "Prospect_quality_emptied" AFTER TRUNCATE ON "Prospect" FOR EACH STATEMENT
EXECUTE FUNCTION intelligence.forget_all_quality('person');
