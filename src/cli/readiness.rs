//! `mos`, and `readiness emodel`: how good a voice line sounds, by the E-model.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::beside::{self, Answer, Calculation, FileArgs, Input, Rule, Style, Values, Wrong};
use crate::readiness::emodel::{CODECS, Codec, Line};

/// Agents' home set-ups.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  homeshore readiness emodel --codec G.729 --delay-ms 120 --loss-pct 0.5")]
pub(super) enum ReadinessCommand {
    /// How good a voice line sounds: the same as `homeshore mos`.
    #[command(after_help = "\
Examples:
  homeshore readiness emodel --codec G.729 --delay-ms 120 --loss-pct 0.5
  homeshore readiness emodel --csv lines.csv --json")]
    Emodel(MosArgs),
}

/// A voice line.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  homeshore mos --codec G.711 --delay-ms 150 --loss-pct 1 --burst-ratio 2
  homeshore mos --ie 7 --bpl 12 --delay-ms 80
  homeshore mos --csv lines.csv --out rated.csv

The E-model (ITU-T G.107, narrow band): r_factor is 93.2 for a perfect line, 70 where many people are dissatisfied, below 0
where a line is of no use; mos_cqe is the mean opinion score, 1 to 4.5. The echo comes back after one delay and after two.
In a file the delay's column is `one_way_delay_ms` and the loss's `packet_loss_pct`.
Codecs with known figures: G.711, G.711+PLC(App.I), G.729, G.729A+VAD, G.723.1+VAD 6.3k, GSM-EFR.")]
pub(super) struct MosArgs {
    /// The codec, which says --ie and --bpl.
    #[arg(long, value_name = "NAME")]
    codec: Option<String>,
    /// The codec's equipment impairment, if its name is not known here.
    #[arg(long, value_name = "NUMBER")]
    ie: Option<String>,
    /// The codec's robustness against lost packets, if its name is not known here.
    #[arg(long, value_name = "NUMBER")]
    bpl: Option<String>,
    /// One-way delay from mouth to ear, ms.
    #[arg(
        long = "delay-ms",
        alias = "one-way-delay-ms",
        value_name = "MS",
        required_unless_present = "csv"
    )]
    one_way_delay_ms: Option<String>,
    /// Lost packets, per cent; without it 0.
    #[arg(long = "loss-pct", alias = "packet-loss-pct", value_name = "PER CENT")]
    packet_loss_pct: Option<String>,
    /// How bunched the losses are: 1 (without it) at random, more in bursts.
    #[arg(long, value_name = "RATIO")]
    burst_ratio: Option<String>,
    #[command(flatten)]
    file: FileArgs,
}

const EMODEL: Calculation = Calculation {
    inputs: &[
        Input::or("codec", Rule::Text, ""),
        Input::or("ie", Rule::NotNegative, ""),
        Input::or("bpl", Rule::Above0, ""),
        Input::needed("one_way_delay_ms", Rule::NotNegative),
        Input::or("packet_loss_pct", Rule::Percent, "0"),
        Input::or("burst_ratio", Rule::Above0, "1"),
    ],
    measures: &[("r_factor", Style::Fixed), ("mos_cqe", Style::Fixed)],
    compute,
};

/// Runs the subcommand and answers the exit code.
pub(super) fn run(command: &ReadinessCommand, json: bool) -> anyhow::Result<ExitCode> {
    let ReadinessCommand::Emodel(args) = command;
    mos(args, json)
}

/// Runs `mos` and answers the exit code.
pub(super) fn mos(args: &MosArgs, json: bool) -> anyhow::Result<ExitCode> {
    let given = [
        ("codec", &args.codec),
        ("ie", &args.ie),
        ("bpl", &args.bpl),
        ("one_way_delay_ms", &args.one_way_delay_ms),
        ("packet_loss_pct", &args.packet_loss_pct),
        ("burst_ratio", &args.burst_ratio),
    ];
    beside::run(&EMODEL, &given, &args.file, json)
}

fn compute(values: &Values) -> Result<Answer, Wrong> {
    let (ie, bpl) = codec(values)?;
    let line = Line {
        ie,
        bpl,
        delay_ms: values.number("one_way_delay_ms"),
        loss_pct: values.number("packet_loss_pct"),
        burst_ratio: values.number("burst_ratio"),
    };
    Ok(Answer {
        cells: vec![Some(line.rating()), Some(line.mos())],
        note: None,
    })
}

/// What a codec takes away: as given, else of its name.
fn codec(values: &Values) -> Result<(f64, f64), Wrong> {
    if let (Some(ie), Some(bpl)) = (values.maybe("ie"), values.maybe("bpl")) {
        return Ok((ie, bpl));
    }
    let name = values.text("codec");
    let known = Codec::named(name).ok_or_else(|| {
        let names = CODECS.map(|codec| codec.name).join(", ");
        let what = if name.is_empty() {
            format!("is missing; give one of {names}, or ie and bpl")
        } else {
            format!("is `{name}`; give one of {names}, or ie and bpl")
        };
        Wrong {
            input: "codec",
            what,
        }
    })?;
    Ok((
        values.maybe("ie").unwrap_or(known.ie),
        values.maybe("bpl").unwrap_or(known.bpl),
    ))
}
