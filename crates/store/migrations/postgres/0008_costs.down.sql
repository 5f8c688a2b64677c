DROP TABLE intelligence.research_flights;
DROP TABLE intelligence.research_data;
DROP TABLE intelligence.cost_payloads;
DROP TABLE intelligence.api_cost_tracking;
DROP TABLE intelligence.budget_alerts;
DROP TABLE intelligence.reservation_windows;
DROP TABLE intelligence.reservations;
DROP TABLE intelligence.budget_windows;
DROP TABLE intelligence.budgets;
DROP TABLE reference.unit_prices;

-- Other programs may have tables there.
DO $$
BEGIN
    DROP SCHEMA intelligence;
EXCEPTION
    WHEN dependent_objects_still_exist THEN NULL;
END
$$;
