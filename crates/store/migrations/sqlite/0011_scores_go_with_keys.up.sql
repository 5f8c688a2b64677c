-- A score belongs to the key that its golden row had when it was made: whoever gives the row another key or id, the score goes.
CREATE TRIGGER "Company_quality_moved" AFTER UPDATE OF "key", "id" ON "Company"
WHEN NEW."key" IS NOT OLD."key" OR NEW."id" IS NOT OLD."id" BEGIN
    DELETE FROM intelligence_company_quality WHERE "key" = OLD."key" AND id = OLD."id";
END;

CREATE TRIGGER "Prospect_quality_moved" AFTER UPDATE OF "key", "id" ON "Prospect"
WHEN NEW."key" IS NOT OLD."key" OR NEW."id" IS NOT OLD."id" BEGIN
    DELETE FROM intelligence_person_quality WHERE "key" = OLD."key" AND id = OLD."id";
END;
