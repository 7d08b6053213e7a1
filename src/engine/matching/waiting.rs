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
        ids::{HandleClass, PoolTime},
        service::Balance,
        slab::{Ix, Slab},
        state::{Agent, Call, CallIx, SkillNeed},
        urgency::{Precedence, Rank},
    },
    rows::{SiteMask, holds},
};

type NodeIx = Ix<Node>;

#[derive(Debug, Default)]
struct Node {
    edge: Option<(NodeIx, SkillNeed)>,
    /// Sorted by edge.
    children: Vec<Child>,
    calls: BTreeSet<(Rank, CallIx)>,
    /// The first call of each child that has one.
    below: BTreeSet<(Rank, NodeIx)>,
}

/// An edge down, with what a walk must know to leave it alone.
#[derive(Debug)]
struct Child {
    edge: SkillNeed,
    node: NodeIx,
    /// The first call at or below; none while the child is being made.
    first: Option<Rank>,
}

impl Node {
    fn place_of(&self, edge: SkillNeed) -> Result<usize, usize> {
        self.children
            .binary_search_by_key(&edge, |child| child.edge)
    }

    fn first(&self) -> Option<Rank> {
        let own = self.calls.first().map(|(rank, _)| *rank);
        let below = self.below.first().map(|(rank, _)| *rank);
        own.into_iter().chain(below).min()
    }
}

/// What the calls of a tree share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TreeKey {
    pub(super) weight: u32,
    pub(super) sites: SiteMask,
    /// The calls' queue, by its place in the pool's list, where queues are told apart.
    pub(super) lane: Option<u16>,
    /// How long they may last.
    pub(super) class: HandleClass,
}

#[derive(Debug)]
struct Tree {
    key: TreeKey,
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
        key: TreeKey,
        path: &[SkillNeed],
        rank: Rank,
        call: CallIx,
    ) -> Seat {
        let mut node = self.root(key);
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

    fn root(&mut self, key: TreeKey) -> NodeIx {
        if let Some(tree) = self.trees.iter().find(|tree| tree.key == key) {
            return tree.root;
        }
        let root = self.nodes.insert(Node::default());
        self.trees.push(Tree { key, root });
        root
    }

    /// Forgets the trees, once nobody is seated: another configuration has others.
    pub(super) fn clear(&mut self) {
        assert_eq!(self.seated, 0, "trees are cleared when they are empty");
        *self = Self::default();
    }

    fn child(&mut self, parent: NodeIx, edge: SkillNeed) -> NodeIx {
        match self.nodes[parent].place_of(edge) {
            Ok(place) => self.nodes[parent].children[place].node,
            Err(place) => {
                let node = self.nodes.insert(Node {
                    edge: Some((parent, edge)),
                    ..Node::default()
                });
                let first = None;
                let child = Child { edge, node, first };
                self.nodes[parent].children.insert(place, child);
                node
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
            }
            let place = above.place_of(edge).expect("a parent has its child");
            if after.is_some() {
                above.children[place].first = after;
            } else {
                above.children.remove(place);
                self.nodes.remove(ix);
            }
            (ix, before) = (parent, above_before);
        }
    }

    /// The first call that has a seat, fits the agent and has not been refused by the agent; `lanes` tells the balance of
    /// the lanes that are looked at.
    pub(super) fn first_for(
        &self,
        agent: &Agent,
        calls: &Slab<Call>,
        now: PoolTime,
        lanes: impl Fn(Option<u16>) -> Option<Balance>,
    ) -> Option<(Precedence, CallIx)> {
        let mut front = BinaryHeap::with_capacity(32);
        for Tree { key, root } in &self.trees {
            if key.sites.takes(agent.profile.site.kind)
                && key.class.0 < agent.open
                && let Some(first) = self.nodes[*root].first()
                && let Some(balance) = lanes(key.lane)
            {
                let tree = (balance, key.weight);
                front.push(step(first, tree, now, Goal::Node(*root)));
            }
        }
        // The most urgent call that was met: what is less urgent need not be remembered.
        let mut best = None;
        while let Some(Step { tree, to, .. }) = front.pop().filter(|s| Some(s.precedence) >= best) {
            let node = match to {
                Goal::Call(call) => return best.map(|precedence| (precedence, call)),
                Goal::Node(node) => &self.nodes[node],
            };
            let kept_off = |ix: CallIx| calls[ix].state.keeps_off(&agent.profile.id);
            if let Some((rank, call)) = node.calls.iter().find(|(_, call)| !kept_off(*call)) {
                let step = step(*rank, tree, now, Goal::Call(*call));
                if Some(step.precedence) > best {
                    best = Some(step.precedence);
                    front.push(step);
                }
            }
            for_satisfied(&node.children, &agent.skills, |child| {
                let first = child.first.expect("a child leads to a call");
                let step = step(first, tree, now, Goal::Node(child.node));
                if Some(step.precedence) > best {
                    front.push(step);
                }
            });
        }
        None
    }
}

fn step(rank: Rank, tree: (Balance, u32), now: PoolTime, to: Goal) -> Step {
    let (balance, weight) = tree;
    let precedence = Precedence::new(balance, rank.urgency(weight, now));
    Step {
        precedence,
        tree,
        to,
    }
}

/// Visits the children whose edge the skills satisfy, by whichever list is shorter.
fn for_satisfied(children: &[Child], skills: &[SkillNeed], mut visit: impl FnMut(&Child)) {
    if children.len() <= skills.len() {
        let met = children.iter().filter(|child| holds(skills, child.edge));
        return met.for_each(visit);
    }
    let mut rest = children;
    for held in skills {
        rest = &rest[rest.partition_point(|child| child.edge.skill < held.skill)..];
        let met = rest.iter().take_while(|child| child.edge <= *held);
        met.for_each(&mut visit);
    }
}

/// A step of the walk: the greatest is next.
struct Step {
    precedence: Precedence,
    /// Balance and weight of the tree's calls.
    tree: (Balance, u32),
    to: Goal,
}

enum Goal {
    Node(NodeIx),
    Call(CallIx),
}

impl Ord for Step {
    /// Precedences differ between calls, and a node has its first call's: which of the two comes first does not matter.
    fn cmp(&self, other: &Self) -> Ordering {
        self.precedence.cmp(&other.precedence)
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.precedence == other.precedence
    }
}

impl Eq for Step {}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
