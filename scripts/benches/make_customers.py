#!/usr/bin/env python3
"""Writes a made-up customer CSV: one row a prospect, its company's columns repeated beside it, as vendors export them.

    make_customers.py ROWS [--domains N] [--seed S] [--mess P] > customers.csv

A few companies have many rows and most have few. --mess is the share of cells (default 0.12) with one of the
accidents of real exports: another case, stray or no-break blanks, a placeholder, a dash of another kind. The same
arguments always give the same bytes. Standard library only.
"""

import argparse
import csv
import random
import sys

HEADER = [
    "Salutation", "First Name", "Last Name", "Email address", "Job Title", "Job Title Level", "Job Title Link",
    "Department", "Company", "Industry", "Employee Size", "Employee size link", "Revenue", "Address Line 1",
    "Address Line 2", "City", "State", "Zip/Postal code", "Country", "Phone", "Mobile Phone (optional)",
]

GIVEN = """Adaeze Anika Bruno Camille Daan Ewa Farid Greta Hiro Ines Jonas Katarzyna Lars Mila Nikhil Oksana Pablo
Ruth Sanjay Tomas Ulla Valentina Wanda Yara Zofia Åsa Éric Özgür""".split()
FAMILY = """Almeida Brandt Cohen D'Angelo Evans Fontaine Grünwald Hernández Iyer Jensen Kaya Lindqvist Mbeki Novák Okafor
Pereira Rossi Smit Tanaka Ueda Virtanen Wójcik Young Zimmermann""".split()
FIRST_PART = """alder amber basalt bright cedar clear copper crest drift east fern forge glacier grove haven iron jade
kestrel lark maple north oak pearl quill raven slate thorn upland vale willow""".split()
SECOND_PART = """analytics apparel biotech builders capital clinics cloud consulting dairy electric films freight games
hotels invest legal marine metals mobility paper retail schools solar steel travel water""".split()
ENDINGS = ["com"] * 7 + ["io", "net", "org", "de", "fr", "nl", "co.uk", "com.au", "co.in", "com.br", "co.jp"]
LEGAL = ["", "", "", " Inc", " Inc.", ", LLC", " Ltd", " Limited", " GmbH", " AG", " BV", " SAS", " Pty Ltd", " Corp."]
FREE_MAIL = ["gmail.com", "yahoo.com", "hotmail.com", "gmx.de", "outlook.com", "qq.com"]
AREAS = ["Sales", "Marketing", "Finance", "Operations", "Engineering", "Product", "Human Resources", "Legal",
         "Information Technology", "Customer Success", "Business Development", "Procurement"]
TITLES = [
    "Chief {} Officer", "CEO", "CFO", "CIO & Co-Founder", "Chairwoman of the Board", "President", "Owner",
    "Managing Director", "Founder and CEO", "EVP {}", "Executive Vice President, {}", "SVP, {}", "Senior VP {}",
    "VP of {}", "Vice President - {}", "AVP {}", "Director, {}", "Sr. Director of {}", "{} Director", "Head of {}",
    "Associate Director {}", "Senior {} Manager", "{} Manager", "Team Lead {}", "Principal Consultant {}",
    "Staff Engineer", "{} Analyst", "Senior {} Specialist", "Developer", "{} Coordinator", "Associate, {}",
    "{} Intern", "Trainee", "Freelancer", "Advisor {}", "Assistant to the CEO", "Chief of Staff", "Vice Presedent {}",
]
LEVELS = ["C-Level", "C Level", "VP", "Vice President", "SVP", "Director", "director", "Head", "Manager", "Non-Manager",
          "Senior", "Staff", "Other", "Individual Contributor", ""]
INDUSTRIES = ["Software Development", "Computer Software", "Banking", "Financial Services", "Insurance", "Retail",
              "Hospitals and Health Care", "Oil and Gas", "Telecommunications", "Real Estate", "Food & Beverages",
              "Higher Education", "Automotive", "information technology & services"]
SIZES = ["1-10", "11-50", "11 to 50", "51-200", "51 t0 200", "201-500 employees", "501-1,000", "1001 - 5000", "5K-10K",
         "10,001+", "10001+ employees", "5000+", "75", "~300", "Self-employed"]
REVENUES = ["$0 - $1M", "$1M-$5M", "$5 Million", "7.5M", "$10M - $25M", "25M-50M", "$50M-$100M", "100M-500M",
            "$500M - $1B", "$1B-$10B", "$10B - $100B", "2500000", "USD 900K", "not disclosed", ""]
PLACES = [
    ("Denver", "CO", "80202", "United States"), ("Seattle", "Washington", "98101", "USA"),
    ("Newark", "NJ", "07102", "US"), ("Hartford", "CT", "06103", "U.S.A."), ("Leeds", "England", "LS1 4AP", "UK"),
    ("Edinburgh", "Scotland", "EH1 1YZ", "United Kingdom"), ("Hamburg", "Hamburg", "20095", "Germany"),
    ("Köln", "NRW", "50667", "Deutschland"), ("Pune", "Maharashtra", "411001", "India"),
    ("Chennai", "Tamil Nadu", "600001", "India"), ("Montréal", "QC", "H2Y 1C6", "Canada"),
    ("Melbourne", "VIC", "3000", "Australia"), ("Lyon", "Auvergne-Rhône-Alpes", "69001", "France"),
    ("Utrecht", "", "3511", "Netherlands"), ("Osaka", "", "530-0001", "Japan"), ("Recife", "PE", "50000-000", "Brazil"),
]
PLACEHOLDERS = ["", "", "N/A", "null", "-", " "]
EMAIL = HEADER.index("Email address")


def accident(rng, cell):
    """`cell` as a real export might have damaged it."""
    if not cell:
        return rng.choice(PLACEHOLDERS)
    return rng.choice([
        str.upper, str.lower, lambda text: f" {text}  ", lambda text: text + "\u00a0",
        lambda text: text.replace(" ", "  "), lambda text: text.replace("-", "\u2013"),
        lambda text: rng.choice(PLACEHOLDERS),
    ])(cell)


def make_companies(rng, count):
    for number in range(count):
        first, second = rng.choice(FIRST_PART), rng.choice(SECOND_PART)
        yield (f"{first}{second}{number}.{rng.choice(ENDINGS)}",
               f"{first.title()} {second.title()} {number}{rng.choice(LEGAL)}",
               rng.choice(INDUSTRIES), rng.choice(SIZES), rng.choice(REVENUES), rng.choice(PLACES))


def make_email(rng, name, domain):
    """Most are plain; some are at a free-mail host, below the domain, without an ending, or no address at all."""
    roll = rng.random()
    if roll < 0.03:
        return f"{name}@{rng.choice(FREE_MAIL)}"
    if roll < 0.06:
        return f"{name}@mail.{domain}"
    if roll < 0.07:
        return f"{name}@{domain.split('.')[0]}"
    if roll < 0.08:
        return rng.choice([name, f"{name}@", f"@{domain}", f"{name}@@{domain}", ""])
    if roll < 0.12:
        return f"{name}@{domain}".title()
    return f"{name}@{domain}"


def make_row(rng, number, company):
    domain, company_name, industry, size, revenue, (city, state, postal, country) = company
    given, family, area = rng.choice(GIVEN), rng.choice(FAMILY), rng.choice(AREAS)
    name = f"{given}.{family}{number}".lower().replace("'", "").encode("ascii", "ignore").decode()
    return [
        rng.choice(["", "", "Mr", "Mrs.", "Ms.", "Dr"]), given, family, make_email(rng, name, domain),
        rng.choice(TITLES).format(area), rng.choice(LEVELS), f"https://www.linkedin.com/in/{name.replace('.', '-')}",
        area, company_name, industry, size, f"https://www.linkedin.com/company/{domain.split('.')[0]}", revenue,
        f"{1 + number % 700} High Street", rng.choice(["", "", "", "Floor 3"]), city, state, postal, country,
        f"+1 303 555 {number % 10000:04d}", "",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("rows", type=int)
    parser.add_argument("--domains", type=int, help="how many companies (default: a third of the rows)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mess", type=float, default=0.12)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    count = options.domains or max(1, options.rows // 3)
    companies = list(make_companies(rng, count))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HEADER)
    for number in range(options.rows):
        row = make_row(rng, number, companies[int(count * rng.random() ** 1.4)])
        writer.writerow([
            accident(rng, cell) if index != EMAIL and rng.random() < options.mess else cell
            for index, cell in enumerate(row)
        ])


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    main()
