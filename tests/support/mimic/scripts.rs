//! The scripts of the store once more, in Rust; some without what keeps pools safe, to show that this is seen.

use std::collections::BTreeMap;

use super::data::{Answer, Data};

/// What commits are checked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Lease, revision and digest, as the scripts do.
    #[default]
    All,
    /// Nothing: whoever thinks that the pool is theirs may write.
    None,
    /// The lease alone.
    Lease,
    /// A number of the acquisition in the place of the lease, and the revision.
    EpochAndRevision,
    /// Revision and digest alone.
    RevisionAndDigest,
    /// Nothing of what was lost is taken back: its owner is sent away.
    NothingHealed,
}

/// What scripts did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) applied: u64,
    pub(crate) duplicate: u64,
    pub(crate) fenced: u64,
    pub(crate) mismatched: u64,
    pub(crate) acquired: u64,
    pub(crate) handed_over: u64,
    pub(crate) rewritten: u64,
    /// Acquisitions of a pool of which another process knew more than was stored.
    pub(crate) taken_behind: u64,
}

/// A call of a script.
pub(super) struct Call<'a> {
    pub(super) data: &'a mut Data,
    pub(super) counts: &'a mut Counts,
    pub(super) rules: Rules,
    pub(super) now: u64,
    pub(super) keys: &'a [String],
    pub(super) arguments: &'a [Vec<u8>],
    /// Of each lease the number of its acquisition, and the greatest revision that was committed under it.
    pub(super) leases: &'a mut BTreeMap<String, (u64, u64)>,
}

/// An acquisition that is newer than any.
const NEWEST: u64 = 1 << 40;

impl Call<'_> {
    /// Runs the script of which this is the text.
    pub(super) fn run(mut self, text: &str) -> Answer {
        let name = text
            .strip_prefix("-- ")
            .and_then(|rest| rest.split_once(':'));
        let answer = match name.map(|(name, _)| name) {
            Some("ACQUIRE") => Ok(self.acquire()),
            Some("COMMIT") => self.commit(),
            Some("RENEW") => Ok(self.renew()),
            Some("TRANSFER") => Ok(self.transfer()),
            Some("FLIP") => Ok(self.flip()),
            Some("PRESENT") => Ok(self.present()),
            _ => panic!("the model does not know this script: {text}"),
        };
        answer.unwrap_or_else(|error| error)
    }

    fn text(&self, at: usize) -> String {
        String::from_utf8_lossy(&self.arguments[at - 1]).into_owned()
    }

    fn number(&self, at: usize) -> u64 {
        self.text(at).parse().expect("a number")
    }

    fn head(&self, field: &str) -> Option<String> {
        self.data.get(&self.keys[0], field)
    }

    fn head_number(&self, field: &str) -> u64 {
        let number = self.head(field).and_then(|text| text.parse().ok());
        number.unwrap_or(0)
    }

    fn set(&mut self, field: &str, value: impl ToString) {
        self.data.set(&self.keys[0], field, value.to_string());
    }

    fn say(&self, word: &str, rest: impl IntoIterator<Item = Answer>) -> Answer {
        let begin = [word.into(), self.now.into()];
        Answer::List(begin.into_iter().chain(rest).collect())
    }

    fn position(&self) -> [Answer; 4] {
        ["rev", "dig", "bef", "gen"].map(|field| self.head(field).into())
    }

    fn fenced(&mut self) -> Answer {
        self.counts.fenced += 1;
        let or = |field, otherwise: &str| self.head(field).unwrap_or_else(|| otherwise.to_owned());
        let (revision, epoch) = match self.rules {
            Rules::NothingHealed => ("0".to_owned(), NEWEST.to_string()),
            _ => (or("rev", ""), or("ep", "0")),
        };
        let rest = [revision, or("adr", ""), epoch];
        self.say("FENCED", rest.map(Answer::from))
    }

    fn acquire(&mut self) -> Answer {
        let (lease, boot, gone) = (self.text(1), self.text(2), self.text(8));
        if let Some(format) = self.head("fmt")
            && format.parse::<u64>().expect("a format") > self.number(6)
        {
            return self.say("TOO_NEW", [format.into()]);
        }
        let (held, owner) = (self.head("lid").unwrap_or_default(), self.head("own"));
        let owner = owner.unwrap_or_default();
        let expires = self.head_number("exp");
        let is_free = held.is_empty()
            || owner == boot
            || (!gone.is_empty() && owner == gone)
            || self.now > expires;
        if !is_free && held != lease {
            let rest = [self.head("adr").into(), (expires - self.now).into()];
            return self.say("HELD", rest);
        }
        if held != lease {
            let epoch = self.head_number("ep").max(self.number(5)) + 1;
            self.counts.acquired += 1;
            let stored = self.head_number("rev");
            let more = |(_, revision): &(u64, u64)| *revision > stored;
            let own = self.leases.get(&lease).copied();
            if self.leases.values().any(more) && !own.as_ref().is_some_and(more) {
                self.counts.taken_behind += 1;
            }
            let greatest = own.map_or(0, |(_, revision)| revision);
            self.leases.insert(lease.clone(), (epoch, greatest));
            self.set("lid", lease);
            self.set("own", boot);
            self.set("adr", self.text(3));
            self.set("ep", epoch);
        }
        if self.head("rev").is_none() {
            self.set("fmt", self.text(6));
            for (field, value) in [("rev", "0"), ("dig", ""), ("bef", ""), ("gen", "0")] {
                self.set(field, value);
            }
            self.set("n", 0);
            self.set("pt", 0);
        }
        self.set("exp", self.now + self.number(4));
        self.set("rid", self.text(7));
        let pending = self.head("pend").unwrap_or_default();
        let rest = [self.head("ep").into(), pending.into()];
        self.say("OK", self.position().into_iter().chain(rest))
    }

    /// Whether this lease may write, as far as the rules look.
    fn may_write(&self, lease: &str) -> bool {
        match self.rules {
            Rules::None | Rules::RevisionAndDigest => true,
            Rules::EpochAndRevision => {
                let own = self.leases.get(lease);
                own.is_some_and(|(epoch, _)| *epoch == self.head_number("ep"))
            }
            Rules::NothingHealed => self.is_held_by(lease) && !self.has_lost(lease),
            Rules::All | Rules::Lease => self.is_held_by(lease),
        }
    }

    fn is_held_by(&self, lease: &str) -> bool {
        self.head("lid").as_deref() == Some(lease)
    }

    /// Whether less is there than was committed under this lease.
    fn has_lost(&self, lease: &str) -> bool {
        let own = self.leases.get(lease);
        own.is_some_and(|(_, revision)| *revision > self.head_number("rev"))
    }

    fn commit(&mut self) -> Result<Answer, Answer> {
        if !self.may_write(&self.text(1)) {
            return Ok(self.fenced());
        }
        let (revision, digest) = (self.head("rev"), self.head("dig"));
        let is = |found: &Option<String>, text: String| found.as_ref() == Some(&text);
        let expires = self.now + self.number(7);
        let looks_at_revision = !matches!(self.rules, Rules::None | Rules::Lease);
        let looks_at_digest = looks_at_revision && self.rules != Rules::EpochAndRevision;
        if looks_at_revision
            && is(&revision, self.text(4))
            && (!looks_at_digest || is(&digest, self.text(5)))
        {
            self.counts.duplicate += 1;
            self.set("exp", expires);
            return Ok(self.say("DUP", []));
        }
        let is_next = is(&revision, self.text(2))
            && (!looks_at_digest || is(&digest, self.text(3)))
            && self.head("gen") == Some(self.text(6));
        if looks_at_revision && !is_next {
            self.counts.mismatched += 1;
            return Ok(self.say("MISMATCH", self.position()));
        }
        self.write(digest.unwrap_or_default(), expires)?;
        let (lease, revision) = (self.text(1), self.number(4));
        if let Some((_, greatest)) = self.leases.get_mut(&lease) {
            *greatest = (*greatest).max(revision);
        }
        self.counts.applied += 1;
        Ok(self.say("OK", []))
    }

    fn write(&mut self, before: String, expires: u64) -> Result<(), Answer> {
        let mut rest = self.arguments[15..].iter();
        let mut next = || rest.next().expect("as many as it says");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (state, events, details) = (&self.keys[1], &self.keys[2], &self.keys[3]);
        for _ in 0..self.number(12) {
            let (field, value) = (next(), next());
            self.data.set(state, &text(field), value.clone());
        }
        for _ in 0..self.number(13) {
            self.data.unset(state, &text(next()));
        }
        for _ in 0..self.number(14) {
            let (id, json) = (next(), next());
            self.data.append(events, &text(id), json.clone())?;
        }
        if self.number(14) > 0 {
            self.data.trim(events, self.number(11));
        }
        for _ in 0..self.number(15) {
            self.data.add(details, next());
        }
        let entities = self.data.len(state);
        self.data.unset(&self.keys[0], "und");
        self.set("fmt", self.text(9));
        self.set("rid", self.text(10));
        self.set("n", entities);
        self.set("pt", self.text(8));
        self.set("exp", expires);
        self.set("bef", before);
        self.set("dig", self.text(5));
        self.set("rev", self.text(4));
        Ok(())
    }

    fn renew(&mut self) -> Answer {
        let lease = self.text(1);
        let is_sent_away = self.rules == Rules::NothingHealed && self.has_lost(&lease);
        if !self.is_held_by(&lease) || is_sent_away {
            return self.fenced();
        }
        self.set("exp", self.now + self.number(2));
        self.say("OK", self.position())
    }

    fn transfer(&mut self) -> Answer {
        let held = self.head("lid");
        if self.head("rev").is_some() && (held.is_none() || held == Some(self.text(4))) {
            return self.say("OK", []);
        }
        if held != Some(self.text(1)) {
            return self.fenced();
        }
        if self.head("rev") != Some(self.text(2)) || self.head("dig") != Some(self.text(3)) {
            return self.say("MISMATCH", self.position());
        }
        let mut expires = self.now;
        if !self.text(4).is_empty() {
            expires += self.number(7);
            self.counts.handed_over += 1;
        }
        for (field, at) in [("lid", 4), ("own", 5), ("adr", 6)] {
            self.set(field, self.text(at));
        }
        self.set("exp", expires);
        self.say("OK", [])
    }

    fn flip(&mut self) -> Answer {
        if self.head("lid") != Some(self.text(1)) {
            return self.fenced();
        }
        let generation = self.head("gen").unwrap_or_default();
        if generation == self.text(5) {
            return self.say("OK", ["".into()]);
        }
        if self.head("rev") != Some(self.text(2)) || self.head("dig") != Some(self.text(3)) {
            return self.say("MISMATCH", self.position());
        }
        if self.text(4) == "begin" {
            let pending = self.head("pend").unwrap_or_default();
            self.set("pend", self.text(5));
            return self.say("OK", [pending.into()]);
        }
        if self.data.len(&self.keys[1]) != self.number(9) {
            return self.say("SHORT", []);
        }
        self.switch();
        self.say("OK", [generation.into()])
    }

    fn switch(&mut self) {
        let mut rest = self.arguments[17..].iter();
        let mut next = || rest.next().expect("as many as it says");
        for _ in 0..self.number(15) {
            let (id, json) = (String::from_utf8_lossy(next()), next());
            // Those that are there already are refused by their ids.
            let _there_already = self.data.append(&self.keys[2], &id, json.clone());
        }
        self.data.trim(&self.keys[2], self.number(14));
        for _ in 0..self.number(16) {
            self.data.add(&self.keys[3], next());
        }
        self.counts.rewritten += 1;
        for field in ["pend", "und"] {
            self.data.unset(&self.keys[0], field);
        }
        if !self.text(17).is_empty() {
            self.set("und", self.text(17));
        }
        let fields = [
            ("fmt", 11),
            ("rid", 12),
            ("n", 9),
            ("pt", 10),
            ("gen", 5),
            ("bef", 8),
            ("dig", 7),
            ("rev", 6),
        ];
        for (field, at) in fields {
            self.set(field, self.text(at));
        }
        self.set("exp", self.now + self.number(13));
    }

    fn present(&mut self) -> Answer {
        let boot = self.text(1);
        if self.text(2).is_empty() {
            self.data.unset(&self.keys[0], &boot);
        } else {
            let sign = format!("{} {}", self.now, self.text(2));
            self.set(&boot, sign);
        }
        let mut there = Vec::new();
        for (boot, value) in self.data.fields(&self.keys[0]) {
            let value = String::from_utf8_lossy(&value).into_owned();
            let (seen, address) = value.split_once(' ').expect("a time and an address");
            let silent = self.now.saturating_sub(seen.parse().expect("a time"));
            if silent > self.number(4) {
                self.data.unset(&self.keys[0], &boot);
            } else if silent <= self.number(3) {
                there.extend([Answer::from(&*boot), address.into()]);
            }
        }
        self.say("OK", there)
    }
}
