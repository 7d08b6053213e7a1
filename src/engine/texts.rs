//! What many agents have in common, such as names of skills, teams and regions, and whole lists of skills, is kept once.

use std::{collections::HashSet, hash::Hash, sync::Arc};

use super::{
    profile::AgentProfile,
    state::{SkillNeed, State},
};

/// Different texts, and lists of skills, that are remembered; more are kept by each agent alone.
const KNOWN_MAX: usize = 8_192;

/// The texts that are kept once.
#[derive(Debug, Default)]
pub(super) struct Texts {
    known: Known<str>,
    skills: Known<[SkillNeed]>,
}

/// Things of a kind that are kept once.
#[derive(Debug)]
struct Known<T: ?Sized> {
    all: HashSet<Arc<T>>,
    /// Things that found no room since those without users were last forgotten.
    turned_away: usize,
}

impl<T: ?Sized> Default for Known<T> {
    fn default() -> Self {
        Self {
            all: HashSet::new(),
            turned_away: 0,
        }
    }
}

impl<T: ?Sized + Eq + Hash> Known<T> {
    /// The equal thing that is kept; else this one, which is kept from now on if there is room.
    fn share(&mut self, thing: Arc<T>) -> Arc<T> {
        if let Some(known) = self.all.get(&thing) {
            return Arc::clone(known);
        }
        if self.all.len() < KNOWN_MAX {
            self.all.insert(Arc::clone(&thing));
        } else {
            self.turned_away += 1;
            if self.turned_away == KNOWN_MAX {
                self.turned_away = 0;
                self.all.retain(|known| Arc::strong_count(known) > 1);
            }
        }
        thing
    }
}

impl Texts {
    /// Replaces a text by the one of these words that is kept.
    fn share(&mut self, text: &mut Arc<str>) {
        *text = self.known.share(Arc::clone(text));
    }

    /// The one list of these skills that is kept.
    pub(super) fn share_skills(&mut self, skills: Vec<SkillNeed>) -> Arc<[SkillNeed]> {
        self.skills.share(skills.into())
    }
}

impl State {
    /// The same profile, with the texts that others have too.
    pub(super) fn shared(&mut self, mut profile: Arc<AgentProfile>) -> Arc<AgentProfile> {
        let own = Arc::make_mut(&mut profile);
        for held in &mut own.skills {
            if let Some((known, _)) = self.skills.get_key_value(&held.skill) {
                held.skill = known.clone();
            }
        }
        own.skills.shrink_to_fit();
        let site = &mut own.site;
        for text in [
            &mut site.region,
            &mut site.provider,
            &mut own.team,
            &mut own.employer,
        ] {
            self.texts.share(text);
        }
        profile
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_and_those_without_users_are_forgotten() {
        let mut texts = Texts::default();
        let (mut first, mut second) = (Arc::from("red"), Arc::from("red"));
        texts.share(&mut first);
        texts.share(&mut second);
        assert!(Arc::ptr_eq(&first, &second));
        // Enough to fill it, to be turned away as often, and to fill it again half.
        for number in 0..5 * KNOWN_MAX / 2 {
            texts.share(&mut Arc::from(format!("t{number}")));
            assert!(texts.known.all.len() <= KNOWN_MAX);
        }
        assert!(texts.known.all.contains("red"), "it is still used");
        assert!(texts.known.all.len() < KNOWN_MAX, "the others were not");
    }
}
