//! Texts that many agents have in common, such as names of skills, teams and regions, are kept once.

use std::{collections::HashSet, sync::Arc};

use super::{profile::AgentProfile, state::State};

/// Different texts that are remembered; more are kept by each agent alone.
const KNOWN_MAX: usize = 8_192;

/// The texts that are kept once.
#[derive(Debug, Default)]
pub(super) struct Texts {
    known: HashSet<Arc<str>>,
    /// Texts that found no room since those without users were last forgotten.
    turned_away: usize,
}

impl Texts {
    /// Replaces a text by the one of these words that is kept.
    fn share(&mut self, text: &mut Arc<str>) {
        if let Some(known) = self.known.get(text) {
            *text = Arc::clone(known);
        } else if self.known.len() < KNOWN_MAX {
            self.known.insert(Arc::clone(text));
        } else {
            self.turned_away += 1;
            if self.turned_away == KNOWN_MAX {
                self.turned_away = 0;
                self.known.retain(|known| Arc::strong_count(known) > 1);
            }
        }
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
            assert!(texts.known.len() <= KNOWN_MAX);
        }
        assert!(texts.known.contains("red"), "it is still used");
        assert!(texts.known.len() < KNOWN_MAX, "the others were not");
    }
}
