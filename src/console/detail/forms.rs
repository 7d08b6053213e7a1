//! The forms of orders about one thing.

use crate::console::words::Words;

/// A form that gives an order, once it is confirmed.
pub(super) struct Form {
    pub(super) order: &'static str,
    pub(super) fields: Vec<Field>,
}

/// A field of a form: a text, a number, or a choice.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) kind: &'static str,
    pub(super) value: String,
    pub(super) required: bool,
    pub(super) options: Vec<(String, String)>,
}

fn field(name: &'static str, kind: &'static str, w: &Words) -> Field {
    Field {
        name,
        label: w.of("field", name),
        kind,
        value: String::new(),
        required: true,
        options: Vec::new(),
    }
}

fn text(name: &'static str, w: &Words) -> Field {
    field(name, "text", w)
}

fn minutes(value: u32, required: bool, w: &Words) -> Field {
    Field {
        value: if required {
            value.to_string()
        } else {
            String::new()
        },
        label: w.of(
            "field",
            if required {
                "minutes"
            } else {
                "minutes-or-none"
            },
        ),
        required,
        ..field("minutes", "number", w)
    }
}

fn choice(name: &'static str, options: Vec<(String, String)>, w: &Words) -> Field {
    Field {
        options,
        ..field(name, "text", w)
    }
}

fn form(order: &'static str, fields: Vec<Field>) -> Form {
    Form { order, fields }
}

/// Orders about a call that waits.
pub(super) fn of_call(queues: Vec<String>, w: &Words) -> Vec<Form> {
    if queues.is_empty() {
        return Vec::new();
    }
    let queues = queues.into_iter().map(|id| (id.clone(), id)).collect();
    vec![form("move", vec![choice("queue", queues, w)])]
}

/// Orders about an agent.
pub(super) fn of_agent(is_held: bool, reasons: Vec<String>, w: &Words) -> Vec<Form> {
    let intents = ["ready", "not-ready", "offline"].map(|intent| {
        let words = w.say(&format!("intent-{intent}"));
        (intent.replace('-', "_"), words.into_owned())
    });
    let reason = if reasons.is_empty() {
        Field {
            required: false,
            label: w.of("field", "not-ready-reason"),
            ..text("reason", w)
        }
    } else {
        let none = (String::new(), "–".to_owned());
        let known = reasons
            .into_iter()
            .map(|reason| (reason.clone(), w.of("reason", &reason)));
        Field {
            label: w.of("field", "not-ready-reason"),
            ..choice("reason", std::iter::once(none).chain(known).collect(), w)
        }
    };
    let hold = if is_held {
        form("release", Vec::new())
    } else {
        form("hold", vec![minutes(15, true, w), text("reason", w)])
    };
    let intent = form("intent", vec![choice("intent", intents.into(), w), reason]);
    let message = form("message", vec![text("text", w)]);
    vec![hold, intent, message]
}

/// Orders about a queue.
pub(super) fn of_queue(is_halted: bool, w: &Words) -> Vec<Form> {
    if is_halted {
        return vec![form("resume", vec![text("reason", w)])];
    }
    let waiting = ["serve", "end"].map(|what| {
        (
            what.to_owned(),
            w.say(&format!("waiting-{what}")).into_owned(),
        )
    });
    let halt = || vec![text("reason", w), minutes(0, false, w)];
    let mut close = halt();
    close.push(choice("waiting", waiting.into(), w));
    vec![form("pause", halt()), form("close", close)]
}

/// Orders about a site.
pub(super) fn of_site(is_drained: bool, w: &Words) -> Vec<Form> {
    if is_drained {
        return vec![form("undrain", Vec::new())];
    }
    vec![form("drain", vec![text("reason", w)])]
}

/// Orders about a team.
pub(super) fn of_team(w: &Words) -> Vec<Form> {
    vec![form("message-team", vec![text("text", w)])]
}
