#!/usr/bin/env python3
"""Writes values of one kind, one a line, the same for the same numbers. Companies and people are invented.

    make_values.py KIND [COUNT] [--seed 1]
"""

import argparse
import random
import sys

WORDS = """amber anchor arrow aster atlas aurora bay beacon birch blue boulder branch bridge bright brook canyon cedar
citrus clear cliff cloud coast cobalt copper coral crest crown delta dune eagle east echo elm ember falcon fern field
flint forge fox glacier globe gold granite green grove harbor hawk hazel heron high hill holly horizon iris iron island
ivy jade juniper kestrel lake lark laurel light lime linden lotus lunar lynx maple marble meadow mesa mint mist moon
moss north nova oak ocean olive onyx opal orchid osprey otter palm peak pearl pine plum polar prairie quartz raven reef
ridge river robin rose ruby sage salt sand sierra silver sky slate solar south spring spruce star stone storm summit
sun swift tern thistle thunder tide timber topaz trail tulip valley velvet vista wave west willow wind winter wolf
zenith""".split()
TRADES = "Foods Software Logistics Energy Capital Labs Media Health Systems Partners Motors Textiles Bank Design".split()
ENDINGS = ["com"] * 12 + ["co.uk", "de", "io", "fr", "com.au", "co.jp", "com.br", "org", "net", "nl", "github.io", "in"]
FORMS = ["", "", ", Inc.", " Inc", " LLC", " Ltd", " Limited", " GmbH", " GmbH & Co. KG", " AG", " S.A.", " B.V.",
         " S.r.l.", " Pty Ltd", " Pvt. Ltd.", " PLC", " Corp.", " SAS", " AB", " Oy", " K.K.", " Sp. z o.o."]
GIVEN = "Ada Alan Bela Chen Dara Emil Fay Grace Hugo Ines Jan Kai Lena Mina Noor Omar Pia Quinn Rosa Sven Tara Uma".split()
FAMILY = "Ashdown Birkby Corvane Dunmoor Elwick Farrowby Grenholm Hartvale Ilmsted Jorvale Kestby Lornshaw".split()
RANKS = ["Senior Vice President, {}", "VP of {}", "Director of {}", "Head of {}", "Senior {} Manager", "{} Manager",
         "{} Engineer II", "Chief {} Officer", "Associate Director - {}", "{} Intern", "Assistant to the VP of {}",
         "Founder & CEO, {}", "Sr. {} Analyst", "{} Coordinator", "Leiter {}", "EVP {}"]
AREAS = ["Sales", "Marketing", "Finance", "Engineering", "Product", "Operations", "Human Resources", "Data", "Legal",
         "Customer Success", "Security", "Procurement", "Quality", "Research", "Supply Chain"]

PLACES = [line.split("|") for line in """Austin|TX|United States
Boston|MA|USA
Brooklyn|NY|US
Denver|Colorado|United States
Leeds|England|UK
Lyon|Auvergne-Rhône-Alpes|France
Milano|Lombardia|Italia
München|Bayern|Deutschland
Porto|Porto|Portugal
Pune|Maharashtra|India
San Jose|CA|United States
Seattle|WA|USA
Sydney|NSW|Australia
Toronto|ON|Canada""".splitlines()]
INDUSTRY_WORDS = """advertising automotive banking biotechnology construction consulting education energy entertainment fintech food
health hospitality insurance logistics machinery media mining packaging pharmaceuticals publishing retail saas security software
sports telecommunications textiles transportation utilities venture warehousing wellness wine wireless""".split()


def domain(rng):
    name = f"{rng.choice(WORDS)}{rng.choice(WORDS)}.{rng.choice(ENDINGS)}"
    form = rng.choice(["{}", "{}", "www.{}", "https://www.{}", "http://{}/about", "https://blog.{}/a/b?c=d", "shop.{}"])
    return form.format(name)


def email(rng):
    local = f"{rng.choice(GIVEN)}{rng.choice(['.', '_', ''])}{rng.choice(FAMILY)}".lower()
    host = rng.choice(["gmail.com", f"{rng.choice(WORDS)}{rng.choice(WORDS)}.{rng.choice(ENDINGS)}"])
    local = rng.choice([local, local, local, f"{local}+{rng.choice(WORDS)}", f"{local}{rng.randrange(99)}", "info"])
    return rng.choice([str, str, str, str.upper])(f"{local}@{host}")


def company_name(rng):
    name = f"{rng.choice(WORDS).title()} {rng.choice(WORDS).title()} {rng.choice(TRADES)}{rng.choice(FORMS)}"
    return rng.choice([str, str, str, str.upper, str.lower])(name)


def job_title(rng):
    title = rng.choice(RANKS).format(rng.choice(AREAS))
    tail = rng.choice(["", "", f", {rng.choice(WORDS).title()}", f" ({rng.choice(WORDS).title()} {rng.choice(TRADES)})"])
    return rng.choice([str, str, str, str.upper, str.lower])(title + tail)


def employee_range(rng):
    low = rng.choice([1, 2, 11, 51, 201, 501, 1001, 5001, rng.randrange(1, 60_000)])
    high = low + rng.choice([9, 39, 149, 299, 499, 3999, 4999, rng.randrange(1, 20_000)])
    form = rng.choice(["{0}-{1}", "{0}-{1}", "{0:,}-{1:,}", "{0} to {1}", "{0}+", "{0:,}+ employees", "{0}",
                       "{0}-{1} employees", "{0} - {1}", "~{0}"])
    return form.format(low, high)


def revenue_range(rng):
    low = rng.choice([1, 5, 10, 25, 50, 100, 500, rng.randrange(1, 1000)])
    high = low + rng.choice([4, 5, 15, 25, 50, 400, rng.randrange(1, 2000)])
    form = rng.choice(["${0}M - ${1}M", "{0}M-{1}M", "${0} Million", "${0}.{1}M", "{0}{1:06}", "${0},{2:03},{2:03}", "{0}m-{1}m",
                       "USD {0}K", "${0}M+", "€{0} Mio."])
    return form.format(low, high, rng.randrange(1000))


def linkedin_url(rng):
    slug = f"{rng.choice(GIVEN)}-{rng.choice(FAMILY)}-{rng.randrange(16**6):x}".lower()
    company = f"{rng.choice(WORDS)}-{rng.choice(WORDS)}-{rng.choice(TRADES)}".lower()
    form = rng.choice(["https://www.linkedin.com/in/{0}", "http://de.linkedin.com/in/{0}/", "linkedin.com/in/{0}?trk=x",
                       "https://www.linkedin.com/company/{1}", "https://uk.linkedin.com/company/{1}/about/"])
    return form.format(slug, company)


def phone(rng):
    # 555-01xx is kept for fiction in North America, 7700 900xxx in Britain; the German numbers are of a block kept for it too.
    area, line, three = rng.randrange(201, 990), rng.randrange(100, 200), rng.randrange(1000)
    form = rng.choice(["+1 {0} 555 0{1}", "({0}) 555-0{1}", "{0}-555-0{1}", "1{0}5550{1}", "+44 7700 900{2:03}",
                       "+49 30 23125 {2:03}", "+1 {0} 555 0{1} ext. {2}"])
    return form.format(area, line, three)


def person_name(rng):
    form = rng.choice(["{0} {1}", "{0} {1}", "{0} {2}. {1}", "Dr. {0} {1}", "{1}, {0}", "{0} van {1}", "{0} {1}, PhD",
                       "{0} {1}-{3}", "{0} {1} Jr."])
    name = form.format(rng.choice(GIVEN), rng.choice(FAMILY), rng.choice("ABCDEFGH"), rng.choice(FAMILY))
    name += rng.choice(["", rng.choice(["son", "ley", "wick", "ham", "ton"])])
    return rng.choice([str, str, str.upper, str.lower])(f"{name}")


def location(rng):
    city, state, country = rng.choice(PLACES)
    form = rng.choice(["{0}, {1}", "{0}, {1}, {2}", "{0}, {2}", "{0} {1} {3}", "Greater {0} Area", "{0}"])
    town = city + rng.choice(["", "", rng.choice(["ville", " Heights", " Springs", " Falls", "burg"])])
    place = form.format(town, state, country, rng.randint(10000, 99999))
    return rng.choice([str, str, str.upper])(place)


def industry(rng):
    words = [rng.choice(INDUSTRY_WORDS) for _ in range(rng.randint(1, 2))]
    return rng.choice([str, str.upper, str.title])(rng.choice([" ", " & ", " and ", "/", ", "]).join(words))


KINDS = {maker.__name__: maker for maker in (
    domain, email, company_name, job_title, employee_range, revenue_range, linkedin_url, phone, person_name,
    location, industry)}


def make(kind, count, seed):
    """`count` distinct values, or as many as the kind has."""
    rng = random.Random(f"{kind} {seed}")
    values, tries = {}, 0
    while len(values) < count and tries < 20 * count:
        values[KINDS[kind](rng)] = None
        tries += 1
    return list(values)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("\n".join(make(options.kind, options.count, options.seed)))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    main()
