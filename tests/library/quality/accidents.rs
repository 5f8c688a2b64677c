//! Scores that an accident leaves behind: what other programs do to golden tables hinders no later ingest.

use super::{COMPANIES, KINDS};
use crate::common::Place;
use crate::on_both;
use crate::undo::is_true;
use crate::use_it::Test;
use firmograph::{DirectWriteOptions, EntityKind, Hooks, Timestamp};

impl Test<'_> {
    pub(super) fn observe_writes(&mut self) {
        self.drive(async |engine| {
            let mut hooks = Hooks {
                clock: &|| Timestamp::UNIX_EPOCH,
                progress: &mut |_| {},
                interrupted: Default::default(),
            };
            engine.observe_direct_writes(DirectWriteOptions::default(), &mut hooks).await.unwrap().unwrap()
        });
    }

    fn scored_keys(&mut self) -> Vec<String> {
        let rows = self.scores(EntityKind::Company).into_iter();
        rows.map(|row| row.key.into()).collect()
    }

    /// Scores about no golden row.
    fn homeless(&mut self) -> usize {
        let mut all = 0;
        for kind in KINDS {
            all += self
                .drive(async |engine| engine.store().homeless_quality(kind, "", None).await.unwrap())
                .len();
        }
        all
    }
}

const SOLO: &str = "Company,Website,Industry\nSolo Weaving,solo-mills.com,Banking\n";

fn a_company_that_moves_takes_its_score_with_it(place: &Place) {
    let mut test = Test::new(place);
    place.sql(
        "INSERT INTO \"Company\" (\"id\", \"domain\", \"name\", \"industry\", \"createdAt\", \"updatedAt\") VALUES \
         ('c-1', 'solo-mills.com', 'Solo', 'Banking', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    );
    test.observe_writes();
    assert_eq!(test.scored_keys(), ["solo-mills.com"]);
    place.sql("UPDATE \"Company\" SET \"domain\" = 'moved-mills.com' WHERE \"id\" = 'c-1'");
    test.observe_writes();
    assert_eq!((test.scored_keys(), test.homeless()), (vec!["moved-mills.com".to_owned()], 0));
    // Another company has the old domain now.
    test.ingest("csv", SOLO);
    assert_eq!((test.scored_keys().len(), test.homeless()), (2, 0));
    test.ingest("zoom", SOLO);
    is_true(&mut test);
}

fn a_score_under_a_foreign_key_is_replaced(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", COMPANIES);
    place.sql("UPDATE intelligence_company_quality SET key = 'solo-mills.com' WHERE key = 'fjord-optics.no'");
    test.ingest("csv", SOLO);
    assert_eq!(test.scored_keys(), ["brook-mills.com", "solo-mills.com"]);
    // And one that is missing comes back with the next word of the record.
    test.ingest("zoom", COMPANIES);
    assert_eq!((test.scored_keys().len(), test.homeless()), (3, 0));
    is_true(&mut test);
}

fn a_row_that_gets_another_key_loses_its_score(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", COMPANIES);
    place.sql("UPDATE \"Company\" SET \"key\" = \"key\", \"name\" = 'Brook'");
    assert_eq!(test.scored_keys().len(), 2, "the same key is no other");
    place.sql("UPDATE \"Company\" SET \"key\" = NULL WHERE \"domain\" = 'brook-mills.com'");
    assert_eq!(test.scored_keys(), ["fjord-optics.no"]);
    if place.server().is_some() {
        place.sql("TRUNCATE \"Company\" CASCADE");
        assert!(test.all_scores().is_empty());
        test.ingest("zoom", COMPANIES);
        assert_eq!((test.scored_keys().len(), test.homeless()), (2, 0));
    }
}

on_both! {
    a_company_that_moves_takes_its_score_with_it
    a_score_under_a_foreign_key_is_replaced
    a_row_that_gets_another_key_loses_its_score
}
