DROP TABLE raw_refreshes;
DROP TABLE intelligence_person_intelligence;
DROP TABLE intelligence_company_intelligence;
DROP TABLE intelligence_documents;
DROP TABLE intelligence_document_payloads;
