//! Draws how the time of a match grows with the number of agents: a line for each regime on log axes, as SVG that reads
//! in light and in dark.

use std::fmt::Write;

/// The median and the 99th percentile of a regime at a size, ns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) agents: usize,
    pub(crate) median: u32,
    pub(crate) p99: u32,
}

/// A part of the picture: what was timed, and the points of each regime.
pub(crate) struct Panel<'a> {
    pub(crate) title: &'a str,
    pub(crate) lines: Vec<(&'a str, Vec<Point>)>,
}

const STYLE: &str = "
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 } .small { font-size: 11px }
  .paper { fill: #ffffff } .grid { stroke: #d0d7de; stroke-width: 1 } .target { stroke: #8c959f; stroke-dasharray: 2 4 }
  .line { fill: none; stroke-width: 2 } .p99 { stroke-dasharray: 6 4 }
  .c0 { stroke: #0969da } .c1 { stroke: #cf222e } .c2 { stroke: #1a7f37 } .c3 { stroke: #8250df } .c4 { stroke: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .paper { fill: #0d1117 } .grid { stroke: #30363d } .target { stroke: #8b949e }
    .c0 { stroke: #58a6ff } .c1 { stroke: #ff7b72 } .c2 { stroke: #3fb950 } .c3 { stroke: #bc8cff } .c4 { stroke: #ffa657 }
  }
";

const PANEL_WIDTH: f64 = 360.0;
const PANEL_HEIGHT: f64 = 320.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 80.0;
const GAP: f64 = 70.0;
/// A target of the median's and the percentile's upper end, ns.
const TARGET: f64 = 10_000.0;

/// The picture.
pub(crate) fn picture(panels: &[Panel<'_>]) -> String {
    let width = LEFT + steps(panels.len()) * (PANEL_WIDTH + GAP);
    let height = TOP + PANEL_HEIGHT + 100.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"Time of a match by number of agents\">\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    let title = "Time of a match by number of agents, both axes logarithmic";
    text(&mut svg, LEFT, 30.0, "title", title);
    let scale = Scale::of(panels);
    for (place, panel) in panels.iter().enumerate() {
        let left = LEFT + steps(place) * (PANEL_WIDTH + GAP);
        scale.draw(&mut svg, left, panel);
    }
    legend(&mut svg, panels);
    svg.push_str("</svg>\n");
    svg
}

/// From values to places.
struct Scale {
    agents: (f64, f64),
    nanos: (f64, f64),
}

impl Scale {
    fn of(panels: &[Panel<'_>]) -> Self {
        let lines = panels.iter().flat_map(|panel| &panel.lines);
        let points: Vec<&Point> = lines.flat_map(|(_, points)| points).collect();
        let agents = || points.iter().map(|point| steps(point.agents));
        let nanos = || {
            points
                .iter()
                .flat_map(|p| [f64::from(p.median), f64::from(p.p99)])
        };
        let least = nanos().fold(TARGET, f64::min).max(1.0);
        let most = nanos().fold(TARGET, f64::max);
        Self {
            agents: (
                agents().fold(f64::MAX, f64::min).log10(),
                agents().fold(0.0, f64::max).log10(),
            ),
            nanos: (least.log10().floor(), most.log10().ceil()),
        }
    }

    fn x(&self, left: f64, agents: usize) -> f64 {
        left + PANEL_WIDTH * share(self.agents, steps(agents).log10())
    }

    fn y(&self, nanos: f64) -> f64 {
        TOP + PANEL_HEIGHT * (1.0 - share(self.nanos, nanos.max(1.0).log10()))
    }

    fn draw(&self, svg: &mut String, left: f64, panel: &Panel<'_>) {
        text(svg, left, TOP - 14.0, "", panel.title);
        self.draw_grid(svg, left, panel);
        for (colour, (_, points)) in panel.lines.iter().enumerate() {
            let median: Vec<(usize, u32)> = points.iter().map(|p| (p.agents, p.median)).collect();
            let p99: Vec<(usize, u32)> = points.iter().map(|p| (p.agents, p.p99)).collect();
            self.draw_line(svg, left, &format!("line c{colour}"), &median);
            self.draw_line(svg, left, &format!("line p99 c{colour}"), &p99);
        }
    }

    fn draw_grid(&self, svg: &mut String, left: f64, panel: &Panel<'_>) {
        let right = left + PANEL_WIDTH;
        let mut decade = self.nanos.0;
        while decade <= self.nanos.1 {
            let nanos = 10f64.powf(decade);
            let y = self.y(nanos);
            line(svg, "grid", (left, y), (right, y));
            text(
                svg,
                left - 58.0,
                y + 4.0,
                "small",
                &format!("{} µs", nanos / 1_000.0),
            );
            decade += 1.0;
        }
        let y = self.y(TARGET);
        line(svg, "target", (left, y), (right, y));
        text(
            svg,
            left + 4.0,
            y - 5.0,
            "small",
            "target of p99 at 150,000 agents",
        );
        let points = panel.lines.first().map_or(&[][..], |(_, points)| points);
        for point in points {
            let x = self.x(left, point.agents);
            line(svg, "grid", (x, TOP), (x, TOP + PANEL_HEIGHT));
            let agents = format!("{} agents", point.agents);
            text(svg, x - 32.0, TOP + PANEL_HEIGHT + 18.0, "small", &agents);
        }
    }

    fn draw_line(&self, svg: &mut String, left: f64, class: &str, points: &[(usize, u32)]) {
        let place = |(agents, nanos): &(usize, u32)| {
            let (x, y) = (self.x(left, *agents), self.y(f64::from(*nanos)));
            format!("{x:.1},{y:.1}")
        };
        let places: Vec<String> = points.iter().map(place).collect();
        let places = places.join(" ");
        put(
            svg,
            &format!("<polyline class=\"{class}\" points=\"{places}\"/>"),
        );
    }
}

fn legend(svg: &mut String, panels: &[Panel<'_>]) {
    let y = TOP + PANEL_HEIGHT + 50.0;
    let lines = panels.first().map_or(&[][..], |panel| &panel.lines);
    for (place, (name, _)) in lines.iter().enumerate() {
        let x = LEFT + steps(place) * 160.0;
        line(svg, &format!("line c{place}"), (x, y), (x + 24.0, y));
        text(svg, x + 30.0, y + 4.0, "", name);
    }
    let y = y + 26.0;
    line(svg, "line c0", (LEFT, y), (LEFT + 24.0, y));
    text(svg, LEFT + 30.0, y + 4.0, "", "median");
    line(svg, "line p99 c0", (LEFT + 160.0, y), (LEFT + 184.0, y));
    text(svg, LEFT + 190.0, y + 4.0, "", "99th percentile");
}

fn share((from, to): (f64, f64), value: f64) -> f64 {
    if to > from {
        (value - from) / (to - from)
    } else {
        0.5
    }
}

/// A small number as a factor.
fn steps(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

fn line(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    put(
        svg,
        &format!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ),
    );
}

fn text(svg: &mut String, x: f64, y: f64, class: &str, words: &str) {
    put(
        svg,
        &format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>"),
    );
}

fn put(svg: &mut String, element: &str) {
    let _never_fails = writeln!(svg, "{element}");
}
