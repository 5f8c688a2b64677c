DROP INDEX "Company_provisional_idx";
DROP TABLE core.joined_keys;
ALTER TABLE core.key_joins DROP COLUMN removed_author;
ALTER TABLE core.person_companies DROP COLUMN raw_country;
ALTER TABLE core.person_companies DROP COLUMN raw_linkedin_url;
