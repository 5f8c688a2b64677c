//! A report as a picture: one bar for each group, made of its parts. Plain SVG 1.1 without scripts or foreign fonts.

use super::report::{QualityBy, QualityGroup};
use firmograph_core::{EntityKind, QUALITY_PARTS};
use std::fmt::Write;

/// Colours of the parts, which people who see few colours can tell apart (Okabe and Ito, 2008).
const COLOURS: [&str; 5] = ["#0072b2", "#56b4e9", "#009e73", "#e69f00", "#cc79a7"];
const WIDTH: i64 = 920;
/// Where bars begin, and how long one of a hundred points is.
const LEFT: i64 = 230;
const LENGTH: i64 = 500;
/// From one bar to the next, and how thick one is.
const STEP: i64 = 30;
const THICK: i64 = 18;
/// Above the first bar.
const HEAD: i64 = 112;
/// Letters of a name that fit beside a bar.
const NAME: usize = 30;

/// Draws the groups of a report as bars, companies above persons; `note` stands below the title, such as the day.
///
/// ```
/// let svg = firmograph::quality_svg(&[], firmograph::QualityBy::Source, "as of 2026-01-31 & <no other day>");
/// assert!(svg.starts_with("<svg ") && svg.contains("2026-01-31 &amp; &lt;no other day&gt;"));
/// ```
#[must_use]
pub fn quality_svg(groups: &[QualityGroup], by: QualityBy, note: &str) -> String {
    let kinds = [(EntityKind::Company, "Companies"), (EntityKind::Person, "Persons")];
    let shown = kinds
        .map(|(kind, title)| (title, groups.iter().filter(|group| group.kind == kind).collect::<Vec<_>>()));
    let headings = shown.iter().filter(|(_, groups)| !groups.is_empty()).count() as i64;
    let height = HEAD + (groups.len() as i64 + headings).max(1) * STEP + 44;
    let mut svg = String::with_capacity(4096);
    head(&mut svg, height, by, note);
    legend(&mut svg);
    grid(&mut svg, height);
    let mut top = HEAD;
    for (title, groups) in shown.iter().filter(|(_, groups)| !groups.is_empty()) {
        text(&mut svg, 24, top + 14, "font-weight=\"600\" font-size=\"13\"", title);
        top += STEP;
        for group in groups {
            bar(&mut svg, top, group);
            top += STEP;
        }
    }
    if groups.is_empty() {
        text(&mut svg, LEFT, top + 14, "font-size=\"13\" fill=\"#666\"", "no scored records");
    }
    svg.push_str("</svg>\n");
    svg
}

fn head(svg: &mut String, height: i64, by: QualityBy, note: &str) {
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\" font-family=\"system-ui, 'DejaVu Sans', Helvetica, Arial, sans-serif\">"
    );
    let title = match by {
        QualityBy::Entity => "Data quality".to_owned(),
        by => format!("Data quality by {}", by.name()),
    };
    let _ = writeln!(svg, "<title>{title}</title>");
    let _ = writeln!(svg, "<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>");
    text(svg, 24, 36, "font-size=\"20\" font-weight=\"600\"", &title);
    text(svg, 24, 58, "font-size=\"12\" fill=\"#666\"", note);
}

fn legend(svg: &mut String) {
    let mut left = LEFT;
    for (part, colour) in QUALITY_PARTS.iter().zip(COLOURS) {
        let _ = writeln!(
            svg,
            "<rect x=\"{left}\" y=\"76\" width=\"12\" height=\"12\" rx=\"2\" fill=\"{colour}\"/>"
        );
        text(svg, left + 17, 86, "font-size=\"12\"", part);
        left += 34 + 7 * part.len() as i64;
    }
}

fn grid(svg: &mut String, height: i64) {
    let bottom = height - 34;
    for percent in [0, 20, 40, 60, 80, 100] {
        let x = LEFT + LENGTH * percent / 100;
        let _ = writeln!(svg, "<path d=\"M{x}.5 {}V{bottom}\" stroke=\"#ddd\" fill=\"none\"/>", HEAD - 8);
        text(
            svg,
            x,
            bottom + 16,
            "font-size=\"11\" fill=\"#666\" text-anchor=\"middle\"",
            &percent.to_string(),
        );
    }
}

fn bar(svg: &mut String, top: i64, group: &QualityGroup) {
    let name: String = match group.group.chars().count() > NAME {
        true => group.group.chars().take(NAME - 1).chain(['…']).collect(),
        false => group.group.clone(),
    };
    text(svg, LEFT - 10, top + 13, "font-size=\"12\" text-anchor=\"end\"", &name);
    // In hundredths of a pixel, each end from the sum before it, so that parts meet without gaps.
    let x = |hundredths: i64| decimal(LEFT * 100 + hundredths * LENGTH / 100);
    let mut sum = 0;
    for ((part, points), colour) in QUALITY_PARTS.iter().zip(group.parts).zip(COLOURS) {
        let width = decimal((sum + points) * LENGTH / 100 - sum * LENGTH / 100);
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"{top}\" width=\"{width}\" height=\"{THICK}\" fill=\"{colour}\"><title>{}: {part} {}</title></rect>",
            x(sum),
            escaped(&group.group),
            decimal(points)
        );
        sum += points;
    }
    let after = LEFT + LENGTH + 12;
    text(svg, after, top + 13, "font-size=\"12\" font-weight=\"600\"", &decimal(group.score));
    let records = match group.records {
        1 => "1 record".to_owned(),
        many => format!("{many} records"),
    };
    text(svg, after + 46, top + 13, "font-size=\"11\" fill=\"#666\"", &records);
}

/// Hundredths with two decimals.
fn decimal(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn text(svg: &mut String, x: i64, y: i64, attributes: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" {attributes}>{}</text>", escaped(text));
}

/// As text of XML: without characters that it cannot have, either.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{9}' | '\u{a}' | '\u{d}' => out.push(' '),
            '\u{0}'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
    out
}
