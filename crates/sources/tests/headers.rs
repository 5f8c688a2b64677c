//! Headers of real exports, where the files that list them are present.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use common::read;
use firmograph_core::Field;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");

/// Headers that name no field: deals, activities, identifiers, vendor internals.
const NOT_FIELDS: &str = "\
Activity Date|Amount|amount|Close Date|closedate|Created Time|Date|date|Deal Name|Duration|duration|\
Expected Close Date|Fax Number|Last Action|Last Activity Time|Lead Source|Modified Time|Next Action|Note|Note Content|\
Note Title|Notes|notes|Opportunity Name|Outcome|outcome|Parent ID|Parent Name|Probability|probability|Related To|Source|\
source|Stage|stage|Status|status|Subject|subject|Value|content|ID|Id|id|Record Id|Region |slug|\
Headline|Email Status|Is Likely To Engage|Subdepartments|Functions|Company Blog Link|Company Twitter Link|\
Company Facebook Link|Company Market Cap|Company Latest Funding Type|Company Latest Funding Amount|\
Last Fund Raised At|Company Keywords|Company Technologies|Company SEO Description|Number of Retail Locations|\
_notes|_row_index|_export_title|_export_timestamp|Job started on|Job description|Profile summary|Matching filters|\
Profile headline|LinkedIn user profile URN|Linkedin company profile URN|\
last_funding_date|last_funding_type|last_funding_amount|last_equity_funding_type|last_leadership_hiring_date|\
funding_status|total_equity_funding_amount|operating_status|equity_funding|\
vc|vc1|vc2|vc3|vc4|vc5|vc6|vc7|vc8|vc9|vc10|vc11|vc12";

#[test]
fn every_real_header_that_names_a_field_is_known() {
    let Ok(mut listed) = csv::Reader::from_path(format!("{SHARED}/data/csv_headers.csv")) else { return };
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in listed.records() {
        let row = row.unwrap();
        files.entry(row[0].to_owned()).or_default().push(row[3].to_owned());
    }
    let not_fields: BTreeSet<&str> = NOT_FIELDS.split('|').collect();
    let mut wrong = Vec::new();
    for (file, headers) in files {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(&headers).unwrap();
        let read = read("x.csv", table.into_inner().unwrap());
        for column in read.decision.columns {
            if column.field.is_some() == not_fields.contains(column.name.as_str()) {
                wrong.push(format!("{file}: {:?} -> {:?}", column.name, column.field));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_four_header_styles_give_the_same_fields() {
    let script = format!("{SHARED}/tools/make_customers.py");
    if !std::path::Path::new(&script).exists() {
        return;
    }
    let mut first: Option<Vec<Vec<(Field, String)>>> = None;
    for style in ["spaced", "compact", "snake", "camel"] {
        let made = Command::new("python3").args([&script, "300", "--headers", style]).output().unwrap();
        let read = read("customers.csv", made.stdout);
        assert_eq!(read.records().len(), 300);
        assert!(read.decision.columns.iter().all(|column| column.field.is_some()), "{}", read.decision);
        let fields: Vec<Vec<(Field, String)>> = read
            .records()
            .iter()
            .map(|record| record.fields.iter().map(|(field, text)| (field, text.to_owned())).collect())
            .collect();
        assert_eq!(*first.get_or_insert_with(|| fields.clone()), fields, "{style}");
    }
}

#[test]
fn everyday_headers_in_other_languages() {
    for header in [
        "Anrede;Vorname;Nachname;Firma;E-Mail-Adresse;Telefonnummer;Straße;PLZ;Ort;Land;Mitarbeiterzahl;Umsatz;Branche",
        "Civilité;Prénom;Nom;Société;Adresse e-mail;Téléphone;Adresse;Code postal;Ville;Pays;Effectif;Chiffre d'affaires;Secteur",
        "Tratamiento;Nombre;Apellidos;Empresa;Correo electrónico;Teléfono;Dirección;Código postal;Ciudad;País;\
         Número de empleados;Facturación;Sector",
    ] {
        let read = read("x.csv", header);
        let fields: Vec<&str> =
            read.decision.columns.iter().filter_map(|c| c.field).map(Field::name).collect();
        let expected = "salutation first_name last_name company_name email phone address_line_1 postal_code city country \
                        employee_size revenue industry";
        assert_eq!(fields.join(" "), expected, "{}", read.decision);
    }
}
