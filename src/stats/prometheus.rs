//! [`Stats`] in the text format of Prometheus, version 0.0.4.

use super::Stats;
use firmograph_core::{BudgetStanding, MicroDollars, Timestamp};
use firmograph_store::BudgetWindow;
use std::fmt::{Display, Write};

/// The stats as a page for Prometheus to scrape: `text/plain; version=0.0.4`. The same stats give the same bytes.
///
/// ```
/// use firmograph::{Engine, Timestamp, prometheus_text};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let mut engine = Engine::open("sqlite::memory:").await?;
/// let page = prometheus_text(&engine.stats(Timestamp::UNIX_EPOCH).await?);
/// assert!(page.contains("# TYPE firmograph_golden_rows gauge\nfirmograph_golden_rows{entity=\"company\"} 0\n"));
/// # Ok::<(), firmograph::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn prometheus_text(stats: &Stats) -> String {
    let mut page = Page(String::new());
    of_contents(stats, &mut page);
    of_runs(stats, &mut page);
    of_quality(stats, &mut page);
    of_budgets(stats, &mut page);
    page.0
}

fn of_contents(stats: &Stats, page: &mut Page) {
    let mut family = page.family("firmograph_payloads", "gauge", "Raw records that are stored.");
    family.sample(&[("state", "believed")], stats.payloads_believed);
    family.sample(&[("state", "removed")], stats.payloads_removed);
    let mut family = page.family("firmograph_golden_rows", "gauge", "Golden records.");
    family.sample(&[("entity", "company")], stats.companies);
    family.sample(&[("entity", "person")], stats.prospects);
    let help = "Golden records that have a score.";
    let mut family = page.family("firmograph_scored_records", "gauge", help);
    for row in &stats.scores {
        family.sample(&[("entity", row.entity)], row.records);
    }
    let help = "Mean score of the golden records, 0 to 100, each as of its own day.";
    let mut family = page.family("firmograph_quality_score", "gauge", help);
    for row in &stats.scores {
        if let Some(mean) = row.mean() {
            family.sample(&[("entity", row.entity)], mean);
        }
    }
    let help = "Intelligence documents that sources give.";
    let mut family = page.family("firmograph_documents", "gauge", help);
    for row in &stats.documents {
        family.sample(&[("entity", &row.entity), ("kind", &row.kind)], row.count);
    }
    let help = "Refreshes of a materialised view.";
    let mut family = page.family("firmograph_view_refreshes_total", "counter", help);
    for row in &stats.refreshes {
        family.sample(&[("view", &row.view)], row.count);
    }
    let help = "When a materialised view was last refreshed, in seconds since 1970.";
    let mut family = page.family("firmograph_view_refresh_timestamp_seconds", "gauge", help);
    for row in &stats.refreshes {
        family.sample(&[("view", &row.view)], instant(row.refreshed_at));
    }
    let help = "How long the last refresh of a materialised view took.";
    let mut family = page.family("firmograph_view_refresh_duration_seconds", "gauge", help);
    for row in &stats.refreshes {
        family.sample(&[("view", &row.view)], seconds(row.duration_us));
    }
}

fn of_runs(stats: &Stats, page: &mut Page) {
    let runs = || stats.runs.iter().map(|row| (row, [("command", &*row.command), ("source", &*row.source)]));
    let mut family = page.family("firmograph_runs", "gauge", "Runs by the status that they have now.");
    for (row, [command, source]) in runs() {
        for (status, count) in &row.statuses {
            family.sample(&[command, source, ("status", status)], count);
        }
    }
    let help = "Records that runs read, by what became of them.";
    let mut family = page.family("firmograph_records_total", "counter", help);
    for (row, [command, source]) in runs() {
        let outcomes = [
            ("accepted", row.tally.accepted),
            ("rejected", row.tally.rejected),
            ("skipped", row.tally.skipped),
        ];
        for (outcome, count) in outcomes {
            family.sample(&[command, source, ("outcome", outcome)], count);
        }
    }
    let help = "How long runs took that ended.";
    let mut family = page.family("firmograph_run_duration_seconds", "summary", help);
    for (row, labels) in runs() {
        family.sample_of("_sum", &labels, seconds(row.duration_us));
        family.sample_of("_count", &labels, row.ended);
    }
    let last = || runs().filter_map(|(row, labels)| Some((row.last.as_ref()?, labels)));
    let help = "When the last run ended, in seconds since 1970.";
    let mut family = page.family("firmograph_last_run_timestamp_seconds", "gauge", help);
    for (last, labels) in last() {
        family.sample(&labels, instant(last.finished_at));
    }
    let mut family =
        page.family("firmograph_last_run_duration_seconds", "gauge", "How long the last run took.");
    for (last, labels) in last() {
        family.sample(&labels, seconds(last.duration_us));
    }
    let help = "Records that the last run read in a second.";
    let mut family = page.family("firmograph_last_run_records_per_second", "gauge", help);
    for (last, labels) in last() {
        if let Some(speed) = last.rows_per_second() {
            family.sample(&labels, speed);
        }
    }
}

fn of_quality(stats: &Stats, page: &mut Page) {
    let mut family = page.family("firmograph_rejects_total", "counter", "Records that could not be taken.");
    for row in &stats.rejects {
        family.sample(&[("source", &row.source), ("code", &row.code)], row.count);
    }
    let help = "Share of the records read that could not be taken.";
    let mut family = page.family("firmograph_reject_ratio", "gauge", help);
    for row in stats.runs.iter().filter(|row| row.tally.read > 0) {
        family.sample(&[("command", &row.command), ("source", &row.source)], row.reject_ratio());
    }
    let help = "What sources say of an attribute, one row for each key and source.";
    let mut family = page.family("firmograph_dimension_rows", "gauge", help);
    for row in &stats.unmatched {
        family.sample(&[("attribute", row.attribute)], row.rows);
    }
    let help = "Share of the rows without a standard value.";
    let mut family = page.family("firmograph_unmatched_ratio", "gauge", help);
    for row in stats.unmatched.iter().filter(|row| row.rows > 0) {
        family.sample(&[("attribute", row.attribute)], row.ratio());
    }
    let help = "Stored values that were matched anew.";
    let mut family = page.family("firmograph_accuracy_sampled_values", "gauge", help);
    for row in &stats.accuracy.attributes {
        family.sample(&[("attribute", row.attribute)], row.sampled);
    }
    let help = "Share of the values matched anew that are still matched as they are stored.";
    let mut family = page.family("firmograph_accuracy_ratio", "gauge", help);
    for row in &stats.accuracy.attributes {
        family.sample(&[("attribute", row.attribute)], row.ratio());
    }
}

fn of_budgets(stats: &Stats, page: &mut Page) {
    type Amount = fn(&BudgetStanding) -> MicroDollars;
    let dollars = |amount: MicroDollars| {
        let sign = if amount < MicroDollars::ZERO { "-" } else { "" };
        format!("{sign}{}", seconds(amount.micros().unsigned_abs()))
    };
    let amounts: [(&str, &str, Amount); 4] = [
        ("firmograph_budget_cap_dollars", "What may be spent and held in the open window.", |of| of.cap),
        ("firmograph_budget_spent_dollars", "What is spent of it; what goes beyond it is overrun.", |of| {
            of.spent
        }),
        ("firmograph_budget_reserved_dollars", "What calls hold that are under way.", |of| of.reserved),
        ("firmograph_budget_overrun_dollars", "What was charged beyond the cap.", |of| of.overrun),
    ];
    for (name, help, amount) in amounts {
        let mut family = page.family(name, "gauge", help);
        for window in &stats.budgets {
            family.sample(&labels(window), dollars(amount(&window.standing)));
        }
    }
    let help = "Calls that the open window refused.";
    let mut family = page.family("firmograph_budget_refusals", "gauge", help);
    for window in &stats.budgets {
        family.sample(&labels(window), window.refusals);
    }
}

/// An empty provider or user is everybody.
fn labels(window: &BudgetWindow) -> [(&str, &str); 4] {
    let scope = &window.key.scope;
    [
        ("workspace", &scope.workspace),
        ("provider", scope.provider.as_deref().unwrap_or_default()),
        ("user", scope.user.as_deref().unwrap_or_default()),
        ("period", window.key.period.name()),
    ]
}

struct Page(String);

impl Page {
    /// Begins a family of samples; one without samples is not told of.
    fn family<'p>(&'p mut self, name: &'p str, kind: &'p str, help: &'p str) -> Family<'p> {
        Family { page: &mut self.0, name, kind, help, has_begun: false }
    }
}

struct Family<'p> {
    page: &'p mut String,
    name: &'p str,
    kind: &'p str,
    help: &'p str,
    has_begun: bool,
}

impl Family<'_> {
    fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.sample_of("", labels, value);
    }

    fn sample_of(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        let Family { name, kind, .. } = *self;
        // Writing to a String cannot fail.
        if !self.has_begun {
            let help = self.help.replace('\\', "\\\\").replace('\n', "\\n");
            let _ = writeln!(self.page, "# HELP {name} {help}\n# TYPE {name} {kind}");
            self.has_begun = true;
        }
        let labels = labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text)));
        let labels: Vec<String> = labels.collect();
        let _ = writeln!(self.page, "{name}{suffix}{{{}}} {value}", labels.join(","));
    }
}

/// The value of a label: backslashes, quotation marks and line ends are written with a backslash.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Millionths as a decimal, to the last digit.
fn seconds(microseconds: u64) -> String {
    let (whole, rest) = (microseconds / 1_000_000, microseconds % 1_000_000);
    let text = format!("{whole}.{rest:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn instant(at: Timestamp) -> String {
    let microseconds = at.as_microsecond();
    let sign = if microseconds < 0 { "-" } else { "" };
    format!("{sign}{}", seconds(microseconds.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_seconds_exact() {
        let mut page = Page(String::new());
        let mut family = page.family("x_total", "counter", "A\\b\nc.");
        family.sample(&[("a", "say \"hi\"\nC:\\x")], 1);
        let expected =
            "# HELP x_total A\\\\b\\nc.\n# TYPE x_total counter\nx_total{a=\"say \\\"hi\\\"\\nC:\\\\x\"} 1\n";
        assert_eq!(page.0, expected);
        let shown: Vec<_> = [0, 1, 1_500_000, 10_000_000].map(seconds).into();
        assert_eq!(shown, ["0", "0.000001", "1.5", "10"]);
        assert_eq!(instant("1969-12-31T23:59:59.5Z".parse().unwrap()), "-0.5");
    }
}
