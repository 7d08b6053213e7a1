//! Holds what readers see, kept change by change, against what they would see of the pool as it is stored.

use homeshore::{
    clock::PoolClock,
    engine::{
        Engine,
        ids::PoolTime,
        view::{CallView, Touched},
    },
    pool::view::PoolView,
};

/// What readers see of a pool as a whole.
pub(crate) fn whole(engine: &Engine, revision: u64) -> PoolView {
    let mut view = PoolView::new(PoolClock::start(engine.now(), None), revision);
    for touched in engine.views() {
        view.touch(touched, revision);
    }
    view
}

/// Panics if readers see anything else than of `stored`, the same pool built from the store.
pub(crate) fn check(kept: &PoolView, stored: &Engine, now: u64) {
    let now = PoolTime(now);
    let rebuilt = whole(stored, 0);
    assert_eq!(kept.numbers(now), rebuilt.numbers(now));
    let queues =
        |view: &PoolView| -> Vec<_> { view.queues().map(|row| row.queue.clone()).collect() };
    assert_eq!(queues(kept), queues(&rebuilt));
    let agents = |view: &PoolView| -> Vec<_> {
        let rows = view.agents_after(None);
        rows.map(|(_, row)| (*row.value).clone()).collect()
    };
    assert_eq!(agents(kept), agents(&rebuilt));
    let calls = |view: &PoolView| -> Vec<_> {
        let rows = view.live_calls(None, None);
        rows.map(|row| ((*row.value).clone(), place(view, &row.value, now)))
            .collect()
    };
    assert_eq!(calls(kept), calls(&rebuilt));
    for touched in stored.views() {
        if let Touched::Call(id, Some(view)) = touched {
            let row = kept.call(&id).expect("a call that is remembered is shown");
            assert_eq!(*row.value, *view);
        }
    }
    let sites = |view: &PoolView| -> Vec<_> {
        let rows = view.sites_after(None);
        rows.map(|(id, row)| (id.to_string(), row.clone()))
            .collect()
    };
    assert_eq!(sites(kept), sites(&rebuilt));
    let outages = |view: &PoolView| -> Vec<_> { view.outages().cloned().collect() };
    assert_eq!(outages(kept), outages(&rebuilt));
    count_places(kept, now);
}

/// The places in each queue are those from one to the number of calls that wait there.
fn count_places(view: &PoolView, now: PoolTime) {
    for row in view.queues() {
        let calls = view.live_calls(Some(&row.queue.id), None);
        let places = calls.filter_map(|row| place(view, &row.value, now));
        let mut ahead: Vec<u32> = places.map(|place| place.ahead).collect();
        ahead.sort_unstable();
        let expected: Vec<u32> = (0..row.queue.calls.waiting).collect();
        assert_eq!(ahead, expected, "places in {}", row.queue.id);
    }
}

fn place(
    view: &PoolView,
    call: &CallView,
    now: PoolTime,
) -> Option<homeshore::engine::estimate::Estimate> {
    match call {
        CallView::Live(call) => view.place(call, now),
        CallView::Over(_) => None,
    }
}
