//! Which agents a board lists: those of one's own teams, of one team or of all, in a state, with a word in name or id.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::picture::{ByName, Picture};
use crate::engine::{numbers::AgentState, view::AgentView};

/// Agents of one page.
pub(super) const PAGE: usize = 100;
/// Longest text to look for, in characters.
const FIND_MAX: usize = 128;

/// What the address of a board says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct Asked {
    /// Empty for one's own teams, `all`, or `is ` and the team's name.
    team: String,
    state: String,
    find: String,
    page: usize,
    /// `wall` for a screen on a wall.
    pub(super) look: String,
    /// The number of the last event that a board has.
    pub(super) after: String,
}

/// Which teams.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Teams {
    /// Everybody's.
    All,
    /// The visitor's own.
    Own(Vec<String>),
    /// One.
    One(String),
}

/// Which agents, and which page of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Filter {
    pub(super) teams: Teams,
    pub(super) state: Option<usize>,
    /// In lower case.
    pub(super) find: String,
    pub(super) page: usize,
    /// Whether no agents are listed at all, as on a wall.
    pub(super) nobody: bool,
}

impl Filter {
    /// What is asked for by a visitor with these teams.
    pub(super) fn new(asked: &Asked, own: &[String]) -> Self {
        let one = asked.team.strip_prefix("is ");
        let teams = match (one, asked.team.as_str(), own) {
            (Some(team), _, _) => Teams::One(team.to_owned()),
            (None, "all", _) | (None, _, []) => Teams::All,
            (None, _, own) => Teams::Own(own.to_vec()),
        };
        let labels = AgentState::ALL.iter();
        Self {
            teams,
            state: labels
                .clone()
                .position(|state| state.label() == asked.state),
            find: asked
                .find
                .trim()
                .to_lowercase()
                .chars()
                .take(FIND_MAX)
                .collect(),
            page: asked.page,
            nobody: asked.look == "wall",
        }
    }

    /// The state that is asked for.
    pub(super) fn state(&self) -> Option<AgentState> {
        self.state.and_then(|at| AgentState::ALL.get(at).copied())
    }

    /// The agents, in their order.
    pub(super) fn agents<'a>(
        &'a self,
        picture: &'a Picture,
    ) -> impl Iterator<Item = (&'a ByName, &'a AgentView)> {
        let agents = picture.agents.iter().filter(|_| !self.nobody);
        let agents = agents.map(|(place, agent)| (place, &**agent));
        agents.filter(|(_, agent)| self.takes(agent))
    }

    fn takes(&self, agent: &AgentView) -> bool {
        let profile = &agent.profile;
        let team = match &self.teams {
            Teams::All => true,
            Teams::Own(own) => own.iter().any(|team| **team == *profile.team),
            Teams::One(team) => **team == *profile.team,
        };
        let state = self
            .state()
            .is_none_or(|state| AgentState::of(agent) == state);
        let has = |text: &str| text.to_lowercase().contains(&self.find);
        team && state
            && (self.find.is_empty() || has(&profile.display_name) || has(profile.id.as_str()))
    }

    /// The query of an address that asks for this, with another page.
    pub(super) fn query(&self, page: usize) -> String {
        let mut pairs = Vec::new();
        match &self.teams {
            Teams::All => pairs.push(("team", "all".to_owned())),
            Teams::Own(_) => {}
            Teams::One(team) => pairs.push(("team", format!("is {team}"))),
        }
        if let Some(state) = self.state() {
            pairs.push(("state", state.label().to_owned()));
        }
        if !self.find.is_empty() {
            pairs.push(("find", self.find.clone()));
        }
        if page > 0 {
            pairs.push(("page", page.to_string()));
        }
        if self.nobody {
            pairs.push(("look", "wall".to_owned()));
        }
        let pairs = pairs
            .iter()
            .map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        let query: Vec<String> = pairs.collect();
        if query.is_empty() {
            return String::new();
        }
        format!("?{}", query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(team: &str) -> Asked {
        Asked {
            team: team.to_owned(),
            ..Asked::default()
        }
    }

    #[test]
    fn ones_own_teams_come_first() {
        let own = ["red".to_owned()];
        assert_eq!(
            Filter::new(&asked(""), &own).teams,
            Teams::Own(own.to_vec())
        );
        assert_eq!(Filter::new(&asked(""), &[]).teams, Teams::All);
        assert_eq!(Filter::new(&asked("all"), &own).teams, Teams::All);
        let one = Teams::One("all".to_owned());
        assert_eq!(Filter::new(&asked("is all"), &own).teams, one);
    }

    #[test]
    fn a_query_says_what_was_asked() {
        let filter = Filter::new(
            &Asked {
                state: "wrap_up".to_owned(),
                find: " Zoé & Co ".to_owned(),
                ..asked("is a/b")
            },
            &[],
        );
        let query = filter.query(2);
        assert_eq!(
            query,
            "?team=is%20a%2Fb&state=wrap%5Fup&find=zo%C3%A9%20%26%20co&page=2"
        );
        assert_eq!(Filter::new(&asked(""), &["red".to_owned()]).query(0), "");
    }
}
