//! The picture that the bench draws, on made-up figures.

#[path = "../../loadtests/growth.rs"]
mod drawn;

use drawn::{Panel, Point, picture};

fn point(agents: usize, median: u32, p99: u32) -> Point {
    Point {
        agents,
        median,
        p99,
    }
}

#[test]
fn the_picture_of_growth_names_its_lines_and_stays_in_its_frame() {
    let lines = || {
        let slow = vec![point(1_500, 400, 3_000), point(150_000, 4_000, 231_000)];
        vec![("plenty", slow), ("hostile", vec![point(1_500, 0, 1)])]
    };
    let panel = |title| Panel {
        title,
        lines: lines(),
    };
    let svg = picture(&[panel("a call"), panel("an agent")]);
    for part in [
        "a call",
        "an agent",
        "plenty",
        "hostile",
        "median",
        "99th percentile",
        "dark",
    ] {
        assert!(svg.contains(part), "{part} is missing");
    }
    assert_eq!(svg.matches("<polyline").count(), 8);
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    let frame: Vec<f64> = numbers(svg.split_once("viewBox=\"").unwrap().1);
    let places = svg.split("points=\"").skip(1).flat_map(numbers);
    for (at, place) in places.enumerate() {
        assert!((0.0..=frame[2 + at % 2]).contains(&place), "{place}");
    }
}

/// The numbers up to the next quotation mark.
fn numbers(text: &str) -> Vec<f64> {
    let (list, _) = text.split_once('"').unwrap();
    let numbers = list.split([' ', ',']);
    numbers.map(|number| number.parse().unwrap()).collect()
}
