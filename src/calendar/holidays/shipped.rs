//! The regions whose holidays come with the program.

use std::sync::{Arc, LazyLock};

use thiserror::Error;

use super::{Calendar, Holidays, file};

/// How many codes an error names.
const NEAR_SHOWN: usize = 4;

/// The files, in the order in which regions are listed.
const FILES: &[(&str, &str)] = &[
    ("be.toml", include_str!("data/be.toml")),
    ("es.toml", include_str!("data/es.toml")),
    ("fr.toml", include_str!("data/fr.toml")),
    ("ma.toml", include_str!("data/ma.toml")),
    ("pl.toml", include_str!("data/pl.toml")),
    ("ro.toml", include_str!("data/ro.toml")),
    ("sn.toml", include_str!("data/sn.toml")),
];

static SHIPPED: LazyLock<Vec<Holidays>> = LazyLock::new(|| {
    let read = |(name, source): &(&str, &str)| {
        let calendars = file::read(source);
        calendars.unwrap_or_else(|problems| panic!("{name}: {problems:?}"))
    };
    let calendars = FILES.iter().flat_map(read);
    calendars
        .map(|calendar| Holidays(Arc::new(calendar)))
        .collect()
});

/// No region that comes with the program has this code or name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{region}` is no region with known holidays; {}", hint(.near))]
pub struct UnknownRegion {
    pub region: String,
    /// Codes that are spelt alike or belong to the same country.
    pub near: Vec<String>,
}

fn hint(near: &[String]) -> String {
    let codes: Vec<String> = near.iter().map(|code| format!("`{code}`")).collect();
    format!(
        "did you mean {}? `homeshore calendar regions` lists all",
        codes.join(", ")
    )
}

/// A region as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub code: String,
    pub name: String,
    /// Other codes and names that mean it, alone or after the country's code.
    pub aliases: Vec<String>,
    /// Codes that mean it after the country's code only.
    pub codes: Vec<String>,
    /// The first and the last year for which its holidays are known, where there is such a year.
    pub known: (Option<i16>, Option<i16>),
}

/// All regions that come with the program, by code.
pub fn regions() -> Vec<Region> {
    let mut regions: Vec<Region> = SHIPPED.iter().map(|holidays| region(&holidays.0)).collect();
    regions.sort_by(|one, other| one.code.cmp(&other.code));
    regions
}

fn region(calendar: &Calendar) -> Region {
    Region {
        code: calendar.code.clone(),
        name: calendar.name.clone(),
        aliases: calendar.aliases.clone(),
        codes: calendar.codes.clone(),
        known: (calendar.known.from, calendar.known.until),
    }
}

/// The region of this code, name or alias.
pub(super) fn find(region: &str) -> Result<Holidays, UnknownRegion> {
    let wanted = folded(region);
    let found = SHIPPED
        .iter()
        .find(|holidays| is_meant(&holidays.0, &wanted));
    found.cloned().ok_or_else(|| UnknownRegion {
        region: region.to_owned(),
        near: near(&wanted),
    })
}

/// Names and aliases may stand alone or after the country's code, short codes only after it.
fn is_meant(calendar: &Calendar, wanted: &str) -> bool {
    let code = folded(&calendar.code);
    let country = country_of(&code);
    let local = wanted.strip_prefix(country);
    let local = local.and_then(|rest| rest.strip_prefix('-'));
    let mut names = calendar.aliases.iter().chain([&calendar.name]);
    let mut codes = calendar.codes.iter();
    wanted == code
        || names.any(|name| [Some(wanted), local].contains(&Some(&folded(name))))
        || codes.any(|code| local == Some(&folded(code)))
}

fn country_of(code: &str) -> &str {
    code.split('-').next().unwrap_or_default()
}

/// The codes spelt most alike, of the same country if there is such a country.
fn near(wanted: &str) -> Vec<String> {
    let country = country_of(wanted);
    let is_near = |code: &&str| country_of(code) == country;
    let codes: Vec<&str> = SHIPPED.iter().map(Holidays::code).collect();
    let mut near: Vec<&str> = codes.iter().copied().filter(is_near).collect();
    if near.is_empty() {
        near = codes;
    }
    near.sort_by_key(|code| strsim::damerau_levenshtein(code, wanted));
    near.truncate(NEAR_SHOWN);
    near.into_iter().map(str::to_owned).collect()
}

/// Capitals without accents, words with a hyphen between them: `La Réunion` is `LA-REUNION`.
fn folded(text: &str) -> String {
    let plain: String = text
        .chars()
        .flat_map(char::to_uppercase)
        .map(plain)
        .collect();
    let words = plain.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// A capital without its accent, for the languages of the regions.
fn plain(letter: char) -> char {
    match letter {
        'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' | 'Ă' | 'Ą' => 'A',
        'Ç' | 'Ć' => 'C',
        'È' | 'É' | 'Ê' | 'Ë' | 'Ę' => 'E',
        'Ì' | 'Í' | 'Î' | 'Ï' => 'I',
        'Ł' => 'L',
        'Ñ' | 'Ń' => 'N',
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' => 'O',
        'Ś' | 'Ș' => 'S',
        'Ț' => 'T',
        'Ù' | 'Ú' | 'Û' | 'Ü' => 'U',
        'Ź' | 'Ż' => 'Z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{SHIPPED, find, folded};

    #[test]
    fn no_code_or_name_means_two_regions() {
        for one in SHIPPED.iter() {
            let calendar = &one.0;
            let names = calendar
                .aliases
                .iter()
                .chain([&calendar.code, &calendar.name]);
            for name in names {
                assert_eq!(find(name).unwrap().code(), one.code(), "{name}");
            }
            for code in &calendar.codes {
                let country = super::country_of(&calendar.code);
                let found = find(&format!("{country}-{code}")).unwrap();
                assert_eq!(found.code(), one.code(), "{code}");
            }
        }
    }

    #[test]
    fn a_region_is_found_by_any_of_its_names() {
        let rows = [
            ("FR", "FR"),
            ("france", "FR"),
            ("fr-alsace-moselle", "FR-ALSACE-MOSELLE"),
            ("FR_67", "FR-ALSACE-MOSELLE"),
            ("FR-57", "FR-ALSACE-MOSELLE"),
            ("FR-75", "FR"),
            ("FR-IDF", "FR"),
            ("La Réunion", "FR-LA-REUNION"),
            ("FR-REUNION", "FR-LA-REUNION"),
            ("FR-974", "FR-LA-REUNION"),
            ("RE", "FR-LA-REUNION"),
            ("FR-Saint-Barthélemy", "FR-SAINT-BARTHELEMY"),
            ("GP", "FR-GUADELOUPE"),
            ("FR-GP", "FR-GUADELOUPE"),
            ("ES-CT", "ES-CT"),
            ("ES-CATALUÑA", "ES-CT"),
            ("BE-VLG", "BE"),
            ("PL-14", "PL"),
            ("Nouvelle-Calédonie", "FR-NOUVELLE-CALEDONIE"),
        ];
        for (name, code) in rows {
            assert_eq!(
                find(name).map(|found| found.code().to_owned()),
                Ok(code.into()),
                "{name}"
            );
        }
        assert_eq!(
            folded("  Provence-Alpes-Côte d’Azur "),
            "PROVENCE-ALPES-COTE-D-AZUR"
        );
    }

    #[test]
    fn an_unknown_region_is_told_what_is_near() {
        let error = find("FR-ALSAC-MOSELLE").unwrap_err().to_string();
        assert!(
            error.starts_with("`FR-ALSAC-MOSELLE` is no region with known holidays; did you mean `FR-ALSACE-MOSELLE`, "),
            "{error}"
        );
        assert!(find("974").is_err());
        assert!(find("").is_err());
    }
}
