//! The calculations of `erlang`: columns in, measures out, under the same names on the command line and in files.

use crate::{
    cli::beside::{Answer, Calculation, Input, MOST_AGENTS, Rule, Style, Values, Wrong},
    planning::erlang::{
        Demand, loss,
        patience::{self, Measures},
        staffing::{self, Level, Staffing, Target},
        waiting::Queue,
    },
};

const DEMAND: [Input; 3] = [
    Input::needed("interval_s", Rule::Above0),
    Input::needed("calls", Rule::NotNegative),
    Input::needed("aht_s", Rule::Above0),
];
const AGENTS: Input = Input::needed("agents", Rule::Count);
const TARGET: Input = Input::needed("target_s", Rule::NotNegative);
const PATIENCE: Input = Input::needed("patience_s", Rule::Above0);

const UNSTABLE: &str = "no more agents than erlang: the queue grows without end, so its averages and quantiles do not exist";

/// Erlang B.
pub(super) const B: Calculation = Calculation {
    inputs: &[
        Input::needed("offered_erlang", Rule::NotNegative),
        Input::needed("lines", Rule::Count),
    ],
    measures: &[
        ("blocking", Style::Significant),
        ("carried_erlang", Style::Significant),
    ],
    compute: |values| {
        let (offered, lines) = (values.number("offered_erlang"), values.count("lines"));
        let cells = [
            loss::blocking(offered, lines),
            loss::carried(offered, lines),
        ];
        Ok(all(&cells))
    },
};

/// Erlang C.
pub(super) const C: Calculation = Calculation {
    inputs: &[DEMAND[0], DEMAND[1], DEMAND[2], AGENTS, TARGET],
    measures: &[
        ("offered_erlang", Style::Significant),
        ("p_wait", Style::Significant),
        ("service_level", Style::Significant),
        ("asa_s", Style::Significant),
        ("mean_wait_of_waiting_s", Style::Significant),
        ("occupancy", Style::Significant),
        ("mean_queue", Style::Significant),
        ("wait_p90_s", Style::Significant),
        ("wait_p95_s", Style::Significant),
    ],
    compute: |values| {
        let (demand, agents) = (demand(values), values.count("agents"));
        let Some(queue) = Queue::new(demand, agents) else {
            return Ok(unstable(demand, agents));
        };
        Ok(all(&[
            demand.offered(),
            queue.p_wait(),
            queue.service_level(values.number("target_s")),
            queue.asa_s(),
            queue.mean_wait_of_waiting_s(),
            queue.occupancy(),
            queue.mean_queue(),
            queue.wait_exceeded_by_s(0.1),
            queue.wait_exceeded_by_s(0.05),
        ]))
    },
};

/// Erlang A.
pub(super) const A: Calculation = Calculation {
    inputs: &[DEMAND[0], DEMAND[1], DEMAND[2], PATIENCE, AGENTS, TARGET],
    measures: &[
        ("offered_erlang", Style::Significant),
        ("p_wait", Style::Significant),
        ("p_abandon", Style::Significant),
        ("mean_wait_all", Style::Significant),
        ("mean_wait_answered", Style::Significant),
        ("mean_wait_abandoned", Style::Significant),
        ("mean_queue", Style::Significant),
        ("occupancy", Style::Significant),
        ("sl_offered", Style::Significant),
        ("sl_answered", Style::Significant),
        ("sl_excl_short", Style::Significant),
        ("p_abandon_by_T", Style::Significant),
        ("p_virtual_wait_gt_T", Style::Significant),
    ],
    compute: |values| {
        let (demand, patience_s) = (demand(values), values.number("patience_s"));
        let (agents, target_s) = (values.count("agents"), values.number("target_s"));
        let found = patience::measures(demand, patience_s, agents, target_s);
        Ok(Answer {
            cells: patience_cells(demand, &found),
            note: (agents == 0).then_some("without agents nobody is answered"),
        })
    },
};

/// Required agents.
pub(super) const REQUIRED: Calculation = Calculation {
    inputs: &[
        Input::needed("model", Rule::Word(&["erlang_c", "erlang_a"])),
        DEMAND[0],
        DEMAND[1],
        DEMAND[2],
        Input::or("patience_s", Rule::Above0, ""),
        TARGET,
        Input::needed("target_sl", Rule::Below1),
        Input::or("max_occupancy", Rule::ShareAbove0, "1"),
        Input::or("max_abandonment", Rule::ShareAbove0, ""),
        Input::or("shrinkage", Rule::Below1, "0"),
        Input::or("level", Rule::Word(&LEVELS), "offered"),
    ],
    measures: &[
        ("agents", Style::Whole),
        ("scheduled_agents_ceil", Style::Whole),
        ("achieved_sl", Style::Significant),
        ("achieved_occupancy", Style::Significant),
        ("achieved_abandonment", Style::Significant),
    ],
    compute: required,
};

const LEVELS: [&str; 3] = ["offered", "answered", "excl_short"];

fn all(cells: &[f64]) -> Answer {
    Answer {
        cells: cells.iter().copied().map(Some).collect(),
        note: None,
    }
}

fn demand(values: &Values) -> Demand {
    Demand {
        calls: values.number("calls"),
        interval_s: values.number("interval_s"),
        aht_s: values.number("aht_s"),
    }
}

/// In the long run everybody waits for longer than any target, and everybody works.
fn unstable(demand: Demand, agents: u32) -> Answer {
    let mut cells = vec![None; C.measures.len()];
    cells[..3].copy_from_slice(&[Some(demand.offered()), Some(1.0), Some(0.0)]);
    cells[5] = (agents > 0).then_some(1.0);
    Answer {
        cells,
        note: Some(UNSTABLE),
    }
}

fn patience_cells(demand: Demand, found: &Measures) -> Vec<Option<f64>> {
    vec![
        Some(demand.offered()),
        Some(found.p_wait),
        Some(found.p_abandon),
        Some(found.mean_wait_all_s),
        found.mean_wait_answered_s,
        Some(found.mean_wait_abandoned_s),
        Some(found.mean_queue),
        found.occupancy,
        Some(found.sl_offered),
        found.sl_answered,
        Some(found.sl_excl_short),
        Some(found.p_abandon_by_target),
        Some(found.p_virtual_wait_beyond_target),
    ]
}

fn required(values: &Values) -> Result<Answer, Wrong> {
    let wrong = |input, what: &str| Wrong {
        input,
        what: what.to_owned(),
    };
    let patience_s = values.maybe("patience_s");
    let target = Target {
        answer_s: values.number("target_s"),
        service_level: values.number("target_sl"),
        max_occupancy: values.number("max_occupancy"),
        max_abandonment: values.maybe("max_abandonment"),
    };
    let found = match (values.text("model"), patience_s) {
        ("erlang_a", Some(patience_s)) => staffing::required_with_patience(
            demand(values),
            patience_s,
            &target,
            level(values),
            MOST_AGENTS,
        ),
        ("erlang_a", None) => {
            let what = "is missing; with erlang_a give the callers' average patience in seconds";
            return Err(wrong("patience_s", what));
        }
        _ if target.max_abandonment.is_some() => {
            let what = "has no meaning with erlang_c, where nobody hangs up; leave it out or take erlang_a";
            return Err(wrong("max_abandonment", what));
        }
        _ => staffing::required_with_endless_patience(demand(values), &target, MOST_AGENTS),
    };
    let found = found.ok_or_else(|| {
        wrong(
            "calls",
            &format!("are so many that over {MOST_AGENTS} agents would be needed; give fewer"),
        )
    })?;
    Ok(staffing_answer(&found, values.number("shrinkage")))
}

fn level(values: &Values) -> Level {
    match values.text("level") {
        "answered" => Level::Answered,
        "excl_short" => Level::ExclShort,
        _ => Level::Offered,
    }
}

fn staffing_answer(found: &Staffing, shrinkage: f64) -> Answer {
    let cells = vec![
        Some(f64::from(found.agents)),
        Some(staffing::scheduled(found.agents, shrinkage)),
        Some(found.service_level),
        Some(found.occupancy),
        found.abandonment,
    ];
    Answer { cells, note: None }
}
