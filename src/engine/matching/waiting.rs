//! The calls that wait, found by what a freed agent has.
//!
//! Calls of one weight and one choice of site kinds form a tree: an edge is a skill at a least level, a call stands at
//! the end of the path of all that it needs. Within a weight the order of calls never changes with time, so each node
//! knows the first call at or below it. A freed agent walks from the roots along the edges that the agent's skills
//! satisfy, the most urgent node first, and so meets the most urgent fitting call first.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, BinaryHeap},
};

use super::{
    super::{
        ids::PoolTime,
        slab::{Ix, Slab},
        state::{Agent, Call, CallIx, SkillNeed},
        urgency::{Rank, Urgency},
    },
    rows::{SiteMask, holds},
};

type NodeIx = Ix<Node>;

#[derive(Debug, Default)]
struct Node {
    edge: Option<(NodeIx, SkillNeed)>,
    /// Sorted by edge.
    children: Vec<(SkillNeed, NodeIx)>,
    calls: BTreeSet<(Rank, CallIx)>,
    /// The first call of each child that has one.
    below: BTreeSet<(Rank, NodeIx)>,
}

impl Node {
    fn first(&self) -> Option<Rank> {
        let own = self.calls.first().map(|(rank, _)| *rank);
        let below = self.below.first().map(|(rank, _)| *rank);
        own.into_iter().chain(below).min()
    }
}

#[derive(Debug)]
struct Tree {
    weight: u32,
    sites: SiteMask,
    root: NodeIx,
}

/// Where a waiting call stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    node: NodeIx,
    rank: Rank,
}

/// All waiting calls that may be offered.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    trees: Vec<Tree>,
    nodes: Slab<Node>,
    seated: usize,
}

impl Waiting {
    /// How many calls wait here.
    pub(super) fn len(&self) -> usize {
        self.seated
    }

    /// Seats a call of this path of needs.
    pub(super) fn seat(
        &mut self,
        weight: u32,
        sites: SiteMask,
        path: &[SkillNeed],
        rank: Rank,
        call: CallIx,
    ) -> Seat {
        let mut node = self.root(weight, sites);
        for edge in path {
            node = self.child(node, *edge);
        }
        let before = self.nodes[node].first();
        self.nodes[node].calls.insert((rank, call));
        self.seated += 1;
        self.tell_parents(node, before);
        Seat { node, rank }
    }

    /// Takes a call away.
    pub(super) fn unseat(&mut self, seat: Seat, call: CallIx) {
        let before = self.nodes[seat.node].first();
        self.nodes[seat.node].calls.remove(&(seat.rank, call));
        self.seated -= 1;
        self.tell_parents(seat.node, before);
    }

    fn root(&mut self, weight: u32, sites: SiteMask) -> NodeIx {
        let same = |tree: &&Tree| tree.weight == weight && tree.sites == sites;
        if let Some(tree) = self.trees.iter().find(same) {
            return tree.root;
        }
        let root = self.nodes.insert(Node::default());
        self.trees.push(Tree {
            weight,
            sites,
            root,
        });
        root
    }

    fn child(&mut self, parent: NodeIx, edge: SkillNeed) -> NodeIx {
        let children = &self.nodes[parent].children;
        match children.binary_search_by_key(&edge, |(edge, _)| *edge) {
            Ok(place) => children[place].1,
            Err(place) => {
                let child = self.nodes.insert(Node {
                    edge: Some((parent, edge)),
                    ..Node::default()
                });
                self.nodes[parent].children.insert(place, (edge, child));
                child
            }
        }
    }

    /// Brings what the nodes above know of a node's first call up to date, and drops nodes that lead nowhere.
    fn tell_parents(&mut self, mut ix: NodeIx, mut before: Option<Rank>) {
        loop {
            let after = self.nodes[ix].first();
            let Some((parent, edge)) = self.nodes[ix].edge.filter(|_| after != before) else {
                return;
            };
            let above = &mut self.nodes[parent];
            let above_before = above.first();
            if let Some(rank) = before {
                above.below.remove(&(rank, ix));
            }
            if let Some(rank) = after {
                above.below.insert((rank, ix));
            } else {
                if let Ok(place) = above
                    .children
                    .binary_search_by_key(&edge, |(edge, _)| *edge)
                {
                    above.children.remove(place);
                }
                self.nodes.remove(ix);
            }
            (ix, before) = (parent, above_before);
        }
    }

    /// The most urgent call that has a seat, fits the agent and has not been refused by the agent.
    pub(super) fn first_for(
        &self,
        agent: &Agent,
        calls: &Slab<Call>,
        now: PoolTime,
    ) -> Option<(Urgency, CallIx)> {
        let mut front = BinaryHeap::with_capacity(32);
        for tree in &self.trees {
            if tree.sites.takes(agent.profile.site.kind) {
                self.enter(&mut front, tree.root, tree.weight, now);
            }
        }
        while let Some(step) = front.pop() {
            let node = match step.to {
                Goal::Call(call) => return Some((step.urgency, call)),
                Goal::Node(node) => &self.nodes[node],
            };
            let refused = |ix: CallIx| calls[ix].state.refused.contains(&agent.profile.id);
            if let Some((rank, call)) = node.calls.iter().find(|(_, call)| !refused(*call)) {
                front.push(Step {
                    urgency: rank.urgency(step.weight, now),
                    weight: step.weight,
                    to: Goal::Call(*call),
                });
            }
            for_satisfied(&node.children, &agent.skills, |child| {
                self.enter(&mut front, child, step.weight, now);
            });
        }
        None
    }

    fn enter(&self, front: &mut BinaryHeap<Step>, node: NodeIx, weight: u32, now: PoolTime) {
        front.extend(self.nodes[node].first().map(|rank| Step {
            urgency: rank.urgency(weight, now),
            weight,
            to: Goal::Node(node),
        }));
    }
}

/// Visits the children whose edge the skills satisfy, by whichever list is shorter.
fn for_satisfied(
    children: &[(SkillNeed, NodeIx)],
    skills: &[SkillNeed],
    mut visit: impl FnMut(NodeIx),
) {
    if children.len() <= skills.len() {
        let met = children.iter().filter(|(edge, _)| holds(skills, *edge));
        return met.for_each(|(_, child)| visit(*child));
    }
    let mut rest = children;
    for held in skills {
        rest = &rest[rest.partition_point(|(edge, _)| edge.skill < held.skill)..];
        let met = rest.iter().take_while(|(edge, _)| edge <= held);
        met.for_each(|(_, child)| visit(*child));
    }
}

/// A step of the walk: the greatest is next.
struct Step {
    urgency: Urgency,
    weight: u32,
    to: Goal,
}

enum Goal {
    Node(NodeIx),
    Call(CallIx),
}

impl Ord for Step {
    /// Urgencies differ between calls, and a node has its first call's: which of the two comes first does not matter.
    fn cmp(&self, other: &Self) -> Ordering {
        self.urgency.cmp(&other.urgency)
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.urgency == other.urgency
    }
}

impl Eq for Step {}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
