use super::*;
use proptest::prelude::*;

fn said(source: &str, day: u8, document: &str) -> Said {
    let at = format!("2026-01-{day:02}T00:00:00Z");
    Said {
        source: Source::new(source).unwrap(),
        key: "brook-mills.com".into(),
        payload: PayloadId([day; 16]),
        observed_at: (day > 0).then(|| at.parse().unwrap()),
        confidence: None,
        model: None,
        document: Json::parse(document).unwrap(),
    }
}

fn golden(kind: &str, all: &[Said]) -> (String, serde_json::Value) {
    let mut sayings = Sayings::default();
    for said in all {
        sayings.hear(said.clone().into());
    }
    let kind = DocumentKind::from_name(kind).unwrap();
    let (document, attribution) = sayings.golden(kind, &Priorities::compiled()).unwrap();
    (document.to_string(), attribution.to_value())
}

#[test]
fn each_key_is_from_the_source_that_stands_first() {
    let (document, told) = golden(
        "growth",
        &[
            said("apollo", 9, r#"{"headcount": 250, "as_of": "2026-01-09"}"#),
            said("clay", 1, r#"{"headcount": 240, "as_of": null, "mood": "N/A"}"#),
            said("zoom", 1, r#"{"headcount": 240.0, "mood": "fine"}"#),
        ],
    );
    assert_eq!(document, r#"{"as_of":"2026-01-09","headcount":240,"mood":"fine"}"#);
    assert_eq!(told["headcount"]["source"], "clay");
    assert_eq!(told["headcount"]["agreed"][0], "zoom");
    let lost = &told["headcount"]["lost"][0];
    assert_eq!(
        (&lost["source"], &lost["value"], &lost["why"]),
        (&"apollo".into(), &250.into(), &"priority".into())
    );
    assert_eq!(told["as_of"]["source"], "apollo", "a blank never beats a value");
    assert_eq!(told["mood"]["source"], "zoom", "and what stands for one neither");
}

#[test]
fn what_a_source_says_is_its_newest_document() {
    let (document, _) = golden(
        "growth",
        &[
            said("clay", 2, r#"{"headcount": 2}"#),
            said("clay", 3, r#"{"as_of": "2026"}"#),
            said("clay", 0, r#"{"headcount": 9}"#),
        ],
    );
    assert_eq!(document, r#"{"as_of":"2026"}"#, "what it said before and says no more is gone");
}

#[test]
fn analysis_never_replaces_a_fact_and_people_outrank_both() {
    let mut thought = said("linkedin", 20, r#"{"headcount": 1, "outlook": "good"}"#);
    (thought.model, thought.confidence) = (Some("sonar-1".into()), Some(CERTAIN));
    let fact = said("unheard-of", 1, r#"{"headcount": 2}"#);
    let person = said("manual", 1, r#"{"headcount": 3}"#);
    let (document, told) = golden("growth", &[thought.clone(), fact.clone()]);
    assert_eq!(document, r#"{"headcount":2,"outlook":"good"}"#);
    assert_eq!(told["headcount"]["lost"][0]["why"], "analysis");
    assert_eq!(told["outlook"]["model"], "sonar-1");
    let (document, told) = golden("growth", &[thought, fact, person]);
    assert_eq!(document, r#"{"headcount":3,"outlook":"good"}"#);
    assert_eq!(told["headcount"]["lost"][0]["why"], "manual");
}

#[test]
fn rounds_of_several_sources_are_one_list_without_twins() {
    let (document, told) = golden(
        "funding_rounds",
        &[
            said(
                "clay",
                5,
                r#"{"rounds": [{"type": "Series A", "announced_on": "2021-05-03", "amount": 9e6},
                              {"type": "Seed", "announced_on": "2019-02-01"},
                              {"type": "Seed", "announced_on": "2019-02-01", "amount": 5},
                              {"type": "grant", "id": 7}]}"#,
            ),
            said(
                "zoom",
                5,
                r#"{"rounds": [{"type": "series_a", "announced_on": "2021-05-03", "amount": 9500000},
                              {"type": "Debt", "announced_on": "2023-01-01"},
                              {"type": "grant", "id": 7}]}"#,
            ),
        ],
    );
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let rounds = document["rounds"].as_array().unwrap();
    let types: Vec<_> = rounds.iter().map(|round| round["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["Seed", "Seed", "Series A", "Debt", "grant", "grant"]);
    assert_eq!(rounds[2]["amount"], 9_000_000, "the element of the source that stands first");
    let elements = told["rounds"]["elements"].as_array().unwrap();
    assert_eq!(elements.len(), rounds.len(), "each element has its attribution, in the same order");
    assert_eq!(elements[2]["lost"][0]["value"]["amount"], 9_500_000);
    assert_eq!(elements[3]["source"], "zoom");
    assert_eq!(
        (&elements[4]["source"], &elements[5]["source"]),
        (&"clay".into(), &"zoom".into()),
        "ids are each source's own"
    );
}

#[test]
fn twins_of_one_name_are_paired_by_what_they_are() {
    let round = |amounts: &[u32]| {
        let rounds = amounts
            .iter()
            .map(|amount| format!(r#"{{"type": "seed", "announced_on": "2019-02-01", "amount": {amount}}}"#));
        format!(r#"{{"rounds": [{}]}}"#, rounds.collect::<Vec<_>>().join(", "))
    };
    for (clay, zoom, wanted, lost) in [
        (&[5, 9][..], &[9][..], &[5, 9][..], 0),
        (&[9], &[5, 9], &[5, 9], 0),
        (&[5], &[7], &[5], 1),
        (&[5, 9], &[7, 9], &[5, 9], 1),
        (&[5, 5], &[5], &[5], 0),
        (&[120], &[90], &[120], 1),
    ] {
        let (document, told) =
            golden("funding_rounds", &[said("clay", 5, &round(clay)), said("zoom", 5, &round(zoom))]);
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        let amounts: Vec<_> =
            document["rounds"].as_array().unwrap().iter().map(|one| &one["amount"]).collect();
        assert_eq!(amounts, wanted, "{clay:?} and {zoom:?}");
        let elements = told["rounds"]["elements"].as_array().unwrap();
        let all: usize = elements.iter().map(|one| one["lost"].as_array().map_or(0, |lost| lost.len())).sum();
        assert_eq!(all, lost, "{clay:?} and {zoom:?}: {told}");
    }
}

#[test]
fn languages_that_differ_by_a_sign_are_different_jobs() {
    let jobs = ["C++ Developer", "C# Developer", "C Developer", "C-Developer"];
    let jobs =
        jobs.map(|title| format!(r#"{{"title": "{title}", "location": "Bern", "posted_on": "2026-01-02"}}"#));
    let (document, _) = golden(
        "hiring",
        &[
            said("clay", 5, &format!(r#"{{"postings": [{}]}}"#, jobs[..3].join(", "))),
            said("zoom", 5, &format!(r#"{{"postings": [{}]}}"#, jobs[3])),
        ],
    );
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let titles: Vec<_> = document["postings"].as_array().unwrap().iter().map(|one| &one["title"]).collect();
    assert_eq!(titles, ["C# Developer", "C++ Developer", "C Developer"]);
}

#[test]
fn of_documents_without_a_date_the_greater_number_stands() {
    let all = [said("clay", 0, r#"{"headcount": 120}"#), said("clay", 0, r#"{"headcount": 90}"#)];
    assert_eq!(golden("growth", &all).0, r#"{"headcount":120}"#);
    let dated = said("clay", 1, r#"{"headcount": 100}"#);
    for (heard, is_undecided) in [
        (vec![&all[0], &all[0]], false),
        (vec![&all[0], &all[1]], true),
        (vec![&all[0], &all[1], &dated], false),
        (vec![&dated, &all[0], &all[1]], false),
    ] {
        let sayings = told(heard.into_iter().cloned());
        assert_eq!(sayings.are_undecided(), is_undecided, "that there is no order between two is told");
    }
}

fn value() -> impl Strategy<Value = String> {
    let round = (0_u8..3, 0_u8..3, 0_u8..4).prop_map(|(day, kind, amount)| {
        format!(r#"{{"type": "t{kind}", "announced_on": "2021-05-0{}", "amount": {amount}}}"#, day + 1)
    });
    (prop::collection::vec(round, 0..4), 0_u8..3, 0_u8..3).prop_map(|(rounds, total, stage)| {
        let stage = ["\"seed\"", "null", "\"N/A\""][usize::from(stage)];
        format!(r#"{{"rounds": [{}], "total_raised": {total}, "stage": {stage}}}"#, rounds.join(","))
    })
}

prop_compose! {
    fn any_said()(source in 0_usize..5, day in 0_u8..4, confidence in prop::option::of(0_u16..3), is_thought in any::<bool>(),
                  payload in 0_u8..3, document in value()) -> Said {
        let name = ["manual", "clay", "apollo", "zoom", "abacus"][source];
        let model = is_thought.then(|| Box::from("m"));
        Said { confidence, model, payload: PayloadId([payload; 16]), ..said(name, day, &document) }
    }
}

fn told(all: impl IntoIterator<Item = impl Into<Arc<Said>>>) -> Sayings {
    let mut sayings = Sayings::default();
    for said in all {
        sayings.hear(said.into());
    }
    sayings
}

proptest! {
    /// No order, no grouping and no repetition changes what is believed.
    #[test]
    fn merging_is_commutative_associative_and_repeatable(
        all in prop::collection::vec(any_said(), 1..8), split in 0_usize..8, seed in any::<u64>(),
    ) {
        let kind = DocumentKind::from_name("funding_rounds").unwrap();
        let priorities = Priorities::compiled();
        let whole = told(all.clone());
        let mut other = all.clone();
        other.sort_by_key(|said| {
            let text = format!("{said:?}{seed}");
            text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
        });
        prop_assert_eq!(&told(other.clone()), &whole);
        let (left, right) = other.split_at(split.min(other.len()));
        let grouped = told(told(left.to_vec()).iter().chain(told(right.to_vec()).iter()).cloned());
        prop_assert_eq!(&grouped, &whole);
        let again = told(whole.iter().map(|said| &**said).chain(&all).cloned());
        prop_assert_eq!(&again, &whole);
        prop_assert_eq!(again.golden(kind, &priorities), grouped.golden(kind, &priorities));
    }

    /// Every element that somebody names is in the list or has lost to one of its name that is, and none is there twice.
    #[test]
    fn no_element_is_lost_and_none_is_there_twice(all in prop::collection::vec(any_said(), 1..8)) {
        let kind = DocumentKind::from_name("funding_rounds").unwrap();
        let identity = kind.identity("rounds").unwrap();
        let sayings = told(all);
        let Some((document, attribution)) = sayings.golden(kind, &Priorities::compiled()) else { return Ok(()) };
        let list = |json: Option<&Json>| match json {
            Some(Json::List(elements)) => elements.clone(),
            _ => Vec::new(),
        };
        let elements = list(document.get("rounds"));
        let told = list(attribution.get("rounds").and_then(|told| told.get("elements")));
        prop_assert_eq!(elements.len(), told.len());
        prop_assert_eq!(elements.iter().collect::<BTreeSet<_>>().len(), elements.len());
        for said in sayings.iter() {
            for element in list(said.document.get("rounds")) {
                let name = Name::of(&element, identity, said);
                let has_lost = |(winner, told): (&Json, &Json)| {
                    let lost = list(told.get("lost"));
                    Name::of(winner, identity, said) == name && *winner != element
                        && lost.iter().any(|lost| lost.get("value") == Some(&element)
                            && lost.get("source").and_then(Json::as_text) == Some(said.source.as_str()))
                };
                let mut places = elements.iter().zip(&told);
                prop_assert!(elements.contains(&element) || places.any(has_lost), "{element} in {document}");
            }
        }
    }

    /// What is chosen of each key is no worse than what any source says: the order is total.
    #[test]
    fn the_order_of_sources_is_total(a in any_said(), b in any_said(), c in any_said()) {
        let priorities = Priorities::compiled();
        let choice = |said| Choice { said, value: &Json::Null };
        let order = |a, b| choice(a).against(&choice(b), &priorities).0;
        prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
        if order(&a, &b).is_le() && order(&b, &c).is_le() {
            prop_assert!(order(&a, &c).is_le());
        }
        prop_assert!(order(&a, &b).is_ne() || a.source == b.source);
    }
}
