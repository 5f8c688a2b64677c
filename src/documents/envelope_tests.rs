use super::*;

fn fault(text: &str) -> (&'static str, String) {
    let fault = read(text).unwrap_err();
    assert!(!fault.cause.is_empty());
    (fault.code.code(), fault.pointer)
}

#[test]
fn an_envelope_is_read() {
    let said = read(
        r#"{"kind": "funding_rounds", "entity": "company", "domain": "https://www.Brook-Mills.com/about", "source": "crunchbase",
            "observed_at": "2026-01-31", "confidence": 87.5, "confidence_scale": 100, "workspace": "kept",
            "document": {"rounds": [{"type": "seed", "announced_on": "2019-02", "amount": 1.5e6, "note": {"kept": true}}], "x": 1}}"#,
    )
    .unwrap();
    assert_eq!((said.kind.name, said.entity), ("funding_rounds", EntityKind::Company));
    assert_eq!(said.about, About::Key("brook-mills.com".into()));
    assert_eq!(said.source.unwrap().as_str(), "crunchbase");
    assert_eq!(said.confidence, Some(8_750));
    assert_eq!(said.observed_at.unwrap().to_string(), "2026-01-31T00:00:00Z");
    assert!(said.document.to_string().contains(r#""amount":1500000"#) && said.document.get("x").is_some());
}

#[test]
fn whom_it_is_about_is_named_in_several_ways() {
    for (entity, name, given, key) in [
        ("company", "key", "name:brook mills|us", "name:brook mills|us"),
        ("company", "key", "https://linkedin.com/company/Brook-Mills/", "linkedin.com/company/brook-mills"),
        ("company", "key", "Brook-Mills.com", "brook-mills.com"),
        ("company", "email", "info@mail.brook-mills.com", "brook-mills.com"),
        ("person", "email", "Ada+x@Brook-Mills.com", "ada@brook-mills.com"),
        ("person", "key", "https://www.linkedin.com/in/Ada-Hale", "linkedin.com/in/ada-hale"),
        ("person", "key", "name:ada hale|brook-mills.com", "name:ada hale|brook-mills.com"),
    ] {
        let text = format!(
            r#"{{"kind": "network", "entity": "{entity}", "{name}": "{given}", "document": {{"followers": 5}}}}"#
        );
        assert_eq!(read(&text).unwrap().about, About::Key(key.into()), "{given}");
    }
    let by_id = r#"{"kind": "network", "entity": "person", "id": "x1", "document": {"followers": 5}}"#;
    assert_eq!(read(by_id).unwrap().about, About::Id("x1".into()));
    let long = format!("name:{}|us", "x".repeat(1_024));
    for (entity, name, given) in [
        ("company", "key", &*long),
        ("person", "key", &*long),
        ("company", "email", "ada@gmail.com"),
        ("company", "domain", "not a domain"),
        ("person", "email", "info@brook-mills.com"),
        ("person", "key", "Ada Hale"),
        ("person", "domain", "brook-mills.com"),
    ] {
        let text = format!(
            r#"{{"kind": "network", "entity": "{entity}", "{name}": "{given}", "document": {{"followers": 5}}}}"#
        );
        assert_eq!(fault(&text).0, "no-key", "{given}");
    }
}

#[test]
fn what_is_wrong_is_told_by_code_and_place() {
    let company = |rest: &str| format!(r#"{{"kind": "funding_rounds", "domain": "a.com", {rest}}}"#);
    let rounds =
        |round: &str| company(&format!(r#""document": {{"rounds": [{{"type": "seed"}}, {round}]}}"#));
    for (text, code, pointer) in [
        ("[1]".to_owned(), "bad-envelope", ""),
        ("{".to_owned(), "bad-envelope", ""),
        (r#"{"domain": "a.com"}"#.to_owned(), "bad-envelope", "/kind"),
        (r#"{"kind": "horoscope", "domain": "a.com"}"#.to_owned(), "unknown-kind", "/kind"),
        (
            r#"{"kind": "network", "domain": "a.com", "document": {"followers": 1}}"#.to_owned(),
            "bad-envelope",
            "/entity",
        ),
        (company(r#""entity": "person""#), "bad-envelope", "/entity"),
        (company(r#""source": "No Such""#), "bad-envelope", "/source"),
        (company(r#""source": "pin""#), "bad-envelope", "/source"),
        (company(r#""source": 5"#), "bad-envelope", "/source"),
        (company(r#""observed_at": "soon""#), "bad-date", "/observed_at"),
        (company(r#""confidence": 87"#), "bad-confidence", "/confidence"),
        (company(r#""confidence": 1.00001"#), "bad-confidence", "/confidence"),
        (company(r#""confidence": -0.1"#), "bad-confidence", "/confidence"),
        (company(r#""confidence": "high""#), "bad-confidence", "/confidence"),
        (company(r#""confidence": 101, "confidence_scale": 100"#), "bad-confidence", "/confidence"),
        (company(r#""confidence": 5, "confidence_scale": 10"#), "bad-confidence", "/confidence_scale"),
        (company(r#""source": "clay""#), "bad-envelope", "/document"),
        (company(r#""document": {}"#), "bad-document", "/document"),
        (company(r#""document": []"#), "bad-document", "/document"),
        (company(r#""document": {"total_raised": 5}"#), "bad-document", "/document/rounds"),
        (company(r#""document": {"rounds": {}}"#), "bad-document", "/document/rounds"),
        (rounds("5"), "bad-document", "/document/rounds/1"),
        (rounds(r#"{"type": " "}"#), "bad-document", "/document/rounds/1/type"),
        (rounds(r#"{"type": "N/A"}"#), "bad-document", "/document/rounds/1/type"),
        (company(r#""document": {"rounds": [], "total_raised": 1e310}"#), "bad-envelope", ""),
        (rounds(r#"{"amount": 5}"#), "bad-document", "/document/rounds/1/type"),
        (rounds(r#"{"type": "a", "amount": "5"}"#), "bad-document", "/document/rounds/1/amount"),
        (rounds(r#"{"type": "a", "amount": -5}"#), "bad-document", "/document/rounds/1/amount"),
        (rounds(r#"{"type": "a", "currency": "dollars"}"#), "bad-document", "/document/rounds/1/currency"),
        (
            rounds(r#"{"type": "a", "announced_on": "2021-02-30"}"#),
            "bad-document",
            "/document/rounds/1/announced_on",
        ),
        (rounds(r#"{"type": "a", "investors": ["x", 5]}"#), "bad-document", "/document/rounds/1/investors/1"),
    ] {
        assert_eq!(fault(&text), (code, pointer.to_owned()), "{text}");
    }
}

#[test]
fn what_a_model_thinks_has_a_model_a_confidence_and_a_date() {
    let said = |rest: &str| {
        format!(
            r#"{{"kind": "ai_analysis", "entity": "company", "domain": "a.com", {rest} "document": {{"summary": "Grows."}}}}"#
        )
    };
    assert_eq!(fault(&said("")), ("bad-envelope", "/model".to_owned()));
    assert_eq!(fault(&said(r#""model": "m","#)), ("bad-envelope", "/confidence".to_owned()));
    assert_eq!(
        fault(&said(r#""model": "m", "confidence": 1,"#)),
        ("bad-envelope", "/observed_at".to_owned())
    );
    let read = read(&said(r#""model": "m", "confidence": 1, "observed_at": "2026-01-31","#)).unwrap();
    assert_eq!((read.confidence, read.model.as_deref()), (Some(CERTAIN), Some("m")));
}
