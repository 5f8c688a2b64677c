//! However records are split into files, batches and an order, the export is the same.

use crate::common::Place;
use crate::common::customers::{Customers, Dice};
use crate::use_it::{Test, options};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_splits_give_the_same_export(
        seed in any::<u64>(),
        count in 1usize..60,
        parts in 1usize..5,
        batch_rows in 1usize..40,
        one_run in any::<bool>(),
    ) {
        let place = Place::sqlite();
        let customers = Customers::make(count, seed);
        let mut whole = Test::in_memory(&place);
        whole.ingest("csv", &customers.csv("spaced"));

        let mut lines = customers.lines.clone();
        let mut dice = Dice::new(seed ^ 1);
        dice.shuffle(&mut lines);
        let mut files = vec![Vec::new(); parts];
        for line in lines {
            // Now and then a line stands in two files.
            let (a, b) = (dice.below(parts), dice.below(parts * 4));
            if b < parts && b != a {
                files[b].push(line.clone());
            }
            files[a].push(line);
        }
        let texts: Vec<_> =
            files.into_iter().map(|lines| Customers { lines, ..customers }.csv("spaced")).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let mut split = Test::in_memory(&place);
        let mut options = options("csv");
        options.batch_rows = batch_rows;
        if one_run {
            split.ingest_with(&texts, &options);
        } else {
            for text in &texts {
                split.ingest_with(&[text], &options);
            }
        }
        prop_assert_eq!(split.export(), whole.export());
    }
}
