//! A database into which only what counts in the end was put, in another order.

use super::World;
use super::act::{Act, NOW};
use super::told::lines_that_differ;
use crate::common::Place;
use crate::undo::is_true;
use crate::use_it::Test;
use firmograph::store::KeyJoin;
use firmograph::{
    Attribute, EntityKind, JoinRequest, LevelMapOptions, LookupEntry, NewPin, Policy, PriorityChange,
    pin_value, read_level_map,
};

impl World<'_> {
    pub(super) fn is_as_a_fresh_one(&mut self, place: &Place) {
        let mut fresh = Test::in_memory(place);
        self.copy_refusals(&mut fresh);
        self.copy_priorities(&mut fresh);
        let lookups_first = self.test.runs().len().is_multiple_of(2);
        if lookups_first {
            self.copy_maps(&mut fresh);
            self.copy_joins(&mut fresh);
        }
        for ((source, time), lines) in self.model.believed().into_iter().rev() {
            let lines = lines.into_iter().rev().collect();
            let act = Act::Ingest { source, time, lines, batch_rows: 2 };
            act.run(&mut fresh, false).unwrap();
        }
        if !lookups_first {
            self.copy_joins(&mut fresh);
            self.copy_maps(&mut fresh);
        }
        if !self.copy_pins(&mut fresh) {
            return;
        }
        is_true(&mut fresh);
        let (export, expected) = (self.test.export(), fresh.export());
        assert!(export == expected, "a fresh one:\n{}", lines_that_differ(&expected, &export));
    }

    fn copy_priorities(&mut self, fresh: &mut Test<'_>) {
        for row in self.test.drive(async |engine| engine.priority_table().await.unwrap()) {
            let own = row.sources_of == row.attribute && row.sources_set_by.is_some();
            let sources = own.then(|| row.sources.iter().map(|name| super::source(name)).collect());
            let policy = row
                .policy_set_by
                .and(row.policy)
                .and_then(|name| Policy::ALL.into_iter().find(|policy| policy.name() == name));
            if sources.is_some() || policy.is_some() {
                let act = Act::SetPriority(
                    Attribute::from_name(&row.attribute),
                    PriorityChange { sources, policy },
                );
                act.run(fresh, false).unwrap();
            }
        }
    }

    fn copy_maps(&mut self, fresh: &mut Test<'_>) {
        for (attribute, _, _) in super::LOOKUPS {
            let rows = self.test.drive(async |engine| engine.store().lookup(attribute).await.unwrap());
            let rows = rows.into_iter().zip(2..).map(|(row, line)| LookupEntry {
                line,
                raw: row.original,
                standard: row.standard,
            });
            Act::Lookup(attribute, rows.collect()).run(fresh, false).unwrap();
        }
        let rows = self.test.stored_map();
        if !rows.is_empty() {
            let lines = rows.iter().map(|row| format!("{},{}\n", row.original, row.level));
            let text = format!("Original,Level\n{}", lines.collect::<String>());
            let rows = read_level_map(fresh.file("all.csv", &text).as_ref()).unwrap();
            let how = LevelMapOptions {
                policy: firmograph::normalize::LevelMapPolicy::Forced,
                ..Default::default()
            };
            fresh.drive(async |engine| engine.import_level_map(&rows, how, NOW, &mut |_| {}).await.unwrap());
        }
    }

    /// That two keys are not one is said by parting them.
    fn copy_refusals(&mut self, fresh: &mut Test<'_>) {
        for join in self.test.drive(async |engine| engine.store().refused_joins().await.unwrap()) {
            Act::Join(request(&join)).run(fresh, false).unwrap();
            let joins = fresh.drive(async |engine| engine.joins(false).await.unwrap());
            Act::Part(joins[0].id).run(fresh, false).unwrap();
        }
    }

    fn copy_joins(&mut self, fresh: &mut Test<'_>) {
        let joins = self.test.drive(async |engine| engine.joins(false).await.unwrap());
        let requests: Vec<_> = joins.iter().filter(|join| !join.is_automatic()).map(request).collect();
        fresh.drive(async |engine| engine.join(&requests, "bo", false, NOW, &mut |_| {}).await.unwrap());
    }

    /// `false` where a pin is of somebody who is known from pins alone.
    fn copy_pins(&mut self, fresh: &mut Test<'_>) -> bool {
        for pin in self.test.drive(async |engine| engine.pins().await.unwrap()) {
            let attribute = Attribute::from_name(pin.attribute).unwrap();
            let texts: Vec<String> =
                pin.value.iter().map(|(part, text)| format!("{part}={}", text.as_str().unwrap())).collect();
            let act = Act::Pin(NewPin {
                attribute,
                key: pin.key,
                value: pin_value(attribute, &texts).unwrap(),
                author: pin.author,
                reason: pin.reason,
                expires_at: None,
            });
            match act.run(fresh, false) {
                Ok(_) => {}
                Err(error) => {
                    assert_eq!(error.code(), "unknown-key", "{error}");
                    return false;
                }
            }
        }
        true
    }
}

fn request(join: &KeyJoin) -> JoinRequest {
    JoinRequest {
        kind: if join.is_of(EntityKind::Company) { EntityKind::Company } else { EntityKind::Person },
        from_key: join.from_key.as_str().into(),
        into_key: join.into_key.as_str().into(),
        why: join.why.clone(),
    }
}
