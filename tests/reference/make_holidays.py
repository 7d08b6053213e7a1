"""Makes `holidays/all_holidays_2024_2030.csv`: what independent lists say of every region that comes with homeshore.

The lists: the packages `holidays` and `workalendar` of Python, `date-holidays` and `@socialgouv/jours-feries` of Node.js.
A row is a date that at least one list has; `agreement` is `all` where every list that knows the region has it, else
`some`. The name is that of `holidays` in the region's own language, else that of the first list that has the date.
Install the four, then run it in this folder to write the file again: `python make_holidays.py NODE_MODULES`.
"""
import csv, datetime, json, os, subprocess, sys

import holidays
import workalendar.europe as europe

YEARS = range(2024, 2031)
SPAIN = ["AN", "AR", "AS", "CB", "CE", "CL", "CM", "CN", "CT", "EX", "GA", "IB", "MC", "MD", "ML", "NC", "PV", "RI", "VC"]
# Region: country and subdivision in `holidays`, class in `workalendar`, country and state in `date-holidays`.
REGIONS = {
    "FR": ("FR", None, "France", ["FR"]),
    "FR-ALSACE-MOSELLE": ("FR", "6AE", "FranceAlsaceMoselle", ["FR", "67"]),
    "FR-GUADELOUPE": ("FR", "971", None, ["GP"]),
    "FR-MARTINIQUE": ("FR", "972", None, ["MQ"]),
    "FR-GUYANE": ("FR", "973", None, ["GF"]),
    "FR-LA-REUNION": ("FR", "974", None, ["RE"]),
    "FR-MAYOTTE": ("FR", "976", None, ["YT"]),
    "FR-SAINT-BARTHELEMY": ("FR", "BL", None, ["BL"]),
    "FR-SAINT-MARTIN": ("FR", "MF", None, ["MF"]),
    "FR-NOUVELLE-CALEDONIE": ("FR", "NC", None, ["NC"]),
    "FR-POLYNESIE-FRANCAISE": ("FR", "PF", None, ["PF"]),
    "FR-WALLIS-ET-FUTUNA": ("FR", "WF", None, ["WF"]),
    "FR-SAINT-PIERRE-ET-MIQUELON": ("FR", "PM", None, ["PM"]),
    "FR-TERRES-AUSTRALES": ("FR", "TF", None, None),
    "BE": ("BE", None, "Belgium", ["BE"]),
    "PL": ("PL", None, "Poland", ["PL"]),
    "RO": ("RO", None, "Romania", ["RO"]),
    "MA": ("MA", None, None, ["MA"]),
    "SN": ("SN", None, None, ["SN"]),
    "ES": ("ES", None, "Spain", ["ES"]),
    **{f"ES-{code}": ("ES", code, None, ["ES", code]) for code in SPAIN},
}
NODE = """
const [Holidays, feries] = [require('date-holidays'), require('@socialgouv/jours-feries')];
const [wanted, years] = JSON.parse(process.argv[1]);
const out = { dates: {}, feries: {} };
for (const [region, place] of Object.entries(wanted)) {
  out.dates[region] = {};
  for (const year of years)
    for (const day of new Holidays(...place).getHolidays(year))
      if (day.type === 'public') {
        // A feast of several days is one entry.
        const hours = (day.end - day.start) / 3600000;
        for (let n = 0; n < Math.max(1, Math.round(hours / 24)); n++)
          out.dates[region][new Date(Date.parse(day.date.slice(0, 10)) + n * 86400000).toISOString().slice(0, 10)] = day.name;
      }
}
for (const [region, alsace] of [['FR', false], ['FR-ALSACE-MOSELLE', true]]) {
  out.feries[region] = {};
  for (const year of years)
    for (const [name, day] of Object.entries(feries(year, { alsace })))
      out.feries[region][day.toISOString().slice(0, 10)] = name;
}
console.log(JSON.stringify(out));
"""


def by_node(modules):
    wanted = {region: places[3] for region, places in REGIONS.items() if places[3]}
    asked = json.dumps([wanted, list(YEARS)])
    environment = {**os.environ, "NODE_PATH": modules, "TZ": "UTC"}
    done = subprocess.run(["node", "-e", NODE, asked], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def lists_of(region, node):
    country, subdivision, workalendar, _ = REGIONS[region]
    language = getattr(holidays, country).default_language
    days = holidays.country_holidays(country, subdiv=subdivision, years=YEARS, language=language)
    lists = {"holidays": {str(date): name for date, name in days.items() if date.year in YEARS}}

    if workalendar:
        calendar = getattr(europe, workalendar, None) or getattr(__import__("workalendar.europe.france", fromlist=["x"]), workalendar)
        lists["workalendar"] = {str(date): name for year in YEARS for date, name in calendar().holidays(year)}
    if region in node["feries"]:
        lists["socialgouv_jours_feries"] = node["feries"][region]
    if region in node["dates"]:
        lists["date_holidays"] = node["dates"][region]
    return lists


def main(modules):
    node = by_node(modules)
    with open("holidays/all_holidays_2024_2030.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["region", "date", "weekday", "agreement", "listed_by", "not_listed_by", "name"])
        for region in REGIONS:
            lists = lists_of(region, node)
            for date in sorted(set().union(*lists.values())):
                has = [name for name in lists if date in lists[name]]
                lacks = [name for name in lists if date not in lists[name]]
                weekday = datetime.date.fromisoformat(date).strftime("%A")
                name = lists[has[0]][date].replace("\n", " ")
                rows.writerow([region, date, weekday, "some" if lacks else "all", "|".join(has), "|".join(lacks), name])


main(sys.argv[1])
