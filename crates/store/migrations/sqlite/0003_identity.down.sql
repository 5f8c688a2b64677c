DROP INDEX "Company_provisional_idx";
DROP TABLE core_joined_keys;
ALTER TABLE core_key_joins DROP COLUMN removed_author;
ALTER TABLE core_person_companies DROP COLUMN raw_country;
ALTER TABLE core_person_companies DROP COLUMN raw_linkedin_url;
