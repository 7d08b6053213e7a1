//! What happens in conversations, in a few words.

use homeshore::engine::event::Event;

use super::clock;

/// An event of a conversation that goes on.
pub(super) fn say(event: &Event) -> String {
    match event {
        Event::TalkNoted { call, talk, .. } => format!("{call} goes on: {}", talk.label()),
        Event::TalkQuestioned { call, until, .. } => {
            let by = clock(*until);
            format!("{call} has lasted long: does it go on? Answer by {by}")
        }
        other => panic!("{other:?} is no event of a conversation"),
    }
}
