//! Who works where, and at what: the name, the site and the skills of a row.

use std::{borrow::Cow, sync::Arc};

use super::{
    build::Builder,
    cell::Cell,
    names::{self, Known},
    problem::{Kind, fault},
};

impl Builder<'_> {
    pub(super) fn skills(&mut self, row: u32, cells: &[Cell<'_>]) -> Arc<[Arc<str>]> {
        let Some(at) = self.places.skills else {
            return Arc::from([]);
        };
        let text = cells.get(at).map_or(Cow::Borrowed(""), Cell::text);
        if self.last_skills.0 != text {
            self.last_skills = (text.clone().into_owned(), self.names.skills(&text));
        }
        let skills = Arc::clone(&self.last_skills.1);
        for skill in skills.iter() {
            let miss = || {
                Known::miss(
                    self.options.known.skills.as_ref(),
                    skill,
                    Kind::UnknownSkill,
                )
            };
            if let Some(fault) = names::check(skill).or_else(miss) {
                self.error(row, at, cells, fault);
            }
        }
        skills
    }

    pub(super) fn site(&mut self, row: u32, cells: &[Cell<'_>]) -> Arc<str> {
        let Some(at) = self.places.site else {
            return Arc::from("");
        };
        let text = cells.get(at).map_or(Cow::Borrowed(""), Cell::text);
        if self.last_site.as_ref() != text.as_ref() {
            self.last_site = self.names.text(&text);
        }
        let site = Arc::clone(&self.last_site);
        let miss = || Known::miss(self.options.known.sites.as_ref(), &site, Kind::UnknownSite);
        let fault = names::check(&site).or_else(|| (!site.is_empty()).then(miss).flatten());
        if let Some(fault) = fault {
            self.error(row, at, cells, fault);
        }
        site
    }

    /// The agent's name; tells of a second one.
    pub(super) fn name(&mut self, row: u32, cells: &[Cell<'_>], agent: u32) -> Arc<str> {
        let text = |at: Option<usize>| {
            at.and_then(|at| cells.get(at))
                .map_or(Cow::Borrowed(""), Cell::text)
        };
        let (first, last) = (text(self.places.first_name), text(self.places.name));
        let name = if first.is_empty() {
            last
        } else {
            Cow::Owned(format!("{first} {last}").trim().to_owned())
        };
        let known = &self.names.list[agent as usize];
        if known.name.as_ref() == name.as_ref() {
            return Arc::clone(&known.name);
        }
        let at = self.places.name.or(self.places.first_name).unwrap_or(0);
        if let Some(fault) = names::check(&name) {
            self.error(row, at, cells, fault);
        }
        let shared = self.names.text(&name);
        let known = &mut self.names.list[agent as usize];
        if known.name.is_empty() {
            known.name = Arc::clone(&shared);
            known.row = row;
        } else if !name.is_empty() && !known.is_renamed {
            known.is_renamed = true;
            let text = format!(
                "the agent `{}` is named `{}` in row {}",
                known.id, known.name, known.row
            );
            let place = self.place(row, at, cells.get(at));
            self.problems
                .warning(place, fault(Kind::Alike, text, "one name for one agent"));
        }
        shared
    }
}
