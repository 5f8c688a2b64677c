"""Leads from Python: uploaded, refreshed, listed, shown, deleted."""

import json

import firmograph as fg
import pytest

RESEARCH = {
    "CompanyProfile": {
        "name": "Brook Mills",
        "domain": "brook-mills.com",
        "industry": "Textiles",
        "company_size": {"employee_count": 320, "annual_revenue_usd": 0, "is_public": False},
        "headquarters": {"city": "Leeds", "state_or_region": "Unknown", "country": "United Kingdom"},
        "technographics": [{"name": "Looms 3", "category": "ERP", "confidence": "High", "source": "site"}],
        "confidence": "High",
    },
    "PersonaProfile": {"full_name": "Ada Specimen", "title": "", "email": "ada@brook-mills.com", "confidence": "Low"},
    "DetectedSignals": [
        {"type": "technical", "signal": "New looms", "source": "site", "strength": "high", "recency": "2026", "evidence": []}
    ],
    "ResearchMeta": {
        "research_timestamp_utc": "2026-01-02T03:04:05Z",
        "tools_used": ["SEARCH"],
        "citations": [{"source_name": "site", "url": "https://example.com", "accessed_at_utc": "2026-01-02"}],
        "data_quality_warnings": [],
    },
}
ICP = {
    "icp_score": 92,
    "fit_tier": "Tier 1",
    "score_breakdown": {"company_fit": 90, "persona_fit": 92, "timing_fit": 88},
    "factor_breakdown": {
        "companyFit": {"score": 90, "factors": [{"name": "Size", "value": 90, "weight": 100}]},
        "personaFit": {"score": 92, "factors": [{"name": "Seniority", "value": 92, "weight": 100}]},
        "timingFit": {"score": 88, "factors": [{"name": "Signals", "value": 88, "weight": 100}]},
    },
    "strengths": ["Scale"],
    "risks": [],
    "gaps": [],
    "confidence_level": "High",
    "scoring_meta": {"inputs_used": ["CompanyProfile"], "scored_at": "2026-01-02T03:05:00Z"},
}


@pytest.fixture
def database(tmp_path):
    return f"sqlite://{tmp_path / 'leads.db'}"


@pytest.fixture
def uploaded(database, tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text(
        "Who,Role,Firm,Mail\n"
        "Ada Specimen,CFO,Brook Mills,Ada@brook-mills.com\n"
        "Bo Specimen,,C++ Foundry (UK),\n"
        "No Firm,CTO,,nowhere\n"
    )
    mapping = {"name": "Who", "title": "Role", "company": "Firm", "email": "Mail"}
    return fg.upload_leads(path, mapping, database=database), path, mapping


def test_rows_are_told_one_by_one(uploaded, database):
    upload, path, mapping = uploaded
    assert (upload["total"], upload["created"], upload["failed"]) == (3, 2, 1)
    assert [row["line"] for row in upload["rows"]] == [2, 3, 4]
    again = fg.upload_leads(path, mapping, database=database)
    assert (again["created"], again["known"]) == (0, 2)
    assert len(fg.leads(database=database)) == 2


def test_research_and_scores_are_attached_and_blanks_wipe_nothing(uploaded, database):
    upload, _, _ = uploaded
    lead = upload["rows"][0]["id"]
    refreshed = fg.refresh_lead(lead, research=RESEARCH, icp="```json\n" + json.dumps(ICP) + "\n```", database=database)
    assert refreshed["status"] == "icp_scored"
    shown = fg.lead(refreshed["id"], database=database)
    assert shown["title"] == "CFO"
    assert shown["company"]["name"] == "Brook Mills"
    assert shown["company"]["employeeRange"] == "201-500"
    assert [use["name"] for use in shown["company"]["technographics"]] == ["Looms 3"]
    assert shown["icp_score"]["icp_score"] == 92
    listed = fg.leads(status="icp_scored", database=database)
    assert [lead["id"] for lead in listed] == [refreshed["id"]]
    assert fg.leads(status="researched", database=database) == []


def test_deleting_takes_what_nobody_else_names(uploaded, database):
    upload, _, _ = uploaded
    lead = upload["rows"][1]["id"]
    report = fg.delete_lead(lead, database=database)
    assert report["run"] > 0
    assert fg.lead(lead, database=database) is None
    assert len(fg.leads(database=database)) == 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda database: fg.refresh_lead("nobody", icp={"icp_score": 1}, database=database), "unknown-lead"),
        (lambda database: fg.leads(status="lost", database=database), "unknown-status"),
        (lambda database: fg.upload_leads("x.csv", {"nickname": "Who"}, database=database), "unknown-column"),
    ],
)
def test_errors_have_codes(call, code, database):
    with pytest.raises(fg.FirmographError) as error:
        call(database)
    assert error.value.code == code
