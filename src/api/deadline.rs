//! Deadlines that clients give their calls. The transport keeps them too, but says nothing of why a call ended: here they
//! are over a moment before.

use std::time::Duration;

use http::HeaderMap;
use tonic::body::Body;

use super::status;

/// The header in which a client says how long it waits.
const HEADER: &str = "grpc-timeout";
/// Most digits of it.
const DIGITS_MAX: usize = 8;
/// The client began to wait before the call arrived: the last part of its time is spent on the way.
const ON_THE_WAY: u32 = 10;

/// How long the client waits for the call; what is no time counts as none, as in the transport.
pub(super) fn limit(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(HEADER)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > DIGITS_MAX {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3_600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// The answer, if it comes within the limit; else that it is late.
pub(super) async fn keep<E>(
    limit: Option<Duration>,
    answer: impl Future<Output = Result<http::Response<Body>, E>>,
) -> Result<http::Response<Body>, E> {
    let Some(limit) = limit else {
        return answer.await;
    };
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => answer,
        Err(_late) => Ok(status::late(limit).into_http()),
    }
}

/// Whether the client of a call that has lasted so long has given up because of its deadline.
pub(super) fn is_over(limit: Duration, lasted: Duration) -> bool {
    lasted + limit / ON_THE_WAY >= limit
}

#[cfg(test)]
mod tests {
    use tonic::{Code, Status};
    use tonic_types::StatusExt;

    use super::*;

    fn said(text: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, text.parse().expect("it can be said"));
        limit(&headers)
    }

    #[test]
    fn a_deadline_is_said_with_its_unit() {
        for (text, limit) in [
            ("2H", Some(Duration::from_secs(7_200))),
            ("3M", Some(Duration::from_secs(180))),
            ("4S", Some(Duration::from_secs(4))),
            ("300m", Some(Duration::from_millis(300))),
            ("99999999u", Some(Duration::from_micros(99_999_999))),
            ("7n", Some(Duration::from_nanos(7))),
            ("", None),
            ("m", None),
            ("300", None),
            ("-1S", None),
            ("999999999S", None),
        ] {
            assert_eq!(said(text), limit, "`{text}`");
        }
        assert_eq!(limit(&HeaderMap::new()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_late_says_so_with_its_reason() {
        let limit = Duration::from_millis(300);
        let never = std::future::pending::<Result<http::Response<Body>, ()>>();
        let late = keep(Some(limit), never).await.expect("an answer");
        let status = Status::from_header_map(late.headers()).expect("a status");
        assert_eq!(status.code(), Code::DeadlineExceeded);
        let info = status.get_details_error_info().expect("a reason");
        assert_eq!(info.reason, "NO_OUTCOME_IN_TIME");
        assert_eq!(
            info.metadata.get("limit_ms").map(String::as_str),
            Some("300")
        );
        let at_once = async { Ok::<_, ()>(http::Response::new(Body::empty())) };
        let at_once = keep(Some(limit), at_once).await.expect("an answer");
        assert!(Status::from_header_map(at_once.headers()).is_none());
    }

    #[test]
    fn a_client_that_leaves_at_its_deadline_was_kept_waiting() {
        let limit = Duration::from_millis(300);
        for (lasted, over) in [(0, false), (269, false), (270, true), (400, true)] {
            assert_eq!(is_over(limit, Duration::from_millis(lasted)), over);
        }
    }
}
