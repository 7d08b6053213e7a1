//! What the pages say, in French and in English: one file of messages each, with the same keys.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::{LanguageIdentifier, langid};

const FRENCH: &str = include_str!("words/fr.ftl");
const ENGLISH: &str = include_str!("words/en.ftl");

/// A language of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Language {
    /// French.
    French,
    /// English.
    #[default]
    English,
}

impl Language {
    /// Every language.
    pub(super) const ALL: [Self; 2] = [Self::French, Self::English];

    /// Its tag, as pages and cookies write it.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// Its own name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::French => "Français",
            Self::English => "English",
        }
    }

    /// The language of a tag, of which only the beginning counts, such as `fr-MQ`.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        let same = |language: &Self| primary.eq_ignore_ascii_case(language.tag());
        Self::ALL.into_iter().find(same)
    }

    /// The first language that a browser asks for and the console has. Weights are not read: browsers list by them.
    pub(super) fn of_accepted(accepted: &str) -> Option<Self> {
        let mut tags = accepted
            .split(',')
            .map(|tag| tag.split(';').next().unwrap_or_default());
        tags.find_map(|tag| Self::of_tag(tag.trim()))
    }

    /// Its messages.
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::French => &ALL.0,
            Self::English => &ALL.1,
        }
    }

    fn id(self) -> LanguageIdentifier {
        match self {
            Self::French => langid!("fr"),
            Self::English => langid!("en"),
        }
    }
}

/// The messages of one language.
pub(super) struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

static ALL: LazyLock<(Words, Words)> = LazyLock::new(|| {
    (
        Words::new(Language::French, FRENCH),
        Words::new(Language::English, ENGLISH),
    )
});

impl Words {
    fn new(language: Language, text: &str) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.id()]);
        let resource = FluentResource::try_new(text.to_owned());
        let resource = resource.unwrap_or_else(|(_, problems)| panic!("messages: {problems:?}"));
        let added = bundle.add_resource(resource);
        added.unwrap_or_else(|problems| panic!("messages that are given twice: {problems:?}"));
        Self { language, bundle }
    }

    /// The language.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// A message without a variable. One that is missing shows its key: a test finds it first.
    pub(super) fn say(&self, key: &str) -> Cow<'_, str> {
        self.message(key, None)
    }

    /// A message with the number `$n`.
    pub(super) fn count(&self, key: &str, number: impl TryInto<u64>) -> String {
        let number = number.try_into().unwrap_or_default();
        let mut args = FluentArgs::new();
        // Numbers of the pages are far below where a float loses ones.
        args.set("n", FluentValue::from(number));
        self.message(key, Some(&args)).into_owned()
    }

    /// A message with the text `$name`.
    pub(super) fn name(&self, key: &str, name: &str) -> String {
        self.with(key, &[("name", name)])
    }

    /// A message with texts.
    pub(super) fn with(&self, key: &str, texts: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::with_capacity(texts.len());
        for (name, text) in texts {
            args.set(*name, (*text).to_owned());
        }
        self.message(key, Some(&args)).into_owned()
    }

    /// A message of a family, such as `state-` and a label; the label itself where the family has none for it.
    pub(super) fn of(&self, family: &str, label: &str) -> String {
        let key = format!("{family}-{}", label.replace('_', "-"));
        if self.bundle.has_message(&key) {
            return self.say(&key).into_owned();
        }
        label.to_owned()
    }

    fn message(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Cow<'_, str> {
        let pattern = self.bundle.get_message(key).and_then(|it| it.value());
        let Some(pattern) = pattern else {
            return Cow::Owned(key.to_owned());
        };
        let mut problems = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut problems);
        Cow::Owned(text.into_owned())
    }
}

#[cfg(test)]
mod tests;
