-- A person may work for a company that has no domain: what identifies it then.
ALTER TABLE core.person_companies ADD COLUMN raw_linkedin_url TEXT;
ALTER TABLE core.person_companies ADD COLUMN raw_country TEXT;

-- Who took a join back. What a user took back is not made again automatically.
ALTER TABLE core.key_joins ADD COLUMN removed_author TEXT;

-- Keys of joined companies and persons that a payload names by themselves, so that taking a join back gives them their
-- golden rows again even where no dimension speaks of them.
CREATE TABLE core.joined_keys (
    entity TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (entity, key)
);

-- Companies without a domain are few, and whether there are any is asked at the end of each ingest.
CREATE INDEX "Company_provisional_idx" ON "Company" ("keyKind") WHERE "keyKind" <> 'domain';
